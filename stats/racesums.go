package stats

import "math"

// part is what a look adds to one cluster. row is the cluster's place in order of first appearance.
type part struct {
	row int
	sum []float64 // by live system
}

// parts are what the observations up to n add to the clusters.
func (r *Race) parts(scores [][]float64, clusters []int, n int) []part {
	sign := 1.0
	if r.o.LowerBetter {
		sign = -1
	}
	var parts []part
	at := map[int]int{} // row to part
	for k := r.seen; k < n; k++ {
		id := k
		if clusters != nil {
			id = clusters[k]
		}
		row, ok := r.rows[id]
		if !ok {
			row = len(r.rows)
			r.rows[id] = row
			r.sums = append(r.sums, make([]float64, len(r.in))...)
		}
		p, ok := at[row]
		if !ok {
			p = len(parts)
			at[row] = p
			parts = append(parts, part{row, make([]float64, len(r.trials.live))})
		}
		for a, i := range r.trials.live {
			v := sign * scores[i][k]
			parts[p].sum[a] += v
			r.sums[row*len(r.in)+i] += v
			r.min, r.max = min(r.min, v), max(r.max, v)
		}
	}
	r.seen = n
	return parts
}

// moments are two figures of each pair of live systems (a, b), as matrices. Signs do not change scale: 1 over the root of the
// sum over clusters of squared differences, 0 where all are 0. lean is the sum of cubes of a-b, with one more cluster in which
// a is better by all that scores differ by, times the cube of the scale; 0 where that is negative. For a cluster of several
// observations that range grows as the deviation of a sum does, with the root of their number.
func (r *Race) moments() (scale, lean []float64) {
	live := r.trials.live
	m := len(live)
	scale, lean = make([]float64, m*m), make([]float64, m*m)
	for row := 0; row < len(r.sums); row += len(r.in) {
		for a, i := range live {
			x := r.sums[row+i]
			for b, j := range live[:a] {
				d := x - r.sums[row+j]
				scale[a*m+b] += d * d
				lean[a*m+b] += d * d * d
			}
		}
	}
	unseen := math.Pow((r.max-r.min)*math.Sqrt(float64(r.seen)/float64(max(1, len(r.rows)))), 3)
	for a := range m {
		for b := range a {
			v, cubes := 0.0, lean[a*m+b]
			if q := scale[a*m+b]; q > 0 {
				v = 1 / math.Sqrt(q)
			}
			scale[a*m+b], scale[b*m+a] = v, v
			lean[a*m+b], lean[b*m+a] = max(0, unseen+cubes)*v*v*v, max(0, unseen-cubes)*v*v*v
		}
	}
	return scale, lean
}

// lopsided corrects a statistic for differences that are not symmetric: a system that is often a little worse and seldom much
// better looks worse than it is while the seldom cases have not come. This is the leading term of the Edgeworth expansion of a
// studentised mean (Johnson, 1978; Hall, 1992), used only where it lowers the statistic. With few observations the asymmetry
// cannot be seen in them; so one more, the worst that there can be, is counted in.
func lopsided(statistic, lean float64) float64 {
	return statistic - lean*(1+2*statistic*statistic)/6
}
