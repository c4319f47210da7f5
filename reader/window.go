package reader

import (
	"unicode/utf8"

	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/tokenizer"
)

// window is one question with a part of one passage, as the model sees it, and what the model made of it. Its tokens are there
// from open to release only: a long text has thousands of windows.
type window struct {
	tokenizer.Encoding
	task       *task
	pair       *tokenizer.Pair // what the window is one of
	size       int             // tokens
	hit, index int             // which passage of the task, which window of that passage
	question   string
	passage    *qa.Passage
	frame      *frame
	lo, hi     int  // the passage's tokens are [lo, hi)
	cls        int  // the token whose logits stand for "no answer"
	masked     bool // the beam head must not start or end an answer outside the passage and cls

	// One of the two, after scoring. start and end hold a logit per token.
	start, end []float32
	beam       *model.Beam

	found found // after decoding
}

// frame is what a tokenizer does alike to all pairs.
type frame struct {
	context  int8  // the sequence id of the context: 1 where the question comes first, else 0
	cls, pad int32 // -1 where the tokenizer has none; pad only where it comes first
	types    bool  // the model is given token types
}

func newFrame(t *tokenizer.Tokenizer) frame {
	f := frame{context: 1, cls: t.CLS(), pad: -1, types: t.UsesTypes()}
	if t.PadRight() {
		return f
	}
	f.context = 0
	for _, token := range []string{"<pad>", "[PAD]"} {
		if id, ok := t.ID(token); ok {
			f.pad = id
			break
		}
	}
	return f
}

// newWindow is a window that is open.
func newWindow(e tokenizer.Encoding, f *frame, question string, p *qa.Passage, hit, index int) *window {
	w := &window{size: len(e.IDs), hit: hit, index: index, question: question, passage: p, frame: f}
	w.fill(e)
	return w
}

// open makes the window's tokens.
func (w *window) open() {
	if w.IDs == nil {
		w.fill(w.pair.Window(w.index))
	}
}

// fill finds the passage's tokens and the one that stands for "no answer": the classification token wherever the
// tokenizer puts it (XLNet: last), and where it has none the outermost token on the question's side of upstream's order.
func (w *window) fill(e tokenizer.Encoding) {
	f := w.frame
	w.Encoding, w.lo, w.hi, w.cls = e, 0, 0, -1
	for i, s := range e.Sequence {
		switch {
		case s == f.context:
			if w.hi == 0 {
				w.lo = i
			}
			w.hi = i + 1
		case s < 0 && w.cls < 0 && f.cls >= 0 && e.IDs[i] == f.cls:
			w.cls = i
		}
	}
	if w.cls < 0 && f.context == 0 {
		w.cls = len(e.IDs) - 1
	}
	w.cls = max(w.cls, 0)
}

// release lets go of what is not needed once the window is decoded; what is open still can be made again from the logits.
func (w *window) release() {
	if w.task.inspected {
		return
	}
	w.Encoding = tokenizer.Encoding{}
	if _, again := w.found.open.(*resting); !again {
		w.start, w.end, w.beam = nil, nil, nil
	}
}

// inContext says whether token i belongs to the passage.
func (w *window) inContext(i int) bool { return w.lo <= i && i < w.hi }

// bytesOf is the part of the passage that tokens s to e cover.
func (w *window) bytesOf(s, e int) qa.Range {
	return qa.Range{Start: w.Offsets[s].Start, End: w.Offsets[e].End}
}

// sliceAt is the byte of the passage at which a Python slice cuts when it is given the offset of token i, which counts
// code points of whatever text the token is from. Beyond the passage's end each code point counts as one byte.
func (w *window) sliceAt(i, offset int) int {
	if w.Sequence[i] == w.frame.context {
		return offset
	}
	points := utf8.RuneCountInString(w.question[:min(offset, len(w.question))])
	at, text := 0, w.passage.Text
	for ; points > 0 && at < len(text); points-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at + points
}
