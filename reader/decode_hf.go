package reader

import (
	"cmp"
	"math"
	"slices"

	"github.com/tryall/tryall/qa"
)

// decodeHF is the question-answering pipeline of transformers 4.57.6 (pipelines/question_answering.py) for one window,
// with its habits:
//   - softmax within the window over the passage's tokens and every classification token, in float32;
//   - token 0 stands for "no answer", and no span starts or ends on it, whatever token it is;
//   - a span's score is the product of two marginals, and spans of max_answer_len tokens at most are scored;
//   - tokenizers that pad on the left mask nothing, so that the question can be the answer, and their positions are
//     moved by the number of padding tokens, also of such as stand in the text.
func decodeHF(w *window, s *settings) found {
	allowed := w.allowedHF()
	start, end := softmaxHF(w.start, allowed), softmaxHF(w.end, allowed)
	f := found{null: span{w: w, none: true, score: float64(start[0] * end[0])}}
	start[0], end[0] = 0, 0

	k := s.topK
	if s.alignToWords {
		k = 2*s.topK + 10 // some will turn out to be the same words
	}
	shift := 0
	if w.frame.context == 0 && w.frame.pad >= 0 {
		for _, id := range w.IDs {
			if id == w.frame.pad {
				shift++
			}
		}
	}
	n := len(start)
	for _, c := range bestCells(start, end, k, s.maxAnswerLen) {
		if from, to := c.at/n, c.at%n; allowed[from] && allowed[to] {
			f.spans = append(f.spans, span{w: w, bytes: w.bytesHF(from-shift, to-shift, s.alignToWords), score: float64(c.score)})
		}
	}
	return f
}

// allowedHF marks the tokens that take part: a tokenizer that pads on the left lets all of them.
func (w *window) allowedHF() []bool {
	allowed := make([]bool, len(w.IDs))
	for i, id := range w.IDs {
		allowed[i] = w.frame.context == 0 || w.inContext(i) || w.frame.cls >= 0 && id == w.frame.cls
	}
	return allowed
}

// softmaxHF gives probabilities, with -10000 for tokens that do not take part.
func softmaxHF(logits []float32, allowed []bool) []float32 {
	p := make([]float32, len(logits))
	most := float32(math.Inf(-1))
	for i, v := range logits {
		if !allowed[i] {
			v = -10000
		}
		p[i] = v
		most = max(most, v)
	}
	sum := 0.0
	for i, v := range p {
		p[i] = float32(math.Exp(float64(v - most)))
		sum += float64(p[i])
	}
	for i := range p {
		p[i] /= float32(sum)
	}
	return p
}

// bestCells are the k best spans as cells of the table start x end, in the order of numpy's partial sort.
//
// Where fewer than k spans have a positive probability, numpy goes on with cells of probability zero, which then show
// as answers of score 0. Which of the many equal ones it takes is an accident of its vector code (x86, AVX-512): of a
// table of up to 256 cells the first in row order; of a larger one cells of the last rows, whose tokens are separators and
// are dropped by the caller. A search for one span alone (argmax) takes the first.
func bestCells(start, end []float32, k, maxAnswerLen int) []cell {
	n := len(start)
	top := highest{k: k, less: func(a, b cell) bool { return a.score < b.score || a.score == b.score && a.at > b.at }}
	for s, p := range start {
		if p == 0 {
			continue
		}
		for e := s; e < n && e-s < maxAnswerLen; e++ {
			if score := p * end[e]; score > 0 && !(top.full() && score <= top.floor()) {
				top.put(cell{score, s*n + e})
			}
		}
	}
	const unsortedCells = 256
	if missing := k - len(top.cells); missing > 0 && (k == 1 || n*n < k || n*n <= unsortedCells) {
		positive := make(map[int]bool, len(top.cells))
		for _, c := range top.cells {
			positive[c.at] = true
		}
		for at := 0; at < n*n && missing > 0; at++ {
			if !positive[at] {
				top.cells = append(top.cells, cell{0, at})
				missing--
			}
		}
	}
	return top.sorted()
}

// bytesHF is the part of the passage that upstream names for the tokens s to e: the words they belong to, or where
// that cannot be said for both of them the tokens themselves. Negative positions count from the end, as in Python.
func (w *window) bytesHF(s, e int, words bool) qa.Range {
	if words {
		first, ok1 := w.WordSpan(s, w.frame.context)
		last, ok2 := w.WordSpan(e, w.frame.context)
		if ok1 && ok2 {
			return qa.Range{Start: first.Start, End: last.End}
		}
	}
	n := len(w.IDs)
	s, e = (s+n)%n, (e+n)%n
	return qa.Range{Start: w.sliceAt(s, w.Offsets[s].Start), End: w.sliceAt(e, w.Offsets[e].End)}
}

// mergeHF adds up the scores of answers with the same text in lower case, wherever they stand; the first one's place is
// kept. "No answer" scores the least that any window gives it.
func mergeHF(t *task) qa.Prediction {
	p := qa.Prediction{NullKind: qa.NullProbability, Null: math.Inf(1)}
	place := map[string]int{}
	for _, w := range t.windows {
		p.Null = min(p.Null, w.found.null.score)
		for _, s := range w.found.spans {
			key := lower(s.text())
			if i, ok := place[key]; ok {
				p.Candidates[i].Score += s.score
				continue
			}
			place[key] = len(p.Candidates)
			p.Candidates = append(p.Candidates, t.answer(s))
		}
	}
	all := p.Candidates
	none := qa.Answer{Score: p.Null}
	if t.settings.noAnswer {
		all = append(slices.Clip(all), none)
	}
	descending := func(a, b qa.Answer) int { return cmp.Compare(b.Score, a.Score) }
	slices.SortStableFunc(all, descending)
	slices.SortStableFunc(p.Candidates, descending)
	p.Answers = all[:min(len(all), t.settings.topK)]
	p.Candidates = p.Candidates[:min(len(p.Candidates), t.settings.nBest)]
	if len(p.Answers) > 0 {
		p.Text = p.Answers[0].Text
		p.Abstained = t.settings.noAnswer && p.Answers[0] == none
	} else {
		p.Abstained = true
	}
	return p
}
