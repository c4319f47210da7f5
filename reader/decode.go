package reader

import (
	"cmp"
	"slices"

	"github.com/tryall/tryall/qa"
)

// Decoder turns the logits of a task's windows into answers.
type Decoder struct {
	Name  string
	About string // one line for help
	// Head is the model head that it works on: "span", "beam", or empty for both.
	Head string
	// MaxAnswerLen is the longest answer in tokens unless asked otherwise.
	MaxAnswerLen int
	// masks: a beam head looks for starts and ends only where an answer may be.
	masks bool
	// decode looks at one window. It depends on nothing else, so that windows may be scored in any order.
	decode func(w *window, s *settings) found
	// merge makes a prediction of what was found in the windows, which are in the order of the text.
	merge func(t *task) qa.Prediction
}

// Decoders are all there are, the default first.
var Decoders = []Decoder{
	{Name: "gap", About: "best spans by logits, compared with the passage's own no-answer score", MaxAnswerLen: 30, masks: true, decode: decodeGap, merge: mergeGap},
	{Name: "hf", About: "as pipeline(\"question-answering\") of transformers 4.57", Head: "span", MaxAnswerLen: 15, decode: decodeHF, merge: mergeHF},
	{Name: "squad", About: "as run_qa.py of transformers evaluates", Head: "span", MaxAnswerLen: 30, decode: decodeSquad, merge: mergeSquad},
	{Name: "squad-beam", About: "for the beam head, pairs and probabilities put right", Head: "beam", MaxAnswerLen: 30, masks: true, decode: decodeBeam, merge: mergeBeam},
	{Name: "squad-beam-hf", About: "for the beam head, as run_qa_beam_search.py of transformers evaluates", Head: "beam", MaxAnswerLen: 30, decode: decodeBeamHF, merge: mergeBeamHF},
}

// found is what a decoder finds in one window.
type found struct {
	spans []span // best first
	null  span   // the no-answer score and its terms; no part of the text
	open  opened // gap: the spans that are still to be chosen from
}

// span is a candidate: a part of a passage with its score.
type span struct {
	w          *window
	none       bool     // stands for "no answer"
	bytes      qa.Range // of the passage's text; under hf the end may lie before the start
	start, end float32  // the terms of the score, where it has two
	score      float64
}

// text is what the span names.
func (s span) text() string { return s.bytes.Of(s.w.passage.Text) }

// byScore sorts spans best first and keeps the order of those that are equal, as Python's sorted does.
func byScore(spans []span) {
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Compare(b.score, a.score) })
}

// cell is a position in a row or table of scores.
type cell struct {
	score float32
	at    int
}

// highest keeps the k best of the cells that are put into it. The least of them is at the top of the heap.
type highest struct {
	k     int
	less  func(a, b cell) bool
	cells []cell
}

// put offers a cell.
func (h *highest) put(c cell) {
	if len(h.cells) < h.k {
		h.cells = append(h.cells, c)
		for i := len(h.cells) - 1; i > 0 && h.less(h.cells[i], h.cells[(i-1)/2]); i = (i - 1) / 2 {
			h.cells[i], h.cells[(i-1)/2] = h.cells[(i-1)/2], h.cells[i]
		}
		return
	}
	if !h.less(h.cells[0], c) {
		return
	}
	h.cells[0] = c
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h.cells); child++ {
			if h.less(h.cells[child], h.cells[least]) {
				least = child
			}
		}
		if least == i {
			return
		}
		h.cells[i], h.cells[least] = h.cells[least], h.cells[i]
		i = least
	}
}

// full says whether only cells better than floor() can still get in.
func (h *highest) full() bool { return len(h.cells) >= h.k }

// floor is the lowest score among the kept ones.
func (h *highest) floor() float32 { return h.cells[0].score }

// sorted gives the kept cells best first and ends the use of h.
func (h *highest) sorted() []cell {
	slices.SortFunc(h.cells, func(a, b cell) int {
		if h.less(b, a) {
			return -1
		}
		return 1
	})
	return h.cells
}
