package eval

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
)

// verdict says in a sentence or two what the figures allow to be said.
func (l *Leaderboard) verdict() string {
	s := ""
	if l.Decoder != "" {
		s = fmt.Sprintf("With the decoder %s, ", l.Decoder)
	}
	first := l.Standings[0]
	switch {
	case len(l.Standings) == 1:
		s += fmt.Sprintf("%s reaches %.1f %s [%.1f, %.1f] on %s; there is nothing to compare it with.",
			first.Contestant, first.Score, l.unit(), first.ScoreCI[0], first.ScoreCI[1], asked(first.N))
	case len(l.Tied) == 1:
		s += l.clear()
		if l.few() {
			return s + " But " + tooFewToRelyOn(l.Comparisons[0]) + "."
		}
	default:
		s += l.tie()
		if l.few() {
			return s // which says what there is to be careful about
		}
	}
	if len(l.Warnings) > 0 {
		s += fmt.Sprintf(" Caution: %s.", l.Warnings[0])
	}
	return s
}

// unit is the metric as people write it.
func (l *Leaderboard) unit() string { return Unit(l.Metric) }

// Unit is a metric as people write it.
func Unit(metric string) string {
	switch metric {
	case "f1":
		return "F1"
	case "exact":
		return "EM"
	}
	return metric
}

func (l *Leaderboard) clear() string {
	c := l.Comparisons[0] // winner and second
	s := fmt.Sprintf("%s is better than %s by %s %s (%s, p = %s",
		c.A, c.B, l.size(c), bracket(c), asked(c.N), probability(c.PHolm))
	if others := len(l.Standings) - 2; others > 0 {
		return s + fmt.Sprintf(" after Holm's correction), and better than the other %d.", others)
	}
	return s + ")."
}

// fewClusters is below how many passages or documents nothing is foretold: intervals and tests of so few are rough.
const fewClusters = 20

// few says whether the first two are compared on too few passages for their figures to be relied on.
func (l *Leaderboard) few() bool { return l.Comparisons[0].clusters < fewClusters }

// tooFewToRelyOn says of how many questions that is said.
func tooFewToRelyOn(c Comparison) string {
	on := asked(c.N)
	switch {
	case c.clusters == 1 && c.N > 1:
		on += " of 1 passage"
	case c.clusters < c.N:
		on += fmt.Sprintf(" of %d passages", c.clusters)
	}
	if c.N == 1 {
		return on + " is too few to rely on; label more, from more documents"
	}
	return on + " are too few to rely on; label more, from more documents"
}

// tooFew says in words what so few questions are worth, then the figures.
func (l *Leaderboard) tooFew(c Comparison) string {
	if math.Abs(c.Diff) < 0.05 {
		what := "between the first two"
		if c.Diff == 0 && c.Detectable == 0 {
			what += ", which score alike on every question"
		}
		return fmt.Sprintf("%s cannot be told apart: %s %s %s. But %s", list(l.Tied), l.size(c), bracket(c), what, tooFewToRelyOn(c))
	}
	who := fmt.Sprintf("%s looks better than %s", l.Winner, list(l.Tied[1:]))
	by := fmt.Sprintf("by %.0f %s", math.Abs(c.Diff), l.unit())
	if math.Abs(c.Diff) < 1 {
		by = "by " + l.size(c)
	}
	if len(l.Tied) > 2 {
		by = "the next " + by
		who += ","
	}
	return fmt.Sprintf("%s %s, but %s. By the figures they cannot be told apart: %s %s, an interval that is rough and rather too narrow with so few",
		who, by, tooFewToRelyOn(c), l.size(c), bracket(c))
}

// tie names the tied group, and what it would take to part its first two.
func (l *Leaderboard) tie() string {
	if l.few() {
		return l.tooFew(l.toward(l.Tied[1])) + l.rest()
	}
	c := l.toward(l.Tied[1])
	s := fmt.Sprintf("%s cannot be told apart", list(l.Tied))
	if len(l.Tied) == 2 {
		s += fmt.Sprintf(": %s %s between them on %s", l.size(c), bracket(c), asked(c.N))
	} else {
		s += fmt.Sprintf(" on %s: %s %s between the first two", asked(c.N), l.size(c), bracket(c))
	}
	more := roundUp(c.Needed - float64(c.N))
	switch {
	case c.Diff == 0 && c.Detectable == 0:
		s += "; they score alike on every question"
	case math.Abs(c.Diff) < 0.05 || c.Needed > 50*float64(c.N):
		s += fmt.Sprintf("; a difference below %.1f does not show with that many", c.Detectable)
	case c.CI[0] > 0 || c.CI[1] < 0: // what is foretold has come true by the interval, and yet it is a tie
		s += l.stricter(c)
	case more > 0:
		s += fmt.Sprintf("; if the difference stays that large, about %d more questions would show it", more)
	default:
		s += "; a few more questions would decide it"
	}
	return s + l.rest()
}

// stricter says why a difference whose interval leaves 0 out is a tie all the same.
func (l *Leaderboard) stricter(c Comparison) string {
	if c.PHolm < alpha {
		return "; the interval leaves 0 out, but the race, which looks many times and so is stricter, does not call that more than chance"
	}
	return fmt.Sprintf("; the interval leaves 0 out, but the test, which is stricter, does not call that more than chance (p = %s)", probability(c.PHolm))
}

// rest ends the sentence with those that are behind the tied group.
func (l *Leaderboard) rest() string {
	switch rest := len(l.Standings) - len(l.Tied); {
	case rest == 1:
		return ". The other one is worse."
	case rest > 1:
		return fmt.Sprintf(". The other %d are worse.", rest)
	}
	return "."
}

func asked(n int) string {
	if n == 1 {
		return "1 question"
	}
	return fmt.Sprintf("%d questions", n)
}

// toward is the comparison of the winner with another.
func (l *Leaderboard) toward(other string) Comparison {
	for _, c := range l.Comparisons {
		if c.A == l.Winner && c.B == other {
			return c
		}
	}
	return Comparison{}
}

func (l *Leaderboard) size(c Comparison) string {
	return fmt.Sprintf("%.1f %s", math.Abs(c.Diff), l.unit())
}

// bracket is the interval, turned with the sign of the difference.
func bracket(c Comparison) string {
	if c.Diff < 0 {
		return fmt.Sprintf("[%.1f, %.1f]", -c.CI[1], -c.CI[0])
	}
	return fmt.Sprintf("[%.1f, %.1f]", c.CI[0], c.CI[1])
}

func probability(p float64) string {
	if p < 0.001 {
		return fmt.Sprintf("%.1g", p)
	}
	return fmt.Sprintf("%.2g", p)
}

// roundUp keeps two digits: 1,234 becomes 1,300.
func roundUp(n float64) int {
	if !(n > 0) || n > 1e12 {
		return 0
	}
	step := math.Pow(10, max(0, math.Floor(math.Log10(n))-1))
	return int(math.Ceil(n/step) * step)
}

// list is "A", "A and B", "A, B and C".
func list(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// WriteTable writes the leaderboard for a terminal, one line a run; ~ marks a shared rank.
func (l *Leaderboard) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	v2 := l.Standings[0].NoAnsF1 != nil
	head := fmt.Sprintf("rank\tcontestant\t%s\t95 %%\tEM\t", l.unit())
	if v2 {
		head += "HasAns F1\tNoAns F1\t"
	}
	fmt.Fprintln(t, head+"90 % right\twrong\tp50 ms\tp95 ms")
	for _, s := range l.Standings {
		tilde := " "
		if s.Tied {
			tilde = "~"
		}
		fmt.Fprintf(t, "%4d%s\t%s\t%5.1f\t%.1f to %.1f\t%5.1f\t", s.Rank, tilde, s.Contestant, s.Score, s.ScoreCI[0], s.ScoreCI[1], s.Exact)
		if v2 {
			fmt.Fprintf(t, "%s\t%s\t", optional(s.HasAnsF1), optional(s.NoAnsF1))
		}
		fmt.Fprintf(t, "%5.1f\t%5.1f\t%6.1f\t%6.1f\n", s.CoverageAt["90"], s.WrongRate, s.P50, s.P95)
	}
	return t.Flush()
}

func optional(v *float64) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf("%5.1f", *v)
}
