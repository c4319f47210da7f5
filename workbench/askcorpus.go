package workbench

import (
	"context"

	"github.com/tryall/tryall/qa"
)

// Documents gives a corpus's documents by their ids.
type Documents interface {
	Document(ctx context.Context, id qa.DocumentID) (qa.Document, error)
}

// Retrieved are the passages that were found for a question. They are read together, and the decoder ranks across them: gap by each
// passage's own no-answer score.
type Retrieved struct {
	Hits  []qa.Hit // best first
	Docs  Documents
	Shown func(document string) string // what people are shown of a document's name; nil: all of it
}

// ErrNoCorpus is what asking an empty corpus comes to.
var ErrNoCorpus = qa.Errorf(qa.Invalid, "the corpus is empty: add texts with tryall corpus add PATH, or ask one text with -c FILE or --text STRING")

// Retrieve finds passages for a question.
func (p *Project) Retrieve(ctx context.Context, question string, passages int) (*Retrieved, error) {
	stats, err := p.Index.Stats(ctx)
	if err != nil {
		return nil, err
	}
	if stats.Passages == 0 {
		return nil, ErrNoCorpus
	}
	hits, err := p.Retriever().Retrieve(ctx, qa.Question{Text: question}, passages)
	if err != nil {
		return nil, err
	}
	return &Retrieved{Hits: hits, Docs: p.Index, Shown: p.Shown}, nil
}

// mostClosest is how many candidates are told where a corpus does not say.
const mostClosest = 3

// result puts a prediction into the shared shape: positions count code points of the stored text of an answer's document.
func (c *Retrieved) result(ctx context.Context, decoder string, p qa.Prediction) (Result, error) {
	var known Result
	for _, list := range [][]qa.Answer{p.Answers, p.Candidates} {
		for _, a := range list {
			if err := c.load(ctx, &known, a.Doc); err != nil {
				return Result{}, err
			}
		}
	}
	place := func(a qa.Answer) Answer {
		points := known.points(a.Doc)
		out := newAnswer(points, decoder, a)
		if a.Text == "" {
			return out
		}
		passage, d := c.Hits[a.Hit].Passage, known.texts[a.Doc]
		out.Document, out.Title = string(a.Doc), d.Title
		out.Passage = &Span{points.at(passage.Range.Start), points.at(passage.Range.End)}
		out.mark(d.Marks, a.Range.Start)
		return out
	}
	r := resultOf(decoder, p, place)
	r.texts, r.counted, r.shown = known.texts, known.counted, c.Shown
	if len(c.Hits) == 0 {
		r.Warnings = []string{"no passage of the corpus has a word of the question"}
	}
	if r.Abstained {
		for _, a := range p.Candidates[:min(mostClosest, len(p.Candidates))] {
			r.Closest = append(r.Closest, place(a))
		}
	}
	return r, nil
}

// load has a result know a document.
func (c *Retrieved) load(ctx context.Context, r *Result, id qa.DocumentID) error {
	if _, known := r.texts[id]; known || id == "" {
		return nil
	}
	d, err := c.Docs.Document(ctx, id)
	if err != nil {
		return err
	}
	if r.texts == nil {
		r.texts = map[qa.DocumentID]qa.Document{}
	}
	r.texts[id] = d
	return nil
}

// points counts code points of a document.
func (r *Result) points(doc qa.DocumentID) *codePoints {
	if r.counted == nil {
		r.counted = map[qa.DocumentID]*codePoints{}
	}
	if r.counted[doc] == nil {
		r.counted[doc] = newCodePoints(r.texts[doc].Text)
	}
	return r.counted[doc]
}
