package stats

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
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
	t.Helper()
	for _, n := range r.Looks() {
		part, cs := upTo(r, scores, clusters, n)
		out, err := r.Look(part, cs)
		if err != nil {
			t.Fatal(err)
		}
		drops = append(drops, out...)
	}
	return drops
}

// upTo are the first n observations of those that are in.
func upTo(r *Race, scores [][]float64, clusters []int, n int) (part [][]float64, cs []int) {
	part = make([][]float64, len(scores))
	for _, i := range r.Left() {
		part[i] = scores[i][:n]
	}
	if clusters != nil {
		cs = clusters[:n]
	}
	return part, cs
}

func newRace(t testing.TB, systems int, o RaceOptions) *Race {
	t.Helper()
	r, err := NewRace(systems, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRaceEqualsReferenceOverAllSigns(t *testing.T) {
	const trials = 100_000
	for _, c := range loadSecond(t).Races {
		n := len(c.Scores[0])
		r := newRace(t, len(c.Scores), RaceOptions{Total: n, Start: n, Alpha: 0.9, Trials: trials, Seed: 5})
		drops := run(t, r, c.Scores, c.Clusters)
		if len(drops) == 0 {
			t.Fatalf("p = %v, and nobody is dropped at alpha 0.9", c.P)
		}
		d := drops[0]
		if d.System != c.System || d.By != c.By || d.After != n {
			t.Errorf("%+v; the reference has %d worse than %d", d, c.System, c.By)
		}
		if allowed := 5*math.Sqrt(c.P*(1-c.P)/trials) + 2.0/trials; math.Abs(d.P-c.P) > allowed {
			t.Errorf("p = %.5f, over all signs %.5f", d.P, c.P)
		}
	}
}

func TestRaceDropsWhatIsWorse(t *testing.T) {
	scores := raced(rand.New(rand.NewPCG(2, 1)), []float64{50, 20, 50, 40}, 400)
	r := newRace(t, 4, RaceOptions{Total: 400})
	drops := run(t, r, scores, nil)
	if len(drops) != 2 || drops[0].System != 1 || drops[1].System != 3 || !slices.Equal(r.Left(), []int{0, 2}) {
		t.Fatalf("%+v, left %v", drops, r.Left())
	}
	before := 0
	for _, d := range drops {
		n := d.After
		want := average(scores[d.By][:n]) - average(scores[d.System][:n])
		if math.Abs(d.Diff-want) > 1e-9 || want <= 0 || d.P > d.Bound || d.P <= 0 || n < before || n > 200 {
			t.Errorf("%+v, the lead is %v", d, want)
		}
		before = n
	}
	if s := r.Spent(); math.Abs(s-0.04) > 1e-12 {
		t.Errorf("spent %v at the end", s)
	}
}

func TestRaceWhereLowerIsBetter(t *testing.T) {
	up := raced(rand.New(rand.NewPCG(2, 1)), []float64{50, 20, 50}, 100)
	down := make([][]float64, len(up))
	for i := range up {
		for _, v := range up[i] {
			down[i] = append(down[i], -v)
		}
	}
	a := run(t, newRace(t, 3, RaceOptions{Total: 100}), up, nil)
	b := run(t, newRace(t, 3, RaceOptions{Total: 100, LowerBetter: true}), down, nil)
	if len(a) == 0 || !reflect.DeepEqual(a, b) {
		t.Errorf("%+v\n%+v", a, b)
	}
}

// One system under two names ties with itself; a planted loser goes at the first look that can tell.
func TestTwinsStayAndLosersGo(t *testing.T) {
	s, _ := answerable().draw(t, rand.New(rand.NewPCG(2, 1)), crowd{gaps: []float64{0, 0}, n: 300})
	scores := [][]float64{s[0], s[0], make([]float64, 300), s[1]}
	r := newRace(t, 4, RaceOptions{Total: 300})
	drops := run(t, r, scores, nil)
	if len(drops) != 1 || drops[0].System != 2 || drops[0].After > 24 {
		t.Errorf("%+v", drops)
	}
}

// A race that is run again in pieces, or with others failing, tells the same story.
func TestRaceIsReplayed(t *testing.T) {
	scores, clusters := answerable().draw(t, rand.New(rand.NewPCG(3, 1)), crowd{gaps: goalField, n: 300, size: 3, fate: true})
	o := RaceOptions{Total: 300, Trials: 2000, Seed: 9}
	first := run(t, newRace(t, 12, o), scores, clusters)
	if again := run(t, newRace(t, 12, o), scores, clusters); len(first) == 0 || !reflect.DeepEqual(first, again) {
		t.Errorf("%+v\n%+v", first, again)
	}
	o.Seed++
	if other := run(t, newRace(t, 12, o), scores, clusters); reflect.DeepEqual(first, other) {
		t.Error("another seed gives the same p values")
	}
}

// Cluster numbers are names: others for the same clusters change nothing; and copies in clusters are not worth as much as alone.
func TestClustersOfARace(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	scores := raced(rng, []float64{50, 40, 50}, 40)
	many := make([][]float64, 3)
	var clusters, renamed []int
	for i, s := range scores {
		for k := range 160 {
			many[i] = append(many[i], s[k%40])
		}
	}
	for k := range 160 {
		clusters, renamed = append(clusters, k%40), append(renamed, 1000-k%40)
	}
	o := RaceOptions{Total: 160, Start: 160, Alpha: 0.9}
	a := run(t, newRace(t, 3, o), many, clusters)
	b := run(t, newRace(t, 3, o), many, renamed)
	alone := run(t, newRace(t, 3, o), many, nil)
	if len(a) == 0 || !reflect.DeepEqual(a, b) {
		t.Errorf("%+v\n%+v", a, b)
	}
	if alone[0].P >= a[0].P/2 {
		t.Errorf("p = %v without clusters, %v with", alone[0].P, a[0].P)
	}
}

func TestDropOutAndFinish(t *testing.T) {
	scores := raced(rand.New(rand.NewPCG(7, 1)), []float64{50, 44, 50, 50}, 200)
	r := newRace(t, 4, RaceOptions{Total: 1000})
	r.Drop(3)
	r.Drop(3)
	for _, n := range r.Looks()[:3] {
		part, _ := upTo(r, scores, nil, n)
		if _, err := r.Look(part, nil); err != nil {
			t.Fatal(err)
		}
	}
	part, _ := upTo(r, scores, nil, 200)
	drops, err := r.Finish(part, nil)
	if err != nil || len(drops) != 1 || drops[0].System != 1 || math.Abs(drops[0].Bound-0.04) > 1e-12 || drops[0].After != 200 {
		t.Errorf("%+v, %v", drops, err)
	}
	if !slices.Equal(r.Left(), []int{0, 2}) {
		t.Errorf("left %v", r.Left())
	}
	if _, err := r.Look(part, nil); err == nil || !strings.Contains(err.Error(), "no look after the last one, at 200") {
		t.Errorf("%v", err)
	}
	for i := range 4 {
		r.Drop(i)
	}
	if _, err := r.Finish(make([][]float64, 4), nil); err != nil || len(r.Left()) != 0 {
		t.Errorf("all failed: %v", err)
	}
}

func TestLooks(t *testing.T) {
	for _, c := range []struct {
		o    RaceOptions
		want []int
	}{
		{RaceOptions{Total: 10}, []int{10}},
		{RaceOptions{Total: 16}, []int{16}},
		{RaceOptions{Total: 17}, []int{17}},
		{RaceOptions{Total: 60}, []int{16, 24, 32, 40, 48, 56, 60}},
		{RaceOptions{Total: 58}, []int{16, 24, 32, 40, 48, 58}},
		{RaceOptions{Total: 120, Start: 100}, []int{100, 108, 120}},
	} {
		if got := newRace(t, 2, c.o).Looks(); !slices.Equal(got, c.want) {
			t.Errorf("%+v: looks at %v, want %v", c.o, got, c.want)
		}
	}
	looks := newRace(t, 2, RaceOptions{Total: 100_000}).Looks()
	if len(looks) > 100 || !slices.IsSorted(looks) || looks[len(looks)-1] != 100_000 {
		t.Errorf("%d looks: %v", len(looks), looks)
	}
}

func TestRaceRefuses(t *testing.T) {
	for _, c := range []struct {
		systems int
		o       RaceOptions
	}{{0, RaceOptions{Total: 1}}, {1, RaceOptions{}}, {1, RaceOptions{Total: 1, Start: -1}}, {1, RaceOptions{Total: 1, Trials: -1}},
		{1, RaceOptions{Total: 1, Alpha: 1}}, {1, RaceOptions{Total: 1, Alpha: math.NaN()}}} {
		if _, err := NewRace(c.systems, c.o); err == nil {
			t.Errorf("%+v is no error", c)
		}
	}
	full := []float64{1, 2, 3}
	for _, c := range []struct {
		scores   [][]float64
		clusters []int
		want     string
	}{
		{[][]float64{full}, nil, "scores of 1 systems, the race has 2"},
		{[][]float64{full, full[:2]}, nil, "look at 3 observations: system 1 has 2"},
		{[][]float64{full, {1, math.NaN(), 2}}, nil, "system 1: observation 1 is NaN"},
		{[][]float64{full, full}, []int{1}, "3 observations but 1 cluster numbers"},
	} {
		r := newRace(t, 2, RaceOptions{Total: 3})
		if _, err := r.Look(c.scores, c.clusters); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	r := newRace(t, 2, RaceOptions{Total: 60})
	part := [][]float64{make([]float64, 16), make([]float64, 16)}
	if _, err := r.Look(part, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Finish([][]float64{full, full}, nil); err == nil || !strings.Contains(err.Error(), "an earlier look had 16") {
		t.Errorf("%v", err)
	}
}

// Where signs are all the chance there is, the trials hold exactly what they may spend: few trials and many looks show a bar that
// lets one too many through at each look.
func TestRandomSignsAreHeldExactly(t *testing.T) {
	n, _ := simulations(t, 1500, 0)
	rng := rand.New(rand.NewPCG(6, 1))
	fixed := make([][]float64, 3)
	for i := range fixed {
		for range 200 {
			fixed[i] = append(fixed[i], 100*float64(rng.IntN(2)))
		}
	}
	dropped := 0
	for range n {
		scores := make([][]float64, 3)
		for k := range 200 {
			sign := 1.0
			if rng.IntN(2) == 0 {
				sign = -1
			}
			for i := range scores {
				scores[i] = append(scores[i], sign*fixed[i][k])
			}
		}
		r := newRace(t, 3, RaceOptions{Total: 200, Trials: 59, Alpha: 0.5, Seed: rng.Uint64()})
		if len(run(t, r, scores, nil)) > 0 {
			dropped++
		}
	}
	// 0.8*0.5 may be spent; the correction for lopsided differences takes a little of it off.
	t.Logf("%d of %d races dropped somebody", dropped, n)
	if limit := 0.4*float64(n) + 3*math.Sqrt(0.24*float64(n)); float64(dropped) > limit || float64(dropped) < 0.33*float64(n) {
		t.Errorf("%d of %d races dropped somebody, at most %.0f may", dropped, n, limit)
	}
}

func TestNthIsThatOfTheSorted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(rapid.Float64Range(-3, 3), 1, 40).Draw(t, "x")
		if rapid.Bool().Draw(t, "ties") {
			for i := range x {
				x[i] = math.Round(x[i])
			}
		}
		k := rapid.IntRange(0, len(x)-1).Draw(t, "k")
		want := slices.Sorted(slices.Values(x))[k]
		if got := nth(x, k); got != want {
			t.Fatalf("nth(%v, %d) = %v, want %v", x, k, got, want)
		}
	})
}

func BenchmarkRace(b *testing.B) {
	scores, _ := answerable().draw(b, rand.New(rand.NewPCG(1, 1)), crowd{gaps: make([]float64, 12), n: 1000})
	looks := 0
	for b.Loop() {
		r := newRace(b, 12, RaceOptions{Total: 1000})
		run(b, r, scores, nil)
		looks += len(r.Looks())
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(looks), "us/look")
}
