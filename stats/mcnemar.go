package stats

import "math"

// McNemar compares two systems that are each right or wrong: b questions only the first got right, c only the second.
// exact is the two-sided binomial p, chi2 the p of the chi-squared approximation with continuity correction.
func McNemar(b, c int) (exact, chi2 float64) {
	n := b + c
	if b < 0 || c < 0 || n == 0 {
		return 1, 1
	}
	var tail float64
	for k := 0; k <= min(b, c); k++ {
		tail += math.Exp(logChoose(n, k) - float64(n)*math.Ln2)
	}
	exact = min(1, 2*tail)
	d := max(0, math.Abs(float64(b-c))-1)
	chi2 = math.Erfc(math.Sqrt(d * d / float64(n) / 2))
	return exact, chi2
}

func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}
