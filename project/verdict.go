package project

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/tryall/tryall/eval"
)

// Verdict is what came of one limit.
type Verdict struct {
	Limit      string  `json:"limit"`                // "f1 >= 70"
	Contestant string  `json:"contestant,omitempty"` // that was held against it; empty when there was none
	Mode       string  `json:"mode,omitempty"`
	Value      float64 `json:"value"` // in the limit's unit; 0 when not measured
	Measured   bool    `json:"measured"`
	Passed     bool    `json:"passed"`
	Reason     string  `json:"reason"` // a sentence
}

// Check holds the contestant that the bake-off says to use against every limit, in the round of the first mode: the pick,
// which is the cheapest of those that cannot be told apart from the winner, or the winner where no pick was made. A figure
// that could not be measured fails its limit, and so does a bake-off that no contestant finished.
func (g Gate) Check(b *eval.Bakeoff) []Verdict {
	out := make([]Verdict, 0, len(g))
	e := judged(b)
	for _, l := range g {
		v := Verdict{Limit: l.String(), Mode: b.Mode}
		if e == nil {
			v.Reason = "no contestant finished, so nothing can be held against this limit"
			out = append(out, v)
			continue
		}
		v.Contestant = e.Contestant
		var missing string
		v.Value, v.Measured, missing = l.measure(e, b.Metric)
		if v.Measured {
			v.Passed = l.holds(v.Value)
			v.Reason = l.sentence(v, e, b.Metric)
		} else {
			v.Reason = fmt.Sprintf("%s of %s could not be measured: %s", l.Name, e.Contestant, missing)
		}
		out = append(out, v)
	}
	return out
}

// Passed says whether every limit holds.
func Passed(vs []Verdict) bool {
	return !slices.ContainsFunc(vs, func(v Verdict) bool { return !v.Passed })
}

// judged is the contestant to be used; nil when there is none.
func judged(b *eval.Bakeoff) *eval.Entrant {
	for _, name := range []string{b.Pick, b.Winner} {
		i := slices.IndexFunc(b.Models, func(e eval.Entrant) bool { return name != "" && e.Contestant == name && e.Failed == "" })
		if i >= 0 {
			return &b.Models[i]
		}
	}
	return nil
}

// measure is the figure that a limit is about.
func (l Limit) measure(e *eval.Entrant, ranked string) (value float64, ok bool, missing string) {
	if m, found := measurementOf(l.Name); found {
		v, ok := m.of(e)
		return v, ok, m.missing
	}
	v, ok := e.Metrics[l.Name]
	if !ok && l.Name == ranked && e.N > 0 {
		v, ok = e.Score, true
	}
	switch {
	case !ok:
		return 0, false, "no question of the data counts for it"
	case math.IsNaN(v) || math.IsInf(v, 0):
		return 0, false, "it is " + strconv.FormatFloat(v, 'g', -1, 64)
	}
	return v, true, ""
}

func (l Limit) holds(v float64) bool {
	switch l.Op {
	case ">=":
		return v >= l.Bound
	case "<=":
		return v <= l.Bound
	case ">":
		return v > l.Bound
	case "<":
		return v < l.Bound
	case "==":
		return v == l.Bound
	}
	return false
}

// sentence says what was found, and for the score whether other questions might turn the outcome.
func (l Limit) sentence(v Verdict, e *eval.Entrant, ranked string) string {
	unit := " %"
	if m, ok := measurementOf(l.Name); ok {
		unit = ""
		if m.unit != "" {
			unit = " " + m.unit
		}
	}
	s := fmt.Sprintf("%s of %s is %s%s; the limit is %s %s", l.Name, e.Contestant, l.figure(v.Value), unit, l.Op, strconv.FormatFloat(l.Bound, 'f', -1, 64))
	if l.Name == ranked && e.ScoreCI[0] < l.Bound && l.Bound < e.ScoreCI[1] {
		s += fmt.Sprintf("; its interval, %.1f to %.1f on %d questions, holds the limit, so other questions may turn this", e.ScoreCI[0], e.ScoreCI[1], e.N)
	}
	return s
}

// figure has one digit behind the point, or as many as it takes to show on which side of the bound it lies.
func (l Limit) figure(v float64) string {
	if v == math.Trunc(v) {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	for digits := 1; digits < 9; digits++ {
		s := strconv.FormatFloat(v, 'f', digits, 64)
		shown, err := strconv.ParseFloat(s, 64)
		if err == nil && l.holds(shown) == l.holds(v) {
			return s
		}
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
