package thresholds

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/report"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// states are the screen in each state, without a run.
func states() []ui.State {
	q := query{Run: "20260314-a1b2", Model: "tryall/minilm-l6-squad2@0123456:fp32", Threshold: "1.5", Rate: usualRate}
	who := []model{{q.Model, "minilm-l6-squad2", 0, false}, {"deepset/roberta-base-squad2@adc3b06:fp32", "roberta-base-squad2", 1, false}, {"tryall/minilm-l3-squad2@0123456:fp32", "minilm-l3-squad2", 2, true}}
	full := func(change func(*view)) view {
		m := stateRun(240)
		v := view{Query: q, Models: who, Modes: []string{eval.Oracle}, Slider: newSlider(m.Cuts), Run: store.RunInfo{Created: time.Date(2026, 3, 14, 9, 26, 0, 0, time.UTC)}}
		used := 1.5
		v.Part = part{Query: q, LabelAt: "/questions", Label: who[0].Label, Best: m.Cuts.BestF1(), Used: &used, Cut: m.Cuts.At(1.5)}
		var err error
		if v.Part.Wanted, err = m.Cuts.For(usualRate); err != nil {
			v.Part.Err = err
		}
		v.Part.lists(m)
		s := report.Selection{Label: who[0].Label, Cuts: m.Cuts, Chosen: 1.5}
		if p, err := eval.CrossCalibrate(m.Results, eval.Platt); err == nil {
			s.Fitted, _ = m.Cuts.Reliability(p)
		}
		v.Part.Figures = report.SelectionFigures(s)
		change(&v)
		return v
	}
	few := full(func(v *view) {
		m := stateRun(9)
		v.Slider = newSlider(m.Cuts)
		v.Part.Best, v.Part.Cut, v.Part.Few, v.Part.Samples = m.Cuts.BestF1(), m.Cuts.At(1.5), m.Cuts.Missing(), true
		v.Part.More = v.Part.Cut.MoreFor(wellKnown)
		v.Part.Calibration = "few"
		v.Part.lists(m)
		v.Part.Figures = report.SelectionFigures(report.Selection{Label: who[0].Label, Cuts: m.Cuts, Chosen: 1.5})
	})
	list := []struct {
		name string
		view
	}{
		{"empty", view{Query: q, Models: who, Note: "no question has a candidate for an answer, so that there is nothing to set a threshold for", Part: part{Query: q, Label: who[0].Label}}},
		{"busy", view{Query: q, Going: true}},
		{"few", few},
		{"full", full(func(*view) {})},
		{"kept", full(func(v *view) {
			kept := store.ModelSettings{Threshold: v.Part.Used, Run: q.Run, Labels: 240, When: time.Date(2026, 3, 14, 9, 26, 0, 0, time.UTC)}
			v.Part.Kept, v.Part.KeptFrom = &kept, workbench.KeptFrom(kept)
			v.Saved = "Kept. From now on it answers by this threshold in this project: on these pages, in the terminal and for programs."
			v.Modes = []string{eval.Oracle, eval.Retrieved}
		})},
		{"not-keepable", full(func(v *view) {
			v.Part.Keepable = qa.Errorf(qa.Invalid, "run 20260314-a1b2 decoded with squad, and a model's own threshold is one of gaps: race with --decoder gap, or give --threshold with each question")
			v.Part.Wanted.Reached = false
			v.Part.Wanted.Wanted = 1
		})},
		{"failed", full(func(v *view) {
			v.Part.Err = qa.Errorf(qa.Invalid, `the threshold "high" is not a number`)
		})},
	}
	var out []ui.State
	for _, s := range list {
		out = append(out, ui.State{Name: s.name, Body: func(f ui.Frame) ui.Body {
			f.Wide = true
			s.view.Frame = f
			return page(s.view)
		}})
	}
	return out
}

// stateRun are n judged answers, as of a model that knows something of what it knows.
func stateRun(n int) *workbench.Measured {
	rng := rand.New(rand.NewPCG(3, 14))
	m := &workbench.Measured{Run: "20260314-a1b2", Mode: eval.Oracle, Contestant: "tryall/minilm-l6-squad2@0123456:fp32", Decoder: "gap", Data: &eval.Dataset{}}
	asked := []string{"When does the lease end?", "Who insures the building?", "How much is the deposit?", "May the tenant keep pets?", "On which day is the rent due?", "How long is the term?"}
	said := []string{"31 March 2027", "the landlord", "two months' rent", "with consent", "the third working day", "three years"}
	for i := range n {
		c := 2.5 + 4*rng.NormFloat64()
		r := eval.Result{Example: i, ID: fmt.Sprint(i), Passage: i / 4, Document: i / 8, HasBest: true, Confidence: c, Best: said[i%6], HasAns: rng.IntN(4) > 0}
		if r.HasAns {
			r.Golds = []string{said[i%6]}
		}
		if r.HasAns && rng.Float64() < 1/(1+math.Exp(-0.6*c)) {
			r.BestExact, r.BestF1 = 100, 100
		} else if r.HasAns {
			r.Best, r.BestF1 = "1 April 2024", 20
		}
		m.Results = append(m.Results, r)
		m.Data.Examples = append(m.Data.Examples, eval.Example{ID: r.ID, Text: asked[i%6]})
	}
	m.Cuts = eval.NewCuts(m.Results)
	return m
}
