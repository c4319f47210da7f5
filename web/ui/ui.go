// Package ui is what the panels of the workbench's pages share: the frame around them, the state that addresses hold, the knobs, answers
// as cards, texts between requests. It is given models that are open; it runs none.
package ui

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/a-h/templ"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

// Panel is one screen: a folder with its template, its handler, its states and its test.
type Panel struct {
	Name  string // of its folder
	Title string
	Path  string // where it begins
	Key   string // g and this letter go there
	About string // what question of its user it answers
	// Within is the panel that this one is reached from; it is not in the rail itself.
	Within string
	Mount  func(e *Env, mux *http.ServeMux)
	// States are the panel in each state, as literals: the gallery shows them and tests look at them.
	States func() []State
}

// State is a panel in one state.
type State struct {
	Name string // "empty", "busy", "failed", "full", ...
	Body func(Frame) Body
}

// Body is a page.
type Body = templ.Component

// Env is what panels work with.
type Env struct {
	Bench      *workbench.Workbench
	Pool       *workbench.Pool
	Races      *workbench.Races
	Additions  *workbench.Additions
	Pulls      *workbench.Pulls
	Exams      *workbench.Exams
	Labels     *workbench.Labels
	Texts      *Texts
	Samples    []SampleQuestion
	SampleSets []SampleSet
	Named      []string // models that were named when the server was started
	Precisions []string // that run here
	Version    string
	Local      bool   // only this machine reaches the server, so paths of it may be named
	Assets     string // version of the static files, for their addresses
	Panels     []Panel
	Demo       *Demo // nil: everything is there

	project projectOnce
	memo    memo

	work    sync.WaitGroup
	endOnce sync.Once
	ended   chan struct{}

	mu     sync.Mutex
	listed time.Time
	models []Choosable
}

// projectOnce opens the project's data when they are first needed.
type projectOnce struct {
	sync.Mutex
	p *workbench.Project
}

// Project opens the project's data, and makes them where there are none when create is true; else it is nil where there are none.
func (e *Env) Project(ctx context.Context, create bool) (*workbench.Project, error) {
	e.project.Lock()
	defer e.project.Unlock()
	if e.project.p != nil {
		return e.project.p, nil
	}
	if !create && !e.Bench.HasProject() {
		return nil, nil
	}
	p, err := e.Bench.OpenProject(context.WithoutCancel(ctx)) // it outlives the request
	if err != nil {
		return nil, err
	}
	e.project.p = p
	return p, nil
}

// Ended is closed when the server is to end: streams end with it.
func (e *Env) Ended() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ended == nil {
		e.ended = make(chan struct{})
	}
	return e.ended
}

// Go does work in the background that outlives a request. Its context ends with the server, which waits for it.
func (e *Env) Go(work func(ctx context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := e.Ended()
	e.work.Go(func() {
		defer cancel()
		done := make(chan struct{})
		defer close(done)
		go func() {
			select {
			case <-ended:
				cancel()
			case <-done:
			}
		}()
		work(ctx)
	})
}

// End ends the streams.
func (e *Env) End() {
	_ = e.Ended()
	e.endOnce.Do(func() { close(e.ended) })
}

// Close ends what goes on in the background, and closes the project's data.
func (e *Env) Close() error {
	e.End()
	e.work.Wait()
	e.project.Lock()
	defer e.project.Unlock()
	if e.project.p == nil {
		return nil
	}
	return e.project.p.Close()
}

// Choosable is a model that can be picked.
type Choosable struct {
	workbench.Entry
	Name  string // to be named by
	Label string
}

// InForce says which threshold decides for the chosen models; empty where that is not known.
func InForce(list []Choosable, chosen []string) string {
	said := ""
	for i, name := range chosen {
		c, ok := find(list, name)
		if !ok || c.ID == "" {
			return ""
		}
		one := c.Limit()
		if i > 0 && one != said {
			return "each model's own"
		}
		said = one
	}
	return said
}

// Limit is the threshold of a model and whose it is.
func (c Choosable) Limit() string {
	switch {
	case c.ID == "":
		return ""
	case c.Threshold == nil:
		return "0"
	case c.ThresholdBy == workbench.ByProject:
		return Number(*c.Threshold) + ", set in this project"
	}
	return Number(*c.Threshold) + ", the model's own"
}

// listedFor is how long a list of models is good for: downloads and removals show after it.
const listedFor = 3 * time.Second

// Models are those of this machine that run, the built-in ones first.
func (e *Env) Models(ctx context.Context) ([]Choosable, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.models != nil && time.Since(e.listed) < listedFor {
		return e.models, nil
	}
	if e.Demo != nil {
		out, err := e.shown(ctx)
		e.models, e.listed = out, time.Now()
		return out, err
	}
	entries, _, err := e.Bench.List(ctx)
	if err != nil {
		return nil, err
	}
	var out []Choosable
	seen := map[string]int{}
	for _, m := range entries {
		if m.Runnable {
			seen[m.ID]++
		}
	}
	for _, m := range entries {
		if !m.Runnable {
			continue
		}
		c := Choosable{Entry: m, Name: m.ID, Label: Visible(m.ID)}
		if seen[m.ID] > 1 {
			c.Name = m.ID + "@" + m.Revision
			c.Label += "@" + m.Revision[:min(7, len(m.Revision))]
		}
		out = append(out, c)
	}
	for _, name := range e.Named {
		if _, ok := find(out, name); !ok {
			out = append(out, Choosable{Name: name, Label: Visible(name)})
		}
	}
	e.models, e.listed = out, time.Now()
	return out, nil
}

// Changed says that models came or went, or that something was set of one.
func (e *Env) Changed() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.models = nil
}

func find(list []Choosable, name string) (Choosable, bool) {
	for _, c := range list {
		if c.Name == name {
			return c, true
		}
	}
	return Choosable{}, false
}

// Default is the model to begin with: the first that was named, else the first there is.
func (e *Env) Default() string {
	if len(e.Named) > 0 {
		return e.Named[0]
	}
	if len(e.Bench.Builtins) > 0 {
		return e.Bench.Builtins[0].ID
	}
	return ""
}

// Find names a model of this machine.
func (e *Env) Find(q Query, name string) (workbench.Model, error) {
	return e.Bench.FindShared(name, q.Knobs["precision"], e.Named)
}

// Held is the text that a query is about; nil for the corpus and for none.
func (e *Env) Held(q Query) (*Held, error) {
	switch {
	case q.Corpus:
		return nil, nil
	case q.TextID != "":
		return e.Texts.Get(q.TextID)
	case q.Text != "":
		return &Held{Text: workbench.Text{Text: q.Text}}, nil
	}
	return nil, nil
}

// Keep has the server hold a text that is too long for an address.
func (e *Env) Keep(q Query) Query {
	if len(q.Text) > inAddress && q.TextID == "" && !q.Corpus {
		q.TextID = e.Texts.Hold("", workbench.Text{Text: q.Text}).ID
		q.Text = ""
	}
	return q
}

// Asking is a query that is ready to be asked.
type Asking struct {
	Query
	Ask    workbench.Ask
	Params workbench.Params
	Text   string // what spans count in; empty for the corpus
}

// Prepare finds the text or the passages of a query.
func (e *Env) Prepare(ctx context.Context, q Query) (*Asking, error) {
	params, wrong := q.Params()
	for _, k := range Knobs {
		if why := wrong[k.Name]; why != "" {
			return nil, qa.Errorf(qa.Invalid, "%s: %s", k.Label, why)
		}
	}
	a := &Asking{Query: q, Params: params, Ask: workbench.Ask{Question: q.Question}}
	if q.Corpus {
		p, err := e.Project(ctx, false)
		if err != nil {
			return nil, err
		}
		if p == nil {
			return nil, errNoCorpus
		}
		if a.Ask.Corpus, err = p.Retrieve(ctx, q.Question, q.Passages()); err != nil {
			return nil, err
		}
		return a, nil
	}
	h, err := e.Held(q)
	if err != nil {
		return nil, err
	}
	if h != nil {
		a.Text, a.Ask.Context, a.Ask.Marks, a.Ask.Warnings = h.Text.Text, h.Text.Text, h.Marks, h.Warnings
	}
	return a, nil
}

var errNoCorpus = qa.Errorf(qa.Invalid, "the corpus is empty: add texts to it, or ask a text of your own")

// has says whether there is a panel.
func (e *Env) has(name string) bool {
	return slices.ContainsFunc(e.Panels, func(p Panel) bool { return p.Name == name })
}

// Answer asks one model.
func (e *Env) Answer(ctx context.Context, a *Asking, model string) *Card {
	c := &Card{Model: model, Label: ModelLabel(model)}
	m, err := e.Find(a.Query, model)
	if err != nil {
		c.Err = err
		return c
	}
	c.Contestant = m.Contestant()
	began := time.Now()
	s, release, err := e.Pool.Use(ctx, m, a.Params)
	if err != nil {
		c.Err = err
		return c
	}
	defer release()
	c.Loaded = time.Since(began)
	ctx, n := workbench.CountLookups(ctx)
	outcomes, err := s.Ask(ctx, []workbench.Ask{a.Ask})
	if err == nil {
		err = outcomes[0].Err
	}
	if err != nil {
		c.Err = err
		return c
	}
	outcomes[0].Result.Contestant = c.Contestant
	c.fill(&outcomes[0].Result, a.Text, n.Found > 0 && n.Missing == 0)
	c.decidedBy(a.Query, a.Params, m)
	if e.has("inspect") {
		c.Inspect = a.Query.WithModels(model).WithSort("").At("/inspect")
	}
	if q, ok := a.Query.WithModels(model).WithSort("").Anyway(); ok && !c.Answered() {
		c.Anyway = q.At("/")
	}
	return c
}
