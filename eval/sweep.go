package eval

import (
	"fmt"
	"math"
	"slices"
)

// sweep adds what follows from moving the threshold over the no-answer scores.
func (r *Report) sweep(raw map[string]scored, na *NoAnswerScores) {
	order := make([]string, 0, len(na.IDs))
	nan := 0
	for _, id := range na.IDs {
		if _, ok := raw[id]; ok {
			order = append(order, id)
			if math.IsNaN(na.Of[id]) {
				nan++
			}
		}
	}
	if nan > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d no-answer scores are NaN; they are sorted last here, the official script leaves their order open", nan))
	}
	slices.SortStableFunc(order, func(a, b string) int { return compareNaNLast(na.Of[a], na.Of[b]) })
	exact, f1 := func(s scored) float64 { return s.exact }, func(s scored) float64 { return s.f1 }
	r.Best = &Best{}
	r.Best.Exact, r.Best.ExactThresh = bestThreshold(order, raw, na, exact)
	r.Best.F1, r.Best.F1Thresh = bestThreshold(order, raw, na, f1)
	if r.HasAns != nil {
		r.PR = &AveragePrecision{
			Exact:  averagePrecision(order, raw, na, r.HasAns.Total, exact),
			F1:     averagePrecision(order, raw, na, r.HasAns.Total, f1),
			Oracle: averagePrecision(order, raw, na, r.HasAns.Total, scored.oracle),
		}
	}
}

func compareNaNLast(a, b float64) int {
	switch {
	case a < b, !math.IsNaN(a) && math.IsNaN(b):
		return -1
	case a > b, math.IsNaN(a) && !math.IsNaN(b):
		return 1
	}
	return 0
}

// bestThreshold walks from answering nothing to answering everything, surest first, and keeps the best total.
func bestThreshold(order []string, raw map[string]scored, na *NoAnswerScores, of func(scored) float64) (percent, threshold float64) {
	current := 0.0
	for _, s := range raw {
		if !s.has && !s.missing {
			current++
		}
	}
	best := current
	for _, id := range order {
		switch s := raw[id]; {
		case s.missing:
		case s.has:
			current += of(s)
		case !s.empty:
			current--
		}
		if current > best {
			best, threshold = current, na.Of[id]
		}
	}
	return 100 * best / float64(len(raw)), threshold
}

// averagePrecision is the area under the precision-recall curve, with a point only where a threshold can lie.
func averagePrecision(order []string, raw map[string]scored, na *NoAnswerScores, positives int, of func(scored) float64) float64 {
	var hits, recall, area float64
	for i, id := range order {
		if s := raw[id]; s.has {
			hits += of(s)
		}
		if i == len(order)-1 || na.Of[id] != na.Of[order[i+1]] {
			r := hits / float64(positives)
			area += hits / float64(i+1) * (r - recall)
			recall = r
		}
	}
	return 100 * area
}
