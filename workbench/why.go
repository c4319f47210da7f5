package workbench

import (
	"fmt"
	"math"

	"github.com/tryall/tryall/qa"
)

// Step is one line of how a score came about.
type Step struct {
	Name    string
	Formula string // in words or letters
	Numbers string // the same with its numbers
	Value   string
	About   string
}

// num is a number of a formula: three digits are more than a logit bears.
func num(f float64) string {
	s := fmt.Sprintf("%.3f", math.Abs(f))
	if f < 0 && s != "0.000" {
		return "−" + s
	}
	return s
}

// term is a number behind an operator.
func term(f float64) string {
	if f < 0 {
		return "(" + num(f) + ")"
	}
	return num(f)
}

// Why is how a candidate's score came about, and what was decided about it.
func (t *Trace) Why(a qa.Answer) []Step {
	switch t.Params.Decoder {
	case "hf":
		return t.whyHF(a)
	case "squad":
		return t.whySquad(a)
	case "squad-beam", "squad-beam-hf":
		return t.whyBeam(a)
	}
	return t.whyGap(a)
}

// whyGap: the sum of two logits against that of "no answer" in the same passage.
func (t *Trace) whyGap(a qa.Answer) []Step {
	start, end, formula := "start logit", "end logit", "z = start + end"
	if t.beam() {
		start, end, formula = "log of the start's probability", "log of the end's, given the start", "z = log p(start) + log p(end)"
	}
	steps := []Step{{"Score", formula, num(a.StartLogit) + " + " + term(a.EndLogit), num(a.Score), "The " + start + " and the " + end + " of its tokens."}}
	null := a.Score - a.Gap
	steps = append(steps, t.nullStep(a.Hit, null))
	steps = append(steps, Step{"Gap", "z − z₀", num(a.Score) + " − " + term(null), num(a.Gap), "By how much the answer beats \"no answer\"."})
	if t.calibration != nil && a.P != nil {
		c := t.calibration
		steps = append(steps, Step{"Confidence", "1 / (1 + e^−(a · gap + b))", fmt.Sprintf("a = %s, b = %s", num(c.A), num(c.B)), fmt.Sprintf("%.0f %%", 100**a.P),
			"The share of answers with such a gap that were right on labelled questions."})
	}
	return append(steps, t.gapDecision(a))
}

func (t *Trace) gapDecision(a qa.Answer) Step {
	s := Step{Name: "Decision", Formula: "gap > threshold"}
	if t.Params.NoAnswer == nil || !*t.Params.NoAnswer {
		s.Formula, s.Numbers, s.Value = "\"no answer\" is not allowed", "", "answer"
		s.About = "The best candidate is the answer, however small its gap."
		return s
	}
	threshold := 0.0
	if t.Params.Threshold != nil {
		threshold = *t.Params.Threshold
	}
	s.Numbers, s.Value, s.About = num(a.Gap)+" > "+num(threshold), "answer", "It beats \"no answer\" by more than the threshold."
	if a.Gap <= threshold {
		s.Numbers, s.Value, s.About = num(a.Gap)+" ≤ "+num(threshold), "no answer", "It does not beat \"no answer\" by more than the threshold."
	}
	return s
}

// nullStep says where a passage's null score is from: the window with the least.
func (t *Trace) nullStep(hit int, null float64) Step {
	s := Step{Name: "No answer", Formula: "z₀ = start + end of its token", Value: num(null), About: "The least of the windows of the passage: each of them must think so."}
	at, windows := t.leastNull(func(w *TraceWindow) bool { return w.Hit == hit })
	if at < 0 {
		return s
	}
	w := &t.Windows[at]
	if w.Beam != nil {
		s.Formula, s.Numbers = "z₀ = classification logit", num(w.Null)
	} else {
		s.Numbers = num(float64(w.Start[w.CLS])) + " + " + term(float64(w.End[w.CLS]))
	}
	if windows > 1 {
		s.Numbers += fmt.Sprintf(" in window %d", at+1)
	}
	return s
}

// leastNull is the window with the least null score among some, and how many they are; -1 where there are none.
func (t *Trace) leastNull(of func(w *TraceWindow) bool) (at, n int) {
	at = -1
	for i := range t.Windows {
		if w := &t.Windows[i]; of(w) {
			n++
			if at < 0 || w.Null < t.Windows[at].Null {
				at = i
			}
		}
	}
	return at, n
}

func (t *Trace) beam() bool { return len(t.Windows) > 0 && t.Windows[0].Beam != nil }

// whyHF: a product of two marginals inside a window, with what the same text got elsewhere.
func (t *Trace) whyHF(a qa.Answer) []Step {
	var steps []Step
	product := a.Score
	if at := t.WindowOf(a); at >= 0 {
		if s, ok := t.tokensOf(&t.Windows[at], a); ok {
			w := &t.Windows[at]
			p, q := w.StartP[s.From], w.EndP[s.To]
			product = p * q
			steps = append(steps, Step{"Score", "p(start) · p(end)", num(p) + " · " + num(q), num(product),
				"Each is a softmax over the passage's tokens and that of \"no answer\", inside its own window; so scores of different windows do not compare."})
		}
	}
	if rest := a.Score - product; rest > 5e-4 {
		steps = append(steps, Step{"Same text elsewhere", "sum of the other places", num(product) + " + " + num(rest), num(a.Score),
			"The pipeline adds up the scores of answers with the same text, wherever they stand, also in windows that overlap."})
	}
	if len(steps) == 0 {
		steps = append(steps, Step{"Score", "p(start) · p(end)", "", num(a.Score), "Its tokens cannot be told from the text that was widened to whole words."})
	}
	null := 0.0
	if t.Result.Null != nil {
		null = float64(*t.Result.Null)
	}
	s := Step{Name: "No answer", Formula: "least p₀(start) · p₀(end)", Value: num(null), About: "The least of all windows, for the first token."}
	if at, n := t.leastNullHF(); at >= 0 {
		w := &t.Windows[at]
		if s.Numbers = num(w.StartP[0]) + " · " + num(w.EndP[0]); n > 1 {
			s.Numbers += fmt.Sprintf(" in window %d", at+1)
		}
	}
	steps = append(steps, s)
	d := Step{Name: "Decision", Formula: "\"no answer\" is not allowed", Value: "answer", About: "The pipeline answers always unless it is told that it may not."}
	if t.Params.NoAnswer != nil && *t.Params.NoAnswer {
		d = Step{"Decision", "score ≥ \"no answer\"", num(a.Score) + " ≥ " + num(null), "answer", "The higher one is the answer."}
		if a.Score < null {
			d.Numbers, d.Value = num(a.Score)+" < "+num(null), "no answer"
		}
	}
	return append(steps, d)
}

func (t *Trace) leastNullHF() (at, n int) {
	at = -1
	least := math.Inf(1)
	for i := range t.Windows {
		if w := &t.Windows[i]; len(w.StartP) > 0 {
			n++
			if p := w.StartP[0] * w.EndP[0]; p < least {
				at, least = i, p
			}
		}
	}
	return at, n
}

// whySquad: the sum of two logits, and for version 2.0 the null score of all windows.
func (t *Trace) whySquad(a qa.Answer) []Step {
	steps := []Step{{"Score", "start + end", num(a.StartLogit) + " + " + term(a.EndLogit), num(a.Score), "The logits of its two tokens."}, t.shareStep(a, "start + end")}
	if !t.Params.V2 {
		return append(steps, Step{"Decision", "the highest score", "", "answer", "Without SQuAD 2.0 there always is an answer."})
	}
	at, _ := t.leastNull(func(w *TraceWindow) bool { return len(w.Start) > 0 })
	if at < 0 {
		return steps
	}
	w := &t.Windows[at]
	null := float64(w.Start[0]) + float64(w.End[0])
	steps = append(steps, Step{"No answer", "start + end of the first token", fmt.Sprintf("%s + %s in window %d", num(float64(w.Start[0])), term(float64(w.End[0])), at+1), num(null), "The least of all windows."})
	return append(steps, t.oddsDecision(num(null)+" − "+term(a.Score)))
}

// oddsDecision compares null odds with the threshold.
func (t *Trace) oddsDecision(numbers string) Step {
	odds, threshold := 0.0, 0.0
	if t.Result.Null != nil {
		odds = float64(*t.Result.Null)
	}
	if t.Params.Threshold != nil {
		threshold = *t.Params.Threshold
	}
	s := Step{"Decision", "null odds ≤ threshold", numbers + " = " + num(odds) + " ≤ " + num(threshold), "answer", "\"No answer\" does not lead by more than the threshold."}
	if odds > threshold {
		s.Numbers, s.Value, s.About = numbers+" = "+num(odds)+" > "+num(threshold), "no answer", "\"No answer\" leads by more than the threshold."
	}
	return s
}

func (t *Trace) shareStep(a qa.Answer, score string) Step {
	n := len(t.Result.Candidates())
	return Step{"Share", fmt.Sprintf("e^(%s) / sum over the candidates", score), fmt.Sprintf("of %d candidates", n), num(a.Probability),
		"A softmax over this question's own candidates: it does not compare between questions."}
}

// whyBeam: the beam head's probabilities, as logs or as they are.
func (t *Trace) whyBeam(a qa.Answer) []Step {
	formula, about := "log p(start) + log p(end)", "The probability of the start, and that of the end given the start."
	if t.Params.Decoder == "squad-beam-hf" {
		formula, about = "p(start) + p(end)", "As transformers has it: a sum of probabilities, whose pairs of start and end are mixed up unless they have the same rank."
	}
	steps := []Step{{"Score", formula, num(a.StartLogit) + " + " + term(a.EndLogit), num(a.Score), about}, t.shareStep(a, "score")}
	at, n := t.leastNull(func(w *TraceWindow) bool { return w.Beam != nil })
	if at >= 0 {
		s := Step{"No answer", "classification logit", num(t.Windows[at].Null), num(t.Windows[at].Null), "The least of all windows: the log odds of there being no answer."}
		if n > 1 {
			s.Numbers += fmt.Sprintf(" in window %d", at+1)
		}
		steps = append(steps, s)
	}
	if t.Params.Decoder == "squad-beam" && t.Params.V2 {
		return append(steps, t.oddsDecision("z₀"))
	}
	return append(steps, Step{"Decision", "the highest score", "", "answer", "The best span is always the answer."})
}
