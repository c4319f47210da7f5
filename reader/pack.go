package reader

import (
	"cmp"
	"iter"
	"slices"

	"github.com/tryall/tryall/model"
)

// pack puts windows end to end into batches of at most most tokens (a longer window goes alone), like lengths together.
// Nothing is padded. It gives each batch with its windows.
func pack(windows []*window, most int) iter.Seq2[[]*window, *model.Batch] {
	sorted := slices.Clone(windows)
	slices.SortStableFunc(sorted, func(a, b *window) int { return cmp.Compare(b.size, a.size) })
	return func(yield func([]*window, *model.Batch) bool) {
		for len(sorted) > 0 {
			n, tokens := 1, sorted[0].size
			for n < len(sorted) && tokens+sorted[n].size <= most {
				tokens += sorted[n].size
				n++
			}
			if !yield(sorted[:n], newBatch(sorted[:n], tokens)) {
				return
			}
			sorted = sorted[n:]
		}
	}
}

// newBatch opens windows, of tokens tokens in all, and packs them.
func newBatch(windows []*window, tokens int) *model.Batch {
	b := &model.Batch{IDs: make([]int32, 0, tokens), Bounds: make([]int, 1, len(windows)+1)}
	for _, w := range windows {
		w.open()
		b.IDs = append(b.IDs, w.IDs...)
		b.Bounds = append(b.Bounds, len(b.IDs))
		if w.frame.types {
			b.Types = append(b.Types, w.Types...)
		}
		if w.masked && b.Mask == nil {
			b.Mask = make([]bool, tokens)
		}
	}
	for k, w := range windows {
		for i := range w.IDs {
			if w.masked && !w.inContext(i) && i != w.cls {
				b.Mask[b.Bounds[k]+i] = true
			}
		}
	}
	return b
}

// deal hands the windows of a batch their logits.
func deal(windows []*window, b *model.Batch, l model.Logits) {
	for k, w := range windows {
		if l.Beams != nil {
			w.beam = &l.Beams[k]
			continue
		}
		lo, hi := b.Bounds[k], b.Bounds[k+1]
		w.start, w.end = l.Start[lo:hi:hi], l.End[lo:hi:hi]
	}
}
