package workbench

import (
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/tryall/tryall/stats"
)

// Six questions, every other right: standard deviation 54.8, and t with 5 degrees of freedom is 2.571 (scipy.stats.t.ppf(0.975, 5)), so the
// margin is 57.5. With 15 labels more it is t(20) = 2.086 times 22.36 * sqrt(6/21) = 24.9; with 10 more, t(15) = 2.131 times
// 22.36 * sqrt(6/16) = 29.2, and with 5 more, t(10) = 2.228 times 22.36 * sqrt(6/11) = 36.8.
func TestNeeded(t *testing.T) {
	m := stats.Weighted{Mean: 50, SE: 54.772 / math.Sqrt(6), N: 6, Clusters: 6}
	if got := m.Margin(0.95); math.Abs(got-57.5) > 0.1 {
		t.Fatalf("margin %v", got)
	}
	if got := needed(m); got != 10 {
		t.Errorf("%d more labels", got)
	}
	for _, se := range []float64{0, math.Inf(1), 1} {
		if got := needed(stats.Weighted{SE: se, N: 6, Clusters: 6}); got != 0 {
			t.Errorf("standard error %v: %d more labels", se, got)
		}
	}
	if got := needed(stats.Weighted{SE: 1e6, N: 6, Clusters: 6}); got != 500 {
		t.Errorf("%d more labels", got)
	}
}

// TestTooFewLabels: an interval as wide as all there is is not told as a number, and how many labels would help is.
func TestTooFewLabels(t *testing.T) {
	wide, soon := 97.0, 60.0
	name := func(c string) string { return c }
	one := []LabelScore{{Contestant: "ann", F1: 52, Margin: &wide, Soon: &soon, Needed: 25}}
	two := append(one, LabelScore{Contestant: "bob", F1: 41, Margin: &wide, Soon: &soon, Needed: 25})
	lead := &LabelLead{Ahead: "ann", Behind: "bob", By: 11, Margin: &wide, Soon: &soon, Needed: 20}
	for _, c := range []struct {
		e    LabelEstimate
		want string
	}{
		{LabelEstimate{Labels: 5, Left: 40, Models: one}, "There are too few labels yet to say how good ann is: on these 5 it scores 52 F1, which may be chance. About 25 more labels would help."},
		{LabelEstimate{Labels: 5, Left: 40, Models: two, Lead: lead}, "There are too few labels yet to tell models apart: ann is ahead of bob on these 5, which may be chance. About 20 more labels would help."},
		{LabelEstimate{Labels: 5, Left: 3, Models: two, Lead: lead}, "About 20 more labels would help. Only 3 left to label, so add some questions as well."},
		{LabelEstimate{Labels: 5, Models: two, Lead: lead}, "About 20 more labels would help. All questions are labelled, so add some questions."},
	} {
		got := c.e.Sentence(name)
		if !strings.HasSuffix(got, c.want) || regexp.MustCompile(`±|97|60`).MatchString(got) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	lead.Needed, lead.Margin = 0, &[]float64{19}[0]
	if got := (&LabelEstimate{Labels: 30, Left: 40, Models: two, Lead: lead}).Sentence(name); !strings.Contains(got, "ahead by 11 F1 ± 19.") {
		t.Errorf("%q", got)
	}
}
