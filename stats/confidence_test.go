package stats

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// second is what scripts/reference/confidence.py wrote.
type second struct {
	Confidence []struct {
		X, Loss                 []float64
		Y                       []bool
		AUROC, AURC, Brier, ECE float64
	}
	Platt []struct {
		X         [][]float64
		Y         []bool
		Intercept float64
		Weights   []float64
	}
	Isotonic []struct {
		X, At, Want []float64
		Y           []bool
	}
	Swaps []struct {
		A, B   []float64
		P      float64
		Trials int
	}
	Races []struct {
		Scores     [][]float64
		Clusters   []int
		System, By int
		P          float64
	}
}

func loadSecond(t *testing.T) second {
	t.Helper()
	b, err := os.ReadFile("testdata/confidence.json")
	if err != nil {
		t.Fatal(err)
	}
	var r second
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Confidence) == 0 || len(r.Platt) == 0 || len(r.Isotonic) == 0 || len(r.Swaps) == 0 || len(r.Races) == 0 {
		t.Fatal("testdata/confidence.json lacks cases; run scripts/reference/confidence.py")
	}
	return r
}

func TestConfidenceEqualsReference(t *testing.T) {
	r := loadSecond(t)
	for _, c := range r.Confidence {
		p := make([]float64, len(c.X))
		for i, x := range c.X {
			p[i] = sigmoid(x)
		}
		roc, ok := AUROC(c.X, c.Y)
		area, also := AURC(c.X, c.Loss)
		if !ok || !also {
			t.Errorf("%d observations: no areas", len(c.X))
		}
		near(t, "auroc", roc, c.AUROC, 1e-12)
		near(t, "aurc", area, c.AURC, 1e-12)
		near(t, "brier", Brier(p, c.Y), c.Brier, 1e-12)
		near(t, "ece", ECE(p, c.Y, 15), c.ECE, 1e-12)
	}
	for _, c := range r.Isotonic {
		f, err := FitIsotonic(c.X, c.Y)
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range c.At {
			near(t, "isotonic", f.At(x), c.Want[i], 1e-9)
		}
	}
	// Both sides stop iterating where a step changes the likelihood by about 1e-14 of itself, that is weights by 1e-7.
	for _, c := range r.Platt {
		f, err := FitLogistic(c.X, c.Y)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "intercept", f.Intercept, c.Intercept, 1e-6)
		for j, w := range f.Weights {
			near(t, "weight", w, c.Weights[j], 1e-6)
		}
	}
}

func TestRandomisationIsSacreBLEUs(t *testing.T) {
	const trials = 100_000
	for _, c := range loadSecond(t).Swaps {
		got, err := Paired(c.A, c.B, nil, Options{Resamples: 100, Trials: trials, Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		// both sides have Monte Carlo error
		if allowed := 5 * math.Sqrt(c.P*(1-c.P)*(1.0/trials+1/float64(c.Trials))); math.Abs(got.P-c.P) > allowed {
			t.Errorf("%d segments: p = %.5f, as sacreBLEU does it %.5f", len(c.A), got.P, c.P)
		}
	}
}

// The order of equal confidences, or a rising change of all of them, changes nothing.
func TestConfidencesCountByOrderAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 40).Draw(t, "n")
		x, y, loss := make([]float64, n), make([]bool, n), make([]float64, n)
		for i := range n {
			x[i] = float64(rapid.IntRange(-3, 3).Draw(t, "x"))
			y[i] = rapid.Bool().Draw(t, "y")
			loss[i] = float64(rapid.IntRange(0, 100).Draw(t, "loss"))
		}
		order := rapid.Permutation(sorted(x)).Draw(t, "order")
		x2, y2, loss2, p2 := make([]float64, n), make([]bool, n), make([]float64, n), make([]float64, n)
		p := make([]float64, n)
		for k, i := range order {
			x2[k], y2[k], loss2[k], p2[k] = math.Exp(x[i]), y[i], loss[i], sigmoid(x[i])
			p[i] = sigmoid(x[i])
		}
		a, ok := AUROC(x, y)
		b, also := AUROC(x2, y2)
		c, _ := AURC(x, loss)
		d, _ := AURC(x2, loss2)
		if ok != also || math.Abs(a-b) > 1e-12 || math.Abs(c-d) > 1e-9 || math.Abs(ECE(p, y, 5)-ECE(p2, y2, 5)) > 1e-12 {
			t.Fatalf("auroc %v, %v; aurc %v, %v; ece %v, %v", a, b, c, d, ECE(p, y, 5), ECE(p2, y2, 5))
		}
		points := RiskCoverage(x, loss)
		for k, q := range points { // a threshold answers exactly what its point counts
			answered, sum := 0, 0.0
			for i := range x {
				if x[i] > q.Threshold {
					answered++
					sum += loss[i]
				}
			}
			if answered != q.Answered || math.Abs(sum-q.Loss) > 1e-9 || k > 0 && q.Threshold >= points[k-1].Threshold {
				t.Fatalf("point %d is %+v; its threshold answers %d with a loss of %v", k, q, answered, sum)
			}
		}
	})
}

func TestThresholdsBetweenNeighbouringNumbers(t *testing.T) {
	low := 1.0
	high := math.Nextafter(low, 2)
	points := RiskCoverage([]float64{high, low}, []float64{1, 1})
	if len(points) != 2 || points[0].Threshold != low || points[1].Threshold >= low {
		t.Errorf("%+v", points)
	}
}

func TestWhatHasNoArea(t *testing.T) {
	if _, ok := AUROC([]float64{1, 2}, []bool{true, true}); ok {
		t.Error("AUROC without negatives")
	}
	if _, ok := AUROC(nil, nil); ok {
		t.Error("AUROC of nothing")
	}
	if _, ok := AURC(nil, nil); ok {
		t.Error("AURC of nothing")
	}
	if !math.IsNaN(Brier(nil, nil)) || !math.IsNaN(ECE(nil, nil, 15)) {
		t.Error("errors of nothing")
	}
}

func TestFitsRefuse(t *testing.T) {
	for _, x := range [][][]float64{nil, {{1}, {2, 3}}, {{math.NaN()}, {1}}, {{1}}} {
		if _, err := FitLogistic(x, []bool{true, false}); err == nil {
			t.Errorf("FitLogistic(%v) is no error", x)
		}
	}
	for _, x := range [][]float64{nil, {1}, {1, math.Inf(1)}} {
		if _, err := FitIsotonic(x, []bool{true, false}); err == nil {
			t.Errorf("FitIsotonic(%v) is no error", x)
		}
	}
}

// Features that say nothing new change no probability.
func TestLogisticLeavesOutWhatOthersDetermine(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	var one, many [][]float64
	var y []bool
	for range 80 {
		v := rng.NormFloat64()
		one = append(one, []float64{v})
		many = append(many, []float64{7, v, 1 - 3*v})
		y = append(y, rng.Float64() < sigmoid(2*v))
	}
	a, err := FitLogistic(one, y)
	if err != nil {
		t.Fatal(err)
	}
	b, err := FitLogistic(many, y)
	if err != nil {
		t.Fatal(err)
	}
	for i := range one {
		near(t, "p", b.P(many[i]), a.P(one[i]), 1e-8)
	}
	all, err := FitLogistic(one, slices.Repeat([]bool{true}, 80))
	if err != nil || math.Abs(all.P([]float64{0})-81.0/82) > 1e-6 {
		t.Errorf("all positive: %+v, %v", all, err)
	}
}

func TestCrossFitKeepsGroupsTogetherAndApart(t *testing.T) {
	groups := []int{5, 5, 5, 5, 1, 1, 2, 3, 3, 9}
	fold, err := Folds(len(groups), groups, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[int]int{}
	for i, f := range fold {
		sizes[f]++
		for j := range groups {
			if groups[i] == groups[j] && f != fold[j] {
				t.Errorf("group %d is in folds %d and %d", groups[i], f, fold[j])
			}
		}
	}
	if len(sizes) != 3 || sizes[fold[0]] != 4 {
		t.Errorf("folds %v", fold)
	}
	p, err := CrossFit(fold, func(train []int) (func(int) float64, error) {
		return func(i int) float64 {
			if slices.ContainsFunc(train, func(k int) bool { return groups[k] == groups[i] }) {
				t.Errorf("observation %d is judged by a fit that has seen its group", i)
			}
			return float64(i)
		}, nil
	})
	if err != nil || !slices.IsSorted(p) || p[9] != 9 {
		t.Errorf("%v, %v", p, err)
	}
	if _, err := Folds(3, []int{1, 1, 1}, 5, 1); err == nil {
		t.Error("one group was parted")
	}
	if f, _ := Folds(3, nil, 5, 1); len(f) != 3 || slices.Max(f) != 2 {
		t.Errorf("three observations, five folds: %v", f)
	}
}

func TestReliabilityEqualsReference(t *testing.T) {
	b, err := os.ReadFile("testdata/reliability.json")
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		Reliability []struct {
			P, Share, Mean []float64
			Y              []bool
			Bins           int
		}
	}
	if err := json.Unmarshal(b, &r); err != nil || len(r.Reliability) == 0 {
		t.Fatalf("%v; run scripts/reference/cuts.py", err)
	}
	for _, c := range r.Reliability {
		got := Reliability(c.P, c.Y, c.Bins)
		if len(got) != c.Bins {
			t.Fatalf("%d bins, want %d", len(got), c.Bins)
		}
		for i, b := range got {
			near(t, "mean", b.Mean, c.Mean[i], 1e-12)
			near(t, "share", b.Share, c.Share[i], 1e-12)
			if b.N != len(c.P)/c.Bins {
				t.Errorf("bin %d has %d", i, b.N)
			}
		}
	}
	if got := Reliability([]float64{0.2, 0.9}, []bool{false, true}, 10); len(got) != 2 || got[0] != (Bin{0.2, 0, 1}) || got[1] != (Bin{0.9, 1, 1}) {
		t.Errorf("fewer than bins: %v", got)
	}
	if got := Reliability(nil, nil, 10); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
}
