package stats

import (
	"fmt"
	"math"
)

// Weighted is the mean of observations that count differently much, in their units.
type Weighted struct {
	Mean float64
	// SE is the standard error; it counts the clusters in. +Inf for a single cluster, which says nothing of others.
	SE       float64
	N        int
	Clusters int // what stands alone; N when every observation does
}

// WeightedMean is the mean of x with weights, such as LURE's: the sum of weight times observation over the sum of the weights, so that
// it lies between the observations however few there are. It is consistent, with a bias that goes as 1/n. The standard error is
// that of a ratio, from the residuals, summed by cluster (Liang and Zeger, 1986, with the factor G/(G-1)); it speaks of more
// observations of the kind, not only of those of a pool. clusters is nil (each observation stands alone) or as long as x.
func WeightedMean(x, weights []float64, clusters []int) (Weighted, error) {
	if err := check(x, clusters); err != nil {
		return Weighted{}, fmt.Errorf("weighted mean: %w", err)
	}
	if len(weights) != len(x) {
		return Weighted{}, fmt.Errorf("weighted mean: %d observations but %d weights", len(x), len(weights))
	}
	var sum, total float64
	for i, w := range weights {
		if !(w >= 0) || math.IsInf(w, 1) {
			return Weighted{}, fmt.Errorf("weighted mean: weight %d is %v", i, w)
		}
		sum += w * x[i]
		total += w
	}
	if total == 0 {
		return Weighted{}, fmt.Errorf("weighted mean: all weights are 0")
	}
	m := Weighted{Mean: sum / total, N: len(x)}
	residuals := make([]float64, len(x))
	for i, w := range weights {
		residuals[i] = w * (x[i] - m.Mean)
	}
	cs := group(residuals, clusters)
	m.Clusters = len(cs)
	if m.Clusters < 2 {
		m.SE = math.Inf(1)
		return m, nil
	}
	var squares float64
	for _, c := range cs {
		squares += c.sum * c.sum
	}
	g := float64(m.Clusters)
	m.SE = math.Sqrt(squares*g/(g-1)) / total
	return m, nil
}

// Margin is half of the interval that holds the true mean with probability level, by Student's t over the clusters.
func (m Weighted) Margin(level float64) float64 { return m.MarginAfter(level, 0) }

// MarginAfter is about what Margin will be with more observations like these: the standard error goes as one over the root of their
// number.
func (m Weighted) MarginAfter(level float64, more int) float64 {
	if m.SE == 0 || math.IsInf(m.SE, 1) {
		return m.SE
	}
	grown := float64(m.N+more) / float64(m.N)
	return StudentQuantile(1-(1-level)/2, max(1, int(float64(m.Clusters)*grown)-1)) * m.SE / math.Sqrt(grown)
}

// manyDegrees is from where on Student's t is the normal distribution to four digits.
const manyDegrees = 10_000

// StudentQuantile is the value that Student's t with df degrees of freedom stays below with probability p; NaN unless p lies in (0, 1)
// and df is at least 1.
func StudentQuantile(p float64, df int) float64 {
	switch {
	case !(p > 0 && p < 1) || df < 1:
		return math.NaN()
	case df > manyDegrees:
		return NormalQuantile(p)
	case p < 0.5:
		return -StudentQuantile(1-p, df)
	}
	// With the angle whose tangent is t/sqrt(df) the probability is a finite sum, which grows with it.
	lo, hi := 0.0, math.Pi/2
	for range 100 {
		if mid := (lo + hi) / 2; (1+studentTwoSided(mid, df))/2 < p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return math.Tan((lo+hi)/2) * math.Sqrt(float64(df))
}

// studentTwoSided is the probability that |t| is below tan(angle)*sqrt(df): Abramowitz and Stegun, 26.7.3 and 26.7.4.
func studentTwoSided(angle float64, df int) float64 {
	sin, cos := math.Sincos(angle)
	term, sum := 1.0, 0.0
	if df%2 == 1 {
		term = cos
		for k := 1; k <= df-2; k += 2 {
			sum += term
			term *= cos * cos * float64(k+1) / float64(k+2)
		}
		return 2 / math.Pi * (angle + sin*sum)
	}
	for k := 0; k <= df-2; k += 2 {
		sum += term
		term *= cos * cos * float64(k+1) / float64(k+2)
	}
	return sin * sum
}
