package eval

import (
	"context"
	"slices"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/stats"
)

// warmUps are questions asked before the clock counts. Fewer than leastTimed tell little, so that many are asked unless it takes four times
// the budget.
const (
	warmUps    = 3
	leastTimed = 5
)

// Gauge is what one reader takes: the time of one question alone after warm-up, never from a cache and never packed with others,
// and memory.
type Gauge struct {
	P50             float64 `json:"p50_ms"`
	P95             float64 `json:"p95_ms"`
	N               int     `json:"n"` // questions behind them
	TokensPerSecond float64 `json:"tokens_per_second"`
	PeakBytes       int64   `json:"peak_bytes"` // resident memory at most, less that of the bare process; 0: not known
}

// TimeAlone asks tasks one at a time until they or the budget are used up. The last ones are asked first, without the clock.
func TimeAlone(ctx context.Context, reader qa.Reader, tasks []qa.Task, budget time.Duration) (Gauge, error) {
	begin := time.Now()
	ask := func(i int) (qa.Prediction, time.Duration, error) {
		start := time.Now()
		p, err := reader.Read(ctx, tasks[i:i+1])
		took := time.Since(start)
		if err == nil {
			err = ctx.Err()
		}
		if err == nil && len(p) != 1 {
			err = qa.Errorf(qa.Internal, "%d predictions for one question", len(p))
		}
		if err != nil {
			return qa.Prediction{}, 0, err
		}
		return p[0], took, nil
	}
	for i := range min(warmUps, len(tasks)) {
		if _, _, err := ask(len(tasks) - 1 - i); err != nil {
			return Gauge{}, err
		}
		if time.Since(begin) > budget/4 {
			break
		}
	}
	var ms []float64
	tokens, reading := 0, 0.0
	for i := range tasks {
		p, took, err := ask(i)
		if err != nil {
			return Gauge{}, err
		}
		if p.Err == nil { // a failure is quick and would flatter
			ms = append(ms, took.Seconds()*1000)
			tokens, reading = tokens+p.Tokens, reading+took.Seconds()
		}
		if took := time.Since(begin); took > budget && len(ms) >= leastTimed || took > 4*budget {
			break
		}
	}
	if len(ms) == 0 {
		return Gauge{}, nil
	}
	slices.Sort(ms)
	return Gauge{P50: stats.Quantile(ms, 0.5), P95: stats.Quantile(ms, 0.95), N: len(ms), TokensPerSecond: float64(tokens) / max(reading, 1e-9)}, nil
}

// timeAlone asks a sample of the questions, spread evenly over the data set, one at a time.
func (r *Run) timeAlone(ctx context.Context, reader qa.Reader, d *Dataset, o RunOptions) error {
	want, budget := o.TimeAlone, o.TimeBudget
	if want == 0 {
		want = 64
	}
	if budget == 0 {
		budget = 10 * time.Second
	}
	if want < 0 {
		return nil
	}
	g, err := TimeAlone(ctx, reader, Spread(d, o.Task, want), budget)
	r.Speed.P50, r.Speed.P95, r.Speed.TimedAlone = g.P50, g.P95, g.N
	return err
}

// Spread makes the tasks of n questions of a data set, evenly taken.
func Spread(d *Dataset, task func(i int) qa.Task, n int) []qa.Task {
	all := len(d.Examples)
	tasks := make([]qa.Task, min(n, all))
	for i := range tasks {
		tasks[i] = task(i * all / len(tasks))
	}
	return tasks
}
