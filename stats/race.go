package stats

import (
	"fmt"
	"math"
	"slices"
)

// RaceOptions say how a race is decided.
type RaceOptions struct {
	// Alpha is the chance that any of the systems that are truly best is ever dropped, over all looks and pairs together;
	// 0.05 when 0.
	Alpha float64
	Total int // observations of every system that is not dropped
	Start int // observations at the first look; 16 when 0
	// LowerBetter says that small scores are good.
	LowerBetter bool
	Trials      int // random signs; 10,000 when 0
	Seed        uint64
}

// Race decides, look by look, which systems are worse than another for certain. The error that it keeps below Alpha is
// that of ever dropping a system whose true mean is as high as any. So those that are left at the end contain every best one,
// with a confidence of 1-Alpha: they are the tied group.
//
// The test is a randomisation test of all pairs and all looks at once (Westfall and Young, 1993; Romano and Wolf, 2005).
// The statistic of a pair is the sum of its differences over the root of the sum over clusters of their squares. It must
// exceed what the largest of all pairs exceeds only seldom when clusters have random signs. Up to the share t of the
// observations, at most the share spendable*Alpha*t^spending of such trials may have crossed the bar (Lan and DeMets, 1983).
// Scores whose differences are lopsided are met by a correction (see lopsided).
type Race struct {
	o        RaceOptions
	looks    []int
	next     int // index of the next look
	in       []bool
	spent    float64
	seen     int         // observations
	rows     map[int]int // cluster number to place in order of first appearance
	sums     []float64   // (cluster, system)
	min, max float64     // of all scores seen
	trials   *trials
}

// Drop is one system that is out.
type Drop struct {
	System, By int
	After      int     // observations that both had
	Diff       float64 // by how much By is better in the mean, in the scores' units; positive also where LowerBetter
	// P is the chance that any pair of alike systems comes as far apart at this look, or has crossed the bar of an earlier
	// one. It had to stay at or below Bound, the part of alpha that may be spent up to this look.
	P, Bound float64
}

const (
	// spending is the power of the spending function. Evenly (1) or later saves less, and in long races, whose first
	// looks have a tiny share of the observations, would leave nothing to spend at them.
	spending = 0.5
	// spendable is the part of alpha that the trials may spend. The rest makes up for what random signs do not hold exactly:
	// alike systems differ as often in one sense as in the other, pair by pair, but not all pairs at once; differences that
	// centre on zero need not be symmetric; and who is dropped before depends on the data.
	spendable = 0.8
	// lookGrowth is by how much the observations grow from look to look, from where that is more than lookStep.
	lookGrowth, lookStep = 1.1, 8
	// rounding is by how much statistics may differ, relatively, and still count as equal.
	rounding = 1e-9
)

// NewRace starts a race.
func NewRace(systems int, o RaceOptions) (*Race, error) {
	switch {
	case systems < 1:
		return nil, fmt.Errorf("race of %d systems: it takes one at least", systems)
	case o.Total < 1:
		return nil, fmt.Errorf("race over %d observations: it takes one at least", o.Total)
	case o.Start < 0 || o.Trials < 0:
		return nil, fmt.Errorf("race: start %d and trials %d must not be negative", o.Start, o.Trials)
	case !(o.Alpha >= 0 && o.Alpha < 1):
		return nil, fmt.Errorf("race: alpha is %v; it must lie between 0 and 1", o.Alpha)
	}
	if o.Alpha == 0 {
		o.Alpha = 0.05
	}
	if o.Start == 0 {
		o.Start = 16
	}
	if o.Trials == 0 {
		o.Trials = 10_000
	}
	r := &Race{o: o, looks: lookTimes(o.Start, o.Total), in: make([]bool, systems), rows: map[int]int{}, min: math.Inf(1), max: math.Inf(-1)}
	for i := range r.in {
		r.in[i] = true
	}
	r.trials = newTrials(systems, o.Trials, o.Seed)
	return r, nil
}

// lookTimes are the numbers of observations at the looks. A look that would come right before the last is left out.
func lookTimes(start, total int) []int {
	var looks []int
	for n := start; float64(n)*math.Sqrt(lookGrowth) < float64(total) && n+lookStep/2 <= total; {
		looks = append(looks, n)
		n = max(n+lookStep, int(float64(n)*lookGrowth)/lookStep*lookStep)
	}
	return append(looks, total)
}

// Looks are the numbers of observations after which Look is to be called, increasing; the last is Total.
func (r *Race) Looks() []int { return slices.Clone(r.looks) }

// Spent is the part of alpha that could be spent up to the last look.
func (r *Race) Spent() float64 { return r.spent }

// Left are the systems that are still in, in their order.
func (r *Race) Left() []int { return slices.Clone(r.trials.live) }

// Drop takes a system out that failed, for a reason that has nothing to do with its scores. Nothing is tested of it any more.
func (r *Race) Drop(system int) {
	if r.in[system] {
		r.in[system] = false
		r.trials.remove(system)
	}
}

// Look tests at the next of the looks. scores holds, for every system that is in, the scores of the first n observations in
// the order of the race (nil for the others); clusters their clusters, or nil. Observations must come in an order that does
// not depend on the scores. Systems that Look drops are given surest first. What it decides follows from the options and from
// what this and the earlier looks were given, so that a race that is run again ends the same.
func (r *Race) Look(scores [][]float64, clusters []int) ([]Drop, error) {
	if r.next == len(r.looks) {
		return nil, fmt.Errorf("race: there is no look after the last one, at %d observations", r.seen)
	}
	n := r.looks[r.next]
	if err := r.check(scores, clusters, n); err != nil {
		return nil, fmt.Errorf("race: look at %d observations: %w", n, err)
	}
	r.next++
	t := float64(n) / float64(r.o.Total)
	return r.look(scores, clusters, n, spendable*r.o.Alpha*math.Pow(t, spending)), nil
}

// Finish is the last look, at whatever number of observations there is, with all of alpha that may be spent. It is for a race
// that a budget stops: to stop must not depend on the scores.
func (r *Race) Finish(scores [][]float64, clusters []int) ([]Drop, error) {
	n := r.seen
	if live := r.trials.live; len(live) > 0 && live[0] < len(scores) {
		n = len(scores[live[0]])
	}
	if err := r.check(scores, clusters, n); err != nil {
		return nil, fmt.Errorf("race: last look at %d observations: %w", n, err)
	}
	r.next = len(r.looks)
	return r.look(scores, clusters, n, spendable*r.o.Alpha), nil
}

func (r *Race) check(scores [][]float64, clusters []int, n int) error {
	if len(scores) != len(r.in) {
		return fmt.Errorf("scores of %d systems, the race has %d", len(scores), len(r.in))
	}
	if n < r.seen {
		return fmt.Errorf("an earlier look had %d", r.seen)
	}
	for i, in := range r.in {
		if !in {
			continue
		}
		if len(scores[i]) != n {
			return fmt.Errorf("system %d has %d", i, len(scores[i]))
		}
		if err := check(scores[i], clusters); err != nil {
			return fmt.Errorf("system %d: %w", i, err)
		}
	}
	return nil
}

// look tests at n observations with what of alpha may be spent up to then. The worst system is tested first; once it is out,
// fewer pairs are left to be tested, and the next worst meets a lower bar.
func (r *Race) look(scores [][]float64, clusters []int, n int, bound float64) []Drop {
	r.spent = bound
	r.trials.add(r.parts(scores, clusters, n))
	var drops []Drop
	for len(r.trials.live) > 1 {
		scale, lean := r.moments()
		largest := r.trials.largest(scale)
		col, by, statistic := r.trials.worst(scale, lean)
		p := r.trials.reach(largest, statistic)
		if p > bound {
			r.trials.cross(scale, largest, bound)
			break
		}
		d := Drop{System: r.trials.live[col], By: r.trials.live[by], After: n, P: p, Bound: bound}
		d.Diff = (r.trials.sums[by] - r.trials.sums[col]) / float64(n)
		drops = append(drops, d)
		r.Drop(d.System)
	}
	return drops
}
