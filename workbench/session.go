package workbench

import (
	"context"
	"encoding/json"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
)

// Ask is one question about one text, or about passages of a corpus.
type Ask struct {
	ID                json.RawMessage // as the caller gave it; none is nil
	Question, Context string
	Marks             []qa.Mark // pages and headings of the context
	Params            LineParams
	Warnings          []string // about how the context was read

	// Corpus are the passages that were found for the question, in place of a context.
	Corpus *Retrieved
}

// Reader is an opened model. Each task has parameters of its own. Its qa.Reader half uses those it was opened with.
type Reader interface {
	qa.Reader
	ReadEach(ctx context.Context, tasks []qa.Task, params []Params) ([]qa.Prediction, error)
	Inspect(ctx context.Context, task qa.Task, p Params) (qa.Prediction, []Window, error)
	Close() error
}

// Window is one window of a question as the model saw it.
type Window struct {
	Hit, Index int     // which passage of the task, which window of that passage
	CLS        int     // the token whose logits stand for "no answer"
	IDs, Types []int32 // Types is nil where the model takes none
	Tokens     []string
	InContext  []bool
	Doc        qa.DocumentID // that Offsets count in
	Offsets    []qa.Range    // bytes of the context, where InContext
	Start, End []float32     // logits of the span head
	Beam       *BeamResult
}

// Session is a model with the parameters to ask it with.
type Session struct {
	Model  Model
	Params Params
	reader Reader

	shown, corpusOnly bool // as Workbench.Only has it
	longest           int  // bytes of a text that may be asked; 0: as many as there are
}

// Open opens a model. Where params do not say whether "no answer" is allowed or from which gap on, the model's own settings do.
func (w *Workbench) Open(ctx context.Context, m Model, p Params) (*Session, error) {
	return w.OpenCached(ctx, m, p, nil)
}

// OpenCached opens a model as Open does. It is run only on what the cache does not hold.
func (w *Workbench) OpenCached(ctx context.Context, m Model, p Params, c Cache) (*Session, error) {
	p = p.filled(m)
	r, err := w.OpenReader(ctx, m, p, c)
	if err != nil {
		return nil, err
	}
	return &Session{Model: m, Params: p, reader: r, shown: w.only != nil, corpusOnly: w.corpusOnly}, nil
}

// filled puts what the model says of itself where p says nothing. A threshold that somebody has set in the project means that the model
// may say "no answer", whatever it was made for.
func (p Params) filled(m Model) Params {
	if p.Decoder == "" {
		p.Decoder = Decoders[0]
	}
	if p.Decoder == "gap" && p.NoAnswer == nil {
		abstains := m.Abstains() == hub.AbstainsYes || m.Settings.decides()
		p.NoAnswer = &abstains
	}
	if p.Threshold == nil && p.Decoder == "gap" {
		p.Threshold = m.Settings.Threshold
	}
	return p
}

// With is the same opened model, to be asked with other parameters. It is closed with the one that it is of.
func (s *Session) With(p Params) *Session {
	out := *s
	out.Params = p.filled(s.Model)
	return &out
}

// Close frees the model.
func (s *Session) Close() error { return s.reader.Close() }

// Reader is the opened model as evaluations take it.
func (s *Session) Reader() qa.Reader { return s.reader }

// Outcome is a result or the reason why there is none.
type Outcome struct {
	Result Result
	Err    error
}

// Ask answers questions together: their windows share batches. There is one outcome per question, in order;
// the error is for what stopped the whole call.
func (s *Session) Ask(ctx context.Context, asks []Ask) ([]Outcome, error) {
	out := make([]Outcome, len(asks))
	var tasks []qa.Task
	var params []Params
	var at []int
	for i, a := range asks {
		t, p, err := s.task(a)
		if err != nil {
			out[i].Err = err
			continue
		}
		tasks, params, at = append(tasks, t), append(params, p), append(at, i)
	}
	if len(tasks) == 0 {
		return out, nil
	}
	predictions, err := s.reader.ReadEach(ctx, tasks, params)
	if err != nil {
		return nil, err
	}
	for j, p := range predictions {
		if out[at[j]].Err = p.Err; p.Err == nil {
			out[at[j]].Result, out[at[j]].Err = s.result(ctx, asks[at[j]], params[j], p)
		}
	}
	return out, nil
}

// Inspect answers one question and gives its windows too.
func (s *Session) Inspect(ctx context.Context, a Ask) (Result, error) {
	r, _, windows, err := s.inspect(ctx, a)
	if err != nil {
		return Result{}, err
	}
	points := newCodePoints(a.Context)
	for _, w := range windows {
		if a.Corpus != nil { // offsets count in the document
			if err := a.Corpus.load(ctx, &r, w.Doc); err != nil {
				return Result{}, err
			}
			points = r.points(w.Doc)
		}
		offsets := make([]*[2]int, len(w.IDs))
		for i, in := range w.InContext {
			if in {
				offsets[i] = &[2]int{points.at(w.Offsets[i].Start), points.at(w.Offsets[i].End)}
			}
		}
		r.Windows = append(r.Windows, WindowResult{Document: string(w.Doc), IDs: w.IDs, TypeIDs: w.Types, Tokens: w.Tokens, Offsets: offsets,
			StartLogits: w.Start, EndLogits: w.End, Beam: w.Beam})
	}
	return r, nil
}

// inspect gives besides the parameters that decided, and windows whose offsets count bytes.
func (s *Session) inspect(ctx context.Context, a Ask) (Result, Params, []Window, error) {
	t, params, err := s.task(a)
	if err != nil {
		return Result{}, params, nil, err
	}
	p, windows, err := s.reader.Inspect(ctx, t, params)
	if err == nil {
		err = p.Err
	}
	if err != nil {
		return Result{}, params, nil, err
	}
	r, err := s.result(ctx, a, params, p)
	return r, params, windows, err
}

func (s *Session) task(a Ask) (qa.Task, Params, error) {
	p := a.Params.over(s.Params)
	switch {
	case a.Question == "":
		return qa.Task{}, p, qa.Errorf(qa.Invalid, "the question is empty")
	case a.Corpus != nil:
		return qa.Task{Question: qa.Question{Text: a.Question}, Hits: a.Corpus.Hits}, p, nil
	case s.corpusOnly:
		return qa.Task{}, p, errCorpusOnly
	case s.longest > 0 && len(a.Context) > s.longest:
		return qa.Task{}, p, qa.Errorf(qa.Invalid, "the text has %d bytes, and at most %d are read for one question here; add it to the corpus and ask that, or ask it with tryall ask", len(a.Context), s.longest)
	case a.Context == "":
		return qa.Task{}, p, qa.Errorf(qa.Invalid, "the context is empty; there is nothing to answer from")
	}
	passage := qa.Passage{Range: qa.Range{End: len(a.Context)}, Text: a.Context}
	return qa.Task{Question: qa.Question{Text: a.Question}, Hits: []qa.Hit{{Passage: passage}}}, p, nil
}

func (s *Session) result(ctx context.Context, a Ask, params Params, p qa.Prediction) (Result, error) {
	var r Result
	if a.Corpus != nil {
		var err error
		if r, err = a.Corpus.result(ctx, params.Decoder, p); err != nil {
			return Result{}, err
		}
		if s.shown {
			r.hideFolders()
		}
	} else {
		r = newResult(a.Context, params.Decoder, p, a.Marks)
	}
	r.ID, r.Model, r.Precision = a.ID, s.Model.Name, s.Model.Precision
	r.Warnings = append(append([]string{}, a.Warnings...), r.Warnings...)
	if params.Decoder == "gap" && *params.NoAnswer || params.Decoder == "squad" && params.V2 {
		r.Threshold = floatPtr(0)
		if params.Threshold != nil {
			r.Threshold = floatPtr(*params.Threshold)
		}
	}
	return r, nil
}
