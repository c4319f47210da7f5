package webtest

import (
	"context"
	"regexp"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

var word = regexp.MustCompile(`\w+|[^\w\s]`)

// Inspect shows windows of words and signs, [CLS] question [SEP] text [SEP], whose logits make the candidates what they are: half of a score at
// their first word and half at their last.
func (r *reader) Inspect(ctx context.Context, t qa.Task, p workbench.Params) (qa.Prediction, []workbench.Window, error) {
	all, err := r.ReadEach(ctx, []qa.Task{t}, []workbench.Params{p})
	if err != nil {
		return qa.Prediction{}, nil, err
	}
	out := all[0]
	length := 384
	if p.MaxSeqLen != nil {
		length = *p.MaxSeqLen
	}
	overlap := min(length/2, 128)
	if p.DocStride != nil {
		overlap = *p.DocStride
	}
	asked := word.FindAllString(t.Question.Text, -1)
	room := length - len(asked) - 3
	if room <= overlap {
		return qa.Prediction{}, nil, qa.Errorf(qa.Invalid, "max_seq_len is %d: the question leaves no room", length)
	}
	var windows []fakeWindow
	for hit, h := range t.Hits {
		words := word.FindAllStringIndex(h.Passage.Text, -1)
		for from, index := 0, 0; ; from, index = from+room-overlap, index+1 {
			to := min(len(words), from+room)
			w := window(asked, h.Passage, words[from:to], out.Null)
			w.Hit, w.Index = hit, index
			for k := range out.Candidates {
				if c := &out.Candidates[k]; c.Hit == hit {
					w.light(c, index)
				}
			}
			windows = append(windows, w)
			if to == len(words) {
				break
			}
		}
	}
	for k := range out.Answers { // they are the first candidates
		out.Answers[k].Window = out.Candidates[k].Window
	}
	out.Windows = len(windows)
	shown := make([]workbench.Window, len(windows))
	for i, w := range windows {
		shown[i] = workbench.Window(w)
	}
	return out, shown, nil
}

type fakeWindow workbench.Window

// window has logits of zero, but for those of "no answer".
func window(asked []string, passage qa.Passage, words [][]int, null float64) (w fakeWindow) {
	add := func(token string, at qa.Range, in bool) {
		w.IDs, w.Tokens = append(w.IDs, int32(len(w.IDs))), append(w.Tokens, token)
		w.Offsets, w.InContext = append(w.Offsets, at), append(w.InContext, in)
		w.Start, w.End = append(w.Start, 0), append(w.End, 0)
	}
	w.Doc = passage.Doc
	add("[CLS]", qa.Range{}, false)
	for _, s := range asked {
		add(s, qa.Range{}, false)
	}
	add("[SEP]", qa.Range{}, false)
	for _, at := range words {
		r := qa.Range{Start: passage.Range.Start + at[0], End: passage.Range.Start + at[1]}
		add(passage.Text[at[0]:at[1]], r, true)
	}
	add("[SEP]", qa.Range{}, false)
	w.Start[0], w.End[0] = float32(null/2), float32(null/2)
	return w
}

// light gives a candidate its logits where the window holds it as a whole.
func (w *fakeWindow) light(c *qa.Answer, index int) {
	first, last := -1, -1
	for i, in := range w.InContext {
		if !in {
			continue
		}
		if r := w.Offsets[i]; r.Start <= c.Range.Start && c.Range.Start < r.End {
			first = i
		}
		if r := w.Offsets[i]; r.Start < c.Range.End && c.Range.End <= r.End {
			last = i
		}
	}
	if first < 0 || last < 0 {
		return
	}
	w.Start[first], w.End[last] = float32(c.StartLogit), float32(c.EndLogit)
	c.Window = index
}
