package reader

import (
	"math"

	"github.com/tryall/tryall/qa"
)

// decodeSquad is postprocess_qa_predictions of run_qa (examples/pytorch/question-answering/utils_qa.py) for one window:
// the n_best best starts with the n_best best ends, scored by the sum of the two logits in float32. Token 0 stands for
// "no answer", whatever token it is.
func decodeSquad(w *window, s *settings) found {
	f := found{null: span{w: w, none: true, start: w.start[0], end: w.end[0], score: float64(w.start[0] + w.end[0])}}
	ends := bestPositions(w.end, s.nBest)
	for _, from := range bestPositions(w.start, s.nBest) {
		for _, to := range ends {
			if w.fits(from, to, s.maxAnswerLen) {
				f.spans = append(f.spans, w.span(from, to, w.start[from], w.end[to]))
			}
		}
	}
	byScore(f.spans)
	f.spans = f.spans[:min(len(f.spans), s.nBest)] // no other of this window can be among the best of all
	return f
}

// fits says whether tokens from to to are a span of the passage of at most maxLen tokens.
func (w *window) fits(from, to, maxLen int) bool {
	return w.inContext(from) && w.inContext(to) && from <= to && to-from < maxLen
}

// span is tokens from to to, scored by the float32 sum of two terms.
func (w *window) span(from, to int, start, end float32) span {
	return span{w: w, bytes: w.bytesOf(from, to), start: start, end: end, score: float64(start + end)}
}

// bestPositions are the k highest logits' positions, the highest first; of equal ones the later first, as in the reverse
// of an ascending sort.
func bestPositions(logits []float32, k int) []int {
	top := highest{k: k, less: func(a, b cell) bool { return a.score < b.score || a.score == b.score && a.at < b.at }}
	for i, v := range logits {
		top.put(cell{v, i})
	}
	at := make([]int, len(top.cells))
	for i, c := range top.sorted() {
		at[i] = c.at
	}
	return at
}

// placeholder is what run_qa predicts where a question has no span at all.
const placeholder = "empty"

// mergeSquad keeps the n_best best spans of all windows and decides as run_qa does. With --v2 the answer is "none" when
// the least null score of all windows exceeds the best span's score by more than the threshold.
func mergeSquad(t *task) qa.Prediction {
	spans, null := t.pool()
	v2 := t.settings.v2
	if v2 {
		spans = append(spans, null)
	}
	byScore(spans)
	spans = spans[:min(len(spans), t.settings.nBest)]
	if v2 && !hasOrigin(spans) {
		spans = append(spans, null)
	}

	var p qa.Prediction
	fake := len(spans) == 0 || len(spans) == 1 && spans[0].text() == ""
	scores := make([]float64, 0, len(spans)+1)
	for _, s := range spans {
		scores = append(scores, s.score)
	}
	if fake {
		scores = append(scores, 0)
	}
	probabilities := softmax(scores)
	best := -1 // the best span that is not empty
	for i, s := range spans {
		a := t.answer(s)
		a.Probability = probabilities[i]
		p.Candidates = append(p.Candidates, a)
		if best < 0 && s.text() != "" {
			best = i
		}
	}
	p.Answers = p.Candidates[:min(len(p.Candidates), t.settings.topK)]

	switch {
	case fake:
		p.Text = placeholder
		p.Warnings = append(p.Warnings, "no span can be an answer; run_qa predicts the word \"empty\" then, and so does this decoder")
	case best < 0 && v2:
		p.Warnings = append(p.Warnings, "every candidate is empty text; run_qa stops with an error then, this decoder abstains")
	case v2:
		p.Text = p.Candidates[best].Text
	default:
		p.Text = p.Candidates[0].Text
	}
	if v2 {
		p.NullKind, p.Null = qa.NullOdds, float64(float32(null.score))
		if best >= 0 {
			p.Null = float64(float32(null.score) - spans[best].start - spans[best].end)
		}
		if float32(p.Null) > float32(t.settings.threshold) {
			p.Text = ""
		}
	}
	p.Abstained = p.Text == ""
	return p
}

// pool is all spans of a task in the order of the text, and the least null score; of equal ones the first.
func (t *task) pool() (spans []span, null span) {
	null.score = math.Inf(1)
	for _, w := range t.windows {
		spans = append(spans, w.found.spans...)
		if w.found.null.score < null.score {
			null = w.found.null
		}
	}
	return spans, null
}

// hasOrigin is run_qa's test for the null entry: an empty span at the very beginning.
func hasOrigin(spans []span) bool {
	for _, s := range spans {
		if s.bytes == (qa.Range{}) {
			return true
		}
	}
	return false
}

// softmax turns scores into probabilities.
func softmax(scores []float64) []float64 {
	most := math.Inf(-1)
	for _, s := range scores {
		most = max(most, s)
	}
	p, sum := make([]float64, len(scores)), 0.0
	for i, s := range scores {
		p[i] = math.Exp(s - most)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}
