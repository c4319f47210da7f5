package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
)

// simulations is how often a simulation is repeated: few times as a plain test, with few trials or resamples in each;
// $TRYALL_SIMULATE times, with 2,000, for the tables of docs/statistics.md, which then are printed under -v.
func simulations(t *testing.T, few, fewTrials int) (n, trials int) {
	t.Helper()
	s := os.Getenv("TRYALL_SIMULATE")
	if s == "" {
		return few / fewer, fewTrials
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < few {
		t.Fatalf("TRYALL_SIMULATE=%q; it takes a number of repetitions, %d or more", s, few)
	}
	return n, 2000
}

// percent is the share k of n with its standard error, as the tables give it.
func percent(k, n int) string {
	share := float64(k) / float64(n)
	return fmt.Sprintf("%.1f (%.1f)", 100*share, 100*math.Sqrt(share*(1-share)/float64(n)))
}

// over says that k of n is more than a limit allows for by chance: 3 standard errors.
func over(k, n int, limit float64) bool {
	return float64(k) > float64(n)*limit+3*math.Sqrt(float64(n)*limit*(1-limit))
}

// ahead is one best contestant, the others so far behind.
func ahead(others ...float64) []float64 { return append([]float64{0}, others...) }

var goalField = []float64{0, 0, 0, 5, 5, 5, 15, 15, 15, 15, 15, 15}

// result is what became of one race.
type result struct {
	saved   float64 // share of the evaluations, where the last one left goes on to the end
	stopped float64 // where the race ends with one left
	first   bool    // the first of the best was dropped
	any     bool    // any of the best was
	right   bool    // those left are exactly the best
}

func simulate(t testing.TB, f *field, rng *rand.Rand, c crowd, trials int) result {
	scores, clusters := f.draw(t, rng, c)
	shuffled(rng, scores, clusters)
	r, err := NewRace(len(c.gaps), RaceOptions{Total: c.n, Seed: rng.Uint64(), Trials: trials})
	if err != nil {
		t.Fatal(err)
	}
	drops := run(t, r, scores, clusters)
	all := float64(c.n * len(c.gaps))
	var o result
	for _, d := range drops {
		o.saved += float64(c.n-d.After) / all
		o.any = o.any || c.gaps[d.System] == 0
		o.first = o.first || d.System == slices.Index(c.gaps, 0)
	}
	o.stopped = o.saved
	left := r.Left()
	if len(left) == 1 {
		o.stopped += float64(c.n-drops[len(drops)-1].After) / all
	}
	o.right = !o.any && !slices.ContainsFunc(left, func(i int) bool { return c.gaps[i] > 0 })
	return o
}

// A race saves evaluations, keeps the best and ends with the right tied group.
func TestSimulatedRaces(t *testing.T) {
	n, trials := simulations(t, 25, 1000)
	t.Log("| contestants | saved | saved, ends with one left | a given best one dropped | any best one dropped | right tied group |")
	t.Log("|---|---|---|---|---|---|")
	for seed, c := range []struct {
		name         string
		f            *field
		crowd        crowd
		saved, right float64 // at least
	}{
		{"three best, three 5 behind, six 15 behind", answerable(), crowd{goalField, 1000, 0, false}, 0.45, 0.95},
		{"the same, passages of 4 questions that share a fate", answerable(), crowd{goalField, 1000, 4, true}, 0.45, 0.90},
		{"the same, 40 documents of 25 questions", answerable(), crowd{goalField, 1000, 25, false}, 0.45, 0.90},
		{"the same, half of the questions unanswerable", mixed(), crowd{goalField, 1000, 0, false}, 0.30, 0},
		{"one best, three 5 behind, four 10, four 15", answerable(), crowd{ahead(5, 5, 5, 10, 10, 10, 10, 15, 15, 15, 15), 1000, 0, false}, 0.60, 0.95},
		{"one best, eleven 10 behind", answerable(), crowd{ahead(slices.Repeat([]float64{10}, 11)...), 1000, 0, false}, 0.60, 0.95},
		{"one best, eleven 7.5 behind", answerable(), crowd{ahead(slices.Repeat([]float64{7.5}, 11)...), 1000, 0, false}, 0.50, 0.95},
		{"one best, eleven 5 behind", answerable(), crowd{ahead(slices.Repeat([]float64{5}, 11)...), 1000, 0, false}, 0.40, 0.90},
		{"two best, two 20 behind, 200 questions", answerable(), crowd{[]float64{0, 0, 20, 20}, 200, 0, false}, 0.15, 0.85},
	} {
		rng := rand.New(rand.NewPCG(uint64(seed), 1))
		var saved, stopped float64
		first, all, right := 0, 0, 0
		for range n {
			o := simulate(t, c.f, rng, c.crowd, trials)
			saved += o.saved / float64(n)
			stopped += o.stopped / float64(n)
			for _, v := range []struct {
				yes   bool
				count *int
			}{{o.first, &first}, {o.any, &all}, {o.right, &right}} {
				if v.yes {
					*v.count++
				}
			}
		}
		t.Logf("| %s | %.1f | %.1f | %s | %s | %s |", c.name, 100*saved, 100*stopped, percent(first, n), percent(all, n), percent(right, n))
		if saved < c.saved || over(all, n, 0.05) || over(first, n, 0.02) || over(n-right, n, 1-c.right) {
			t.Errorf("%s: saved %.3f; of %d races %d dropped a best one, %d the first, %d had the right tied group", c.name, saved, n, all, first, right)
		}
	}
}

// Among alike contestants nobody is dropped more often than alpha says, whatever their scores look like.
func TestSimulatedRacesOfEquals(t *testing.T) {
	n, trials := simulations(t, 40, 500)
	t.Log("| scores | contestants | questions | anyone dropped |")
	t.Log("|---|---|---|---|")
	for seed, c := range []struct {
		name string
		draw func(*rand.Rand, int, int) ([][]float64, []int)
		m, n int
	}{
		{"answerable", equals(t, answerable(), 0), 12, 1000},
		{"answerable", equals(t, answerable(), 0), 12, 100},
		{"answerable", equals(t, answerable(), 0), 4, 40},
		{"answerable", equals(t, answerable(), 0), 2, 16},
		{"half unanswerable", equals(t, mixed(), 0), 12, 1000},
		{"half unanswerable", equals(t, mixed(), 0), 2, 100},
		{"250 passages of 4, whose questions share a fate", equals(t, answerable(), 4), 12, 1000},
		{"25 documents of 40, whose questions share a fate", equals(t, answerable(), 40), 12, 1000},
		{"10 documents of 20, whose questions share a fate", equals(t, answerable(), 20), 4, 200},
		{"variants of one model", equals(t, kin(), 0), 4, 100},
		{"variants of one model", equals(t, kin(), 0), 12, 1000},
		{"lopsided: always 80, or 100 and in a fifth 0", lopsidedScores, 12, 1000},
		{"lopsided: always 80, or 100 and in a fifth 0", lopsidedScores, 12, 100},
		{"lopsided: always 80, or 100 and in a fifth 0", lopsidedScores, 2, 50},
	} {
		rng := rand.New(rand.NewPCG(uint64(seed), 2))
		dropped := 0
		for range n {
			scores, clusters := c.draw(rng, c.m, c.n)
			shuffled(rng, scores, clusters)
			r, err := NewRace(c.m, RaceOptions{Total: c.n, Seed: rng.Uint64(), Trials: trials})
			if err != nil {
				t.Fatal(err)
			}
			if len(run(t, r, scores, clusters)) > 0 {
				dropped++
			}
		}
		t.Logf("| %s | %d | %d | %s |", c.name, c.m, c.n, percent(dropped, n))
		if over(dropped, n, 0.05) {
			t.Errorf("%s, %d contestants, %d questions: one of equals was dropped in %d of %d races", c.name, c.m, c.n, dropped, n)
		}
	}
}

func equals(t testing.TB, f *field, size int) func(*rand.Rand, int, int) ([][]float64, []int) {
	return func(rng *rand.Rand, m, n int) ([][]float64, []int) {
		return f.draw(t, rng, crowd{make([]float64, m), n, size, size > 0})
	}
}

// lopsidedScores are two kinds of systems of mean 80: always nearly right; and mostly right, else utterly wrong.
func lopsidedScores(rng *rand.Rand, m, n int) ([][]float64, []int) {
	scores := make([][]float64, m)
	for i := range scores {
		scores[i] = slices.Repeat([]float64{80}, n)
		for k := range n {
			if i%2 == 0 {
				continue
			}
			scores[i][k] = 100
			if rng.Float64() < 0.2 {
				scores[i][k] = 0
			}
		}
	}
	return scores, nil
}

// What a race could save at most where one is 5 ahead of eleven: each of them is tested against the winner alone, which is known
// beforehand, with an eleventh of alpha. Nobody can know it beforehand; it is the measure of what looking for it costs.
func TestSimulatedRacesAgainstAKnownWinner(t *testing.T) {
	n, trials := simulations(t, 20, 2000) // so small an alpha is nothing of fewer trials
	f, rng := answerable(), rand.New(rand.NewPCG(1, 5))
	saved, stopped := 0.0, 0.0
	for range n {
		scores, _ := f.draw(t, rng, crowd{ahead(slices.Repeat([]float64{5}, 11)...), 1000, 0, false})
		last := 0
		for i := 1; i < 12; i++ {
			r, err := NewRace(2, RaceOptions{Total: 1000, Alpha: 2 * 0.05 / 11, Trials: trials, Seed: rng.Uint64()})
			if err != nil {
				t.Fatal(err)
			}
			after := 1000
			for _, d := range run(t, r, [][]float64{scores[0], scores[i]}, nil) {
				after = d.After
			}
			saved += float64(1000-after) / 12_000 / float64(n)
			last = max(last, after)
		}
		stopped += float64(1000-last) / 12_000 / float64(n)
	}
	t.Logf("one best, known beforehand, eleven 5 behind: %.1f %% saved, %.1f %% where the race ends with one left", 100*saved, 100*(saved+stopped))
	if saved < 0.2 || saved > 0.75 {
		t.Errorf("%.3f saved", saved)
	}
}
