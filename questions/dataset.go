package questions

import (
	"fmt"
	"unicode/utf8"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
)

// Dataset is the set as evaluations take it: the questions that are labelled and have a context of their own, in the order of
// the file, each of which is Items[items[i]]. It scores by the rules of version 2.0 if the file says so, or if one of
// them has no answer. A set without such questions is an error that says what is missing; WithContexts gives questions that
// only name a document their text.
func (s *Set) Dataset() (d *eval.Dataset, items []int, err error) {
	d = &eval.Dataset{Version: s.Version, V2: s.V2, Digest: s.Digest, Warnings: s.Warnings}
	for i := range s.Articles {
		d.Titles = append(d.Titles, s.Articles[i].Title)
	}
	for i := range s.Contexts {
		d.Passages = append(d.Passages, eval.Passage{Article: s.Contexts[i].Article, Text: s.Contexts[i].Text})
	}
	for i := range s.Items {
		q := &s.Items[i]
		if !q.Labelled || q.Context < 0 {
			continue
		}
		d.V2 = d.V2 || len(q.Answers) == 0
		context := s.Contexts[q.Context].Text
		d.Examples = append(d.Examples, eval.Example{
			ID: q.ID, Text: q.Text, Passage: q.Context, Answers: golds(context, q.Answers), Plausible: golds(context, q.Plausible), Impossible: q.Impossible,
		})
		items = append(items, i)
	}
	if len(items) == 0 {
		c := s.Count()
		return nil, nil, qa.Errorf(qa.Invalid, "evaluate on %s: of %d questions %d are labelled and %d have a context; none has both", s.Name, c.Questions, c.Labelled, c.WithText)
	}
	return d, items, nil
}

// golds are labels as evaluations have them, which count code points.
func golds(context string, labels []Label) (out []eval.Gold) {
	for i := range labels {
		g := eval.Gold{Text: labels[i].Text, Start: -1}
		if n := labels[i].Start; n >= 0 && n <= len(context) {
			g.Start = utf8.RuneCountInString(context[:n])
		}
		out = append(out, g)
	}
	return out
}

// Passage is the context of a question as a passage, as eval.Dataset.Task has it: a document of its own.
func (s *Set) Passage(q *Item) (p qa.Passage, ok bool) {
	if q.Context < 0 {
		return p, false
	}
	c := &s.Contexts[q.Context]
	return qa.Passage{
		Doc: qa.DocumentID(fmt.Sprintf("passage-%d", q.Context+1)), Range: qa.Range{End: len(c.Text)}, Text: c.Text, Title: s.Articles[c.Article].Title,
	}, true
}
