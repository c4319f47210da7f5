package stats

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
)

// blockSize is how many resamples share one generator. Blocks, not threads, own the random numbers,
// so that a result depends on the seed alone.
const blockSize = 250

// Streams keep the random numbers of different procedures with one seed apart.
const (
	streamBootstrap uint64 = iota << 32
	streamRandomise
	streamRace
	streamFolds
	streamLabel
)

// inBlocks calls f for every block [lo, hi) of n resamples, each with a generator of its own, on all cores.
func inBlocks(n int, seed, stream uint64, f func(rng *rand.PCG, lo, hi int)) {
	blocks := (n + blockSize - 1) / blockSize
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), blocks) {
		wg.Go(func() {
			for {
				b := int(next.Add(1)) - 1
				if b >= blocks {
					return
				}
				f(rand.NewPCG(seed, stream+uint64(b)), b*blockSize, min((b+1)*blockSize, n))
			}
		})
	}
	wg.Wait()
}

// cluster is the sum and the number of the observations of one cluster.
type cluster struct{ sum, n float64 }

// group sums observations by cluster, in order of first appearance; without clusters each stands alone.
func group(x []float64, ids []int) []cluster {
	if ids == nil {
		cs := make([]cluster, len(x))
		for i, v := range x {
			cs[i] = cluster{v, 1}
		}
		return cs
	}
	var cs []cluster
	at := map[int]int{}
	for i, v := range x {
		k, ok := at[ids[i]]
		if !ok {
			k = len(cs)
			at[ids[i]] = k
			cs = append(cs, cluster{})
		}
		cs[k].sum += v
		cs[k].n++
	}
	return cs
}
