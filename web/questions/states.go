package questions

import (
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/web/ui"
)

// states are the screen in each state. It is never busy: files of questions are read while the browser waits.
func states() []ui.State {
	info := store.SetInfo{Name: "leases.csv", Counts: questions.Counts{Questions: 120, Labelled: 96, NoAnswer: 14}}
	other := store.SetInfo{Name: "wikipedia.json", Counts: questions.Counts{Questions: 713, Labelled: 713, NoAnswer: 392}}
	one := &set{Info: info, Pages: 2, Rows: []row{{Number: 1, Question: "When does the lease end?", Answers: []string{"31 March 2027", "on 31 March 2027"}, Of: "This lease begins on 1 April 2024 between Mill Road Properties Ltd and the tenant …"},
		{Number: 2, Question: "Who pays for repairs of the roof?", NoAnswer: true, Of: "This lease begins on 1 April 2024 between Mill Road Properties Ltd and the tenant …"}, {Number: 3, Question: "May the tenant keep a dog?", Open: true, Of: "mill-road.pdf"}},
		Problems: []string{"line 14: the answer \"31 March\" does not stand in mill-road.pdf"}}
	none := &set{Info: other, Show: "open", Pages: 1}
	list := []struct {
		name string
		view
	}{
		{"empty", view{}},
		{"empty-with-corpus", view{Corpus: corpus{41, []string{"mill-road.pdf", "park-lane.pdf"}}}},
		{"sets", view{Sets: []store.SetInfo{info, other}}},
		{"full", view{Set: one}},
		{"none-such", view{Set: none}},
		{"failed", view{Err: qa.Errorf(qa.Invalid, "read questions of leases.csv: line 1 names no column question; it has frage, antwort"), Sets: []store.SetInfo{other}}},
	}
	var all []ui.State
	for _, s := range list {
		all = append(all, ui.State{Name: s.name, Body: func(f ui.Frame) ui.Body {
			s.view.Frame = f
			return page(s.view)
		}})
	}
	return append(all, labelStates()...)
}
