package stats

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

func TestWeightedMean(t *testing.T) {
	raw, err := os.ReadFile("testdata/weighted.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Means []struct {
			X, W             []float64
			Clusters         []int
			Mean, SE, Margin float64
		}
		Student []struct {
			P, Want float64
			DF      int
		}
	}
	if err := json.Unmarshal(raw, &want); err != nil || len(want.Means) == 0 || len(want.Student) == 0 {
		t.Fatalf("%v; run scripts/reference/weighted.py", err)
	}
	for _, c := range want.Means {
		m, err := WeightedMean(c.X, c.W, c.Clusters)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "mean", m.Mean, c.Mean, 1e-9)
		near(t, "standard error", m.SE, c.SE, 1e-9)
		near(t, "margin", m.Margin(0.95), c.Margin, 1e-9)
	}
	for _, c := range want.Student {
		near(t, "quantile", StudentQuantile(c.P, c.DF), c.Want, 1e-9)
	}
}

func TestWeightedMeanRefuses(t *testing.T) {
	for _, c := range []struct {
		x, w     []float64
		clusters []int
	}{
		{nil, nil, nil}, {[]float64{1}, nil, nil}, {[]float64{1}, []float64{-1}, nil}, {[]float64{1}, []float64{0}, nil}, {[]float64{1}, []float64{math.NaN()}, nil},
		{[]float64{1}, []float64{math.Inf(1)}, nil}, {[]float64{math.NaN()}, []float64{1}, nil}, {[]float64{1, 2}, []float64{1, 1}, []int{1}},
	} {
		if m, err := WeightedMean(c.x, c.w, c.clusters); err == nil {
			t.Errorf("%+v: %+v", c, m)
		}
	}
	m, err := WeightedMean([]float64{1, 3}, []float64{1, 1}, []int{5, 5})
	if err != nil || m.Mean != 2 || !math.IsInf(m.Margin(0.95), 1) || !math.IsInf(m.MarginAfter(0.95, 10), 1) {
		t.Errorf("one cluster: %+v, %v", m, err)
	}
	for _, p := range []float64{0, 1, math.NaN()} {
		if q := StudentQuantile(p, 3); !math.IsNaN(q) {
			t.Errorf("quantile at %v: %v", p, q)
		}
	}
	// Four times as many observations halve it, but for the degrees of freedom: t(0.975, 9) is 2.2622 and t(0.975, 39) 2.0227.
	m = Weighted{SE: 3, N: 10, Clusters: 10}
	near(t, "margin", m.Margin(0.95), 3*2.2622, 1e-4)
	near(t, "margin after 30 more", m.MarginAfter(0.95, 30), 1.5*2.0227, 1e-4)
}

// What is drawn by disagreement and weighted by LURE speaks of the whole pool: the mean of many sessions is the pool's, where the plain
// mean of the labels is not, and the interval holds it about as often as it says.
func TestLabelledMeansOfAPool(t *testing.T) {
	const pool, labels, sessions = 200, 25, 2000
	r := rand.New(rand.NewPCG(1, 2))
	scores, disagreement := make([]float64, pool), make([]float64, pool)
	truth := 0.0
	for i := range scores {
		disagreement[i] = float64(i%5) / 4
		if r.Float64() > 0.7*disagreement[i] { // what models dispute is hard
			scores[i] = 100
		}
		truth += scores[i] / pool
	}
	var weighted, plain, inside float64
	for s := range sessions {
		var taken []int
		var q, x []float64
		for range labels {
			i, p, err := NextLabel(disagreement, taken, LabelOptions{Seed: uint64(s)})
			if err != nil {
				t.Fatal(err)
			}
			taken, q, x = append(taken, i), append(q, p), append(x, scores[i])
		}
		weights, err := LURE(q, pool)
		if err != nil {
			t.Fatal(err)
		}
		m, err := WeightedMean(x, weights, nil)
		if err != nil {
			t.Fatal(err)
		}
		weighted += m.Mean / sessions
		plain += average(x) / sessions
		if math.Abs(m.Mean-truth) <= m.Margin(0.95) {
			inside += 1.0 / sessions
		}
	}
	t.Logf("truth %.1f, weighted %.1f, plain %.1f, inside %.3f", truth, weighted, plain, inside)
	if math.Abs(weighted-truth) > 1.5 { // the bias of a ratio, a tenth of its standard error
		t.Errorf("the mean of the pool is %.2f, that of the estimates %.2f", truth, weighted)
	}
	if math.Abs(plain-truth) < 8 {
		t.Errorf("the plain mean is %.2f: this pool does not show what weights are for", plain)
	}
	if inside < 0.92 {
		t.Errorf("the interval holds the mean of the pool in %.3f of the sessions", inside)
	}
}
