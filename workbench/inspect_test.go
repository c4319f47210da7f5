package workbench

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/tryall/tryall/qa"
)

// traceOf is a window over "a b c d" with [CLS] q [SEP] before it and [SEP] behind.
func traceOf(decoder string, start, end []float32, p qa.Prediction) *Trace {
	w := Window{Tokens: []string{"[CLS]", "q", "[SEP]", "a", "b", "c", "d", "[SEP]"}, Start: start, End: end}
	for i := range w.Tokens {
		w.IDs = append(w.IDs, int32(i))
		in := i >= 3 && i < 7
		w.InContext, w.Offsets = append(w.InContext, in), append(w.Offsets, qa.Range{})
		if in {
			w.Offsets[i] = qa.Range{Start: 2 * (i - 3), End: 2*(i-3) + 1}
		}
	}
	two := 2
	t := &Trace{Params: Params{Decoder: decoder, MaxAnswerLen: &two}, Windows: []TraceWindow{{Window: w}}}
	t.Seen("a b c d", ResultOf("a b c d", decoder, p))
	return t
}

// TestRivals: each pair of a window has the reason why it is not the answer. The answer is "c": start 4 at c, end 3 at c.
func TestRivals(t *testing.T) {
	start := []float32{1, 2, -9, 0, -5, 4, -6, -9}
	end := []float32{1, -8, -9, 2.5, -7, 3, 1.5, -9}
	best := qa.Answer{Text: "c", Range: qa.Range{Start: 4, End: 5}, Score: 7, StartLogit: 4, EndLogit: 3, Gap: 5}
	trace := traceOf("gap", start, end, qa.Prediction{Candidates: []qa.Answer{best}, Answers: []qa.Answer{best}, Text: "c", Null: 2, NullKind: qa.NullLogit})
	w := &trace.Windows[0]
	if w.Lo != 3 || w.Hi != 7 || w.Null != 2 || w.Best == nil || w.Best.Text != "c" || w.Best.Sum() != 7 {
		t.Fatalf("%+v", w)
	}
	got := map[string]string{}
	for _, r := range trace.Rivals(w) {
		got[w.Tokens[r.From]+" "+w.Tokens[r.To]] = r.Lost
	}
	for pair, want := range map[string]string{
		"c c":         "",
		"c a":         "the end stands before the start",
		"c d":         "lower by 1.50, and overlaps the best one",
		"c [CLS]":     `the end is the token of "no answer"`,
		"q c":         "the start is outside the passage",
		"a c":         "3 tokens, and an answer has at most 2",
		"a a":         "lower by 4.50",
		"[CLS] [CLS]": `stands for "no answer"`,
	} {
		why, there := got[pair]
		if !there && pair != "[CLS] [CLS]" || there && why != want {
			t.Errorf("%s: %q (%v), want %q", pair, why, there, want)
		}
	}
	// e^4 of e^1 + e^0 + e^-5 + e^4 + e^-6: the passage and "no answer".
	if want := math.Exp(4) / (math.E + 1 + math.Exp(-5) + math.Exp(4) + math.Exp(-6)); math.Abs(w.StartP[5]-want) > 1e-12 || w.StartP[1] != 0 {
		t.Errorf("the start's probability is %v, not %v", w.StartP[5], want)
	}
	steps := trace.Why(best)
	if len(steps) != 4 || steps[0].Numbers != "4.000 + 3.000" || steps[1].Numbers != "1.000 + 1.000" || steps[2].Numbers != "7.000 − 2.000" || steps[3].Value != "answer" {
		t.Errorf("%+v", steps)
	}
}

// TestTraceOfABeamHead: ends of start i lie at rank*starts+i, as squad-beam reads them; squad-beam-hf reads i*ends+rank, as transformers
// does.
func TestTraceOfABeamHead(t *testing.T) {
	beam := &BeamResult{StartTopIndex: []int32{5, 0}, StartTopLogProbs: []float32{0.5, 0.25}, EndTopIndex: []int32{6, 3, 4, 5}, EndTopLogProbs: []float32{0.5, 0.25, 0.125, 0.0625}, ClsLogits: []float32{-1.5}}
	for _, c := range []struct {
		decoder string
		ends    string
		best    float64
	}{
		{"squad-beam", "[6 4] [3 5]", math.Log(0.5) + math.Log(0.5)},
		{"gap", "[6 4] [3 5]", math.Log(0.5) + math.Log(0.5)},
		{"squad-beam-hf", "[6 3] [4 5]", 0.5 + 0.5},
	} {
		a := qa.Answer{Text: "c d", Range: qa.Range{Start: 4, End: 7}, Score: c.best, StartLogit: c.best / 2, EndLogit: c.best / 2, Probability: 1, Gap: c.best + 1.5}
		trace := traceOf(c.decoder, nil, nil, qa.Prediction{Candidates: []qa.Answer{a}, Answers: []qa.Answer{a}, Text: "c d"})
		trace.Windows[0].Beam = beam
		trace.see()
		w := &trace.Windows[0]
		var ends []string
		for _, b := range trace.Beams(w) {
			var to []int
			for _, e := range b.Ends {
				to = append(to, e.To)
			}
			ends = append(ends, fmt.Sprint(to))
		}
		if got := strings.Join(ends, " "); got != c.ends {
			t.Errorf("%s: ends %s, want %s", c.decoder, got, c.ends)
		}
		if w.Null != -1.5 || w.Best == nil || w.Best.Text != "c d" || math.Abs(w.Best.Sum()-c.best) > 1e-7 {
			t.Errorf("%s: %+v", c.decoder, w.Best)
		}
		if trace.Rivals(w) != nil {
			t.Errorf("%s: a beam head has no logits to pair", c.decoder)
		}
		found := false
		for _, s := range trace.Why(a) {
			found = found || s.Name == "No answer" && s.Value == "−1.500"
		}
		if !found {
			t.Errorf("%s: %+v", c.decoder, trace.Why(a))
		}
	}
}

// TestTraceEqualsInspect: both show the same windows, in bytes and in code points.
func TestTraceEqualsInspect(t *testing.T) {
	w, _ := fakeBench()
	m, err := w.Find("tryall/can", "")
	if err != nil {
		t.Fatal(err)
	}
	s, err := w.Open(context.Background(), m, Params{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ask := Ask{Question: "Mai", Context: "Im Mai, für alle"}
	trace, err := s.Trace(context.Background(), ask)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Inspect(context.Background(), ask)
	if err != nil {
		t.Fatal(err)
	}
	if len(trace.Windows) != 1 || trace.Windows[0].Offsets[1] != (qa.Range{End: 17}) || *r.Windows[0].Offsets[1] != [2]int{0, 16} {
		t.Errorf("%+v, %v", trace.Windows[0].Offsets, r.Windows[0].Offsets[1])
	}
	if trace.Windows[0].Null != 0.5 || trace.Result.Prediction != "Mai" {
		t.Errorf("%+v", trace.Windows[0])
	}
	if _, err := s.Trace(context.Background(), Ask{Question: "fail", Context: "x"}); qa.CodeOf(err) != qa.Invalid {
		t.Errorf("%v", err)
	}
}
