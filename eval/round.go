package eval

import (
	"cmp"
	"context"
	"slices"

	"github.com/tryall/tryall/qa"
)

// RoundOptions are what a race's figures are put together with.
type RoundOptions struct {
	Mode    string
	Decoder string
	Metric  Metric
	Seed    uint64
	Gauges  map[string]Gauge // by contestant; one that is missing was not measured
	// Threshold is the gap at which a contestant answers, where one decides; for its selective curve.
	Threshold map[string]*float64
}

// Round says what a race came to: who is best, who cannot be told apart from it, what they cost.
func (r *Raced) Round(ctx context.Context, o RoundOptions) (Round, error) {
	out := Round{Mode: o.Mode, Seed: o.Seed, Decoder: o.Decoder, Metric: o.Metric.Name, Questions: r.Questions, Answered: r.Answered,
		Stopped: r.Stopped, Tied: []string{}, Models: []Entrant{}, Comparisons: []Comparison{}, Pareto: []string{}}
	var ranked []*Run
	for _, run := range r.Runs {
		run.Decoder = o.Decoder
		if g, ok := o.Gauges[run.Contestant]; ok {
			run.Speed.P50, run.Speed.P95, run.Speed.TimedAlone, run.PeakBytes = g.P50, g.P95, g.N, g.PeakBytes
			run.Speed.TokensPerSecond = g.TokensPerSecond
		}
		if r.Failed[run.Contestant] == "" {
			ranked = append(ranked, run)
		}
	}
	if total := r.Questions * (len(ranked)); total > 0 {
		out.Saved = 100 * (1 - float64(predictions(ranked))/float64(total))
	}
	if len(ranked) == 0 {
		out.fail(r)
		out.Verdict = "No contestant could answer the questions; the reason of each stands beside it."
		return out, nil
	}
	l, err := Rank(ctx, ranked, o.Metric, RankOptions{Seed: o.Seed, Raced: r.Raced, Out: r.Eliminated})
	if err != nil {
		return Round{}, err
	}
	out.Winner, out.Tied, out.Comparisons, out.Warnings = l.Winner, l.Tied, append(out.Comparisons, l.Comparisons...), l.Warnings
	for _, s := range l.Standings {
		e := Entrant{Standing: s, Eliminated: r.Eliminated[s.Contestant], Metrics: map[string]float64{}}
		for _, m := range Metrics {
			if v, ok := m.Of(s.run.Results); ok {
				e.Metrics[m.Name] = v
			}
		}
		e.TokensPerSecond = s.run.Speed.TokensPerSecond
		e.Curve = Selectivity(s.run.Results, o.Threshold[s.Contestant])
		out.Models = append(out.Models, e)
	}
	out.fail(r)
	out.front()
	out.pick()
	out.Verdict = out.verdict(l)
	return out, nil
}

func predictions(runs []*Run) (n int) {
	for _, r := range runs {
		n += len(r.Results)
	}
	return n
}

// fail adds those that could not go on.
func (r *Round) fail(raced *Raced) {
	runs := map[string]*Run{}
	for _, run := range raced.Runs {
		runs[run.Contestant] = run
	}
	var names []string
	for name := range raced.Failed {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		e := Entrant{Standing: Standing{Contestant: name, CoverageAt: map[string]float64{}}, Failed: raced.Failed[name], Metrics: map[string]float64{}}
		if run := runs[name]; run != nil {
			e.N, e.Errors = len(run.Results), run.Errors
		}
		r.Models = append(r.Models, e)
	}
}

// front finds the contestants that no other beats: at least as good in quality, latency and memory, and better in one of them.
// What was not measured counts as equal. One that was dropped stands with what it reached.
func (r *Round) front() {
	lower := false
	if m, ok := MetricByName(r.Metric); ok {
		lower = m.LowerBetter
	}
	for i := range r.Models {
		a := &r.Models[i]
		if a.Failed == "" && !slices.ContainsFunc(r.Models, func(b Entrant) bool { return b.Failed == "" && b.dominates(a, lower) }) {
			r.Pareto = append(r.Pareto, a.Contestant)
		}
	}
}

func (e *Entrant) dominates(other *Entrant, lower bool) bool {
	quality := cmp.Compare(e.Score, other.Score)
	if lower {
		quality = -quality
	}
	sides := []int{quality, 0, 0}
	if e.P50 > 0 && other.P50 > 0 {
		sides[1] = cmp.Compare(other.P50, e.P50)
	}
	if e.PeakBytes > 0 && other.PeakBytes > 0 {
		sides[2] = cmp.Compare(other.PeakBytes, e.PeakBytes)
	}
	return slices.Min(sides) >= 0 && slices.Max(sides) > 0
}

// pick is the cheapest of the tied group: the fastest, of those equally fast the one with the least memory.
func (r *Round) pick() {
	best := -1
	for i := range r.Models {
		e := &r.Models[i]
		if !slices.Contains(r.Tied, e.Contestant) || e.P50 <= 0 {
			continue
		}
		if best < 0 || cmp.Or(cmp.Compare(e.P50, r.Models[best].P50), cmp.Compare(e.PeakBytes, r.Models[best].PeakBytes)) < 0 {
			best = i
		}
	}
	if r.Pick = r.Winner; best >= 0 {
		r.Pick = r.Models[best].Contestant
	}
}

// Entrant finds a contestant.
func (r *Round) Entrant(contestant string) (*Entrant, error) {
	for i := range r.Models {
		if r.Models[i].Contestant == contestant {
			return &r.Models[i], nil
		}
	}
	return nil, qa.Errorf(qa.NotFound, "there is no contestant %s in this run", contestant)
}
