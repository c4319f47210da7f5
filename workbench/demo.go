package workbench

import (
	"context"
	"slices"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
)

// Trial is one data set of a demonstration.
type Trial struct {
	Name  string // for JSON and tables
	About string
	Data  *eval.Dataset
}

// Round is what all models made of one data set.
type Round struct {
	Trial
	Runs        []*eval.Run // one per model, in their order
	Leaderboard *eval.Leaderboard

	predictions [][]qa.Prediction // by model and question
}

// DemoProgress is called as questions are answered: Done of Total over all models and data sets.
type DemoProgress func(m Model, done, total int, elapsed time.Duration)

// Race asks every model every question of all data sets, one question at a time, so that its time is that of a single
// question. The gap decoder decides with each model's own threshold. Ranks and intervals follow from the seed.
func (w *Workbench) Race(ctx context.Context, models []Model, trials []Trial, seed uint64, progress DemoProgress) ([]Round, error) {
	rounds := make([]Round, len(trials))
	total, done, began := 0, 0, time.Now()
	for i, t := range trials {
		rounds[i].Trial = t
		total += len(models) * len(t.Data.Examples)
	}
	for _, m := range models {
		s, err := w.Open(ctx, m, Params{})
		if err != nil {
			return nil, err
		}
		for i := range rounds {
			tick := func() {
				if done++; progress != nil {
					progress(m, done, total, time.Since(began))
				}
			}
			if err := rounds[i].enter(ctx, s, tick); err != nil {
				s.Close()
				return nil, err
			}
		}
		if err := s.Close(); err != nil {
			return nil, err
		}
	}
	f1, _ := eval.MetricByName("f1")
	for i := range rounds {
		var err error
		if rounds[i].Leaderboard, err = eval.Rank(ctx, rounds[i].Runs, f1, eval.RankOptions{Seed: seed}); err != nil {
			return nil, err
		}
	}
	return rounds, nil
}

// enter has one model answer the data set.
func (r *Round) enter(ctx context.Context, s *Session, tick func()) error {
	alone := &oneByOne{reader: s.reader, tick: tick}
	var predictions []qa.Prediction
	run, err := eval.Evaluate(ctx, alone, r.Data, eval.RunOptions{
		Contestant: s.Model.Contestant(), Decoder: s.Params.Decoder, TimeAlone: -1,
		Each: func(_ *eval.Result, p qa.Prediction) error { predictions = append(predictions, p); return nil },
	})
	if err != nil {
		return err
	}
	run.Speed.P50, run.Speed.P95, run.Speed.TimedAlone = alone.quantile(0.5), alone.quantile(0.95), len(alone.took)
	r.Runs, r.predictions = append(r.Runs, run), append(r.predictions, predictions)
	return nil
}

// oneByOne reads tasks one at a time and notes how long each takes, after one that is not counted.
type oneByOne struct {
	reader qa.Reader
	tick   func()
	took   []time.Duration
}

func (o *oneByOne) String() string { return o.reader.String() }

func (o *oneByOne) Read(ctx context.Context, tasks []qa.Task) ([]qa.Prediction, error) {
	var out []qa.Prediction
	for i := range tasks {
		if o.took == nil {
			if _, err := o.reader.Read(ctx, tasks[i:i+1]); err != nil {
				return nil, err
			}
		}
		start := time.Now()
		p, err := o.reader.Read(ctx, tasks[i:i+1])
		if err != nil {
			return nil, err
		}
		o.took = append(o.took, time.Since(start))
		out = append(out, p...)
		o.tick()
	}
	return out, nil
}

// quantile is the time in milliseconds that a share of the questions did not exceed.
func (o *oneByOne) quantile(q float64) float64 {
	sorted := slices.Clone(o.took)
	slices.Sort(sorted)
	at := int(q*float64(len(sorted)-1) + 0.5)
	return float64(sorted[at].Microseconds()) / 1000
}

// Example is a question with what one model answered.
type Example struct {
	Trial    *Round
	Run      *eval.Run
	Result   *eval.Result
	Question string
	Text     string
	Spans    []qa.Answer // what it found, best first, whatever the threshold said
}

// Examples shows the winners at work: a right answer from each data set, and a question that the winner of the last data set
// rightly leaves unanswered. What was not found is left out.
func Examples(rounds []Round) []Example {
	var out []Example
	for i := range rounds {
		r := &rounds[i]
		if e, ok := r.find(func(q *eval.Result) bool { return q.HasAns && q.Exact == 100 && 8 < len(q.Text) && len(q.Text) < 50 }); ok {
			out = append(out, e)
		}
	}
	for i := range rounds {
		if e, ok := rounds[len(rounds)-1-i].find(func(q *eval.Result) bool { return !q.HasAns && q.Text == "" && q.Best != "" }); ok {
			return append(out, e)
		}
	}
	return out
}

// find gives the first question that cond accepts, of the best model that has one.
func (r *Round) find(cond func(*eval.Result) bool) (Example, bool) {
	for _, s := range r.Leaderboard.Standings {
		m := slices.IndexFunc(r.Runs, func(run *eval.Run) bool { return run.Contestant == s.Contestant })
		for i := range r.Runs[m].Results {
			res := &r.Runs[m].Results[i]
			if !cond(res) {
				continue
			}
			e := r.Data.Examples[res.Example]
			p := r.predictions[m][i]
			return Example{Trial: r, Run: r.Runs[m], Result: res, Question: e.Text, Text: r.Data.Passages[e.Passage].Text,
				Spans: append(slices.Clone(p.Answers), p.Candidates...)}, true
		}
	}
	return Example{}, false
}
