package workbench

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/store"
)

// LabelQuestion is a question as somebody labels it.
type LabelQuestion struct {
	ID       string         `json:"id"`
	Number   int            `json:"number"` // in its set, from 1
	Text     string         `json:"text"`
	Document string         `json:"document,omitempty"` // that it names
	Own      bool           `json:"own"`                // it comes with a text of its own; else passages are of the corpus
	Passages []LabelPassage `json:"passages"`
	More     bool           `json:"more"` // there are more passages

	// Suggestions are the answers of models, alike ones together, most agreed first; behind them what those were nearest to that
	// say that there is no answer. They are complete once Waiting is 0.
	Suggestions []LabelSuggestion `json:"suggestions"`
	Abstain     []string          `json:"abstain"` // contestants that say that there is no answer
	Waiting     int               `json:"waiting"` // models that have not answered yet

	Labelled bool              `json:"labelled"`
	Skipped  bool              `json:"skipped"`
	Answers  []questions.Label `json:"answers,omitempty"` // that are there already; none of a labelled one: there is no answer
	// Last is the id of its last judgement that stands, to be sent back with what is said of it (see store.Seen); 0: there is none.
	Last int64 `json:"last_judgement"`
	// Weight is the probability with which it was drawn for whoever asks; 0: it was not.
	Weight float64 `json:"weight,omitempty"`
}

// LabelSuggestion is an answer that models give.
type LabelSuggestion struct {
	Text     string   `json:"text"`
	Document string   `json:"document,omitempty"` // that Start counts in; empty: the question's own text
	Start    int      `json:"start"`              // byte
	Models   []string `json:"models"`             // contestants that answer so
	Nearly   []string `json:"nearly,omitempty"`   // contestants that say that there is no answer, and were nearest to this one
}

// mostSuggestions is how many there are keys for.
const mostSuggestions = 9

// Question is one to be labelled, with at most so many passages; DefaultPassages when 0. Models come to it next (see Start).
func (s *LabelSession) Question(ctx context.Context, id string, passages int) (LabelQuestion, error) {
	v, err := s.view(ctx)
	if err != nil {
		return LabelQuestion{}, err
	}
	q, err := v.item(id)
	if err != nil {
		return LabelQuestion{}, err
	}
	if passages <= 0 {
		passages = DefaultPassages
	}
	out := LabelQuestion{ID: id, Number: v.byID[id] + 1, Text: q.Text, Document: q.Document, Own: q.Context >= 0, Labelled: q.Labelled, Answers: q.Answers,
		Passages: []LabelPassage{}, Suggestions: []LabelSuggestion{}, Abstain: []string{}}
	out.Skipped = slices.ContainsFunc(v.judged, func(j store.Judgement) bool { return j.Item == id && j.Kind == store.Skipped })
	if j, ok := v.last(id); ok {
		out.Last = j.ID
	}
	answers, waiting := s.known(v, q)
	out.Waiting = waiting
	s.suggest(&out, answers)
	var places []qa.Range
	for _, g := range out.Suggestions {
		places = append(places, qa.Range{Start: g.Start, End: g.Start + len(g.Text)})
	}
	if out.Passages, out.More, err = s.p.asker(v).shown(ctx, q, passages, places); err != nil {
		return LabelQuestion{}, err
	}
	s.l.mu.Lock()
	if d := s.q.drawn[s.Who]; d.Item == id {
		out.Weight = d.Weight
	}
	s.l.mu.Unlock()
	return out, nil
}

// suggest puts answers that are alike together.
func (s *LabelSession) suggest(out *LabelQuestion, answers map[int]labelAnswer) {
	at := map[string]int{}
	for i, m := range s.Models {
		a, ok := answers[i]
		if !ok || a.err != "" {
			continue
		}
		name := m.Contestant()
		if a.text == "" {
			out.Abstain = append(out.Abstain, name)
		}
		if a.best.Text == "" {
			continue
		}
		key := strings.Join(eval.Pieces(a.best.Text), " ")
		if key == "" {
			key = a.best.Text
		}
		n, there := at[key]
		if !there {
			n = len(out.Suggestions)
			at[key] = n
			out.Suggestions = append(out.Suggestions, LabelSuggestion{Text: a.best.Text, Document: string(a.best.Doc), Start: a.best.Range.Start, Models: []string{}})
		}
		g := &out.Suggestions[n]
		if a.text == "" {
			g.Nearly = append(g.Nearly, name)
			continue
		}
		if len(g.Models) == 0 { // as it is answered goes before how it is nearly answered
			g.Text, g.Document, g.Start = a.best.Text, string(a.best.Doc), a.best.Range.Start
		}
		g.Models = append(g.Models, name)
	}
	slices.SortStableFunc(out.Suggestions, func(a, b LabelSuggestion) int {
		return cmp.Or(cmp.Compare(len(b.Models), len(a.Models)), cmp.Compare(len(b.Nearly), len(a.Nearly)))
	})
	out.Suggestions = out.Suggestions[:min(mostSuggestions, len(out.Suggestions))]
}
