package eval

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/stats"
)

// runOf makes a run with these F1 scores, five questions a passage, one passage a document.
func runOf(name string, scores []float64) *Run {
	r := &Run{Contestant: name, Decoder: "gap", Digest: "d"}
	for i, s := range scores {
		r.Results = append(r.Results, Result{Example: i, Passage: i / 5, Document: i / 5, HasAns: true, F1: s, Exact: share(s == 100)})
	}
	return r
}

// noisy draws n scores: difficulty of the question, the same for all with that seed, plus skill plus noise of one's own.
func noisy(n int, difficulty, own uint64, skill float64) []float64 {
	d, o := rand.New(rand.NewPCG(difficulty, 0)), rand.New(rand.NewPCG(own, 1))
	out := make([]float64, n)
	for i := range out {
		out[i] = 50 + skill + 20*d.NormFloat64() + 10*o.NormFloat64()
	}
	return out
}

func f1Metric(t *testing.T) Metric {
	m, ok := MetricByName("f1")
	if !ok {
		t.Fatal("no f1")
	}
	return m
}

func TestRankTellsApartAndTies(t *testing.T) {
	const n = 300
	runs := []*Run{
		runOf("c", noisy(n, 1, 4, -8)),
		runOf("a", noisy(n, 1, 2, 0)),
		runOf("b", noisy(n, 1, 3, -0.5)),
		runOf("d", noisy(n, 1, 5, -16)),
	}
	l, err := Rank(context.Background(), runs, f1Metric(t), RankOptions{Seed: 1, Resamples: 2000})
	if err != nil {
		t.Fatal(err)
	}
	ranks := map[string]int{}
	for _, s := range l.Standings {
		ranks[s.Contestant] = s.Rank
		if s.Tied != (s.Rank == 1) || s.ScoreCI[0] >= s.Score || s.ScoreCI[1] <= s.Score || s.F1CI != s.ScoreCI {
			t.Errorf("%+v", s)
		}
	}
	if len(l.Tied) != 2 || ranks["a"] != 1 || ranks["b"] != 1 || ranks["c"] != 3 || ranks["d"] != 4 {
		t.Errorf("ranks %v, tied %v", ranks, l.Tied)
	}
	if len(l.Comparisons) != 6 || l.Comparisons[0].A != l.Winner || l.Questions != n || len(l.Warnings) != 0 {
		t.Errorf("%d comparisons, %d questions, warnings %q", len(l.Comparisons), l.Questions, l.Warnings)
	}
	for _, want := range []string{"With the decoder gap, ", "cannot be told apart", "300 questions", "The other 2 are worse."} {
		if !strings.Contains(l.Verdict, want) {
			t.Errorf("verdict %q lacks %q", l.Verdict, want)
		}
	}
	again, err := Rank(context.Background(), runs, f1Metric(t), RankOptions{Seed: 1, Resamples: 2000})
	if err != nil || fmt.Sprint(again.Comparisons) != fmt.Sprint(l.Comparisons) {
		t.Error("the same seed gives other comparisons")
	}
	b, err := json.Marshal(l)
	if err != nil || !strings.Contains(string(b), `"p_holm":`) || !strings.Contains(string(b), `"f1_ci":[`) {
		t.Errorf("%s, %v", b, err)
	}
	var table bytes.Buffer
	if err := l.WriteTable(&table); err != nil || strings.Count(table.String(), "~") != 2 || strings.Count(table.String(), "\n") != 5 {
		t.Errorf("%s%v", table.String(), err)
	}
}

// The adjusted values are Holm's, and the tied group is what they say.
func TestComparisonsAgreeWithEachOther(t *testing.T) {
	var runs []*Run
	for i := range 5 {
		runs = append(runs, runOf(fmt.Sprint("m", i), noisy(200, 7, uint64(i+20), -float64(i)*1.2)))
	}
	l, err := Rank(context.Background(), runs, f1Metric(t), RankOptions{Seed: 3, Resamples: 2000})
	if err != nil {
		t.Fatal(err)
	}
	var ps []float64
	for _, c := range l.Comparisons {
		ps = append(ps, c.P)
	}
	tied := map[string]bool{l.Winner: true}
	for i, p := range stats.Holm(ps) {
		c := l.Comparisons[i]
		if c.PHolm != p {
			t.Errorf("%+v: p_holm should be %v", c, p)
		}
		if c.A == l.Winner && c.PHolm >= alpha {
			tied[c.B] = true
		}
	}
	if len(tied) != len(l.Tied) {
		t.Errorf("tied %v, by the comparisons %v", l.Tied, tied)
	}
}

// Among alike systems a difference is claimed in at most about 5 of 100 data sets, also though the best of them was picked.
func TestAlikeSystemsAreSeldomToldApart(t *testing.T) {
	const sets = 60
	claims := 0
	for set := range uint64(sets) {
		var runs []*Run
		for i := range uint64(5) {
			runs = append(runs, runOf(fmt.Sprint(i), noisy(125, set+100, set*10+i, 0)))
		}
		l, err := Rank(context.Background(), runs, f1Metric(t), RankOptions{Seed: set, Resamples: 500})
		if err != nil {
			t.Fatal(err)
		}
		if len(l.Tied) < len(runs) {
			claims++
		}
	}
	t.Logf("%d claims in %d data sets", claims, sets)
	if claims > 8 { // 3 expected at most, standard deviation 1.7
		t.Errorf("a difference was claimed in %d of %d data sets without any", claims, sets)
	}
}

func TestDocumentsAreResampledOnceThereAreTwenty(t *testing.T) {
	r := runOf("a", noisy(100, 1, 2, 0)) // 20 passages
	m := f1Metric(t)
	for i := range r.Results {
		r.Results[i].Document = i / 50 // 2 documents
	}
	few, _ := estimate(r, m, stats.Options{})
	for i := range r.Results {
		r.Results[i].Passage, r.Results[i].Document = i, i/5
	}
	many, _ := estimate(r, m, stats.Options{})
	if few.Clusters != 20 || many.Clusters != 20 {
		t.Errorf("%d passages of 2 documents, %d documents", few.Clusters, many.Clusters)
	}
}

func TestVerdicts(t *testing.T) {
	m := f1Metric(t)
	base := noisy(400, 1, 2, 0)
	plus := func(x float64, own uint64) []float64 { return noisy(400, 1, own, x) }
	for _, c := range []struct {
		runs []*Run
		want []string
	}{
		{[]*Run{runOf("a", base)}, []string{"a reaches ", "nothing to compare it with"}},
		{[]*Run{runOf("a", base), runOf("b", plus(9, 3))}, []string{"b is better than a by ", " F1 [", "400 questions, p = 0.0005)."}},
		{[]*Run{runOf("a", base), runOf("b", plus(9, 3)), runOf("c", plus(-9, 4))}, []string{"after Holm's correction), and better than the other 1."}},
		{[]*Run{runOf("a", base), runOf("b", base)}, []string{"a and b cannot be told apart: 0.0 F1 [0.0, 0.0] between them", "they score alike on every question"}},
		{[]*Run{runOf("a", base), runOf("b", plus(0.7, 8))}, []string{"cannot be told apart", "more questions would show it."}},
		{[]*Run{runOf("a", base[:40]), runOf("b", plus(0.9, 8)[:40])}, []string{"F1, but 40 questions of 8 passages are too few to rely on; label more, from more documents. By the figures they cannot be told apart: "}},
		{[]*Run{runOf("a", base[:40]), runOf("b", base[:40])}, []string{"a and b cannot be told apart: 0.0 F1 [0.0, 0.0] between the first two, which score alike on every question. But 40 questions of 8 passages are too few to rely on; label more, from more documents."}},
		{[]*Run{runOf("a", base[:40])}, []string{"Caution: only 8 clusters of 40 observations"}},
		{[]*Run{runOf("a", base[:90]), runOf("b", plus(40, 3)[:90])}, []string{"b is better than a by ", "). But 90 questions of 18 passages are too few to rely on; label more, from more documents."}},
		{[]*Run{runOf("a", []float64{0, 0, 0, 0, 0, 0}), runOf("b", []float64{40, 40, 40, 80, 20, 30})}, []string{"b looks better than a by 42 F1, but 6 questions of 2 passages are too few"}},
	} {
		l, err := Rank(context.Background(), c.runs, m, RankOptions{Resamples: 2000})
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range c.want {
			if !strings.Contains(l.Verdict, w) {
				t.Errorf("verdict %q lacks %q", l.Verdict, w)
			}
		}
		if c := l.Comparisons; len(c) > 0 && strings.Contains(l.Verdict, "would show it") && (c[0].clusters < 20 || c[0].CI[0] > 0 || c[0].CI[1] < 0) {
			t.Errorf("verdict %q foretells too much", l.Verdict)
		}
	}
}

// TestTieWithoutZero: a tie whose interval leaves 0 out does not say that more questions would show it.
func TestTieWithoutZero(t *testing.T) {
	for _, c := range []struct {
		p    float64
		want string
	}{{0.08, "a and b cannot be told apart: 2.0 F1 [0.1, 3.9] between them on 400 questions; the interval leaves 0 out, but the test, which is stricter, does not call that more than chance (p = 0.08)."},
		{0.03, "the race, which looks many times and so is stricter, does not"}} {
		l := Leaderboard{Metric: "f1", Winner: "a", Tied: []string{"a", "b"}, Standings: make([]Standing, 2),
			Comparisons: []Comparison{{A: "a", B: "b", N: 400, Diff: 2, CI: [2]float64{0.1, 3.9}, PHolm: c.p, Needed: 700, Detectable: 2.6, clusters: 80}}}
		if got := l.verdict(); !strings.Contains(got, c.want) {
			t.Errorf("%q, without %q", got, c.want)
		}
	}
}

func TestLowerIsBetter(t *testing.T) {
	a, b := runOf("a", make([]float64, 100)), runOf("b", make([]float64, 100))
	for i := range a.Results {
		a.Results[i].Text = "x" // always answered, always wrong
	}
	m, _ := MetricByName("wrong_rate")
	l, err := Rank(context.Background(), []*Run{a, b}, m, RankOptions{})
	if err != nil || l.Winner != "b" || len(l.Tied) != 1 || l.Standings[1].Rank != 2 || l.Comparisons[0].Diff != -100 {
		t.Errorf("%+v, %v", l, err)
	}
}

// Runs that saw different parts of the data are compared on what both saw.
func TestPartialRuns(t *testing.T) {
	a, b := runOf("a", noisy(200, 1, 2, 0)), runOf("b", noisy(200, 1, 3, -10))
	b.Results = b.Results[50:120]
	l, err := Rank(context.Background(), []*Run{a, b}, f1Metric(t), RankOptions{})
	if err != nil || l.Comparisons[0].N != 70 || l.Questions != 200 {
		t.Errorf("%+v, %v", l, err)
	}
}

func TestRankRefuses(t *testing.T) {
	a, b := runOf("a", []float64{1, 2}), runOf("b", []float64{1, 2})
	other := runOf("c", []float64{1, 2})
	other.Digest = "e"
	coverage, _ := MetricByName("coverage_at_90")
	empty := runOf("d", nil)
	sampled := runOf("f", []float64{1, 2})
	sampled.Results[1].ID = "another"
	apart := runOf("e", []float64{1, 2})
	apart.Results[0].Example, apart.Results[1].Example = 5, 6
	for _, c := range []struct {
		runs []*Run
		m    Metric
		want string
	}{
		{nil, f1Metric(t), "no runs"},
		{[]*Run{a, b}, coverage, "no score per question"},
		{[]*Run{a, other}, f1Metric(t), "different data"},
		{[]*Run{a, a}, f1Metric(t), "a is there twice"},
		{[]*Run{a, empty}, f1Metric(t), "rank d by f1: bootstrap of a mean: no observations"},
		{[]*Run{a, sampled}, f1Metric(t), "different samples"},
		{[]*Run{a, apart}, f1Metric(t), "no observations"},
	} {
		if _, err := Rank(context.Background(), c.runs, c.m, RankOptions{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		} else if qa.CodeOf(err) != qa.Invalid {
			t.Errorf("%v has code %s", err, qa.CodeOf(err))
		}
	}
}

func TestRankStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Rank(ctx, []*Run{runOf("a", []float64{1, 2}), runOf("b", []float64{1, 2})}, f1Metric(t), RankOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestRoundUp(t *testing.T) {
	for n, want := range map[float64]int{3: 3, 57.2: 58, 1234: 1300, 20001: 21000, -4: 0, math.Inf(1): 0} {
		if got := roundUp(n); got != want {
			t.Errorf("roundUp(%v) = %d, want %d", n, got, want)
		}
	}
}
