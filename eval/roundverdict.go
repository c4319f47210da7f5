package eval

import (
	"fmt"
	"strings"
)

// worthwhile is how many times faster another must be to be spoken of.
const worthwhile = 1.3

// verdict adds to what the leaderboard says what the choice costs: who of the tied is faster or smaller, and how much faster the
// runner-up is than a clear winner.
func (r *Round) verdict(l *Leaderboard) string {
	parts := []string{strings.TrimSuffix(l.Verdict, ".")}
	if advice := r.advice(); advice != "" {
		parts = append(parts, advice)
	}
	dropped, failed := 0, 0
	for i := range r.Models {
		if r.Models[i].Eliminated != nil {
			dropped++
		}
		if r.Models[i].Failed != "" {
			failed++
		}
	}
	if dropped > 0 {
		parts = append(parts, fmt.Sprintf("%s dropped on the way, which saved %.0f %% of the answers", were(dropped), r.Saved))
	}
	if failed > 0 {
		parts = append(parts, fmt.Sprintf("%s not go on, see the reason", could(failed)))
	}
	if r.Stopped != "" {
		parts = append(parts, "The race ended early: "+r.Stopped)
	}
	return strings.Join(parts, ". ") + "."
}

func were(n int) string {
	if n == 1 {
		return "1 was"
	}
	return fmt.Sprintf("%d were", n)
}

func could(n int) string {
	if n == 1 {
		return "1 could"
	}
	return fmt.Sprintf("%d could", n)
}

// advice is the sentence to act upon.
func (r *Round) advice() string {
	winner, err := r.Entrant(r.Winner)
	if err != nil || winner.P50 <= 0 || winner.TimedAlone < leastTimed {
		return ""
	}
	if len(r.Tied) > 1 {
		pick, err := r.Entrant(r.Pick)
		if err != nil || pick.Contestant == winner.Contestant || pick.TimedAlone < leastTimed || winner.P50 < worthwhile*pick.P50 {
			return ""
		}
		lead := "a lead that may be chance"
		if c := between(r.Comparisons, winner.Contestant, pick.Contestant); c != nil {
			if c.Diff < 0.05 {
				return fmt.Sprintf("%s is %s faster: pick it", pick.Contestant, times(winner.P50/pick.P50))
			}
			lead = fmt.Sprintf("the %.1f %s [%.1f, %.1f] that %s leads by, which may be chance,", c.Diff, Unit(r.Metric), c.CI[0], c.CI[1], winner.Contestant)
		}
		return fmt.Sprintf("%s is %s faster: pick it unless %s matter more", pick.Contestant, times(winner.P50/pick.P50), lead)
	}
	for i := range r.Models { // best first: the best of those that are much faster
		e := &r.Models[i]
		if e.Contestant == winner.Contestant || e.Failed != "" || e.P50 <= 0 || e.TimedAlone < leastTimed || winner.P50 < worthwhile*e.P50 {
			continue
		}
		if c := between(r.Comparisons, winner.Contestant, e.Contestant); c != nil {
			return fmt.Sprintf("Pick %s, unless time counts more: %s is %s faster and %.1f %s [%.1f, %.1f] behind",
				winner.Contestant, e.Contestant, times(winner.P50/e.P50), c.Diff, Unit(r.Metric), c.CI[0], c.CI[1])
		}
		break
	}
	if len(r.Models) > 1 {
		return fmt.Sprintf("Pick %s", winner.Contestant)
	}
	return ""
}

func times(x float64) string {
	if x < 1.95 {
		return fmt.Sprintf("%.0f %%", 100*(x-1))
	}
	return fmt.Sprintf("%.1f times", x)
}

// between finds the comparison of two, a first.
func between(cs []Comparison, a, b string) *Comparison {
	for i := range cs {
		if cs[i].A == a && cs[i].B == b {
			return &cs[i]
		}
	}
	return nil
}
