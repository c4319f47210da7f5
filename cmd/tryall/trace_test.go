package main

import (
	"context"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/reader"
	"github.com/tryall/tryall/workbench"
)

// longText is several windows of a hundred tokens, with the answer in the middle.
func longText() string {
	filler := "The committee met on a rainy day and spoke about roads, bridges and the price of bread for a long while. "
	return strings.Repeat(filler, 12) + "The treaty was signed in Vienna on 12 May 1815 by nine delegates. " + strings.Repeat(filler, 12) + "Another treaty was signed in Paris in November."
}

// TestTraceAddsUp: what inspect says of a score is what the decoder made of it, for a real model and every decoder of its head.
func TestTraceAddsUp(t *testing.T) {
	t.Setenv("TRYALL_HOME", t.TempDir())
	ctx := context.Background()
	a := &app{stdout: io.Discard, stderr: io.Discard}
	w := a.workbench(engineFlags{})
	m, err := w.Find(defaultModel, "")
	if err != nil {
		t.Fatal(err)
	}
	m.Settings.Calibration = &workbench.Calibration{A: 0.5, B: -4}
	near := func(what string, got, want, eps float64) {
		t.Helper()
		if math.IsNaN(got) || math.Abs(got-want) > eps {
			t.Errorf("%s is %v, not %v", what, got, want)
		}
	}
	window, stride := 100, 32
	for _, c := range []struct {
		decoder string
		v2      bool
	}{{"gap", false}, {"hf", false}, {"squad", false}, {"squad", true}} {
		s, err := w.Open(ctx, m, workbench.Params{Decoder: c.decoder, MaxSeqLen: &window, DocStride: &stride, V2: c.v2})
		if err != nil {
			t.Fatal(err)
		}
		trace, err := s.Trace(ctx, workbench.Ask{Question: "Where was the treaty signed?", Context: longText()})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		best, ok := trace.Result.Candidate()
		if !ok || len(trace.Windows) < 6 || len(trace.Windows) != trace.Result.WindowCount {
			t.Fatalf("%s: %v, %d windows", c.decoder, best, len(trace.Windows))
		}
		at := trace.WindowOf(best)
		if at < 0 || trace.Windows[at].Best == nil {
			t.Fatalf("%s: the answer is in no window", c.decoder)
		}
		least, most := math.Inf(1), math.Inf(-1)
		for i := range trace.Windows {
			x := &trace.Windows[i]
			least = min(least, x.Null)
			if x.Best != nil {
				most = max(most, x.Best.Sum())
			}
			sum := 0.0
			for _, p := range x.StartP {
				sum += p
			}
			near("the sum of the start's probabilities", sum, 1, 1e-12)
			if want := stride; i > 0 && i < len(trace.Windows)-1 && x.Shared != want {
				t.Errorf("%s: window %d shares %d tokens, not %d", c.decoder, i+1, x.Shared, want)
			}
		}
		steps := map[string]workbench.Step{}
		for _, s := range trace.Why(best) {
			steps[s.Name] = s
		}
		switch c.decoder {
		case "gap":
			near("the best sum of all windows", most, best.Score, 1e-9)
			near("the least null", least, best.Score-best.Gap, 1e-9)
			if steps["Gap"].Value == "" || steps["Confidence"].Value == "" || steps["Decision"].Value == "" {
				t.Errorf("%+v", steps)
			}
		case "hf":
			first := &trace.Windows[at]
			lead := first.Best
			own := first.StartP[lead.From] * first.EndP[lead.To]
			if own > best.Score+1e-6 || own < 0.2*best.Score {
				t.Errorf("hf: the product %v is not within %v", own, best.Score)
			}
			null := math.Inf(1)
			for i := range trace.Windows {
				null = min(null, trace.Windows[i].StartP[0]*trace.Windows[i].EndP[0])
			}
			near("the least null probability", null, float64(*trace.Result.Null), 1e-6)
		case "squad":
			near("the best sum of all windows", most, best.Score, 1e-5)
			if c.v2 {
				near("null odds", least-best.Score, float64(*trace.Result.Null), 1e-5)
			}
		}
		if lost := trace.Rivals(&trace.Windows[at]); len(lost) == 0 || !hasAnswer(lost, best) {
			t.Errorf("%s: the answer is not among the highest pairs: %+v", c.decoder, lost)
		}
	}
}

func hasAnswer(rivals []workbench.Rival, best qa.Answer) bool {
	for _, r := range rivals {
		if r.Lost == "" {
			return r.Text == best.Text
		}
	}
	return false
}

// TestLongestAnswers: package workbench knows them without knowing package reader.
func TestLongestAnswers(t *testing.T) {
	for _, d := range reader.Decoders {
		trace := workbench.Trace{Params: workbench.Params{Decoder: d.Name}}
		if trace.MaxAnswerLen() != d.MaxAnswerLen {
			t.Errorf("%s: %d, want %d", d.Name, trace.MaxAnswerLen(), d.MaxAnswerLen)
		}
	}
}
