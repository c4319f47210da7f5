package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync/atomic"
)

// Randomise is the two-sided p of an approximate randomisation test that the differences d centre on zero
// (Noreen, 1989): the sign of every cluster is turned at random, c of B sums are at least as large as the
// observed one, p = (c+1)/(B+1). Observations of one cluster keep their signs relative to each other,
// because they are not independent evidence. clusters is nil or as long as d.
func Randomise(d []float64, clusters []int, o Options) (float64, error) {
	if err := check(d, clusters); err != nil {
		return 0, fmt.Errorf("randomisation test: %w", err)
	}
	cs := group(d, clusters)
	var observed, size float64
	for _, c := range cs {
		observed += c.sum
		size += math.Abs(c.sum)
	}
	// Sums that differ only by the order of rounding count as equal.
	bound := math.Abs(observed) - 1e-10*size
	var reached atomic.Int64
	trials := o.trials()
	inBlocks(trials, o.Seed, streamRandomise, func(rng *rand.PCG, lo, hi int) {
		count := int64(0)
		for r := lo; r < hi; r++ {
			if math.Abs(signedSum(cs, rng)) >= bound {
				count++
			}
		}
		reached.Add(count)
	})
	return float64(reached.Load()+1) / float64(trials+1), nil
}

// signedSum adds the clusters' sums with random signs, 64 signs of each random word.
func signedSum(cs []cluster, rng *rand.PCG) float64 {
	var sum float64
	for len(cs) > 0 {
		part := cs[:min(64, len(cs))]
		cs = cs[len(part):]
		u := rng.Uint64()
		for i := range part {
			sum += math.Float64frombits(math.Float64bits(part[i].sum) ^ u<<63)
			u >>= 1
		}
	}
	return sum
}
