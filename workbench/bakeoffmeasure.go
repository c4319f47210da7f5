package workbench

import (
	"context"
	"slices"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
)

// How long one contestant is measured at most, and over how many questions.
const (
	gaugeTime  = 4 * time.Second
	gaugeTasks = 24
)

// measure takes the time and memory of each contestant that was not measured yet. One that cannot be opened, or is killed for want of
// memory, is out before the race begins.
func (b *bakeoff) measure(ctx context.Context, mode string, d *eval.Dataset) error {
	tasks := eval.Spread(d, b.task(mode, d), gaugeTasks)
	limit := gaugeTime
	if share := b.plan.Budget / time.Duration(10*max(1, len(b.models))); b.plan.Budget > 0 {
		limit = min(limit, max(share, 200*time.Millisecond))
	}
	for i, m := range b.models {
		name := m.Contestant()
		params, err := b.settle(ctx, mode, m)
		if err != nil {
			return err
		}
		if b.bytes[name] == 0 && b.w.CheckModel != nil {
			if info, err := b.w.check(m, false); err == nil {
				b.bytes[name] = EstimateMemory(info.Parameters)
			}
		}
		if _, known := b.gauges[mode][name]; known || b.failed[name] != "" || b.host.Gauge == nil {
			continue
		}
		if b.host.Event != nil {
			b.host.Event(BakeoffEvent{Phase: PhaseMeasure, Mode: mode, Contestant: name, Done: i, Total: len(b.models)})
		}
		g, err := b.host.Gauge(ctx, Gauging{Model: m.Name, Precision: m.Precision, Params: params, Tasks: tasks, Budget: limit})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			b.failed[name] = err.Error()
			continue
		}
		if b.gauges[mode] == nil {
			b.gauges[mode] = map[string]eval.Gauge{}
		}
		b.gauges[mode][name] = g
		if b.p != nil {
			if err := b.p.Store.Note(ctx, b.run, noteGauges, b.gauges); err != nil {
				return err
			}
		}
	}
	return nil
}

// settle says once with which parameters a contestant is asked, all that its own settings decide among them: a run that is gone on with
// keeps to them, and its questions can be asked again as they were, whatever is set of the model by then.
func (b *bakeoff) settle(ctx context.Context, mode string, m Model) (Params, error) {
	name := m.Contestant()
	p, known := b.settled[mode][name]
	if !known {
		p = b.params(mode).filled(m)
		if p.Decoder == "gap" && p.Threshold == nil {
			p.Threshold = new(float64) // 0 decides where nothing is said
		}
		if b.settled[mode] == nil {
			b.settled[mode] = map[string]Params{}
		}
		b.settled[mode][name] = p
		if b.p != nil {
			if err := b.p.Store.Note(ctx, b.run, noteSettled, b.settled); err != nil {
				return p, err
			}
		}
	}
	if p.Decoder == "gap" && *p.NoAnswer {
		b.opened[name] = p.Threshold // for its curve
	}
	return p, nil
}

// retrieve finds the passages of every question once, for all contestants, and how often the right one is among them.
func (b *bakeoff) retrieve(ctx context.Context, d *eval.Dataset) error {
	if b.p == nil {
		return qa.Errorf(qa.Invalid, "the mode %s needs a corpus", eval.Retrieved)
	}
	stats, err := b.p.Index.Stats(ctx)
	if err != nil {
		return err
	}
	if stats.Passages == 0 {
		return qa.Errorf(qa.Invalid, "the mode %s needs a corpus, and it is empty; add texts with tryall corpus add, or name them under corpus: in tryall.yaml", eval.Retrieved)
	}
	r := b.p.Retriever()
	deep := max(b.plan.Passages, deepest)
	var relevant [][]bool
	b.found = make([]bool, len(d.Examples))
	for i := range d.Examples {
		hits, err := r.Retrieve(ctx, qa.Question{Text: d.Examples[i].Text}, deep)
		if err != nil {
			return err
		}
		if right, known := b.relevance(i, hits); known {
			relevant = append(relevant, right)
			b.found[i] = slices.Contains(right[:min(len(right), b.plan.Passages)], true)
		}
		b.hits = append(b.hits, hits[:min(len(hits), b.plan.Passages)])
		if b.host.Event != nil {
			b.host.Event(BakeoffEvent{Phase: PhaseRetrieve, Mode: eval.Retrieved, Done: i + 1, Total: len(d.Examples)})
		}
	}
	b.retries = eval.Retrieval{Retriever: r.String(), Questions: len(relevant), RecallAt: map[string]float64{}}
	if len(relevant) == 0 {
		return nil
	}
	for _, k := range recallDepths {
		b.retries.RecallAt[k.name] = eval.Recall(relevant, k.k)
	}
	b.retries.MRR = eval.MRR(relevant)
	return nil
}

// deepest is how far the right passage is looked for.
const deepest = 20

var recallDepths = []struct {
	name string
	k    int
}{{"1", 1}, {"3", 3}, {"5", 5}, {"10", 10}, {"20", 20}}

func (b *bakeoff) relevance(i int, hits []qa.Hit) (right []bool, known bool) {
	right = make([]bool, len(hits))
	if b.m.Right == nil || len(b.m.Retrieved.Examples[i].Answers) == 0 {
		return nil, false
	}
	relevance, known := b.m.Right(i)
	if !known {
		return nil, false
	}
	for k, h := range hits {
		right[k] = relevance.Right(h.Passage)
	}
	return right, true
}

// breakdown tells the reader's losses from the retriever's, over the questions with an answer that both modes asked.
func (b *bakeoff) breakdown() map[string]eval.Breakdown {
	oracle := map[string]map[string]*eval.Result{}
	for _, run := range b.out.Runs[eval.Oracle] {
		byID := map[string]*eval.Result{}
		for i := range run.Results {
			byID[run.Results[i].ID] = &run.Results[i]
		}
		oracle[run.Contestant] = byID
	}
	models := map[string]eval.Breakdown{}
	for _, run := range b.out.Runs[eval.Retrieved] {
		var x eval.Breakdown
		found := 0
		for i := range run.Results {
			r := &run.Results[i]
			given := oracle[run.Contestant][r.ID]
			if given == nil || !r.HasAns {
				continue
			}
			x.N++
			x.OracleF1 += given.F1
			x.EndF1 += r.F1
			if b.found[r.Example] {
				x.FoundF1 += r.F1
				found++
			}
		}
		if x.N > 0 {
			x.OracleF1 /= float64(x.N)
			x.EndF1 /= float64(x.N)
			x.FoundF1 /= float64(max(found, 1))
			models[run.Contestant] = x
		}
	}
	return models
}
