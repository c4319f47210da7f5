package stats

import (
	"fmt"
	"math"
)

// Logistic turns features into a probability: 1/(1+exp(-(Intercept + Weights·x))).
type Logistic struct {
	Weights   []float64
	Intercept float64
}

// P is the probability at x, which has as many features as there are weights.
func (l *Logistic) P(x []float64) float64 {
	z := l.Intercept
	for i, w := range l.Weights {
		z += w * x[i]
	}
	return sigmoid(z)
}

// sigmoid does not overflow.
func sigmoid(z float64) float64 {
	if z < 0 {
		e := math.Exp(z)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-z))
}

// FitLogistic is Platt's scaling (Platt, 1999), for one feature or several: the likelihood is maximal for the targets
// (N+1)/(N+2) of the N positives and 1/(M+2) of the M negatives, which keeps the weights finite also where a feature parts
// the two. A feature that others determine, or that is the same everywhere, gets the weight 0.
func FitLogistic(x [][]float64, outcome []bool) (*Logistic, error) {
	if err := checkFeatures(x, outcome); err != nil {
		return nil, fmt.Errorf("logistic fit: %w", err)
	}
	positives := 0.0
	for _, y := range outcome {
		positives += indicator(y)
	}
	n := float64(len(x))
	target := make([]float64, len(x))
	for i, y := range outcome {
		target[i] = 1 / (n - positives + 2)
		if y {
			target[i] = (positives + 1) / (positives + 2)
		}
	}
	z, mean, scale := standardised(x)
	w := make([]float64, len(scale)+1) // the intercept comes last
	w[len(scale)] = math.Log((positives + 1) / (n - positives + 1))
	if err := newton(z, target, w); err != nil {
		return nil, fmt.Errorf("logistic fit: %w", err)
	}
	l := &Logistic{Weights: w[:len(scale)], Intercept: w[len(scale)]}
	for j, s := range scale {
		l.Weights[j] /= s
		l.Intercept -= l.Weights[j] * mean[j]
	}
	return l, nil
}

func checkFeatures(x [][]float64, outcome []bool) error {
	if len(x) == 0 {
		return fmt.Errorf("no observations")
	}
	if len(outcome) != len(x) {
		return fmt.Errorf("%d observations but %d outcomes", len(x), len(outcome))
	}
	for i, row := range x {
		if len(row) != len(x[0]) {
			return fmt.Errorf("observation %d has %d features, the first has %d", i, len(row), len(x[0]))
		}
		for j, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("feature %d of observation %d is %v", j, i, v)
			}
		}
	}
	return nil
}

// standardised are the features less their means, over their deviations; 1 for those that have none.
func standardised(x [][]float64) (z [][]float64, mean, scale []float64) {
	k := len(x[0])
	mean, scale = make([]float64, k), make([]float64, k)
	column := make([]float64, len(x))
	for j := range k {
		for i := range x {
			column[i] = x[i][j]
		}
		mean[j], scale[j] = average(column), deviation(column)
		if scale[j] <= 1e-12*math.Abs(mean[j]) {
			scale[j] = 1
		}
	}
	z = make([][]float64, len(x))
	for i, row := range x {
		z[i] = make([]float64, k+1)
		for j, v := range row {
			z[i][j] = (v - mean[j]) / scale[j]
		}
		z[i][k] = 1
	}
	return z, mean, scale
}

// newton maximises the likelihood from w on. It is concave, so that half steps where a full one overshoots are all it takes.
func newton(z [][]float64, target, w []float64) error {
	k := len(w)
	current := likelihood(z, target, w)
	for range 100 {
		gradient, curvature := make([]float64, k), make([]float64, k*k)
		for i, row := range z {
			p := sigmoid(dot(row, w))
			for a := range k {
				gradient[a] += (target[i] - p) * row[a]
				for b := range a + 1 {
					curvature[a*k+b] += p * (1 - p) * row[a] * row[b]
				}
			}
		}
		step := solve(curvature, gradient)
		size := 0.0
		for _, s := range step {
			size = max(size, math.Abs(s))
		}
		if size < 1e-11 {
			return nil
		}
		next := make([]float64, k)
		for half := 1.0; ; half /= 2 {
			for a := range next {
				next[a] = w[a] + half*step[a]
			}
			l := likelihood(z, target, next)
			if l >= current {
				current = l
				break
			}
			if half*size < 1e-9 { // no step gains more than rounding
				return nil
			}
		}
		copy(w, next)
	}
	return fmt.Errorf("no maximum after 100 steps")
}

func likelihood(z [][]float64, target, w []float64) float64 {
	sum := 0.0
	for i, row := range z {
		v := dot(row, w)
		// target*log(p) + (1-target)*log(1-p), without loss where p is near 0 or 1
		sum += target[i]*v - max(v, 0) - math.Log1p(math.Exp(-math.Abs(v)))
	}
	return sum
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// solve finds x with m·x = y for a symmetric, positive semidefinite m of which the lower triangle is given, by Cholesky's
// decomposition. The intercept is eliminated first; an unknown that those before it determine is 0.
func solve(m, y []float64) []float64 {
	k := len(y)
	l := make([]float64, k*k)
	at := func(a, b int) float64 { // the last row first
		a, b = k-1-a, k-1-b
		return m[max(a, b)*k+min(a, b)]
	}
	x := make([]float64, k)
	for a := range k {
		for b := range a + 1 {
			s := at(a, b)
			for c := range b {
				s -= l[a*k+c] * l[b*k+c]
			}
			switch {
			case a != b && l[b*k+b] > 0:
				l[a*k+b] = s / l[b*k+b]
			case a == b && s > 1e-10*at(a, a):
				l[a*k+a] = math.Sqrt(s)
			}
		}
		if d := l[a*k+a]; d > 0 {
			s := y[k-1-a]
			for c := range a {
				s -= l[a*k+c] * x[c]
			}
			x[a] = s / d
		}
	}
	for a := k - 1; a >= 0; a-- {
		d := l[a*k+a]
		if d == 0 {
			x[a] = 0
			continue
		}
		for c := a + 1; c < k; c++ {
			x[a] -= l[c*k+a] * x[c]
		}
		x[a] /= d
	}
	for a, b := 0, k-1; a < b; a, b = a+1, b-1 {
		x[a], x[b] = x[b], x[a]
	}
	return x
}
