package stats

import (
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

// sample draws clusters of questions whose true mean is known: 50 plus a cluster effect plus noise.
func sample(rng *rand.Rand, clusters, size int, effect float64) (x []float64, ids []int) {
	for c := range clusters {
		shift := rng.NormFloat64() * effect
		for range size {
			x = append(x, 50+shift+rng.NormFloat64()*10)
			ids = append(ids, c)
		}
	}
	return x, ids
}

func TestSameSeedSameResultOnAnyNumberOfThreads(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	a, ids := sample(rng, 30, 4, 5)
	b, _ := sample(rng, 30, 4, 5)
	var first Comparison
	for i, procs := range []int{1, 2, 7} {
		old := runtime.GOMAXPROCS(procs)
		got, err := Paired(a, b, ids, Options{Seed: 9})
		runtime.GOMAXPROCS(old)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = got
		} else if got.Lo != first.Lo || got.Hi != first.Hi || got.P != first.P || got.SE != first.SE {
			t.Errorf("%d threads: %+v, one thread: %+v", procs, got, first)
		}
	}
	if other, _ := Paired(a, b, ids, Options{Seed: 10}); other.Lo == first.Lo && other.P == first.P {
		t.Error("another seed gave the same resamples")
	}
}

// The interval of clustered data holds the true mean about as often as it says; one that ignores the clusters does not.
func TestCoverageBySimulation(t *testing.T) {
	const runs = 300
	rng := rand.New(rand.NewPCG(5, 5))
	held, naive := 0, 0
	for range runs {
		x, ids := sample(rng, 40, 5, 10)
		e, _ := Mean(x, ids, Options{Resamples: 400, Seed: rng.Uint64()})
		if e.Lo <= 50 && 50 <= e.Hi {
			held++
		}
		n, _ := Mean(x, nil, Options{Resamples: 400, Seed: rng.Uint64()})
		if n.Lo <= 50 && 50 <= n.Hi {
			naive++
		}
	}
	// 0.95 of 300 is 285 with a standard deviation of 4; percentile intervals of 40 clusters are a little narrow.
	if held < 268 || held > 298 {
		t.Errorf("clustered intervals held the mean %d of %d times", held, runs)
	}
	if naive > 255 {
		t.Errorf("intervals that ignore clusters held the mean %d of %d times: the simulation has no cluster effect", naive, runs)
	}
}

// Under no difference, p < 0.05 happens in about 5 % of samples, also when differences come in clusters.
func TestRandomisationKeepsItsLevel(t *testing.T) {
	const runs = 400
	rng := rand.New(rand.NewPCG(6, 6))
	found := 0
	for range runs {
		x, ids := sample(rng, 25, 4, 8)
		for i := range x {
			x[i] -= 50
		}
		p, _ := Randomise(x, ids, Options{Resamples: 400, Seed: rng.Uint64()})
		if p < 0.05 {
			found++
		}
	}
	if found < 7 || found > 36 { // 20 expected, standard deviation 4.4
		t.Errorf("p < 0.05 in %d of %d samples without a difference", found, runs)
	}
}

// Of the 16 sums of these with signs, 12 are at least 0.3 in size, some only but for rounding.
func TestSumsThatDifferByRoundingAreEqual(t *testing.T) {
	p, err := Randomise([]float64{0.1, 0.2, 0.3, -0.3}, nil, Options{Resamples: 100_000})
	if err != nil || math.Abs(p-0.75) > 0.01 {
		t.Errorf("p = %v, want 0.75, %v", p, err)
	}
}

func TestNoDifferenceAndLargeDifference(t *testing.T) {
	same := make([]float64, 50)
	c, err := Paired(same, same, nil, Options{})
	if err != nil || c.P != 1 || c.Mean != 0 || c.Lo != 0 || c.Hi != 0 {
		t.Errorf("equal systems: %+v, %v", c, err)
	}
	if !math.IsInf(c.Needed(0), 1) {
		t.Error("no number of observations shows a difference of zero")
	}
	better := make([]float64, 50)
	for i := range better {
		better[i] = 100
	}
	c, _ = Paired(better, same, nil, Options{})
	if c.P != 1.0/10_001 || c.Mean != 100 {
		t.Errorf("all better: %+v", c)
	}
}

func TestNeededFollowsTheSquareRoot(t *testing.T) {
	e := Estimate{N: 100, SE: 2}
	if e.Detectable() != 5.6 || e.Needed(2.8) != 400 || e.Needed(-5.6) != 100 {
		t.Errorf("detectable %v, needed %v and %v", e.Detectable(), e.Needed(2.8), e.Needed(-5.6))
	}
}

func TestWarnings(t *testing.T) {
	for _, c := range []struct {
		x    []float64
		ids  []int
		want string
	}{
		{[]float64{1, 2, 3}, nil, "only 3 observations"},
		{[]float64{1, 2, 3}, []int{7, 7, 4}, "only 2 clusters of 3 observations"},
		{make([]float64, 30), nil, "no width"},
	} {
		e, err := Mean(c.x, c.ids, Options{})
		if err != nil || !strings.Contains(strings.Join(e.Warnings, "; "), c.want) {
			t.Errorf("%v: warnings %q, %v; want %q", c.x, e.Warnings, err, c.want)
		}
	}
}

func TestWhatHasNoMeanIsRefused(t *testing.T) {
	for _, c := range []struct {
		x   []float64
		ids []int
	}{{nil, nil}, {[]float64{1, math.NaN()}, nil}, {[]float64{math.Inf(1)}, nil}, {[]float64{1}, []int{1, 2}}} {
		if _, err := Mean(c.x, c.ids, Options{}); err == nil {
			t.Errorf("Mean(%v, %v) is no error", c.x, c.ids)
		}
		if _, err := Randomise(c.x, c.ids, Options{}); err == nil {
			t.Errorf("Randomise(%v, %v) is no error", c.x, c.ids)
		}
	}
	if _, err := Paired([]float64{1}, []float64{1, 2}, nil, Options{}); err == nil {
		t.Error("unequal lengths are no error")
	}
}

func TestEdgesOfTheSmallProcedures(t *testing.T) {
	if e, c := McNemar(0, 0); e != 1 || c != 1 {
		t.Errorf("McNemar(0, 0) = %v, %v", e, c)
	}
	if _, c := McNemar(5, 5); c != 1 {
		t.Errorf("McNemar(5, 5) chi2 p = %v, want 1", c)
	}
	if !math.IsNaN(Quantile(nil, 0.5)) || Quantile([]float64{4}, 0.95) != 4 || Quantile([]float64{math.Inf(-1), math.Inf(-1)}, 0.5) != math.Inf(-1) {
		t.Error("quantiles of none, one, infinite")
	}
	if lo, hi := Wilson(0, 0, 0.95); lo != 0 || hi != 1 {
		t.Errorf("Wilson(0, 0) = %v, %v", lo, hi)
	}
	if len(Holm(nil)) != 0 {
		t.Error("Holm(nil)")
	}
}

func BenchmarkClusterBootstrap(b *testing.B) {
	x, ids := sample(rand.New(rand.NewPCG(1, 1)), 500, 2, 5)
	for b.Loop() {
		if _, err := Mean(x, ids, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPairedUnclustered(b *testing.B) {
	x, _ := sample(rand.New(rand.NewPCG(1, 1)), 500, 2, 5)
	y, _ := sample(rand.New(rand.NewPCG(2, 1)), 500, 2, 5)
	for b.Loop() {
		if _, err := Paired(x, y, nil, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
