package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// pool is a pool of questions whose loss grows with their disagreement.
func pool(n int) (disagreement, loss []float64, mean float64) {
	rng := rand.New(rand.NewPCG(8, 8))
	for range n {
		d := max(0, rng.NormFloat64())
		disagreement = append(disagreement, d)
		l := math.Round(min(100, 20+50*d+10*rng.NormFloat64()))
		loss = append(loss, l)
		mean += l / float64(n)
	}
	return disagreement, loss, mean
}

// Labels drawn by disagreement estimate the mean loss without bias when weighted, and with a large one when not.
func TestWeightedLabelsAreUnbiased(t *testing.T) {
	n, _ := simulations(t, 600, 0)
	disagreement, loss, want := pool(60)
	const labels = 20
	var weighted, squares, plain float64
	for seed := range n {
		var taken []int
		var q []float64
		for range labels {
			i, p, err := NextLabel(disagreement, taken, LabelOptions{Seed: uint64(seed)})
			if err != nil {
				t.Fatal(err)
			}
			taken, q = append(taken, i), append(q, p)
		}
		v, err := LURE(q, len(disagreement))
		if err != nil {
			t.Fatal(err)
		}
		estimate := 0.0
		for k, i := range taken {
			estimate += v[k] * loss[i] / labels
			plain += loss[i] / labels / float64(n)
		}
		weighted += estimate / float64(n)
		squares += estimate * estimate / float64(n)
	}
	se := math.Sqrt((squares - weighted*weighted) / float64(n))
	t.Logf("%d pools of 60, %d labels each: true mean %.2f, weighted %.2f (standard error %.2f), unweighted %.2f", n, labels, want, weighted, se, plain)
	if math.Abs(weighted-want) > 4*se || se > 0.05*want {
		t.Errorf("weighted labels give %.2f (standard error %.2f), the pool's mean is %.2f", weighted, se, want)
	}
	if plain-want < 20*se {
		t.Errorf("unweighted labels give %.2f, the pool's mean is %.2f: the draw does not prefer disputed questions", plain, want)
	}
}

func TestAllLabelledCountAlike(t *testing.T) {
	disagreement, loss, want := pool(15)
	var taken []int
	var q []float64
	sum := 0.0
	for range 15 {
		i, p, err := NextLabel(disagreement, taken, LabelOptions{Seed: 2, Uniform: 0.5})
		if err != nil || p < 0.5/float64(15-len(taken))-1e-12 {
			t.Fatalf("q = %v with %d taken, %v", p, len(taken), err)
		}
		taken, q = append(taken, i), append(q, p)
		sum += loss[i]
	}
	v, err := LURE(q, 15)
	if err != nil || math.Abs(sum/15-want) > 1e-9 {
		t.Errorf("mean %v, want %v, %v", sum/15, want, err)
	}
	for _, w := range v {
		if w != 1 {
			t.Errorf("weights %v: with all labelled each counts as one", v)
		}
	}
	if _, _, err := NextLabel(disagreement, taken, LabelOptions{}); err == nil {
		t.Error("a question was drawn from none")
	}
}

// Four questions, by hand: nothing is known of any; with one disputed question its chance is 0.8 of its share plus a fourth of 0.2.
func TestChancesOfLabels(t *testing.T) {
	for _, c := range []struct {
		pool []float64
		want []float64 // by question
	}{
		{[]float64{0, 0, 0, 0}, []float64{0.25, 0.25, 0.25, 0.25}},
		{[]float64{2, 0, 0, 0}, []float64{0.05 + 0.8*2.1/2.4, 0.05 + 0.8*0.1/2.4, 0.05 + 0.8*0.1/2.4, 0.05 + 0.8*0.1/2.4}},
	} {
		seen := map[int]int{}
		for seed := range uint64(2000) {
			i, q, err := NextLabel(c.pool, nil, LabelOptions{Seed: seed})
			if err != nil || math.Abs(q-c.want[i]) > 1e-12 {
				t.Fatalf("question %d: q = %v, want %v, %v", i, q, c.want[i], err)
			}
			seen[i]++
		}
		for i, w := range c.want {
			if se := math.Sqrt(2000 * w * (1 - w)); math.Abs(float64(seen[i])-2000*w) > 4*se {
				t.Errorf("question %d was drawn %d times of 2000, its chance is %v", i, seen[i], w)
			}
		}
	}
}

func TestLabelsRefuse(t *testing.T) {
	for _, c := range []struct {
		pool  []float64
		taken []int
		o     LabelOptions
	}{
		{[]float64{1, -1}, nil, LabelOptions{}},
		{[]float64{1, math.NaN()}, nil, LabelOptions{}},
		{[]float64{1, 2}, []int{2}, LabelOptions{}},
		{[]float64{1, 2}, []int{1, 1}, LabelOptions{}},
		{[]float64{1, 2}, nil, LabelOptions{Uniform: 1.5}},
		{[]float64{1, 2}, nil, LabelOptions{Epsilon: -1}},
	} {
		if _, _, err := NextLabel(c.pool, c.taken, c.o); err == nil {
			t.Errorf("%+v is no error", c)
		}
	}
	for _, q := range [][]float64{{0.5, 0.5, 0.5}, {0}, {math.NaN()}, {1.5}} {
		if _, err := LURE(q, 2); err == nil {
			t.Errorf("LURE(%v) is no error", q)
		}
	}
}

func TestEntropy(t *testing.T) {
	for _, c := range []struct {
		weights []float64
		want    float64
	}{{[]float64{3}, 0}, {[]float64{1, 1}, 1}, {[]float64{2, 2, 2, 2}, 2}, {[]float64{1, 3, 0}, 2 - 0.75*math.Log2(3)}, {nil, 0}} {
		near(t, "entropy", Entropy(c.weights), c.want, 1e-12)
	}
}
