package api

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

// Params are those of tryall ask. What is left out is left to the decoder's and the model's defaults.
type Params struct {
	Decoder      string   `json:"decoder,omitempty" enum:"gap,hf,squad,squad-beam,squad-beam-hf" doc:"How logits become answers (default gap)."`
	TopK         *int     `json:"top_k,omitempty" minimum:"1" maximum:"16777216" doc:"Answers to list (default 1)."`
	MaxSeqLen    *int     `json:"max_seq_len,omitempty" minimum:"1" maximum:"16777216" doc:"Tokens of a window."`
	DocStride    *int     `json:"doc_stride,omitempty" minimum:"0" maximum:"16777216" doc:"Tokens that neighbouring windows share."`
	MaxAnswerLen *int     `json:"max_answer_len,omitempty" minimum:"1" maximum:"16777216" doc:"Longest answer in tokens."`
	NBest        *int     `json:"n_best,omitempty" minimum:"1" maximum:"16777216" doc:"squad: candidates to keep."`
	NoAnswer     *bool    `json:"handle_impossible_answer,omitempty" doc:"May the answer be none."`
	AlignToWords *bool    `json:"align_to_words,omitempty" doc:"hf: widen answers to whole words."`
	V2           bool     `json:"v2,omitempty" doc:"squad: decode as for SQuAD 2.0."`
	Threshold    *float64 `json:"threshold,omitempty" doc:"gap, squad with v2: abstain below."`
}

func (p Params) params() workbench.Params {
	return workbench.Params{Decoder: p.Decoder, TopK: p.TopK, MaxSeqLen: p.MaxSeqLen, DocStride: p.DocStride, MaxAnswerLen: p.MaxAnswerLen,
		NBest: p.NBest, NoAnswer: p.NoAnswer, AlignToWords: p.AlignToWords, V2: p.V2, Threshold: p.Threshold}
}

// Question is what is asked, and of what.
type Question struct {
	Question  string `json:"question" minLength:"1" doc:"The question."`
	Context   string `json:"context,omitempty" doc:"The text to ask; without one the project's corpus is asked."`
	Passages  int    `json:"passages,omitempty" minimum:"1" maximum:"100" doc:"Passages of the corpus to read (default 5)."`
	Precision string `json:"precision,omitempty" doc:"Number format of models that name none (default fp32)."`
	Params    Params `json:"params,omitempty"`
}

// ask makes it a question about the text, or about what the corpus has for it.
func (r *routes) prepare(ctx context.Context, q Question) (workbench.Ask, error) {
	a := workbench.Ask{Question: q.Question, Context: q.Context}
	if q.Context != "" {
		return a, nil
	}
	p, err := r.Project(ctx, false)
	if err != nil {
		return a, err
	}
	if p == nil {
		return a, workbench.ErrNoCorpus
	}
	passages := q.Passages
	if passages == 0 {
		passages = workbench.DefaultPassages
	}
	a.Corpus, err = p.Retrieve(ctx, q.Question, passages)
	return a, err
}

type askInput struct {
	Body struct {
		Question
		Model string `json:"model,omitempty" doc:"A built-in model or one of the Hugging Face cache, as tryall ask -m names it."`
	}
}

type askOutput struct{ Body workbench.Result }

func (r *routes) ask(ctx context.Context, in *askInput) (*askOutput, error) {
	m, err := r.find(in.Body.Model, in.Body.Precision)
	if err != nil {
		return nil, err
	}
	a, err := r.prepare(ctx, in.Body.Question)
	if err != nil {
		return nil, err
	}
	result, err := r.one(ctx, m, in.Body.Params.params(), a)
	if err != nil {
		return nil, err
	}
	return &askOutput{result}, nil
}

// inspect answers as ask does, and adds the windows.
func (r *routes) inspect(ctx context.Context, in *askInput) (*askOutput, error) {
	m, err := r.find(in.Body.Model, in.Body.Precision)
	if err != nil {
		return nil, err
	}
	a, err := r.prepare(ctx, in.Body.Question)
	if err != nil {
		return nil, err
	}
	s, release, err := r.Pool.Use(ctx, m, in.Body.Params.params())
	if err != nil {
		return nil, err
	}
	defer release()
	out, err := s.Inspect(ctx, a)
	return &askOutput{out}, err
}

type compareInput struct {
	Body struct {
		Question
		Models []string `json:"models,omitempty" doc:"The models (default: the built-in ones)."`
	}
}

type compareOutput struct{ Body workbench.Comparison }

// mostAtOnce is how many models are asked at once.
const mostAtOnce = 3

// compare asks the models side by side. One that fails is listed with its error.
func (r *routes) compare(ctx context.Context, in *compareInput) (*compareOutput, error) {
	names := in.Body.Models
	if len(names) == 0 {
		names = r.Bench.Defaults()
	}
	models := make([]workbench.Model, len(names))
	for i, name := range names {
		var err error
		if models[i], err = r.find(name, in.Body.Precision); err != nil {
			return nil, err
		}
	}
	a, err := r.prepare(ctx, in.Body.Question)
	if err != nil {
		return nil, err
	}
	outcomes := make([]workbench.Outcome, len(models))
	var group errgroup.Group
	group.SetLimit(mostAtOnce)
	for i, m := range models {
		group.Go(func() error {
			outcomes[i].Result, outcomes[i].Err = r.one(ctx, m, in.Body.Params.params(), a)
			return nil
		})
	}
	_ = group.Wait() // each outcome has its own error
	c := workbench.Comparison{Question: in.Body.Question.Question, Results: []workbench.Result{}}
	for i, o := range outcomes {
		if o.Err != nil {
			e := workbench.ModelError{Contestant: models[i].Contestant()}
			e.Error.Code, e.Error.Message = qa.CodeOf(o.Err), o.Err.Error()
			c.Errors = append(c.Errors, e)
			continue
		}
		o.Result.Contestant = models[i].Contestant()
		c.Results = append(c.Results, o.Result)
	}
	c.Groups = workbench.Group(c.Results)
	return &compareOutput{c}, nil
}

// find names a model; none is the first that was named, or built in.
func (r *routes) find(name, precision string) (workbench.Model, error) {
	if name == "" {
		switch {
		case len(r.Named) > 0:
			name = r.Named[0]
		case len(r.Bench.Builtins) > 0:
			name = r.Bench.Builtins[0].ID
		}
	}
	return r.Bench.FindShared(name, precision, r.Named)
}

// one asks an open model one question.
func (r *routes) one(ctx context.Context, m workbench.Model, p workbench.Params, a workbench.Ask) (workbench.Result, error) {
	s, release, err := r.Pool.Use(ctx, m, p)
	if err != nil {
		return workbench.Result{}, err
	}
	defer release()
	out, err := s.Ask(ctx, []workbench.Ask{a})
	if err != nil {
		return workbench.Result{}, err
	}
	return out[0].Result, out[0].Err
}
