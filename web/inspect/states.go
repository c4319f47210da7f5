package inspect

import (
	"regexp"
	"strings"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// states are the screen in each state, without an engine.
func states() []ui.State {
	text := ui.StateText()
	q := ui.Query{Question: "When does the lease end?", Text: text, Models: []string{"tryall/minilm-l6-squad2"}}
	base := func(q ui.Query) view {
		if len(q.Models) == 0 {
			q.Models = []string{"tryall/minilm-l6-squad2"}
		}
		return view{Query: q, Source: &ui.Source{Query: q, Action: "/inspect/file"}, Models: ui.StateModels(), Precisions: []string{"fp32"},
			Result: result{Address: address{Query: q}, Samples: []ui.SampleQuestion{{Question: "Who proclaimed the oil embargo?", Title: "1973 oil crisis", TextID: "sample-1"}}}}
	}
	with := func(change func(*view)) view {
		v := base(q)
		v.Result.Samples = nil
		change(&v)
		return v
	}
	full := func(v *view) {
		v.Result.Card, v.Result.Trace = ui.StateCard("31 March 2027", false), stateTrace("31 March 2027", 6.4, false)
		v.Result.choose()
	}
	again := &workbench.Again{Run: "20260314-a1b2", Mode: eval.Oracle, Contestant: "tryall/minilm-l6-squad2@0123456:fp32", ID: "lease-17", Question: q.Question, HasAnswer: true,
		Golds: []string{"31 March 2027", "on 31 March 2027"}, Then: &eval.Result{HasAns: true, Text: "1 April 2024"}, Changed: []string{"leases.csv has changed since the run."}}
	list := []struct {
		name string
		view
	}{
		{"empty", base(ui.Query{})},
		{"busy", with(func(v *view) { v.Result.Busy = true })},
		{"failed", with(func(v *view) {
			v.Result.Card = &ui.Card{Label: "minilm-l6-squad2", Err: qa.Errorf(qa.Unavailable, "model tryall/minilm-l6-squad2: 1.9 GB of memory are needed and 0.4 GB are free; close other programs or take a smaller model")}
		})},
		{"full", with(full)},
		{"no-answer", with(func(v *view) {
			v.Result.Card, v.Result.Trace = ui.StateCard("three months", true), stateTrace("three months", -2.31, false)
			v.Result.choose()
		})},
		{"beam", with(func(v *view) {
			v.Result.Card, v.Result.Trace = ui.StateCard("31 March 2027", false), stateTrace("31 March 2027", 6.4, true)
			v.Result.choose()
		})},
		{"run", with(func(v *view) {
			full(v)
			v.Result.Again, v.Result.Label = again, "minilm-l6-squad2"
			v.Result.Address = address{Run: again.Run, ID: again.ID, Contestant: again.Contestant}
		})},
		{"gone", with(func(v *view) {
			gone := *again
			gone.Gone, gone.Changed = qa.Errorf(qa.NotFound, "read leases.csv: there is no such file"), nil
			v.Result.Again, v.Result.Label = &gone, "minilm-l6-squad2"
		})},
	}
	var out []ui.State
	for _, s := range list {
		out = append(out, ui.State{Name: s.name, Body: func(f ui.Frame) ui.Body {
			s.view.Frame = f
			return page(s.view)
		}})
	}
	return out
}

var stateWords = regexp.MustCompile(`\w+|[^\w\s]`)

// stateTrace is a text of three windows, as if a model had read it: the answer stands out, and so do some other words.
func stateTrace(answer string, gap float64, beam bool) *workbench.Trace {
	text := ui.StateText()
	at := strings.Index(text, answer)
	threshold, yes := 1.25, true
	t := &workbench.Trace{Params: workbench.Params{Decoder: "gap", Threshold: &threshold, NoAnswer: &yes}}
	span := qa.Answer{Text: answer, Range: qa.Range{Start: at, End: at + len(answer)}, Score: gap - 3.2, StartLogit: gap - 4, EndLogit: 0.8, Gap: gap}
	second := qa.Answer{Text: "1 April 2024", Range: qa.Range{Start: strings.Index(text, "1 April"), End: strings.Index(text, "1 April") + 12}, Score: -6.3, StartLogit: -2.9, EndLogit: -3.4, Gap: -3.1}
	p := qa.Prediction{Candidates: []qa.Answer{span, second}, Null: -3.2, NullKind: qa.NullLogit, Windows: 3, Tokens: 168, Abstained: gap <= threshold}
	if !p.Abstained {
		p.Answers, p.Text = []qa.Answer{span}, answer
	}
	words := stateWords.FindAllStringIndex(text, -1)
	for from, index := 0, 0; from < len(words); from, index = from+48, index+1 {
		w := workbench.TraceWindow{Window: workbench.Window{Index: index}}
		add := func(token string, r qa.Range, in bool) {
			n := len(w.IDs)
			w.IDs, w.Tokens, w.Offsets, w.InContext = append(w.IDs, int32(n)), append(w.Tokens, token), append(w.Offsets, r), append(w.InContext, in)
			noise := float32((n*7919+index*31)%17) / 6
			w.Start, w.End = append(w.Start, -8+noise), append(w.End, -8+float32((n*104729)%19)/6)
		}
		add("[CLS]", qa.Range{}, false)
		for _, s := range []string{"when", "does", "the", "lease", "end", "?", "[SEP]"} {
			add(s, qa.Range{}, false)
		}
		w.Start[0], w.End[0], w.Lo = -1.4, -1.8, len(w.IDs)
		for _, k := range words[from:min(len(words), from+64)] {
			r := qa.Range{Start: k[0], End: k[1]}
			add(text[k[0]:k[1]], r, true)
			for _, a := range p.Candidates {
				if r.Start == a.Range.Start {
					w.Start[len(w.Start)-1] = float32(a.StartLogit)
				}
				if r.End == a.Range.End {
					w.End[len(w.End)-1] = float32(a.EndLogit)
				}
			}
		}
		w.Hi = len(w.IDs)
		add("[SEP]", qa.Range{}, false)
		if index > 0 {
			w.Shared = 16
		}
		if beam {
			first, last := int32(w.Lo+20), int32(w.Lo+22)
			for i, r := range w.Offsets {
				if r.Start == at {
					first, last = int32(i), int32(i+2)
				}
			}
			w.Beam = &workbench.BeamResult{StartTopIndex: []int32{first, 0}, StartTopLogProbs: []float32{0.71, 0.12}, EndTopIndex: []int32{last, last, 3, first - 2},
				EndTopLogProbs: []float32{0.88, 0.6, 0.05, 0.2}, ClsLogits: []float32{-3.2}}
			w.Start, w.End = nil, nil
		}
		t.Windows = append(t.Windows, w)
		if from+64 >= len(words) {
			break
		}
	}
	for i, c := range p.Candidates { // where they were found
		for k := range t.Windows {
			w := &t.Windows[k]
			if w.Offsets[w.Lo].Start <= c.Range.Start && c.Range.End <= w.Offsets[w.Hi-1].End {
				p.Candidates[i].Window = k
				break
			}
		}
	}
	t.Seen(text, workbench.ResultOf(text, "gap", p))
	return t
}
