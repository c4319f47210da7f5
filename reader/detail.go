package reader

import (
	"context"

	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/qa"
)

// Window is one window of a task as the model saw it.
type Window struct {
	Hit, Index int // which passage of the task, which window of that passage
	CLS        int // the token whose logits stand for "no answer"
	IDs, Types []int32
	Tokens     []string // as the vocabulary spells them
	// InContext says which tokens belong to the passage; Offsets are their bytes of the document, zero for the others.
	InContext  []bool
	Offsets    []qa.Range
	Start, End []float32   // logits, one per token (span head)
	Beam       *model.Beam // beam head; without a mask, whatever the decoder
}

// Inspect reads one task with parameters in place of the reader's and shows every window besides. Types is nil for models
// that take none.
func (r *Reader) Inspect(ctx context.Context, q qa.Task, params Params) (qa.Prediction, []Window, error) {
	t, err := r.open(q, params)
	if err != nil {
		return qa.Prediction{Question: q.Question.ID, Err: err}, nil, nil
	}
	t.inspected = true
	if err := r.score(ctx, t.windows); err != nil {
		return qa.Prediction{}, nil, err
	}
	p := t.prediction()
	if p.Question = q.Question.ID; p.Err != nil {
		return p, nil, nil
	}
	shown, err := r.unmasked(ctx, t)
	if err != nil {
		return qa.Prediction{}, nil, err
	}
	details := make([]Window, len(shown))
	for i, w := range shown {
		details[i] = r.detail(w)
	}
	return p, details, nil
}

// unmasked gives a task's windows as the model scores them without a mask: they are scored once more if need be.
func (r *Reader) unmasked(ctx context.Context, t *task) ([]*window, error) {
	var again []*window
	shown := make([]*window, len(t.windows))
	for i, w := range t.windows {
		if shown[i] = w; w.masked {
			bare := *w
			bare.masked = false
			shown[i] = &bare
			again = append(again, shown[i])
		}
	}
	for batch, b := range pack(again, r.options.BatchTokens) {
		logits, err := r.scorer.Score(ctx, b)
		if err != nil {
			return nil, err
		}
		deal(batch, b, logits)
	}
	return shown, nil
}

func (r *Reader) detail(w *window) Window {
	n := len(w.IDs)
	d := Window{Hit: w.hit, Index: w.index, CLS: w.cls, IDs: w.IDs, Tokens: make([]string, n), InContext: make([]bool, n), Offsets: make([]qa.Range, n), Start: w.start, End: w.end, Beam: w.beam}
	if w.frame.types {
		d.Types = w.Types
	}
	base := w.passage.Range.Start
	for i, id := range w.IDs {
		d.Tokens[i] = r.tokenizer.Token(id)
		if d.InContext[i] = w.inContext(i); d.InContext[i] {
			d.Offsets[i] = qa.Range{Start: base + w.Offsets[i].Start, End: base + w.Offsets[i].End}
		}
	}
	return d
}
