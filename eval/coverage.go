package eval

import (
	"cmp"
	"slices"
	"strings"
)

// coverageAt is the largest share of questions that can be answered with at least right percent of them exactly
// right, when those with the most confident best answers are answered. A threshold cannot part equal confidences,
// so they are answered together or not at all. A question without any candidate can only be left out.
func coverageAt(right float64) func([]Result) (float64, bool) {
	return func(rs []Result) (float64, bool) {
		if len(rs) == 0 {
			return 0, false
		}
		order := make([]int, 0, len(rs))
		for i := range rs {
			if rs[i].HasBest {
				order = append(order, i)
			}
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Compare(rs[b].Confidence, rs[a].Confidence) })
		covered, sum := 0, 0.0
		for k, i := range order {
			sum += rs[i].BestExact
			last := k+1 == len(order) || rs[order[k+1]].Confidence != rs[i].Confidence
			if last && sum >= right*float64(k+1) {
				covered = k + 1
			}
		}
		return 100 * float64(covered) / float64(len(rs)), true
	}
}

// coverages are the coverage metrics by their accuracy, as reports give them: {"90": 41.5}.
func coverages(rs []Result) map[string]float64 {
	out := map[string]float64{}
	for _, m := range Metrics {
		if at, ok := strings.CutPrefix(m.Name, "coverage_at_"); ok {
			out[at], _ = m.Of(rs)
		}
	}
	return out
}
