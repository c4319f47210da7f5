package reader

import (
	"math"

	"github.com/tryall/tryall/qa"
)

// The beam head (XLNetForQuestionAnswering and its kin) gives, for each of its start_n_top best starts, the end_n_top
// best ends. The end of rank r for start i lies at r*start_n_top + i. What the head names log_probs are probabilities.

// decodeBeamHF is postprocess_qa_predictions_with_beam_search of run_qa for one window. It reads the ends at
// i*end_n_top + j, which pairs start i with an end of start j, and it adds the two probabilities up.
func decodeBeamHF(w *window, s *settings) found {
	f, starts, ends := beamOf(w)
	for i := range starts {
		for j := range ends {
			f.beamSpan(w, i, i*ends+j, s.maxAnswerLen, func(p float32) float32 { return p })
		}
	}
	byScore(f.spans)
	return f
}

// decodeBeam pairs each start with its own ends and scores a span by log p(start) + log p(end | start).
func decodeBeam(w *window, s *settings) found {
	f, starts, ends := beamOf(w)
	for i := range starts {
		for rank := range ends {
			f.beamSpan(w, i, rank*starts+i, s.maxAnswerLen, func(p float32) float32 { return float32(math.Log(float64(p))) })
		}
	}
	byScore(f.spans)
	return f
}

// beamOf is the null score of a window and how many starts it has and ends for each.
func beamOf(w *window) (f found, starts, ends int) {
	f.null = span{w: w, none: true, score: float64(w.beam.ClsLogit)}
	if starts = len(w.beam.StartTopIndex); starts > 0 {
		ends = len(w.beam.EndTopIndex) / starts
	}
	return f, starts, ends
}

// beamSpan adds start i with the end at flat, if that is a span with a score.
func (f *found) beamSpan(w *window, i, flat, maxLen int, score func(float32) float32) {
	from, to := int(w.beam.StartTopIndex[i]), int(w.beam.EndTopIndex[flat])
	if !w.fits(from, to, maxLen) {
		return
	}
	s := w.span(from, to, score(w.beam.StartTopLogProbs[i]), score(w.beam.EndTopLogProbs[flat]))
	if !math.IsInf(s.score, 0) {
		f.spans = append(f.spans, s)
	}
}

// mergeBeamHF always predicts the best span; the least classification logit is told as null odds and decides nothing.
func mergeBeamHF(t *task) qa.Prediction {
	p, null := beamPrediction(t)
	if t.settings.v2 {
		p.NullKind, p.Null = qa.NullOdds, null
		if len(p.Candidates) == 0 {
			p.Null = -2e-6 // upstream's
		}
	}
	return p
}

// mergeBeam predicts the best span, with --v2 unless the least classification logit, which is the log odds of the
// question having no answer, exceeds the threshold.
func mergeBeam(t *task) qa.Prediction {
	p, null := beamPrediction(t)
	if t.settings.v2 {
		p.NullKind, p.Null = qa.NullOdds, null
		if null > t.settings.threshold {
			p.Text, p.Abstained = "", true
		}
	}
	return p
}

// beamPrediction ranks the spans of all windows and predicts the best.
func beamPrediction(t *task) (p qa.Prediction, null float64) {
	spans, none := t.pool()
	byScore(spans)
	spans = spans[:min(len(spans), t.settings.nBest)]
	scores := make([]float64, len(spans))
	for i, s := range spans {
		scores[i] = s.score
	}
	for i, probability := range softmax(scores) {
		a := t.answer(spans[i])
		a.Probability = probability
		p.Candidates = append(p.Candidates, a)
	}
	p.Answers = p.Candidates[:min(len(p.Candidates), t.settings.topK)]
	if len(p.Candidates) > 0 {
		p.Text = p.Candidates[0].Text
	} else {
		p.Warnings = append(p.Warnings, "no pair of a start and an end is a span of the text")
	}
	p.Abstained = p.Text == ""
	return p, none.score
}
