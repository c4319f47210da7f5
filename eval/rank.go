package eval

import (
	"context"
	"fmt"
	"math"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/stats"
)

// sample collects a metric's value of each question, and the clusters that the questions come in.
type sample struct {
	a, b      []float64
	passages  []int
	documents []int
}

func (s *sample) add(r *Result, a, b float64) {
	s.a, s.b = append(s.a, a), append(s.b, b)
	s.passages, s.documents = append(s.passages, r.Passage), append(s.documents, r.Document)
}

func (s *sample) clusters() []int {
	distinct := map[int]struct{}{}
	for _, d := range s.documents {
		distinct[d] = struct{}{}
	}
	if len(distinct) >= manyDocuments {
		return s.documents
	}
	return s.passages
}

func estimate(r *Run, m Metric, o stats.Options) (stats.Estimate, error) {
	var s sample
	for i := range r.Results {
		if v, ok := m.Each(&r.Results[i]); ok {
			s.add(&r.Results[i], v, 0)
		}
	}
	return stats.Mean(s.a, s.clusters(), o)
}

// compare fills in all pairs, the better one first; of the runs that are out only those with the winner. Runs may have answered
// different parts of the data.
func (l *Leaderboard) compare(ctx context.Context, m Metric, o stats.Options, out map[string]*Elimination) error {
	var ps []float64
	for i, a := range l.Standings {
		for _, b := range l.Standings[i+1:] {
			if i > 0 && out[b.Contestant] != nil {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			s, err := shared(a.run, b.run, m)
			if err != nil {
				return qa.Errorf(qa.Invalid, "compare %s with %s: %w", a.Contestant, b.Contestant, err)
			}
			c, err := stats.Paired(s.a, s.b, s.clusters(), o)
			if err != nil {
				return qa.Errorf(qa.Invalid, "compare %s with %s: %w", a.Contestant, b.Contestant, err)
			}
			l.Comparisons = append(l.Comparisons, Comparison{
				A: a.Contestant, B: b.Contestant, N: c.N, Diff: c.Mean, CI: [2]float64{c.Lo, c.Hi}, P: c.P,
				Needed: finite(c.Needed(c.Mean)), Detectable: c.Detectable(), clusters: c.Clusters,
			})
			ps = append(ps, c.P)
		}
	}
	for i, p := range stats.Holm(ps) {
		l.Comparisons[i].PHolm = p
	}
	return nil
}

// finite is v, or 0 where it is infinite and so cannot stand in JSON.
func finite(v float64) float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return 0
	}
	return v
}

// shared pairs the questions that both runs answered and the metric applies to.
func shared(a, b *Run, m Metric) (*sample, error) {
	of := make(map[int]*Result, len(b.Results))
	for i := range b.Results {
		of[b.Results[i].Example] = &b.Results[i]
	}
	s := &sample{}
	for i := range a.Results {
		r := &a.Results[i]
		other, both := of[r.Example]
		if !both {
			continue
		}
		if r.ID != other.ID {
			return nil, fmt.Errorf("question %d of one is %q, of the other %q: they are different samples of the data", r.Example+1, r.ID, other.ID)
		}
		v, ok := m.Each(r)
		if w, also := m.Each(other); ok && also {
			s.add(r, v, w)
		}
	}
	return s, nil
}

// place gives ranks and finds the tied group. Who is out was worse than another for certain; those dropped later are better
// by what is known.
func (l *Leaderboard) place(m Metric, o RankOptions) {
	beaten := map[string]int{}
	apart := map[string]bool{} // from the winner
	l.Winner = l.Standings[0].Contestant
	for i, s := range l.Standings {
		if e := o.Out[s.Contestant]; e != nil {
			apart[s.Contestant], beaten[s.Contestant] = true, i
			for before := i - 1; before > 0 && after(o.Out[l.Standings[before].Contestant]) == e.After; before-- {
				beaten[s.Contestant] = before // dropped at one look
			}
		}
	}
	for _, c := range l.Comparisons {
		if c.PHolm >= alpha || o.Raced {
			continue
		}
		loser := c.B
		if (c.Diff < 0) != m.LowerBetter {
			loser = c.A
		}
		beaten[loser]++
		if loser == c.B && c.A == l.Winner {
			apart[c.B] = true
		}
	}
	sharing := map[int]int{}
	for i := range l.Standings {
		s := &l.Standings[i]
		s.Rank = 1
		if apart[s.Contestant] {
			s.Rank += beaten[s.Contestant]
		} else {
			l.Tied = append(l.Tied, s.Contestant)
		}
		sharing[s.Rank]++
	}
	for i := range l.Standings {
		l.Standings[i].Tied = sharing[l.Standings[i].Rank] > 1
	}
}
