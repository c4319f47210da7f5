package ask

import (
	"time"

	"github.com/tryall/tryall/index"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// states are the screen in each state, without an engine.
func states() []ui.State {
	text := ui.StateText()
	held := &ui.Held{Text: workbench.Text{Text: text, Marks: []qa.Mark{{Kind: qa.MarkPage, Label: "1"}, {At: 300, Kind: qa.MarkPage, Label: "2"}}}, ID: "1234", Name: "lease-2024.pdf"}
	question := ui.Query{Question: "When does the lease end?", Text: text, Models: []string{"tryall/minilm-l6-squad2"}}
	base := func(q ui.Query) view {
		samples := []ui.SampleQuestion{{Question: "Who proclaimed the oil embargo?", Title: "1973 oil crisis", TextID: "sample-1"}, {Question: "When did OPEC begin?", Title: "1973 oil crisis", TextID: "sample-1"},
			{Question: "How many cases were confirmed on the Diamond Princess?", Title: "a paper about a cruise ship", TextID: "sample-2"}}
		if len(q.Models) == 0 {
			q.Models = question.Models
		}
		return view{Query: q, Source: &ui.Source{Query: q, Action: "/ask/file"}, Models: ui.StateModels(), Precisions: []string{"fp32"}, Samples: samples, Answer: answer{Query: q, Samples: samples}}
	}
	with := func(q ui.Query, change func(*view)) view {
		v := base(q)
		change(&v)
		return v
	}
	answered := func(c *ui.Card) func(*view) { return func(v *view) { v.Answer = answer{Query: v.Query, Card: c} } }
	turned := question
	turned.Knobs = map[string]string{"top_k": "3", "threshold": "2.5", "max_seq_len": "0"}
	file := ui.Query{Question: "What is the deposit?", TextID: "1234", Models: question.Models}
	corpus := ui.Query{Question: question.Question, Corpus: true, Models: question.Models}
	list := []struct {
		name string
		view
	}{
		{"empty", base(ui.Query{})},
		{"busy", with(question, func(v *view) { v.Answer = answer{Query: question, Busy: true} })},
		{"failed", with(question, answered(&ui.Card{Label: "minilm-l6-squad2", Err: qa.Errorf(qa.Unavailable, "model tryall/minilm-l6-squad2: 1.9 GB of memory are needed and 0.4 GB are free; close other programs or take a smaller model")}))},
		{"full", with(question, answered(ui.StateCard("31 March 2027", false)))},
		{"no-answer", with(question, answered(ui.StateCard("three months", true)))},
		{"unsure", with(question, answered(ui.StateUnsure("31 March 2027")))},
		{"knobs", with(turned, func(v *view) {
			v.Answer = answer{Query: turned, Err: qa.Errorf(qa.Invalid, "Window: 0 is out of range: it must be 1 to 16777216")}
		})},
		{"file", with(file, func(v *view) {
			v.Source.Held = held
			v.Answer = answer{Query: file, Card: ui.StateCard("two months' rent", false)}
		})},
		{"corpus", with(corpus, func(v *view) {
			v.Source.Corpus = &index.Stats{Documents: 33, Passages: 1204}
			c := ui.StateCard("31 March 2027", false)
			c.Where = "Lease of 12 Mill Road, contracts/mill-road.pdf, page 4, Term"
			c.Loaded = time.Second
			v.Answer = answer{Query: corpus, Card: c}
		})},
		{"no-corpus", with(ui.Query{Corpus: true}, func(*view) {})},
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
