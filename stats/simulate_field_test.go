package stats

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"testing"
)

// field draws contestants whose scores look like those of real readers. It starts from the F1 that real models reach on real
// questions (testdata/scores.json, written by scripts/reference/scores.py): a contestant's score of a question is that of one
// of several comparable models, picked anew for each question and contestant, or, with probability own, what such a model
// scored on another question. So all contestants have the same true mean, the shares of 0, of 100 and of values between that
// real models have, and the correlation that own sets. One that is to be worse takes the lower of two picks in part of the
// questions or, where that does not suffice, the score of a model that really is worse.
type field struct {
	set   string
	good  []int // the comparable models: columns of the set
	worse int
	own   float64
	kin   bool // contestants are variants of one model: they take the same pick, and differ by own alone

	rows                      [][]float64
	mean, lower, weak, deeper float64 // means: of the good, of the lower of two picks, of the worse; how much worse lower is
}

// The fields of the simulations.
func answerable() *field { return &field{set: "answerable", good: []int{0, 2, 3}, worse: 1, own: 0.08} }
func mixed() *field      { return &field{set: "mixed", good: []int{0, 1}, worse: 2, own: 0.2} }
func kin() *field {
	return &field{set: "answerable", good: []int{0, 2, 3}, worse: 1, own: 0.02, kin: true}
}

func (f *field) load(t testing.TB) {
	t.Helper()
	b, err := os.ReadFile("testdata/scores.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Sets map[string]struct{ Scores [][]float64 }
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	f.rows = doc.Sets[f.set].Scores
	if len(f.rows) == 0 {
		t.Fatalf("testdata/scores.json has no set %q; run scripts/reference/scores.py", f.set)
	}
	var pairs float64
	for _, row := range f.rows {
		for i, a := range f.good {
			f.mean += row[a] / float64(len(f.good)*len(f.rows))
			for _, b := range f.good[:i] {
				f.lower += min(row[a], row[b])
				pairs++
			}
		}
		f.weak += row[f.worse] / float64(len(f.rows))
	}
	f.lower /= pairs
	f.deeper = f.mean - f.lower
}

// crowd are contestants: how far each lies behind, and how the questions come.
type crowd struct {
	gaps []float64
	n    int // questions
	// size questions in a row share a passage: they are neighbours in the real data too, and with fate what befalls a contestant
	// in one of them befalls it in all. 0: each stands alone.
	size int
	fate bool
}

// fate is what befalls a contestant on a question.
type fate struct {
	mishap, gap float64
	a, b        int
}

func (f *field) fate(rng *rand.Rand) fate {
	return fate{rng.Float64(), rng.Float64(), rng.IntN(len(f.good)), 1 + rng.IntN(len(f.good)-1)}
}

// draw makes the scores of all contestants, and the questions' clusters (nil: alone).
func (f *field) draw(t testing.TB, rng *rand.Rand, c crowd) (scores [][]float64, clusters []int) {
	if f.rows == nil {
		f.load(t)
	}
	scores = make([][]float64, len(c.gaps))
	for i := range scores {
		scores[i] = make([]float64, c.n)
	}
	fates := make([]fate, len(c.gaps))
	q := 0
	for k := range c.n {
		if c.size > 0 {
			clusters = append(clusters, k/c.size)
		}
		if q++; c.size == 0 || k%c.size == 0 || q == len(f.rows) {
			q = rng.IntN(len(f.rows))
		}
		pick := rng.IntN(len(f.good))
		for i, gap := range c.gaps {
			if !c.fate || k%c.size == 0 {
				fates[i] = f.fate(rng)
			}
			z := fates[i]
			row := f.rows[q]
			if f.kin {
				z.a = pick
			}
			if z.mishap < f.own {
				row = f.rows[rng.IntN(len(f.rows))]
			}
			scores[i][k] = f.score(row, z, gap)
		}
	}
	return scores, clusters
}

func (f *field) score(row []float64, z fate, gap float64) float64 {
	v := row[f.good[z.a]]
	switch {
	case gap <= f.deeper && z.gap < gap/f.deeper:
		return min(v, row[f.good[(z.a+z.b)%len(f.good)]])
	case gap > f.deeper && z.gap < gap/(f.mean-f.weak):
		return row[f.worse]
	}
	return v
}

// shuffled puts questions into a random order, as a race asks them.
func shuffled(rng *rand.Rand, scores [][]float64, clusters []int) {
	if len(scores) == 0 {
		return
	}
	rng.Shuffle(len(scores[0]), func(i, j int) {
		for _, s := range scores {
			s[i], s[j] = s[j], s[i]
		}
		if clusters != nil {
			clusters[i], clusters[j] = clusters[j], clusters[i]
		}
	})
}
