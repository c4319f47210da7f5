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
	named     map[string]qa.DocumentID // by the name that a question gives; empty where none is found
	documents map[qa.DocumentID]*codePoints
}

func (p *Project) textsOf(s *questions.Set) *questionTexts {
	return &questionTexts{p, s, map[int]*codePoints{}, map[string]qa.DocumentID{}, map[qa.DocumentID]*codePoints{}}
}

// of is the text of a question; nil where it has none, or none that is to be found.
func (t *questionTexts) of(ctx context.Context, q *questions.Item) (*codePoints, error) {
	if q.Context >= 0 {
		if t.contexts[q.Context] == nil {
			t.contexts[q.Context] = newCodePoints(t.set.Contexts[q.Context].Text)
		}
		return t.contexts[q.Context], nil
	}
	id, err := t.name(ctx, q)
	if err != nil || id == "" {
		return nil, err
	}
	return t.document(ctx, id)
}

// name is the document that a question names; empty where it names none, or none that is to be found.
func (t *questionTexts) name(ctx context.Context, q *questions.Item) (qa.DocumentID, error) {
	id, known := t.named[q.Document]
	if known || q.Document == "" {
		return id, nil
	}
	one := &questions.Set{Items: []questions.Item{{ID: q.ID, Text: q.Text, Context: -1, Document: q.Document}}}
	_, err := t.p.Locate(ctx, one)
	t.named[q.Document] = one.Items[0].Doc
	return one.Items[0].Doc, err
}

// document is the text of a document; nil where it is no more in the corpus.
func (t *questionTexts) document(ctx context.Context, id qa.DocumentID) (*codePoints, error) {
	if c, known := t.documents[id]; known {
		return c, nil
	}
	d, err := t.p.Index.Document(ctx, id)
	switch {
	case qa.CodeOf(err) == qa.NotFound:
		t.documents[id] = nil
	case err != nil:
		return nil, err
	default:
		t.documents[id] = newCodePoints(d.Text)
	}
	return t.documents[id], nil
}

// at is what a place is counted in: the document that is said, else the text of the question.
func (t *questionTexts) at(ctx context.Context, q *questions.Item, document string) (*codePoints, error) {
	if document != "" {
		return t.document(ctx, qa.DocumentID(document))
	}
	return t.of(ctx, q)
}

// points are a place in code points; -1 where it is not known.
func (t *questionTexts) points(ctx context.Context, q *questions.Item, document string, start int) (int, error) {
	if start < 0 {
		return -1, nil
	}
	c, err := t.at(ctx, q, document)
	if err != nil || c == nil || start > len(c.text) {
		return -1, err
	}
	return c.at(start), nil
}

// labels puts the starts of labels into code points.
func (t *questionTexts) labels(ctx context.Context, q *questions.Item, labels []questions.Label) ([]questions.Label, error) {
	out := slices.Clone(labels)
	for i := range out {
		var err error
		out[i].Extra = ""
		if out[i].Start, err = t.points(ctx, q, "", out[i].Start); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// QuestionItems are questions of a set as commands and routes give them: starts of answers are code points of the question's context,
// or else of the document that it names; -1: not known. How the file was written is left out.
func (p *Project) QuestionItems(ctx context.Context, s *questions.Set, items []questions.Item) ([]questions.Item, error) {
	texts := p.textsOf(s)
	out := slices.Clone(items)
	for i := range out {
		q := &out[i]
		q.Extra = ""
		var err error
		if q.Answers, err = texts.labels(ctx, q, q.Answers); err != nil {
			return nil, err
		}
		if q.Plausible, err = texts.labels(ctx, q, q.Plausible); err != nil {
			return nil, err
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
	return all, p.textsOf(s).judgements(ctx, all)
}

// judgements puts the starts of judgements into code points.
func (t *questionTexts) judgements(ctx context.Context, all []store.Judgement) error {
	at := map[string]*questions.Item{}
	for i := range t.set.Items {
		at[t.set.Items[i].ID] = &t.set.Items[i]
	}
	for i := range all {
		start := -1
		if q := at[all[i].Item]; q != nil {
			var err error
			if start, err = t.points(ctx, q, all[i].Document, all[i].Start); err != nil {
				return err
			}
		}
		all[i].Start = start
	}
	return nil
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
