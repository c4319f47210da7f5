package report

import (
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/tryall/tryall/eval"
)

// selection are 200 results whose confidences tell something.
func selection(t *testing.T) Selection {
	t.Helper()
	rng := rand.New(rand.NewPCG(4, 4))
	var rs []eval.Result
	for i := range 200 {
		c := 2 + 3*rng.NormFloat64()
		right := rng.Float64() < 1/(1+math.Exp(-0.7*c))
		r := eval.Result{Example: i, Passage: i / 4, Document: i / 8, HasAns: true, HasBest: true, Best: "x", Confidence: c}
		if right {
			r.BestExact, r.BestF1 = 100, 100
		}
		rs = append(rs, r)
	}
	s := Selection{Label: "minilm", Number: 2, Cuts: eval.NewCuts(rs), Chosen: 1.5}
	p, err := eval.CrossCalibrate(rs, eval.Platt)
	if err != nil {
		t.Fatal(err)
	}
	if s.Fitted, err = s.Cuts.Reliability(p); err != nil {
		t.Fatal(err)
	}
	s.Own = s.Fitted
	return s
}

func TestSelectionFigures(t *testing.T) {
	s := selection(t)
	figures := SelectionFigures(s)
	if len(figures) != 3 {
		t.Fatalf("%d figures", len(figures))
	}
	at := s.Cuts.At(1.5)
	covered, _ := at.Coverage()
	risk, _ := at.Risk()
	if alt := figures[0].Alt; !strings.Contains(alt, "minilm answers "+share(covered, 200)+" % of 200 questions") || !strings.Contains(alt, share(risk, at.Answered)+" % of the answers are wrong") {
		t.Error(alt)
	}
	class := regexp.MustCompile(`class="([^"]*)"`)
	for _, f := range figures {
		for _, svg := range []string{string(f.Wide), string(f.Narrow)} {
			if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") || strings.Contains(svg, "style=") || strings.Count(svg, `f-m2`)+strings.Count(svg, "l-m2") < 2 {
				t.Errorf("%s: %.300s", f.ID, svg)
			}
			for _, m := range class.FindAllStringSubmatch(svg, -1) {
				if !regexp.MustCompile(`^(plot (wide|narrow)|[fl]-(text|mute|line|grid|page|m[0-7]))$`).MatchString(m[1]) {
					t.Errorf("%s: class %q", f.ID, m[1])
				}
			}
		}
	}
	if n := strings.Count(string(figures[2].Wide), "f-m2"); n != len(s.Fitted.Bins) {
		t.Errorf("%d groups are drawn of %d", n, len(s.Fitted.Bins))
	}
	// The mark is on the curve: its place follows from the numbers.
	moved := s
	moved.Chosen = 4
	if SelectionFigures(moved)[0].Wide == figures[0].Wide {
		t.Error("another threshold is drawn alike")
	}
	s.Fitted, s.Own = nil, nil
	if len(SelectionFigures(s)) != 2 {
		t.Error("a curve of probabilities that there are not")
	}
	if SelectionFigures(Selection{Cuts: eval.NewCuts(nil)}) != nil {
		t.Error("figures of nothing")
	}
}
