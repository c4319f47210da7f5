package workbench

import (
	"context"
	"strings"

	"github.com/tryall/tryall/index"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
)

// OwnQuestions is the set that questions are kept in which somebody types in, unless another is named.
const OwnQuestions = "my questions"

// The bounds of what is typed in at once.
const (
	mostTyped    = 1000 // questions
	longestTyped = 2000 // bytes of one
)

// AddQuestions adds questions to a set, which is made where it is not there, and gives their ids. Document is the one of the corpus that
// they are about; empty: the whole corpus. A question that the set has already is not added again.
func (p *Project) AddQuestions(ctx context.Context, set string, texts []string, document string) ([]string, error) {
	if set = strings.TrimSpace(set); set == "" {
		set = OwnQuestions
	}
	var items []questions.Item
	for _, t := range texts {
		if t = strings.TrimSpace(t); t == "" {
			continue
		}
		if len(t) > longestTyped {
			return nil, qa.Errorf(qa.Invalid, "the question %.40q... has %d bytes; at most %d can be asked", t, len(t), longestTyped)
		}
		items = append(items, questions.Item{Text: t, Context: -1})
	}
	switch {
	case len(items) == 0:
		return nil, qa.Errorf(qa.Invalid, "no question was typed; write one a line")
	case len(items) > mostTyped:
		return nil, qa.Errorf(qa.Invalid, "%d questions are more than can be typed in at once; bring them in as a file", len(items))
	}
	if document = strings.TrimSpace(document); document != "" {
		id, err := p.oneDocument(ctx, document)
		if err != nil {
			return nil, err
		}
		for i := range items {
			items[i].Document = id
		}
	}
	return p.Store.AddQuestions(ctx, set, items)
}

// CorpusNames is how many passages the corpus has, and the ids of its first documents, at most so many.
func (p *Project) CorpusNames(ctx context.Context, most int) (passages int, documents []string, err error) {
	stats, err := p.Index.Stats(ctx)
	if err != nil {
		return 0, nil, err
	}
	docs, _, err := p.Index.Documents(ctx, index.DocumentQuery{Limit: most})
	for _, d := range docs {
		documents = append(documents, string(d.ID))
	}
	return stats.Passages, documents, err
}

// oneDocument is the id of the document that a name means.
func (p *Project) oneDocument(ctx context.Context, name string) (string, error) {
	s := questions.Set{Items: []questions.Item{{Context: -1, Document: name}}}
	problems, err := p.Locate(ctx, &s)
	if err != nil {
		return "", err
	}
	if s.Items[0].Doc == "" {
		if len(problems) > 0 {
			return "", qa.Errorf(qa.Invalid, "%s", problems[0].Message)
		}
		return "", qa.Errorf(qa.Invalid, "there is no document %q in the corpus", name)
	}
	return string(s.Items[0].Doc), nil
}
