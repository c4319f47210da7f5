package eval

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tryall/tryall/qa"
)

// judged are n results, four of a passage, eight of a document, that are right with a probability that follows from the confidence.
func judged(rng *rand.Rand, n int) []Result {
	rs := make([]Result, n)
	for i := range rs {
		c := 2 + 3*rng.NormFloat64()
		right := share(rng.Float64() < truth(c))
		rs[i] = Result{Example: i, Passage: i / 4, Document: i / 8, HasAns: true, HasBest: true, Best: "x", Text: "x", Confidence: c,
			BestExact: right, BestF1: max(right, 40), Exact: right, F1: max(right, 40)}
	}
	return rs
}

// truth is the probability of being right: Platt's form, with weights to be found again.
func truth(confidence float64) float64 { return 1 / (1 + math.Exp(-(0.7*confidence - 0.5))) }

// A hundred answers by hand: the 60 surest right, then 20 with every other one wrong, then 20 wrong.
func TestSelectivityByHand(t *testing.T) {
	var rs []Result
	for i := range 100 {
		right := i < 60 || i < 80 && i%2 == 0
		rs = append(rs, Result{Document: i, Passage: i, HasBest: true, Confidence: float64(-i), BestExact: share(right), BestF1: max(50, share(right))})
	}
	zero := -59.5
	s := Selectivity(rs, &zero)
	if s.Note != "" || len(s.Points) != 100 || s.ECE != nil || s.Brier != nil {
		t.Fatalf("%+v", s)
	}
	for _, k := range []int{1, 60, 62, 80, 100} { // answered
		wrong := max(0, float64(min(k, 80)-60)/2) + max(0, float64(k-80))
		p := s.Points[k-1]
		if p.Coverage != float64(k) || math.Abs(p.Wrong-100*wrong/float64(k)) > 1e-9 || math.Abs(p.Risk-50*wrong/float64(k)) > 1e-9 {
			t.Errorf("%d answered: %+v, want %v wrong", k, p, wrong)
		}
	}
	if s.Chosen == nil || s.Chosen.Coverage != 60 || s.Chosen.Wrong != 0 || s.Chosen.Threshold != zero {
		t.Errorf("chosen %+v", s.Chosen)
	}
	// 60 right ones are surer than all 30 wrong ones, 10 surer than the last 20 and than 10, 9, 8 ... 1 of those between them.
	if want := 100 * (60*30 + 10*20 + 55.0) / (70 * 30); s.AUROC == nil || math.Abs(*s.AUROC-want) > 1e-9 {
		t.Errorf("auroc %v, want %v", *s.AUROC, want)
	}
	if len(s.Thresholds) != 3 {
		t.Fatalf("%+v", s.Thresholds)
	}
	// 3 of 67 are less than 5 %, 4 of 68 and on more; 7 of 75 less than 10 %, 8 of 76 and on more; 17 of 87 less than 20 %, 18 of 88 more.
	for i, want := range []struct{ wanted, threshold float64 }{{5, -66.5}, {10, -74.5}, {20, -86.5}} {
		got := s.Thresholds[i]
		if got.Wanted != want.wanted || !got.Reached || got.Threshold != want.threshold || got.N < 60 || got.Wrong > 2*want.wanted ||
			got.WrongCI[0] > got.Wrong || got.WrongCI[1] < got.Wrong || got.Coverage != float64(got.N) {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

func TestFewLabelsDrawNoCurve(t *testing.T) {
	rs := judged(rand.New(rand.NewPCG(1, 1)), 49)
	if s := Selectivity(rs, nil); !strings.Contains(s.Note, "not enough labels") || !strings.Contains(s.Note, "49") || s.Points != nil || s.Thresholds != nil || s.AUROC != nil {
		t.Errorf("%+v", s)
	}
	if s := Selectivity(make([]Result, 60), nil); !strings.Contains(s.Note, "no question has a candidate") {
		t.Errorf("%+v", s)
	}
}

func TestUnansweredQuestionsCountInTheCoverage(t *testing.T) {
	rs := judged(rand.New(rand.NewPCG(2, 1)), 300)
	for i := range 100 {
		rs[i] = Result{Passage: i / 4, Document: i / 8, HasAns: true, Err: "out of memory"}
	}
	never := math.Inf(1)
	s := Selectivity(rs, &never)
	if last := s.Points[len(s.Points)-1]; len(s.Points) > 200 || math.Abs(last.Coverage-100*200.0/300) > 1e-9 {
		t.Errorf("%d points, the last is %+v", len(s.Points), last)
	}
	if s.Chosen.Coverage != 0 || s.Chosen.Risk != 0 {
		t.Errorf("nothing is answered: %+v", s.Chosen)
	}
	all := make([]Result, 0, 120)
	for i := range 120 {
		all = append(all, Result{Document: i, HasBest: true, Confidence: float64(i), BestExact: 0})
	}
	if s := Selectivity(all, nil); s.AUROC != nil || s.Thresholds[2].Reached || s.Thresholds[2].N != 0 {
		t.Errorf("all wrong: %+v", s)
	}
}

// The interval of a threshold's error rate holds what the threshold does on all questions there are.
func TestIntervalsOfThresholdsHoldTheTruth(t *testing.T) {
	const sets = 300
	rng := rand.New(rand.NewPCG(3, 1))
	held, naive := 0, 0
	for range sets {
		rs := judged(rng, 200)
		got := Selectivity(rs, nil).Thresholds[1] // 10 %
		if !got.Reached {
			continue
		}
		var wrong, answered float64 // by integration over the confidences
		for c := -20.0; c < 20; c += 0.02 {
			if c > got.Threshold {
				density := math.Exp(-(c - 2) * (c - 2) / 18)
				answered += density
				wrong += density * (1 - truth(c))
			}
		}
		rate := 100 * wrong / answered
		if got.WrongCI[0] <= rate && rate <= got.WrongCI[1] {
			held++
		}
		if rate <= 10 {
			naive++
		}
	}
	t.Logf("of %d thresholds for 10 %% wrong answers, %d intervals hold the true rate; %d rates are 10 %% or less", sets, held, naive)
	if held < 270 {
		t.Errorf("%d of %d intervals hold the true rate", held, sets)
	}
	if naive > 200 {
		t.Errorf("%d of %d rates are as wanted: choosing a threshold by the same labels should look better than it is", naive, sets)
	}
}

func TestCalibrationFindsTheCurve(t *testing.T) {
	rs := judged(rand.New(rand.NewPCG(4, 1)), 4000)
	for _, method := range []string{Platt, IsotonicFit} {
		c, err := Calibrate(rs, method)
		if err != nil {
			t.Fatal(err)
		}
		worst := 0.0
		for x := -3.0; x < 7; x += 0.1 {
			worst = max(worst, math.Abs(c.P(x)-truth(x)))
		}
		// 4,000 labels: a logistic curve is known to about 0.02, a rising one to about 0.08.
		if limit := map[string]float64{Platt: 0.03, IsotonicFit: 0.12}[method]; worst > limit || c.Labels != 4000 || c.ECE > 5 || c.Brier > 0.2 || c.Brier < 0.05 {
			t.Errorf("%s: off by %.3f; %+v", method, worst, c)
		}
		p, err := CrossCalibrate(rs, method)
		if err != nil {
			t.Fatal(err)
		}
		for i := range rs {
			rs[i].P = &p[i]
		}
		s := Selectivity(rs, nil)
		if s.ECE == nil || *s.ECE != c.ECE || s.Brier == nil || *s.Brier != c.Brier {
			t.Errorf("%s: the curve's errors are %v and %v, the calibration's %v and %v", method, s.ECE, s.Brier, c.ECE, c.Brier)
		}
		m, _ := MetricByName("ece")
		if v, ok := m.Of(rs); !ok || v != c.ECE {
			t.Errorf("%s: metric ece is %v", method, v)
		}
	}
	rs[0].P = nil
	if s := Selectivity(rs, nil); s.ECE != nil {
		t.Error("an answer without a probability, and still a calibration error")
	}
}

func TestCalibrationRefuses(t *testing.T) {
	rs := judged(rand.New(rand.NewPCG(5, 1)), 60)
	wrongs := judged(rand.New(rand.NewPCG(5, 1)), 60)
	for i := range wrongs {
		wrongs[i].BestExact = 0
	}
	for _, c := range []struct {
		rs     []Result
		method string
		want   string
	}{
		{rs, "spline", `no method "spline"`},
		{rs[:49], Platt, "not enough labels: it takes 50"},
		{wrongs, Platt, "0 of 60 answers are right"},
	} {
		if _, err := Calibrate(c.rs, c.method); err == nil || !strings.Contains(err.Error(), c.want) || qa.CodeOf(err) != qa.Invalid {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

func TestResultsKeepTheBestAnswersF1AndProbability(t *testing.T) {
	p := 0.7
	d := &Dataset{Passages: []Passage{{}}, Examples: []Example{{ID: "1", Answers: []Gold{{Text: "big dog"}}}}}
	r := newResult(d, 0, qa.Prediction{Candidates: []qa.Answer{{Text: "dog", Gap: 1, P: &p}}, NullKind: qa.NullLogit, Abstained: true})
	if !r.HasBest || math.Abs(r.BestF1-200.0/3) > 1e-9 || r.F1 != 0 || r.P == nil || *r.P != p {
		t.Errorf("%+v", r)
	}
}
