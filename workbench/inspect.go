package workbench

import (
	"context"
	"math"
	"strings"

	"github.com/tryall/tryall/qa"
)

// Trace is one question as the model saw it and as the decoder decided about it.
type Trace struct {
	Result  Result
	Params  Params // that decided, with what the model says of itself
	Windows []TraceWindow

	calibration *Calibration
	context     string
}

// TraceWindow is a window with what can be said of it. Positions are bytes of the context, or of the document that the passage is of.
type TraceWindow struct {
	Window
	// StartP and EndP are softmaxes over the tokens of the passage and the one that stands for "no answer", inside this window: they are
	// not comparable between windows. Nil for the beam head, which gives lists.
	StartP, EndP []float64
	Lo, Hi       int // the passage's tokens are [Lo, Hi)
	Shared       int // of them the window before, of the same passage, has too
	// Null is the score of "no answer" in this window: the sum of two logits, or the beam head's classification logit.
	Null float64
	// Best is the best span of this window by the sum of its two terms; nil where there is none.
	Best *TraceSpan
}

// TraceSpan is a pair of tokens of a window, both counted in.
type TraceSpan struct {
	From, To   int
	Start, End float64 // logits; logs of probabilities for the beam head
	Range      qa.Range
	Text       string
}

// Sum is its score.
func (s TraceSpan) Sum() float64 { return s.Start + s.End }

// Trace answers one question and shows how that came about.
func (s *Session) Trace(ctx context.Context, a Ask) (*Trace, error) {
	r, params, windows, err := s.inspect(ctx, a)
	if err != nil {
		return nil, err
	}
	t := &Trace{Result: r, Params: params, calibration: s.Model.Settings.Calibration, context: a.Context}
	for _, w := range windows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if a.Corpus != nil {
			if err := a.Corpus.load(ctx, &t.Result, w.Doc); err != nil {
				return nil, err
			}
		}
		t.Windows = append(t.Windows, TraceWindow{Window: w})
	}
	t.see()
	return t, nil
}

// Seen puts a result and windows of a text together, for whoever has them without a model: gaps in what windows say of themselves are
// filled in.
func (t *Trace) Seen(text string, r Result) {
	t.context, t.Result = text, r
	t.see()
}

// see works out what can be said of each window.
func (t *Trace) see() {
	for i := range t.Windows {
		w := &t.Windows[i]
		w.bounds()
		if i > 0 && t.Windows[i-1].Hit == w.Hit {
			w.Shared = shared(&t.Windows[i-1], w)
		}
		w.measure()
		w.Best = t.best(w)
	}
}

// bounds finds the tokens of the passage.
func (w *TraceWindow) bounds() {
	w.Lo, w.Hi = 0, 0
	for i, in := range w.InContext {
		if in {
			if w.Hi == 0 {
				w.Lo = i
			}
			w.Hi = i + 1
		}
	}
}

// shared is how many tokens at the beginning of w the window before it has at its end.
func shared(before, w *TraceWindow) int {
	n := 0
	if before.Hi == 0 {
		return 0
	}
	for i := w.Lo; i < w.Hi && w.Offsets[i].Start < before.Offsets[before.Hi-1].End; i++ {
		n++
	}
	return n
}

// measure works out what can be said of the window alone.
func (w *TraceWindow) measure() {
	switch {
	case w.Beam != nil:
		if len(w.Beam.ClsLogits) > 0 {
			w.Null = float64(w.Beam.ClsLogits[0])
		}
	case len(w.Start) > 0:
		w.StartP, w.EndP = w.softmax(w.Start), w.softmax(w.End)
		w.Null = float64(w.Start[w.CLS]) + float64(w.End[w.CLS])
	}
}

// softmax is over the passage and the token of "no answer"; it is 0 elsewhere.
func (w *TraceWindow) softmax(logits []float32) []float64 {
	most := math.Inf(-1)
	takes := func(i int) bool { return w.InContext[i] || i == w.CLS }
	for i, v := range logits {
		if takes(i) {
			most = max(most, float64(v))
		}
	}
	p, sum := make([]float64, len(logits)), 0.0
	for i, v := range logits {
		if takes(i) {
			p[i] = math.Exp(float64(v) - most)
			sum += p[i]
		}
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// Text is what the window's offsets count in.
func (t *Trace) Text(w *TraceWindow) string { return t.Result.Text(qa.Answer{Doc: w.Doc}, t.context) }

// MaxAnswerLen is how many tokens an answer may have.
func (t *Trace) MaxAnswerLen() int {
	switch {
	case t.Params.MaxAnswerLen != nil:
		return *t.Params.MaxAnswerLen
	case t.Params.Decoder == "hf":
		return hfAnswerLen
	}
	return answerLen
}

// The longest answers of decoders in tokens; package reader has them too, and a test of the program holds that they are the same.
const answerLen, hfAnswerLen = 30, 15

// best is the best pair of tokens of the passage that may be an answer.
func (t *Trace) best(w *TraceWindow) *TraceSpan {
	if w.Beam != nil {
		var best *TraceSpan
		for _, b := range t.Beams(w) {
			for _, s := range b.Ends {
				if s.Lost == "" && (best == nil || s.Sum() > best.Sum()) {
					span := s.TraceSpan
					best = &span
				}
			}
		}
		return best
	}
	if len(w.Start) == 0 {
		return nil
	}
	from, to := -1, -1
	most := math.Inf(-1)
	text := t.Text(w)
	for s := w.Lo; s < w.Hi; s++ {
		for e := s; e < min(w.Hi, s+t.MaxAnswerLen()); e++ {
			if sum := float64(w.Start[s]) + float64(w.End[e]); sum > most && strings.TrimSpace(w.rangeOf(s, e).Of(text)) != "" {
				most, from, to = sum, s, e
			}
		}
	}
	if from < 0 {
		return nil
	}
	span := t.span(w, from, to)
	return &span
}

func (w *TraceWindow) rangeOf(from, to int) qa.Range {
	return qa.Range{Start: w.Offsets[from].Start, End: w.Offsets[to].End}
}

// span is a pair of tokens; one that is outside the passage has no text of it.
func (t *Trace) span(w *TraceWindow, from, to int) TraceSpan {
	s := TraceSpan{From: from, To: to}
	if w.Beam == nil {
		s.Start, s.End = float64(w.Start[from]), float64(w.End[to])
	}
	if w.InContext[from] && w.InContext[to] && from <= to {
		s.Range = w.rangeOf(from, to)
		s.Text = strings.TrimSpace(s.Range.Of(t.Text(w)))
	}
	return s
}

// WindowOf is the window that an answer was found in; -1 where there is none.
func (t *Trace) WindowOf(a qa.Answer) int {
	for i := range t.Windows {
		if w := &t.Windows[i]; w.Hit == a.Hit && w.Index == a.Window {
			return i
		}
	}
	return -1
}
