package stats

import (
	"math/rand/v2"
	"testing"
)

// Intervals of 95 % hold the truth in 90 to 97 of 100 samples, also where questions share passages.
func TestSimulatedIntervals(t *testing.T) {
	n, resamples := simulations(t, 100, 400)
	o := Options{Resamples: resamples, Trials: 2}
	t.Log("| scores | questions | clusters | interval of a mean holds it | of a difference |")
	t.Log("|---|---|---|---|---|")
	for seed, c := range []struct {
		name string
		f    *field
		n    int
		size int
	}{
		{"answerable", answerable(), 50, 0},
		{"answerable", answerable(), 100, 0},
		{"answerable", answerable(), 300, 0},
		{"answerable", answerable(), 1000, 0},
		{"half unanswerable", mixed(), 100, 0},
		{"half unanswerable", mixed(), 1000, 0},
		{"answerable", answerable(), 1000, 4},
		{"answerable", answerable(), 200, 4},
		{"answerable", answerable(), 1000, 25},
		{"half unanswerable", mixed(), 1000, 40},
	} {
		rng := rand.New(rand.NewPCG(uint64(seed), 3))
		mean, diff := 0, 0
		for range n {
			s, clusters := c.f.draw(t, rng, crowd{[]float64{0, 4}, c.n, c.size, c.size > 0})
			o.Seed = rng.Uint64()
			e, err := Mean(s[0], clusters, o)
			if err != nil {
				t.Fatal(err)
			}
			d, err := Paired(s[0], s[1], clusters, o)
			if err != nil {
				t.Fatal(err)
			}
			if e.Lo <= c.f.mean && c.f.mean <= e.Hi {
				mean++
			}
			if d.Lo <= 4 && 4 <= d.Hi {
				diff++
			}
		}
		clusters := c.n
		if c.size > 0 {
			clusters = c.n / c.size
		}
		t.Logf("| %s | %d | %d | %s | %s |", c.name, c.n, clusters, percent(mean, n), percent(diff, n))
		for _, held := range []int{mean, diff} {
			if over(n-held, n, 0.10) || over(held, n, 0.97) {
				t.Errorf("%s, %d questions in %d clusters: %d of %d intervals hold the truth", c.name, c.n, clusters, held, n)
			}
		}
	}
}

// With as many questions as Needed says, a difference shows in 80 of 100 samples; with a fourth of them seldom.
func TestSimulatedNeeded(t *testing.T) {
	n, resamples := simulations(t, 150, 500)
	o := Options{Resamples: resamples}
	t.Log("| scores | difference | needed questions | differences found with that many | with a fourth |")
	t.Log("|---|---|---|---|---|")
	for seed, c := range []struct {
		name string
		f    *field
		gap  float64
		size int
	}{
		{"answerable", answerable(), 5, 0},
		{"answerable", answerable(), 15, 0},
		{"answerable, passages of 4", answerable(), 5, 4},
		{"half unanswerable", mixed(), 10, 0},
	} {
		rng := rand.New(rand.NewPCG(uint64(seed), 4))
		found := func(questions int) (k int) {
			for range n {
				s, clusters := c.f.draw(t, rng, crowd{[]float64{0, c.gap}, questions, c.size, c.size > 0})
				o.Seed = rng.Uint64()
				d, err := Paired(s[0], s[1], clusters, o)
				if err != nil {
					t.Fatal(err)
				}
				if d.P < 0.05 {
					k++
				}
			}
			return k
		}
		s, clusters := c.f.draw(t, rng, crowd{[]float64{0, c.gap}, 20_000, c.size, c.size > 0})
		pilot, err := Paired(s[0], s[1], clusters, Options{Resamples: 500, Trials: 2})
		if err != nil {
			t.Fatal(err)
		}
		needed := int(pilot.Needed(c.gap))
		all, fourth := found(needed), found(needed/4)
		t.Logf("| %s | %g | %d | %s | %s |", c.name, c.gap, needed, percent(all, n), percent(fourth, n))
		if over(n-all, n, 0.24) || over(all, n, 0.84) || over(fourth, n, 0.40) {
			t.Errorf("%s: a difference of %g shows in %d of %d samples of %d questions, in %d of a fourth", c.name, c.gap, all, n, needed, fourth)
		}
	}
}
