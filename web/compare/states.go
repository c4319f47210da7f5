package compare

import (
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// states are the screen in each state, without an engine.
func states() []ui.State {
	samples := []ui.SampleQuestion{{Question: "Who proclaimed the oil embargo?", Title: "1973 oil crisis", TextID: "sample-1"}, {Question: "When did OPEC begin?", Title: "1973 oil crisis", TextID: "sample-1"}}
	var names []string
	for _, m := range ui.StateModels() {
		names = append(names, m.Name)
	}
	q := ui.Query{Question: "When does the lease end?", Text: ui.StateText(), Models: names}
	busy := func(i int) *ui.Card { return &ui.Card{Model: names[i], Busy: true} }
	full := func(i int, answer string, none bool, ms int) *ui.Card {
		c := ui.StateCard(answer, none)
		c.Model, c.Contestant = names[i], names[i]+"@0123456:fp32"
		c.Result.Contestant, c.Result.TookMS = c.Contestant, workbench.Float(time.Duration(ms))
		return c
	}
	failed := func(i int) *ui.Card {
		return &ui.Card{Model: names[i], Err: qa.Errorf(qa.BrokenModel, "model %s: model.safetensors ends after 12 of 498 MB; tryall pull %s brings the rest", names[i], names[i])}
	}
	list := []struct {
		name  string
		query ui.Query
		cards []*ui.Card
		err   error
	}{
		{name: "empty", query: ui.Query{Models: names[:4]}},
		{name: "busy", query: q, cards: []*ui.Card{full(0, "31 March 2027", false, 11), busy(1), full(2, "1 April 2024", false, 12), busy(3), busy(4)}},
		{name: "full", query: q, cards: []*ui.Card{full(0, "31 March 2027", false, 11), full(1, "31 March 2027", false, 6), full(2, "1 April 2024", false, 12), full(3, "three months", true, 11), full(4, "31 March 2027", false, 84)}},
		{name: "failed", query: q, cards: []*ui.Card{full(0, "31 March 2027", false, 11), failed(1), failed(4)}},
		{name: "pinned", query: q.WithSort(ui.SortSpeed).Pin(names[0]).Pin(names[2]), cards: []*ui.Card{full(0, "31 March 2027", false, 11), full(1, "31 March 2027", false, 6), full(2, "1 April 2024", false, 12)}},
		{name: "refused", query: q, err: qa.Errorf(qa.Invalid, "no model is chosen; choose some in the controls")},
	}
	var out []ui.State
	for _, s := range list {
		r := results{Query: s.query, Samples: samples, Cards: s.cards, Err: s.err}
		r.arrange()
		v := view{Query: s.query, Source: &ui.Source{Query: s.query, Action: "/compare/file"}, Models: ui.StateModels(), Precisions: []string{"fp32"}, Samples: samples, Results: r}
		out = append(out, ui.State{Name: s.name, Body: func(f ui.Frame) ui.Body {
			v.Frame = f
			return page(v)
		}})
	}
	return out
}
