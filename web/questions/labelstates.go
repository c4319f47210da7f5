package questions

import (
	"strings"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// labelStates are the label queue in each state.
func labelStates() []ui.State {
	list := []struct {
		name string
		view labelView
	}{
		{"label-empty", stateOfLabels(func(v *labelView) { v.Exists, v.Question = false, nil })},
		{"label-without-corpus", stateOfLabels(func(v *labelView) { v.Exists, v.Question, v.Corpus = false, nil, corpus{} })},
		{"label-busy", stateOfLabels(func(v *labelView) {
			q := *v.Question
			q.Suggestions, q.Abstain, q.Waiting = nil, nil, 2
			v.Question, v.Passages, v.Disputed = &q, passagesOf(&q), false
			v.State.Models[1].Done, v.State.Models[2].Done, v.State.Estimate = 4, 0, workbench.LabelEstimate{Labels: 2, Left: 8}
			v.State.Labelled, v.State.Last = 2, nil
		})},
		{"label-full", stateOfLabels(nil)},
		{"label-too-few", stateOfLabels(func(v *labelView) {
			e := &v.State.Estimate
			for i := range e.Models {
				e.Models[i].Needed = 10 + 5*i
			}
			lead := *e.Lead
			lead.Needed, e.Lead = 15, &lead
		})},
		{"label-choose", stateOfLabels(func(v *labelView) {
			v.Typed, v.Places = "month", 14
			v.Choices = []choice{{picked{"mill-road.pdf", 210, "month"}, "mill-road.pdf, page 1", "notice must be received on the first working day of a ", ". The landlord insures the building"},
				{picked{"mill-road.pdf", 420, "month"}, "mill-road.pdf, page 2", "Rent is due on the third working day of each ", ". It rises once a year"}}
		})},
		{"label-overtaken", stateOfLabels(func(v *labelView) {
			v.Conflict = &conflict{Theirs: &store.Judgement{ID: 8, Kind: store.Answered, Answer: "the lease ends on 31 March 2027 unless it is renewed", Origin: questions.Origin{Who: "bob"}},
				Mine: workbench.LabelVerdict{Kind: store.Answered, Text: "31 March 2027", Document: "mill-road.pdf"}}
			v.Seen = 8
		})},
		{"label-labelled", stateOfLabels(func(v *labelView) {
			q := *v.Question
			q.Labelled, q.Answers = true, []questions.Label{{Text: "31 March 2027", Start: strings.Index(ui.StateText(), "31 March 2027")}}
			v.Question, v.Passages, v.Disputed = &q, passagesOf(&q), false
		})},
		{"label-failed", stateOfLabels(func(v *labelView) {
			v.Err = qa.Errorf(qa.Invalid, "%q does not stand in the text; write the answer as it stands there, or mark it", "end of March")
			v.Typed = "end of March"
		})},
		{"label-done", stateOfLabels(func(v *labelView) {
			v.Question, v.State.Open, v.State.Labelled, v.State.Skipped, v.State.Estimate.Left = nil, 0, 9, 1, 0
		})},
	}
	var all []ui.State
	for _, s := range list {
		all = append(all, ui.State{Name: s.name, Body: func(f ui.Frame) ui.Body {
			s.view.Frame = f
			return labelPage(s.view)
		}})
	}
	return all
}

// stateOfLabels is the queue in the middle of the work, changed.
func stateOfLabels(change func(*labelView)) labelView {
	const document = "mill-road.pdf"
	text := ui.StateText()
	at := func(s string) int { return strings.Index(text, s) }
	q := &workbench.LabelQuestion{ID: "q-1", Number: 7, Text: "When does the lease end?", Document: document,
		Passages: []workbench.LabelPassage{{Document: document, Text: text, Title: "Lease of 12 Mill Road", Page: "1", Heading: "Term"}},
		Suggestions: []workbench.LabelSuggestion{
			{Text: "31 March 2027", Document: document, Start: at("31 March 2027"), Models: []string{"tryall/minilm-l6@1:fp32", "tryall/minilm-l3@1:fp32"}},
			{Text: "the lease ends on 31 March 2027 unless it is renewed", Document: document, Start: at("the lease ends"), Models: []string{"deepset/roberta@1:fp32"}},
			{Text: "1 April 2024", Document: document, Start: at("1 April 2024"), Nearly: []string{"tryall/minilm-l6-covid@1:fp32"}},
		},
		Abstain: []string{"tryall/minilm-l6-covid@1:fp32"}, Weight: 0.2,
	}
	number := func(f float64) *float64 { return &f }
	v := labelView{Query: labelQuery{Set: workbench.OwnQuestions, Item: q.ID}, User: "ann", Models: ui.StateModels(), Chosen: []string{"tryall/minilm-l6-squad2", "tryall/minilm-l3-squad2"},
		Exists: true, Corpus: corpus{41, []string{document, "park-lane.pdf", "rules.pdf"}}, Question: q, Disputed: true,
		Short: map[string]string{"tryall/minilm-l6@1:fp32": "minilm-l6", "tryall/minilm-l3@1:fp32": "minilm-l3", "deepset/roberta@1:fp32": "roberta-base", "tryall/minilm-l6-covid@1:fp32": "minilm-l6-covid"},
		State: workbench.LabelState{Set: workbench.OwnQuestions, Questions: 10, Labelled: 6, Skipped: 1, Open: 3, Reading: false,
			Models: []workbench.LabelModel{{Name: "tryall/minilm-l6", Contestant: "tryall/minilm-l6@1:fp32", Done: 10, Total: 10}, {Name: "tryall/minilm-l3", Contestant: "tryall/minilm-l3@1:fp32", Done: 10, Total: 10},
				{Name: "deepset/roberta", Contestant: "deepset/roberta@1:fp32", Done: 10, Total: 10}, {Name: "x/broken", Contestant: "x/broken@1:fp32", Total: 10, Failed: "model x/broken: its weights are cut off"}},
			Last: &store.Judgement{Kind: store.Answered, Answer: "the landlord", Question: "Who insures the building?"},
			Estimate: workbench.LabelEstimate{Labels: 6, Picked: 1, Left: 3,
				Models: []workbench.LabelScore{{Contestant: "tryall/minilm-l6@1:fp32", F1: 74.2, Margin: number(24), Soon: number(18)}, {Contestant: "deepset/roberta@1:fp32", F1: 68, Margin: number(27), Soon: number(20)},
					{Contestant: "tryall/minilm-l3@1:fp32", F1: 41.7, Margin: number(29), Soon: number(22)}},
				Lead: &workbench.LabelLead{Ahead: "tryall/minilm-l6@1:fp32", Behind: "deepset/roberta@1:fp32", By: 6.2, Margin: number(19), Soon: number(14)}}}}
	v.Passages = passagesOf(q)
	if change != nil {
		change(&v)
	}
	return v
}
