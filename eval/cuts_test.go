package eval

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

// TestCutsEqualReference holds curves to scikit-learn's, intervals to statsmodels', the best threshold to a search of all.
func TestCutsEqualReference(t *testing.T) {
	b, err := os.ReadFile("testdata/cuts.json")
	if err != nil {
		t.Fatal(err)
	}
	var ref struct {
		Cuts []struct {
			X, F1, At, Precision, Recall []float64
			Y, Answerable                []bool
			AP                           float64
			BestF1                       float64 `json:"best_f1"`
			Wrong, Answered              []int
			WrongCI                      [][2]float64 `json:"wrong_ci"`
		}
	}
	if err := json.Unmarshal(b, &ref); err != nil || len(ref.Cuts) == 0 {
		t.Fatalf("%v; run scripts/reference/cuts.py", err)
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	for _, c := range ref.Cuts {
		var rs []Result
		for i, x := range c.X {
			rs = append(rs, Result{HasBest: true, Best: "x", Confidence: x, BestExact: share(c.Y[i]), BestF1: c.F1[i], HasAns: c.Answerable[i]})
		}
		cuts := NewCuts(rs)
		all := cuts.All()
		if len(all) != len(c.At) {
			t.Fatalf("%d thresholds, want %d", len(all), len(c.At))
		}
		for k, at := range c.At { // ascending there, surest first here
			got := all[len(all)-1-k]
			near("precision", got.Precision(), 100*c.Precision[k])
			near("recall", got.Recall(), 100*c.Recall[k])
			risk, ci := got.Risk()
			near("risk", risk, 100*(1-c.Precision[k]))
			near("risk from", ci[0], 100*c.WrongCI[k][0])
			near("risk to", ci[1], 100*c.WrongCI[k][1])
			if got.Wrong != c.Wrong[k] || got.Answered != c.Answered[k] {
				t.Errorf("from %v on: %+v, want %d wrong of %d", at, got, c.Wrong[k], c.Answered[k])
			}
			if again := cuts.At(got.Threshold); again != got {
				t.Errorf("at %v: %+v, not %+v", got.Threshold, again, got)
			}
			if again := cuts.At(at); again.Answered >= got.Answered {
				t.Errorf("a confidence of just the threshold is answered: %+v", again)
			}
		}
		near("average precision", cuts.AveragePrecision(), 100*c.AP)
		near("best F1", cuts.BestF1().F1, c.BestF1)
	}
}

// TestCutsEqualTheOfficialSweep: best F1 and average precision are those that Score gives, which is held to the official script.
func TestCutsEqualTheOfficialSweep(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	d := &Dataset{V2: true, Passages: []Passage{{}}}
	predictions, odds := map[string]string{}, &NoAnswerScores{}
	var rs []Result
	for i := range 80 {
		e := Example{ID: fmt.Sprint(i), Impossible: i%3 == 0}
		if !e.Impossible {
			e.Answers = []Gold{{Text: "red car"}}
		}
		d.Examples = append(d.Examples, e)
		best := []string{"red car", "car", "blue"}[rng.IntN(3)]
		c := math.Round(rng.NormFloat64()*4) / 2
		r := Result{Example: i, HasAns: !e.Impossible, HasBest: true, Best: best, Confidence: c}
		r.BestExact, r.BestF1 = percents(e.Texts(), best, true)
		rs = append(rs, r)
		predictions[e.ID] = best
		odds.Add(e.ID, -c)
	}
	never := math.Inf(1)
	want, err := Score(d, predictions, ScoreOptions{NoAnswer: odds, Threshold: &never})
	if err != nil {
		t.Fatal(err)
	}
	cuts := NewCuts(rs)
	best := cuts.BestF1()
	// The official walk counts questions of one score one by one, so that it may stop among equal ones: ours is never above it.
	if best.F1 > want.Best.F1+1e-9 || best.F1 < want.Best.F1-2 {
		t.Errorf("best F1 %v, official %v", best.F1, want.Best.F1)
	}
	if got := cuts.AveragePrecision(); math.Abs(got-want.PR.Exact) > 1e-9 {
		t.Errorf("average precision %v, official %v", got, want.PR.Exact)
	}
	if c := cuts.At(math.Inf(1)); c.Answered != 0 || c.Silent != 27 || c.Precision() != 100 || c.Recall() != 0 {
		t.Errorf("above all: %+v", c)
	}
	if p, ci := cuts.At(math.Inf(1)).Risk(); p != 0 || ci != [2]float64{0, 100} {
		t.Errorf("the risk of no answer at all is %v %v", p, ci)
	}
	if c := cuts.At(math.Inf(-1)); c.Answered != 80 || c.Silent != 0 || c.Right() != 80-c.Wrong {
		t.Errorf("below all: %+v", c)
	}
}

func TestCutsForARateEqualSelectivity(t *testing.T) {
	rs := judged(rand.New(rand.NewPCG(2, 2)), 400)
	cuts := NewCuts(rs)
	for _, want := range Selectivity(rs, nil).Thresholds {
		got, err := cuts.For(want.Wanted)
		if err != nil || got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
	p, err := CrossCalibrate(rs, Platt)
	if err != nil {
		t.Fatal(err)
	}
	r, err := cuts.Reliability(p)
	c, cerr := Calibrate(rs, Platt)
	if err != nil || cerr != nil || len(r.Bins) != 10 || r.ECE != c.ECE || r.Brier != c.Brier {
		t.Errorf("%+v, %v, %v", r, err, cerr)
	}
	if _, err := cuts.Reliability(p[1:]); err == nil {
		t.Error("probabilities of fewer answers are judged")
	}
	if _, ok := cuts.Own(); ok {
		t.Error("answers without probabilities have some")
	}
	if err := NewCuts(rs[:49]).Enough(); err == nil {
		t.Error("49 are enough")
	}
	if err := cuts.Enough(); err != nil {
		t.Error(err)
	}
	empty := NewCuts(nil)
	if _, _, ok := empty.Range(); ok || empty.At(0) != (Cut{}) || len(empty.All()) != 0 {
		t.Errorf("of nothing: %+v", empty.At(0))
	}
}

// The numbers are those of the formula, worked out in Python: 67.1, 639.2, 673.9; a thousand answers are enough.
func TestMoreFor(t *testing.T) {
	for _, c := range []struct {
		cut  Cut
		want int
	}{
		{Cut{Questions: 200, Answered: 100, Wrong: 8}, 68},
		{Cut{Questions: 9, Answered: 4}, 640},
		{Cut{Questions: 9, Answered: 5, Wrong: 2}, 680},
		{Cut{Questions: 1000, Answered: 1000, Wrong: 50}, 0},
		{Cut{Questions: 9}, 0},
	} {
		if got := c.cut.MoreFor(5); got != c.want {
			t.Errorf("%+v: %d, not %d", c.cut, got, c.want)
		}
	}
}
