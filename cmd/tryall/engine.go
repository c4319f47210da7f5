package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/nn"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/reader"
	"github.com/tryall/tryall/tokenizer"
	"github.com/tryall/tryall/workbench"
)

// engine opens readers that share one pool of threads.
type engine struct {
	pool func() *nn.Pool
	note func() // says, once, that a precision is emulated
}

// workbench gives the program without a face, with the engine that the flags ask for.
func (a *app) workbench(f engineFlags) *workbench.Workbench {
	e := &engine{
		pool: sync.OnceValue(func() *nn.Pool { return nn.NewPool(f.Threads) }),
		note: sync.OnceFunc(func() {
			a.warn("bf16 is emulated: this machine has no instructions for it, so that it rounds but is no faster than fp32")
		}),
	}
	return &workbench.Workbench{OpenReader: e.open, CheckModel: checkModel, Builtins: builtins(), Cache: cacheDir, Hub: a.hub, Data: dataDir,
		Supports: supports, Forget: removeConverted, FreeMemory: freeMemory}
}

// loaded is a reader with the model that it holds open.
type loaded struct {
	*reader.Reader
	model *model.QA
}

// open loads weights and tokenizer side by side and makes a reader of them.
func (e *engine) open(_ context.Context, m workbench.Model, p workbench.Params, cache workbench.Cache) (workbench.Reader, error) {
	tokens := make(chan error, 1)
	var words *tokenizer.Tokenizer
	go func() {
		var err error
		words, err = loadTokenizer(m)
		tokens <- err
	}()
	if p, err := nn.ParsePrecision(m.Precision); err == nil && p.Emulated() {
		e.note()
	}
	weights, err := model.Load(m.FS, model.Options{Pool: e.pool(), Precision: m.Precision, Converted: convertedFolder()})
	tokensErr := <-tokens
	if err != nil {
		return nil, about(m, err) // what the configuration says comes before a missing vocabulary
	}
	if tokensErr != nil {
		return nil, errors.Join(about(m, tokensErr), weights.Close())
	}
	o := reader.Options{Params: reader.Params(p), Abstains: m.Abstains() == "yes"}
	if c := m.Settings.Calibration; c != nil && m.Settings.Threshold != nil {
		o.Calibration = &reader.Calibration{A: c.A, B: c.B, Threshold: *m.Settings.Threshold}
	}
	scorer, err := cached(weights, m, cache)
	if err != nil {
		return nil, errors.Join(err, weights.Close())
	}
	r, err := reader.New(scorer, words, m.Contestant(), o)
	if err != nil {
		return nil, errors.Join(about(m, err), weights.Close())
	}
	return &loaded{r, weights}, nil
}

// cached puts a cache before a model; without one it is the model itself.
func cached(weights *model.QA, m workbench.Model, cache workbench.Cache) (reader.Scorer, error) {
	if cache == nil {
		return weights, nil
	}
	content, err := m.ContentID()
	if err != nil {
		return nil, err
	}
	engine, err := engineID()
	if err != nil {
		return nil, err
	}
	return &reader.CachedScorer{Scorer: weights, Cache: cache, Identity: strings.Join([]string{content, m.Precision, engine}, "\n")}, nil
}

// about says which model an error is about, and keeps its code.
func about(m workbench.Model, err error) error {
	return qa.Errorf(qa.CodeOf(err), "model %s: %w", m.Name, err)
}

func loadTokenizer(m workbench.Model) (*tokenizer.Tokenizer, error) {
	t, err := tokenizer.Load(m.FS)
	if err != nil {
		return nil, qa.Errorf(qa.UnsupportedModel, "%w", err)
	}
	return t, nil
}

// runnablePrecisions are the number formats that there are kernels for.
var runnablePrecisions = nn.Precisions()

// supports says why what the Hub tells of a config.json speaks against running the model here.
func supports(modelType string, architectures []string) error {
	var types []string
	for _, a := range model.Architectures {
		types = append(types, a.Types...)
	}
	answers := func(class string) bool { return strings.Contains(class, "ForQuestionAnswering") }
	switch {
	case modelType == "":
		return errors.New("the Hub tells no architecture: it has no config.json that names one")
	case !slices.Contains(types, modelType):
		return fmt.Errorf("%s does not run; %s do", modelType, strings.Join(types, ", "))
	case len(architectures) > 0 && !slices.ContainsFunc(architectures, answers):
		return fmt.Errorf("%s is not for question answering", strings.Join(architectures, ", "))
	}
	return nil
}

// checkModel says what a repository holds; only a thorough check reads the tokenizer.
func checkModel(m workbench.Model, thorough bool) (workbench.Info, error) {
	i, err := model.Check(m.FS)
	if err != nil {
		return workbench.Info{}, err
	}
	info := workbench.Info{Architecture: i.Architecture, Head: i.Head, DType: i.DType, Parameters: i.Parameters, Layers: i.Layers,
		Hidden: i.Hidden, Vocabulary: i.VocabSize, MaxLen: i.MaxPositions, Warnings: i.Warnings, Precisions: runnablePrecisions}
	if thorough {
		t, err := loadTokenizer(m)
		if err != nil {
			return workbench.Info{}, err
		}
		info.Tokenizer = t.Kind()
	}
	return info, nil
}

// ReadEach answers tasks, each with parameters of its own.
func (l *loaded) ReadEach(ctx context.Context, tasks []qa.Task, params []workbench.Params) ([]qa.Prediction, error) {
	ps := make([]reader.Params, len(params))
	for i, p := range params {
		ps[i] = reader.Params(p)
	}
	return l.Reader.ReadEach(ctx, tasks, ps)
}

// Inspect answers one task and shows its windows.
func (l *loaded) Inspect(ctx context.Context, task qa.Task, p workbench.Params) (qa.Prediction, []workbench.Window, error) {
	prediction, details, err := l.Reader.Inspect(ctx, task, reader.Params(p))
	windows := make([]workbench.Window, len(details))
	for i, d := range details {
		windows[i] = workbench.Window{Hit: d.Hit, Index: d.Index, CLS: d.CLS, Doc: task.Hits[d.Hit].Passage.Doc, IDs: d.IDs, Types: d.Types, Tokens: d.Tokens, InContext: d.InContext, Offsets: d.Offsets, Start: d.Start, End: d.End}
		if b := d.Beam; b != nil {
			windows[i].Beam = &workbench.BeamResult{StartTopLogProbs: b.StartTopLogProbs, StartTopIndex: b.StartTopIndex,
				EndTopLogProbs: b.EndTopLogProbs, EndTopIndex: b.EndTopIndex, ClsLogits: []float32{b.ClsLogit}}
		}
	}
	return prediction, windows, err
}

// Close unmaps the weights.
func (l *loaded) Close() error { return l.model.Close() }

// kernelName is the set of instructions that models are computed with, or why there is none.
func kernelName() string {
	name, err := nn.Kernel()
	if err != nil {
		return err.Error()
	}
	return name
}
