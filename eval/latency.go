package eval

import (
	"context"
	"slices"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/stats"
)

// warmUps are questions asked before the clock counts.
const warmUps = 3

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
	all := len(d.Examples)
	want = min(want, all)
	begin := time.Now()
	for i := range min(warmUps, all) {
		if _, err := read(ctx, reader, d, all-1-i, 1); err != nil {
			return err
		}
		if time.Since(begin) > budget/4 {
			break
		}
	}
	var ms []float64
	for i := range want {
		at := i * all / want
		start := time.Now()
		p, err := read(ctx, reader, d, at, 1)
		took := time.Since(start)
		if err != nil {
			return err
		}
		if p[0].Err == nil { // a failure is quick and would flatter
			ms = append(ms, took.Seconds()*1000)
		}
		if time.Since(begin) > budget {
			break
		}
	}
	if len(ms) > 0 {
		slices.Sort(ms)
		r.Speed.P50, r.Speed.P95, r.Speed.TimedAlone = stats.Quantile(ms, 0.5), stats.Quantile(ms, 0.95), len(ms)
	}
	return nil
}
