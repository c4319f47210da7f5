package stats

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// reference is what scripts/reference/stats.py wrote.
type reference struct {
	Quantile []struct{ X, Q, Want []float64 }
	Wilson   []struct {
		K, N  int
		Level float64
		Want  [2]float64
	}
	McNemar []struct {
		B, C        int
		Exact, Chi2 float64
	}
	Holm      []struct{ P, Want []float64 }
	Normal    struct{ Z, CDF, P, Quantile []float64 }
	Bootstrap []struct {
		X                []float64
		Clusters         []int
		Mean, Lo, Hi, SE float64
	}
	Randomise []struct {
		D        []float64
		Clusters []int
		P        float64
	}
}

func load(t *testing.T) reference {
	t.Helper()
	b, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Quantile) == 0 || len(r.Wilson) == 0 || len(r.McNemar) == 0 || len(r.Holm) == 0 ||
		len(r.Normal.Z) == 0 || len(r.Bootstrap) == 0 || len(r.Randomise) == 0 {
		t.Fatal("testdata/reference.json lacks cases; run scripts/reference/stats.py")
	}
	return r
}

// near allows an error relative to the larger of the value and one.
func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*max(1, math.Abs(want))) {
		t.Errorf("%s = %.12g, want %.12g", what, got, want)
	}
}

func TestExactProceduresEqualReference(t *testing.T) {
	r := load(t)
	for _, c := range r.Quantile {
		for i, q := range c.Q {
			near(t, "quantile", Quantile(c.X, q), c.Want[i], 1e-12)
		}
	}
	for _, c := range r.Wilson {
		lo, hi := Wilson(c.K, c.N, c.Level)
		near(t, "wilson lo", lo, c.Want[0], 1e-9)
		near(t, "wilson hi", hi, c.Want[1], 1e-9)
	}
	for _, c := range r.McNemar {
		exact, chi2 := McNemar(c.B, c.C)
		near(t, "mcnemar exact", exact, c.Exact, 1e-9)
		near(t, "mcnemar chi2", chi2, c.Chi2, 1e-9)
	}
	for _, c := range r.Holm {
		for i, p := range Holm(c.P) {
			near(t, "holm", p, c.Want[i], 1e-12)
		}
	}
	for i, z := range r.Normal.Z {
		near(t, "normal cdf", NormalCDF(z)/r.Normal.CDF[i], 1, 1e-9)
	}
	for i, p := range r.Normal.P {
		near(t, "normal quantile", NormalQuantile(p), r.Normal.Quantile[i], 1e-7)
	}
}

func TestBootstrapWithinMonteCarloErrorOfReference(t *testing.T) {
	for _, c := range load(t).Bootstrap {
		e, err := Mean(c.X, c.Clusters, Options{Resamples: 100_000, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		near(t, "mean", e.Mean, c.Mean, 1e-12)
		// A tail quantile of 100,000 resamples is known to about 0.01 standard errors.
		for _, v := range [][2]float64{{e.Lo, c.Lo}, {e.Hi, c.Hi}, {e.SE, c.SE}} {
			if math.Abs(v[0]-v[1]) > 0.05*c.SE {
				t.Errorf("%d observations, %d clusters: got %.4f, want %.4f (se %.4f)", e.N, e.Clusters, v[0], v[1], c.SE)
			}
		}
	}
}

func TestRandomisationWithinMonteCarloErrorOfAllSigns(t *testing.T) {
	const trials = 100_000
	for _, c := range load(t).Randomise {
		p, err := Randomise(c.D, c.Clusters, Options{Resamples: trials, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if allowed := 5*math.Sqrt(c.P*(1-c.P)/trials) + 2.0/trials; math.Abs(p-c.P) > allowed {
			t.Errorf("%d differences: p = %.5f, over all signs %.5f", len(c.D), p, c.P)
		}
	}
}
