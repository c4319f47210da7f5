package stats

import (
	"fmt"
	"math"
	"slices"
)

// RaceOptions say how a race is decided.
type RaceOptions struct {
	// Alpha is the chance that any of the systems that are truly best is dropped, over all looks and pairs together;
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
// that of ever dropping a system whose true mean is as high as any: those that are left at the end contain every best
// one with a confidence of 1-Alpha.
//
// The test is a randomisation test of all pairs at once and over all looks at once. For each of many trials every cluster
// gets a random sign, the same for all systems and at all looks, and the statistic of a pair is the sum of its signed
// differences over the root of the sum of their squares. A pair's observed statistic must exceed what the trials' largest
// pair exceeds only rarely: at a look after the share t of all observations, at most the share Alpha*t^spending of the
// trials may have crossed any boundary so far. Trials count only crossings of systems that are still in, so that a loser that
// is gone gives its part of Alpha to the others.
type Race struct {
	o     RaceOptions
	looks []int
	next  int     // index of the next look
	in    []bool  // by system
	spent float64 // of alpha
	seen  int     // observations
	sums  clusterSums
	paths paths
}

// Drop is one system that is out.
type Drop struct {
	System, By int
	After      int     // observations that both had
	Diff       float64 // mean of By minus that of System, in the scores' units
	// P is the chance that any pair of alike systems would come this far apart at this look, or has crossed an earlier
	// boundary; it had to stay at or below Bound, the part of alpha that may be spent until this look.
	P, Bound float64
}

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
	r := &Race{o: o, looks: lookTimes(o.Start, o.Total), in: make([]bool, systems)}
	for i := range r.in {
		r.in[i] = true
	}
	r.sums.systems = systems
	r.paths = newPaths(systems, o.Trials, o.Seed)
	return r, nil
}

// lookGrowth is by how much the observations grow from look to look.
const lookGrowth = 1.15

// lookTimes are the numbers of observations at the looks. The last gap is never a small one.
func lookTimes(start, total int) []int {
	var looks []int
	for n := start; float64(n)*math.Sqrt(lookGrowth) < float64(total); {
		looks = append(looks, n)
		n = max(n+8, int(math.Ceil(float64(n)*lookGrowth/8))*8)
	}
	return append(looks, total)
}

// Looks are the numbers of observations after which Look is to be called, increasing; the last is Total.
func (r *Race) Looks() []int { return slices.Clone(r.looks) }

// Spent is the part of alpha that could be spent until the last look.
func (r *Race) Spent() float64 { return r.spent }

// Left are the systems that are still in, in their order.
func (r *Race) Left() []int {
	var left []int
	for i, in := range r.in {
		if in {
			left = append(left, i)
		}
	}
	return left
}

// Drop takes a system out that failed for a reason that has nothing to do with its scores. Nothing is tested of it any more.
func (r *Race) Drop(system int) {
	if r.in[system] {
		r.in[system] = false
		r.paths.remove(system)
	}
}

// spend is the part of alpha that may be spent until the share t of the observations is seen.
func (o *RaceOptions) spend(t float64) float64 { return o.Alpha * math.Pow(min(t, 1), spending) }

// spending is the power of the spending function (Kim and DeMets, 1987): 1 spends evenly; larger values keep more for the end.
const spending = 1

// Look tests at the next of the looks. scores holds, for every system that is in, the scores of the first n observations in
// the order of the race (nil for the others); clusters their clusters, or nil. Systems that it drops are given worst first.
func (r *Race) Look(scores [][]float64, clusters []int) ([]Drop, error) {
	if r.next == len(r.looks) {
		return nil, fmt.Errorf("race: there is no look after the one at %d observations", r.o.Total)
	}
	n := r.looks[r.next]
	if err := r.check(scores, clusters, n); err != nil {
		return nil, fmt.Errorf("race: look at %d observations: %w", n, err)
	}
	r.next++
	return r.look(scores, clusters, n, r.o.spend(float64(n)/float64(r.o.Total))), nil
}

// Finish is the last look, at whatever number of observations there is, with all of alpha that is left. It is for a race
// that a budget stops: the decision to stop must not depend on the scores.
func (r *Race) Finish(scores [][]float64, clusters []int) ([]Drop, error) {
	n := 0
	for i, in := range r.in {
		if in {
			n = len(scores[i])
			break
		}
	}
	if err := r.check(scores, clusters, n); err != nil {
		return nil, fmt.Errorf("race: last look at %d observations: %w", n, err)
	}
	r.next = len(r.looks)
	return r.look(scores, clusters, n, r.o.Alpha), nil
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

// look tests at n observations with what of alpha may be spent until then. The worst system is tested first; once it is out,
// fewer pairs are left to be tested, and the next worst meets a lower bar (closed testing).
func (r *Race) look(scores [][]float64, clusters []int, n int, bound float64) []Drop {
	r.spent = bound
	left := r.Left()
	parts := r.sums.add(scores, clusters, r.seen, left, r.o.LowerBetter)
	r.paths.add(parts, left)
	r.seen = n
	var drops []Drop
	for len(left) > 1 {
		scale := r.sums.scales(left)
		worst, by, t := r.sums.worst(left, scale)
		largest := r.paths.largest(left, scale)
		used := r.paths.used(left)
		reach := used + 1
		for k, v := range largest {
			if v >= t*(1-rounding) && !r.paths.crossed(k, left) {
				reach++
			}
		}
		p := float64(reach) / float64(r.o.Trials+1)
		if p > bound {
			r.paths.cross(left, scale, largest, int(bound*float64(r.o.Trials+1))-used-1)
			break
		}
		drops = append(drops, Drop{System: worst, By: by, After: n, Diff: r.sums.behind(worst, by, n), P: p, Bound: bound})
		r.in[worst] = false
		left = r.Left()
		r.paths.remove(worst)
	}
	return drops
}

// rounding is by how much statistics may differ and still count as equal.
const rounding = 1e-9
