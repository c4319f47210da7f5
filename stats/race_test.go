package stats

import (
	"math/rand/v2"
	"testing"
)

// raced draws scores of systems with the given true means over questions of one difficulty for all.
func raced(rng *rand.Rand, means []float64, n int) [][]float64 {
	out := make([][]float64, len(means))
	for i := range out {
		out[i] = make([]float64, n)
	}
	for k := range n {
		hard := rng.NormFloat64() * 20
		for i, m := range means {
			out[i][k] = m + hard + rng.NormFloat64()*15
		}
	}
	return out
}

// run holds all looks of a race.
func run(t testing.TB, r *Race, scores [][]float64, clusters []int) (drops []Drop) {
	for _, n := range r.Looks() {
		part := make([][]float64, len(scores))
		for _, i := range r.Left() {
			part[i] = scores[i][:n]
		}
		var cs []int
		if clusters != nil {
			cs = clusters[:n]
		}
		out, err := r.Look(part, cs)
		if err != nil {
			t.Fatal(err)
		}
		drops = append(drops, out...)
	}
	return drops
}

func TestRaceDropsWhatIsWorse(t *testing.T) {
	scores := raced(rand.New(rand.NewPCG(2, 1)), []float64{50, 20, 50, 40}, 400)
	r, err := NewRace(4, RaceOptions{Total: 400})
	if err != nil {
		t.Fatal(err)
	}
	drops := run(t, r, scores, nil)
	if len(drops) != 2 || drops[0].System != 1 || drops[1].System != 3 {
		t.Errorf("%+v", drops)
	}
}

func BenchmarkRace(b *testing.B) {
	scores, _ := answerable().draw(b, rand.New(rand.NewPCG(1, 1)), crowd{gaps: make([]float64, 12), n: 1000})
	looks := 0
	for b.Loop() {
		r, _ := NewRace(12, RaceOptions{Total: 1000})
		run(b, r, scores, nil)
		looks += len(r.Looks())
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(looks), "us/look")
}
