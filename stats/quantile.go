package stats

import "math"

// Quantile is the q-quantile of values that are sorted, with linear interpolation between the two nearest
// (type 7 of Hyndman and Fan, the default of numpy and R). NaN when there are none.
func Quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 || math.IsNaN(q) {
		return math.NaN()
	}
	at := min(max(q, 0), 1) * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	if sorted[i] == sorted[i+1] {
		return sorted[i] // also where both are infinite
	}
	return sorted[i] + (sorted[i+1]-sorted[i])*(at-float64(i))
}

// NormalCDF is the probability that a standard normal variable is at most z.
func NormalCDF(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// NormalQuantile is the z that a standard normal variable stays below with probability p.
func NormalQuantile(p float64) float64 { return -math.Sqrt2 * math.Erfcinv(2*p) }

// Wilson is the score interval (Wilson, 1927) of a share of k in n, as fractions; 0 and 1 for n = 0.
func Wilson(k, n int, level float64) (lo, hi float64) {
	if n <= 0 {
		return 0, 1
	}
	z := NormalQuantile(1 - (1-level)/2)
	p, m, z2 := float64(k)/float64(n), float64(n), z*z
	centre := (p + z2/(2*m)) / (1 + z2/m)
	half := z / (1 + z2/m) * math.Sqrt(p*(1-p)/m+z2/(4*m*m))
	return max(0, centre-half), min(1, centre+half)
}
