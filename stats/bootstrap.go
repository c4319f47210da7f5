package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Mean estimates the mean of x with a percentile bootstrap interval (Efron, 1979). Whole clusters are drawn
// with replacement; a resampled mean is the sum over the drawn observations divided by their number.
// clusters is nil (each observation stands alone) or as long as x.
func Mean(x []float64, clusters []int, o Options) (Estimate, error) {
	if err := check(x, clusters); err != nil {
		return Estimate{}, fmt.Errorf("bootstrap of a mean: %w", err)
	}
	cs := group(x, clusters)
	means := resampledMeans(cs, o)
	slices.Sort(means)
	tail := (1 - o.level()) / 2
	e := Estimate{
		Mean: average(x), N: len(x), Clusters: len(cs),
		Lo: Quantile(means, tail), Hi: Quantile(means, 1-tail),
		SE: deviation(means),
	}
	e.warn(means[0] != means[len(means)-1])
	return e, nil
}

// Paired compares two systems on the same observations: a bootstrap interval of the mean of a[i]-b[i],
// and the p of an approximate randomisation test over the same clusters.
func Paired(a, b []float64, clusters []int, o Options) (Comparison, error) {
	if len(a) != len(b) {
		return Comparison{}, fmt.Errorf("paired comparison: %d observations of one, %d of the other", len(a), len(b))
	}
	d := make([]float64, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	e, err := Mean(d, clusters, o)
	if err != nil {
		return Comparison{}, err
	}
	p, err := Randomise(d, clusters, o)
	return Comparison{e, p}, err
}

func resampledMeans(cs []cluster, o Options) []float64 {
	means := make([]float64, o.resamples())
	n := uint64(len(cs))
	inBlocks(len(means), o.Seed, streamBootstrap, func(rng *rand.PCG, lo, hi int) {
		for r := lo; r < hi; r++ {
			// Two draws of each random word: a 32-bit fraction times n. The unevenness, n/2^32, is far below what
			// any number of resamples could show.
			var sum, count float64
			for i := uint64(0); i+1 < n; i += 2 {
				u := rng.Uint64()
				a, b := &cs[(u>>32)*n>>32], &cs[(u&math.MaxUint32)*n>>32]
				sum += a.sum
				sum += b.sum
				count += a.n + b.n
			}
			if n%2 == 1 {
				a := &cs[(rng.Uint64()>>32)*n>>32]
				sum += a.sum
				count += a.n
			}
			means[r] = sum / count
		}
	})
	return means
}

func average(x []float64) float64 {
	var s float64
	for _, v := range x {
		s += v
	}
	return s / float64(len(x))
}

// deviation is the sample standard deviation (n-1); 0 for a single value.
func deviation(x []float64) float64 {
	if len(x) < 2 {
		return 0
	}
	m, s := average(x), 0.0
	for _, v := range x {
		s += (v - m) * (v - m)
	}
	return math.Sqrt(s / float64(len(x)-1))
}
