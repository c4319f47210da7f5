package stats

import "math"

// clusterSums are the sums of all systems' scores by cluster, so far.
type clusterSums struct {
	systems int
	at      map[int]int // cluster number to row
	rows    []float64   // (cluster, system)
	total   []float64   // by system
}

// part is what a look adds to one cluster.
type part struct {
	row int
	sum []float64 // by system
}

// add takes in the observations from seen on, and returns what they add to each cluster.
func (s *clusterSums) add(scores [][]float64, clusters []int, seen int, left []int, lowerBetter bool) []part {
	if s.at == nil {
		s.at, s.total = map[int]int{}, make([]float64, s.systems)
	}
	sign := 1.0
	if lowerBetter {
		sign = -1
	}
	var parts []part
	at := map[int]int{} // row to part
	for k := seen; k < len(scores[left[0]]); k++ {
		id := k
		if clusters != nil {
			id = clusters[k]
		}
		row, ok := s.at[id]
		if !ok {
			row = len(s.at)
			s.at[id] = row
			s.rows = append(s.rows, make([]float64, s.systems)...)
		}
		p, ok := at[row]
		if !ok {
			p = len(parts)
			at[row] = p
			parts = append(parts, part{row, make([]float64, s.systems)})
		}
		for _, i := range left {
			v := sign * scores[i][k]
			parts[p].sum[i] += v
			s.rows[row*s.systems+i] += v
			s.total[i] += v
		}
	}
	return parts
}

// scales are, for each pair of systems, 1 over the root of the sum over clusters of squared differences; 0 where all are 0.
// A sum of differences times its scale is the same as a t statistic in another unit, and signs do not change the scale.
func (s *clusterSums) scales(left []int) []float64 {
	m := len(left)
	squares := make([]float64, m*m)
	for row := 0; row < len(s.rows); row += s.systems {
		for a, i := range left {
			x := s.rows[row+i]
			for b, j := range left[:a] {
				d := x - s.rows[row+j]
				squares[a*m+b] += d * d
			}
		}
	}
	for a := range m {
		for b := range a {
			v := 0.0
			if q := squares[a*m+b]; q > 0 {
				v = 1 / math.Sqrt(q)
			}
			squares[a*m+b], squares[b*m+a] = v, v
		}
	}
	return squares
}

// worst is the system that another one leads by the largest statistic.
func (s *clusterSums) worst(left []int, scale []float64) (system, by int, t float64) {
	system, by, t = left[0], left[0], math.Inf(-1)
	for a, i := range left {
		for b, j := range left {
			if v := (s.total[j] - s.total[i]) * scale[a*len(left)+b]; a != b && v > t {
				system, by, t = i, j, v
			}
		}
	}
	return system, by, t
}

// behind is the mean of by minus that of system, in the scores' own sense when large scores are good.
func (s *clusterSums) behind(system, by, n int) float64 {
	return (s.total[by] - s.total[system]) / float64(n)
}
