package workbench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
)

// Host is what a bake-off is run on and by.
type Host struct {
	Version, Kernel string
	// Gauge measures one contestant in a process of its own; nil: latencies and memory are not measured.
	Gauge func(ctx context.Context, g Gauging) (eval.Gauge, error)
	// Event is told what happens, from one goroutine; it may be nil.
	Event func(BakeoffEvent)
}

// What a BakeoffEvent is about.
const (
	PhaseMeasure  = "measure"  // a contestant's time and memory
	PhaseRetrieve = "retrieve" // passages for questions
	PhaseRace     = "race"
)

// BakeoffEvent is something that happens in a bake-off.
type BakeoffEvent struct {
	Phase       string
	Mode        string
	Contestant  string
	Done, Total int
	Race        *eval.RaceEvent // of PhaseRace
}

// BakeoffOutcome is what a bake-off came to, with what stands behind its figures.
type BakeoffOutcome struct {
	*eval.Bakeoff
	Runs map[string][]*eval.Run // by mode
	Data map[string]*eval.Dataset
	// Decision is what people made of it; nil where nobody has said.
	Decision *store.Decision
}

// Orders are the orders in which the questions of each mode were asked.
func (o *BakeoffOutcome) Orders() map[string][]int {
	out := map[string][]int{}
	for mode, d := range o.Data {
		out[mode] = eval.RaceOrder(o.Seed, len(d.Examples))
	}
	return out
}

// bakeoff is one at work.
type bakeoff struct {
	w       *Workbench
	host    Host
	plan    Plan
	models  []Model
	m       *Material
	p       *Project // nil: nothing is kept
	run     string   // its id there
	metric  eval.Metric
	gauges  map[string]map[string]eval.Gauge // by mode and contestant: what is read differs
	failed  map[string]string                // who failed while it was measured
	began   time.Time
	spent   time.Duration // by what was interrupted
	out     *BakeoffOutcome
	bytes   map[string]int64
	hits    [][]qa.Hit                   // by question of Retrieved
	found   []bool                       // by question of Retrieved: the right passage is among its hits
	opened  map[string]*float64          // the thresholds that decide
	settled map[string]map[string]Params // by mode and contestant: how each is asked
	retries eval.Retrieval
}

// Bakeoff races models over questions and says which to take. With a project everything is kept under the run's id as it comes, and a
// run that was interrupted goes on where it was.
func (w *Workbench) Bakeoff(ctx context.Context, p *Project, run string, plan Plan, models []Model, m *Material, host Host) (*BakeoffOutcome, error) {
	plan.fill()
	metric, err := plan.check()
	if err != nil {
		return nil, err
	}
	b := &bakeoff{w: w, host: host, plan: plan, models: models, m: m, p: p, run: run, metric: metric, gauges: map[string]map[string]eval.Gauge{},
		failed: map[string]string{}, began: time.Now(), bytes: map[string]int64{}, opened: map[string]*float64{}, settled: map[string]map[string]Params{},
		out: &BakeoffOutcome{Bakeoff: &eval.Bakeoff{Run: run, Created: time.Now().UTC()}, Runs: map[string][]*eval.Run{}, Data: map[string]*eval.Dataset{}}}
	if err := b.all(ctx); err != nil {
		if ctx.Err() == nil && p != nil {
			_ = p.Store.FailRun(ctx, run, err.Error()) // the error is told; that it could not be noted too adds nothing
		}
		return nil, err
	}
	return b.out, nil
}

func (b *bakeoff) all(ctx context.Context) error {
	if err := b.restore(ctx); err != nil {
		return err
	}
	var err error
	if b.out.Spec, err = b.spec(ctx); err != nil {
		return err
	}
	rounds := map[string]*eval.Round{}
	for i, mode := range b.plan.Modes {
		d := b.data(mode)
		if d == nil || len(d.Examples) == 0 {
			if err := b.nothing(mode, i == 0 && len(b.plan.Modes) == 1); err != nil {
				return err
			}
			continue
		}
		if mode == eval.Retrieved {
			if err := b.retrieve(ctx, d); err != nil {
				return err
			}
		}
		if err := b.measure(ctx, mode, d); err != nil {
			return err
		}
		if rounds[mode], err = b.round(ctx, mode, d); err != nil {
			return err
		}
	}
	b.out.Seed = b.plan.Seed
	b.place(rounds)
	if err := b.disagree(ctx); err != nil {
		return err
	}
	if len(rounds) == 0 && b.out.Disagreement == nil {
		return b.nothingToSay()
	}
	b.out.TookSeconds = b.elapsed().Seconds()
	if b.p == nil {
		return nil
	}
	return b.p.Store.FinishRun(ctx, b.run, b.out.Bakeoff)
}

func (b *bakeoff) elapsed() time.Duration { return b.spent + time.Since(b.began) }

// data are the questions of a mode.
func (b *bakeoff) data(mode string) *eval.Dataset {
	if mode == eval.Retrieved {
		return b.m.Retrieved
	}
	return b.m.Oracle
}

// nothing says that a mode has no questions; an error where it is the only one and there are no unlabelled ones either.
func (b *bakeoff) nothing(mode string, only bool) error {
	unlabelled := b.m.Unlabelled != nil && len(b.m.Unlabelled.Examples) > 0
	why := "no question has a known answer"
	if mode == eval.Oracle && b.m.Retrieved != nil && len(b.m.Retrieved.Examples) > 0 {
		why = "no question has a passage that is known to be right; give contexts or documents with the questions, or take the mode retrieved"
	}
	if only && !unlabelled {
		return qa.Errorf(qa.Invalid, "bake-off in the mode %s: %s", mode, why)
	}
	b.m.Warnings = append(b.m.Warnings, fmt.Sprintf("mode %s: %s", mode, why))
	return nil
}

// nothingToSay is the error of a bake-off that could compare nothing.
func (b *bakeoff) nothingToSay() error {
	switch {
	case b.m.Unlabelled == nil || len(b.m.Unlabelled.Examples) == 0:
		return qa.Errorf(qa.Invalid, "there are no questions to ask: give --data FILE, or questions in tryall.yaml")
	case len(b.models) < 2:
		return qa.Errorf(qa.Invalid, "none of the questions has a known answer, and without answers it takes two models to see where they differ; name another with -m, or label some questions")
	}
	return qa.Errorf(qa.Invalid, "none of the questions has a known answer, and fewer than two models could answer them: %s", strings.Join(b.out.Warnings, "; "))
}

// place puts the rounds where they are shown: the first mode asked for that had questions in front.
func (b *bakeoff) place(rounds map[string]*eval.Round) {
	first := true
	for _, mode := range b.plan.Modes {
		r := rounds[mode]
		if r == nil {
			continue
		}
		if first {
			b.out.Round, first = *r, false
			continue
		}
		b.out.Also = append(b.out.Also, *r)
	}
	if first { // unlabelled questions alone: who takes part is still told
		b.out.Round = eval.Round{Mode: b.plan.Modes[0], Seed: b.plan.Seed, Decoder: b.plan.Params.Decoder, Metric: b.plan.Metric, Tied: []string{}, Models: []eval.Entrant{},
			Comparisons: []eval.Comparison{}, Pareto: []string{}, Verdict: "No question has a known answer, so no model can be called better; label some, those in dispute first."}
	}
	b.out.Warnings = append(slices.Clone(b.m.Warnings), b.out.Warnings...)
	if b.retries.Questions > 0 {
		r := b.retries
		r.Models = b.breakdown()
		b.out.Retrieval = &r
	}
}

// spec writes down all that could change the result.
func (b *bakeoff) spec(ctx context.Context) (eval.Spec, error) {
	s := eval.Spec{Version: b.host.Version, Kernel: b.host.Kernel, Machine: fmt.Sprintf("%s/%s, %d processors", runtime.GOOS, runtime.GOARCH, runtime.NumCPU()),
		Threads: b.plan.Threads, Data: b.m.Sources, Modes: b.plan.Modes, Metric: b.plan.Metric, Params: b.plan.params(), Decoder: b.plan.Params.Decoder,
		Seed: b.plan.Seed, Alpha: b.plan.Alpha, Start: b.plan.Start, Full: b.plan.Full, Limit: b.plan.Limit, ConfigFile: b.plan.Config}
	if s.Threads == 0 {
		s.Threads = runtime.GOMAXPROCS(0)
	}
	if b.plan.Budget > 0 {
		s.Budget = b.plan.Budget.String()
	}
	for _, m := range b.models {
		s.Models = append(s.Models, m.Contestant())
	}
	if b.p != nil && slices.Contains(b.plan.Modes, eval.Retrieved) {
		stats, err := b.p.Index.Stats(ctx)
		if err != nil {
			return s, err
		}
		s.Corpus = &eval.Source{Name: "corpus", Digest: "sha256:" + stats.Digest, Documents: stats.Documents, Passages: stats.Passages}
		s.Retriever, s.Passages = b.p.Retriever().String(), b.plan.Passages
	}
	return s, nil
}

// The notes that a run keeps.
const (
	notePlan   = "plan"
	noteGauges = "gauges by mode"
	noteSpent  = "spent_ns"
	// noteSettled are the parameters that contestants are asked with, by mode and contestant.
	noteSettled = "params by contestant"
)

// restore takes up what an interrupted run has measured.
func (b *bakeoff) restore(ctx context.Context) error {
	if b.p == nil {
		return nil
	}
	info, err := b.p.Store.Run(ctx, b.run)
	if err != nil {
		return err
	}
	b.out.Created = info.Created
	for key, v := range map[string]any{noteGauges: &b.gauges, noteSpent: &b.spent, noteSettled: &b.settled} {
		if _, err := b.p.Store.Noted(ctx, b.run, key, v); err != nil {
			return err
		}
	}
	return nil
}

// round races the contestants in one mode.
func (b *bakeoff) round(ctx context.Context, mode string, d *eval.Dataset) (*eval.Round, error) {
	b.out.Data[mode] = d
	raced, err := eval.Race(ctx, d, b.contestants(mode), b.raceOptions(mode, d))
	if err != nil {
		return nil, err
	}
	b.out.Runs[mode] = raced.Runs
	r, err := raced.Round(ctx, eval.RoundOptions{Mode: mode, Decoder: b.plan.Params.Decoder, Metric: b.metric, Seed: b.plan.Seed, Gauges: b.gauges[mode], Threshold: b.opened})
	if err != nil {
		return nil, err
	}
	b.describe(&r)
	return &r, nil
}

func (b *bakeoff) raceOptions(mode string, d *eval.Dataset) eval.RaceOptions {
	o := eval.RaceOptions{Metric: b.metric, Task: b.task(mode, d), Seed: b.plan.Seed, Alpha: b.plan.Alpha, Start: b.plan.Start, Full: b.plan.Full,
		Budget: b.plan.Budget, Spent: b.elapsed(), Memory: b.memory()}
	if b.host.Event != nil {
		o.Event = func(e eval.RaceEvent) { b.host.Event(BakeoffEvent{Phase: PhaseRace, Mode: mode, Race: &e}) }
	}
	if b.p != nil {
		o.Kept = func(ctx context.Context, c string) ([]eval.Result, error) {
			return b.p.Store.Results(ctx, b.run, mode, c)
		}
		o.Fatal = func(err error) bool { return errors.As(err, new(storageError)) }
		o.Save = func(ctx context.Context, c string, rs []eval.Result, ps []qa.Prediction) error {
			spans := make([]store.Spans, len(ps))
			for i, p := range ps {
				spans[i] = store.SpansOf(p)
			}
			return b.p.Store.Save(ctx, b.run, []store.Block{{Mode: mode, Contestant: c, Results: rs, Spans: spans}}, map[string]any{noteSpent: b.elapsed()})
		}
	}
	return o
}

// task makes the tasks of a mode.
func (b *bakeoff) task(mode string, d *eval.Dataset) func(i int) qa.Task {
	if mode != eval.Retrieved {
		return d.Task
	}
	return func(i int) qa.Task {
		return qa.Task{Question: qa.Question{ID: qa.QuestionID(d.Examples[i].ID), Text: d.Examples[i].Text}, Hits: b.hits[i]}
	}
}

// memoryShare is how much of the memory that is free models may take.
const memoryShare = 0.7

func (b *bakeoff) memory() int64 {
	if b.plan.Memory > 0 {
		return b.plan.Memory
	}
	if b.w.FreeMemory == nil {
		return 0
	}
	return int64(memoryShare * float64(b.w.FreeMemory()))
}

// describe adds what is known of the contestants' models.
func (b *bakeoff) describe(r *eval.Round) {
	for i := range r.Models {
		e := &r.Models[i]
		at := slices.IndexFunc(b.models, func(m Model) bool { return m.Contestant() == e.Contestant })
		if at < 0 {
			continue
		}
		m := b.models[at]
		e.ID, e.Revision, e.Precision, e.SizeBytes = m.ID, m.Revision, m.Precision, m.Size()
		if card, err := m.Card(); err == nil {
			e.License = card.License
		}
	}
}

// contestants are the models as a race takes them.
func (b *bakeoff) contestants(mode string) []eval.Contestant {
	var cs []eval.Contestant
	for _, m := range b.models {
		name := m.Contestant()
		c := eval.Contestant{Name: name, Failed: b.failed[name], Bytes: b.bytes[name], Cost: float64(m.Size())}
		if g, ok := b.gauges[mode][name]; ok && g.P50 > 0 {
			c.Cost, c.Took = g.P50, time.Duration(g.P50*float64(time.Millisecond))
		} else if len(b.gauges[mode]) > 0 {
			c.Cost = 1e12 // not measured: behind those that were
		}
		c.Open = func(ctx context.Context) (eval.OpenReader, error) {
			s, err := b.w.OpenCached(ctx, m, b.settled[mode][name], b.cache())
			if err != nil {
				return nil, err
			}
			return s.reader, nil
		}
		cs = append(cs, c)
	}
	return cs
}

// params are those of reading; the squad decoder decides as for version 2.0 when the data are of that version.
func (b *bakeoff) params(mode string) Params {
	p := b.plan.Params
	if d := b.data(mode); d != nil {
		p.V2 = p.V2 || d.V2
	}
	return p
}

func (b *bakeoff) cache() Cache {
	if b.p == nil {
		return nil
	}
	return countedCache{b.p.Store.Cache(), &b.out.Windows}
}

// countedCache counts what models computed and what was found.
type countedCache struct {
	Cache
	n *eval.WindowCounts
}

// storageError is trouble with the project's file, which is no contestant's fault.
type storageError struct{ error }

func (e storageError) Unwrap() error { return e.error }

func (c countedCache) Get(ctx context.Context, keys [][32]byte) ([][]byte, error) {
	values, err := c.Cache.Get(ctx, keys)
	if err != nil {
		return nil, storageError{err}
	}
	for _, v := range values {
		if v != nil {
			atomic.AddInt64(&c.n.Cached, 1)
		}
	}
	return values, nil
}

func (c countedCache) Put(ctx context.Context, keys [][32]byte, values [][]byte) error {
	atomic.AddInt64(&c.n.Computed, int64(len(keys)))
	if err := c.Cache.Put(ctx, keys, values); err != nil {
		return storageError{err}
	}
	return nil
}
