package stats

import (
	"fmt"
	"math"
	"sort"
)

// Isotonic is the rising function that lies nearest to outcomes: X are the places where it bends, P its values there. Between
// them it is linear, outside constant.
type Isotonic struct{ X, P []float64 }

// FitIsotonic finds it by pooling neighbours that fall (Ayer and others, 1955). Observations with one x are pooled first.
func FitIsotonic(x []float64, outcome []bool) (*Isotonic, error) {
	if len(x) == 0 || len(x) != len(outcome) {
		return nil, fmt.Errorf("isotonic fit: %d observations with %d outcomes", len(x), len(outcome))
	}
	type block struct{ lo, hi, sum, n float64 }
	var blocks []block
	for _, i := range sorted(x) {
		if math.IsNaN(x[i]) || math.IsInf(x[i], 0) {
			return nil, fmt.Errorf("isotonic fit: observation %d is %v", i, x[i])
		}
		if k := len(blocks) - 1; k >= 0 && blocks[k].hi == x[i] {
			blocks[k].sum += indicator(outcome[i])
			blocks[k].n++
			continue
		}
		blocks = append(blocks, block{x[i], x[i], indicator(outcome[i]), 1})
	}
	k := 0 // blocks[:k] rise
	for _, b := range blocks {
		for ; k > 0 && blocks[k-1].sum*b.n >= b.sum*blocks[k-1].n; k-- {
			p := blocks[k-1]
			b = block{p.lo, b.hi, p.sum + b.sum, p.n + b.n}
		}
		blocks[k] = b
		k++
	}
	f := &Isotonic{}
	for _, b := range blocks[:k] {
		f.X, f.P = append(f.X, b.lo), append(f.P, b.sum/b.n)
		if b.hi > b.lo {
			f.X, f.P = append(f.X, b.hi), append(f.P, b.sum/b.n)
		}
	}
	return f, nil
}

// At is the function's value.
func (f *Isotonic) At(x float64) float64 {
	k := sort.SearchFloat64s(f.X, x)
	switch {
	case k == len(f.X):
		return f.P[k-1]
	case k == 0 || f.X[k] == x:
		return f.P[k]
	}
	t := (x - f.X[k-1]) / (f.X[k] - f.X[k-1])
	return f.P[k-1] + t*(f.P[k]-f.P[k-1])
}
