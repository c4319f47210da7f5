// Package reader answers questions from passages: it cuts a question and its passages into windows, packs windows of
// many questions into batches, has the model score them, and decodes the logits into spans of the text.
//
// How spans are chosen and scored is the decoder's: gap is our own, the others give what transformers gives. The package
// knows no files and no commands; it is given a model and its tokenizer.
package reader

import (
	"context"
	"time"

	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/tokenizer"
)

// Scorer runs the model; *model.QA is one. It may be called from several goroutines at once.
type Scorer interface {
	Score(ctx context.Context, b *model.Batch) (model.Logits, error)
	Info() model.Info
}

// Reader reads with one model. It is a qa.Reader, and may be used from several goroutines at once.
type Reader struct {
	scorer    Scorer
	tokenizer *tokenizer.Tokenizer
	name      string
	options   Options
	frame     frame
}

// ahead is how many batches' worth of windows are cut before the first is scored: enough to put like lengths together.
const ahead = 4

// New makes a reader of a model and its tokenizer. name is what reports call it. The parameters are checked here, so that
// a mistake in them shows before the first question.
func New(s Scorer, t *tokenizer.Tokenizer, name string, o Options) (*Reader, error) {
	if o.BatchTokens <= 0 {
		o.BatchTokens = 2048
	}
	r := &Reader{scorer: s, tokenizer: t, name: name, options: o, frame: newFrame(t)}
	_, err := r.settings(o.Params)
	return r, err
}

func (r *Reader) settings(p Params) (*settings, error) {
	return resolve(p, r.options, r.scorer.Info(), r.tokenizer.ModelMaxLength())
}

// String is the model's name.
func (r *Reader) String() string { return r.name }

// Read answers tasks with the reader's own parameters: one prediction per task, in order.
func (r *Reader) Read(ctx context.Context, tasks []qa.Task) ([]qa.Prediction, error) {
	return r.read(ctx, tasks, func(int) Params { return r.options.Params })
}

// ReadEach answers tasks, each with parameters of its own in place of the reader's.
func (r *Reader) ReadEach(ctx context.Context, tasks []qa.Task, params []Params) ([]qa.Prediction, error) {
	if len(params) != len(tasks) {
		return nil, qa.Errorf(qa.Internal, "read %d tasks with parameters for %d", len(tasks), len(params))
	}
	return r.read(ctx, tasks, func(i int) Params { return params[i] })
}

// read goes through the tasks in rounds, so that however many there are only some windows exist at a time. A task that
// cannot be read carries its error; a model that does not work ends the call.
func (r *Reader) read(ctx context.Context, tasks []qa.Task, params func(int) Params) ([]qa.Prediction, error) {
	predictions := make([]qa.Prediction, len(tasks))
	for next := 0; next < len(tasks); {
		round := map[int]*task{}
		var windows []*window
		for tokens := 0; next < len(tasks) && tokens < ahead*r.options.BatchTokens; next++ {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			t, err := r.open(tasks[next], params(next))
			if err != nil {
				predictions[next] = qa.Prediction{Question: tasks[next].Question.ID, Err: err}
				continue
			}
			round[next] = t
			windows = append(windows, t.windows...)
			tokens += t.tokens
		}
		if err := r.score(ctx, windows); err != nil {
			return nil, err
		}
		for i, t := range round {
			predictions[i] = t.prediction()
			predictions[i].Question = tasks[i].Question.ID
		}
	}
	return predictions, nil
}

// open checks a task's parameters and cuts it.
func (r *Reader) open(q qa.Task, p Params) (*task, error) {
	s, err := r.settings(p)
	if err != nil {
		return nil, err
	}
	return r.cut(q, s)
}

// score runs the model over windows and decodes each as soon as its logits are there.
func (r *Reader) score(ctx context.Context, windows []*window) error {
	for batch, b := range pack(windows, r.options.BatchTokens) {
		if err := r.scoreBatch(ctx, batch, b); err != nil {
			return err
		}
	}
	return nil
}

// scoreBatch scores one batch. What the model cannot take in it is one task's trouble and not that of its company.
func (r *Reader) scoreBatch(ctx context.Context, batch []*window, b *model.Batch) error {
	began := time.Now()
	logits, err := r.scorer.Score(ctx, b)
	switch {
	case err == nil:
	case qa.CodeOf(err) != qa.Invalid:
		return err
	case len(batch) == 1:
		batch[0].task.err = err
		return nil
	default:
		for i := range batch {
			alone := batch[i : i+1]
			if err := r.scoreBatch(ctx, alone, newBatch(alone, alone[0].size)); err != nil {
				return err
			}
		}
		return nil
	}
	deal(batch, b, logits)
	perToken := float64(time.Since(began)) / float64(len(b.IDs))
	for _, w := range batch {
		decoding := time.Now()
		w.found = w.task.settings.decoder.decode(w, w.task.settings)
		w.task.took += time.Duration(perToken*float64(len(w.IDs))) + time.Since(decoding)
		w.release()
	}
	return nil
}
