package workbench

import (
	"context"
	"slices"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/store"
)

// questionTexts are the texts that questions of a set are about: their own contexts, else the documents that they name.
type questionTexts struct {
	p         *Project
	set       *questions.Set
	contexts  map[int]*codePoints
	documents map[string]*codePoints // by the name that a question gives; nil where none is found
}

func (p *Project) textsOf(s *questions.Set) *questionTexts {
	return &questionTexts{p, s, map[int]*codePoints{}, map[string]*codePoints{}}
}

// of is the text of a question; nil where it has none, or none that is to be found.
func (t *questionTexts) of(ctx context.Context, q *questions.Item) (*codePoints, error) {
	if q.Context >= 0 {
		if t.contexts[q.Context] == nil {
			t.contexts[q.Context] = newCodePoints(t.set.Contexts[q.Context].Text)
		}
		return t.contexts[q.Context], nil
	}
	if q.Document == "" {
		return nil, nil
	}
	if c, known := t.documents[q.Document]; known {
		return c, nil
	}
	one := &questions.Set{Items: []questions.Item{{ID: q.ID, Text: q.Text, Context: -1, Document: q.Document}}}
	if _, err := t.p.Locate(ctx, one); err != nil {
		return nil, err
	}
	t.documents[q.Document] = nil
	if id := one.Items[0].Doc; id != "" {
		d, err := t.p.Index.Document(ctx, id)
		if err != nil {
			return nil, err
		}
		t.documents[q.Document] = newCodePoints(d.Text)
	}
	return t.documents[q.Document], nil
}

// points are a place of a question's text in code points; -1 where it is not known.
func (t *questionTexts) points(ctx context.Context, q *questions.Item, start int) (int, error) {
	if start < 0 {
		return -1, nil
	}
	c, err := t.of(ctx, q)
	if err != nil || c == nil || start > len(c.text) {
		return -1, err
	}
	return c.at(start), nil
}

// QuestionItems are questions of a set as commands and routes give them: starts of answers are code points of the question's context,
// or else of the document that it names; -1: not known. How the file was written is left out.
func (p *Project) QuestionItems(ctx context.Context, s *questions.Set, items []questions.Item) ([]questions.Item, error) {
	texts := p.textsOf(s)
	out := slices.Clone(items)
	for i := range out {
		out[i].Extra = ""
		for _, labels := range []*[]questions.Label{&out[i].Answers, &out[i].Plausible} {
			*labels = slices.Clone(*labels)
			for k := range *labels {
				l := &(*labels)[k]
				l.Extra = ""
				var err error
				if l.Start, err = texts.points(ctx, &out[i], l.Start); err != nil {
					return nil, err
				}
			}
		}
	}
	return out, nil
}

// Judgements are all that was ever said of the questions of a set, with starts in code points.
func (p *Project) Judgements(ctx context.Context, set string) ([]store.Judgement, error) {
	s, err := p.Store.Questions(ctx, set)
	if err != nil {
		return nil, err
	}
	all, err := p.Store.Judgements(ctx, set)
	if err != nil {
		return nil, err
	}
	return all, p.judgedInPoints(ctx, s, all)
}

func (p *Project) judgedInPoints(ctx context.Context, s *questions.Set, all []store.Judgement) error {
	texts := p.textsOf(s)
	at := map[string]*questions.Item{}
	for i := range s.Items {
		at[s.Items[i].ID] = &s.Items[i]
	}
	for i := range all {
		start := -1
		if q := at[all[i].Item]; q != nil {
			var err error
			if start, err = texts.points(ctx, q, all[i].Start); err != nil {
				return err
			}
		}
		all[i].Start = start
	}
	return nil
}

// Judge keeps what somebody says of a question; its start, and that of what it gives, are code points of the question's text.
func (p *Project) Judge(ctx context.Context, set, item string, j store.Judgement) (store.Judgement, error) {
	s, err := p.Store.Questions(ctx, set)
	if err != nil {
		return j, err
	}
	i := slices.IndexFunc(s.Items, func(q questions.Item) bool { return q.ID == item })
	if i < 0 {
		return j, qa.Errorf(qa.NotFound, "there is no question %q in %s", item, set)
	}
	given := j.Start
	if j.Kind == store.Answered && given >= 0 {
		text, err := p.textsOf(s).of(ctx, &s.Items[i])
		if err != nil {
			return j, err
		}
		if text == nil {
			return j, qa.Errorf(qa.Invalid, "question %q has no text that an answer could start in; leave out start", item)
		}
		if j.Start = byteAt(text.text, given); j.Start < 0 || len(text.text)-j.Start < len(j.Answer) || text.text[j.Start:j.Start+len(j.Answer)] != j.Answer {
			return j, qa.Errorf(qa.Invalid, "%.60q does not stand at character %d of its text", j.Answer, given)
		}
	}
	if j, err = p.Store.Judge(ctx, set, item, j); err != nil {
		return j, err
	}
	if j.Start >= 0 {
		j.Start = given
	}
	return j, nil
}

// TakeBack takes back the last judgement that stands: that of a question, or the last one that somebody made of the set's questions.
func (p *Project) TakeBack(ctx context.Context, set, item, who string) (store.Judgement, error) {
	var j store.Judgement
	s, err := p.Store.Questions(ctx, set)
	switch {
	case err != nil:
	case item != "":
		j, err = p.Store.Undo(ctx, set, item)
	default:
		j, err = p.Store.UndoLast(ctx, set, who)
	}
	if err != nil {
		return j, err
	}
	one := []store.Judgement{j}
	err = p.judgedInPoints(ctx, s, one)
	return one[0], err
}

// byteAt is the byte at which a code point of a text begins; -1 beyond its end.
func byteAt(text string, points int) int {
	for i := range text {
		if points == 0 {
			return i
		}
		points--
	}
	if points == 0 {
		return len(text)
	}
	return -1
}
