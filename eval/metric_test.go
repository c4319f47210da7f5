package eval

import (
	"math"
	"strings"
	"testing"
)

// Five questions, checkable by eye: two right, one half right, one wrong, one unanswerable and left so.
func five() []Result {
	p := []float64{0.6, 0.8, 0.3, 0.3, 0.1}
	rs := []Result{
		{HasAns: true, Golds: []string{"北京大学"}, Text: "北京大学。", Exact: 0, F1: 0, HasBest: true, BestExact: 0, Confidence: 9},
		{HasAns: true, Golds: []string{"cat"}, Text: "cat", Exact: 100, F1: 100, HasBest: true, BestExact: 100, Confidence: 8},
		{HasAns: true, Golds: []string{"東京 タワー"}, Text: "東京都", Exact: 0, F1: 0, HasBest: true, BestExact: 0, Confidence: 1},
		{HasAns: true, Golds: []string{"big dog"}, Text: "dog", Exact: 0, F1: 200.0 / 3, HasBest: true, BestExact: 0, Confidence: 1},
		{HasAns: false, Text: "", Exact: 100, F1: 100, HasBest: true, BestExact: 0, Confidence: -2},
	}
	for i := range rs {
		rs[i].P = &p[i]
	}
	rs[1].BestF1, rs[3].BestF1 = 100, 200.0/3
	return rs
}

func TestEveryMetric(t *testing.T) {
	want := map[string]float64{
		"f1":             (100 + 200.0/3 + 100) / 5,
		"exact":          40,
		"has_ans_f1":     (100 + 200.0/3) / 4,
		"has_ans_exact":  25,
		"no_ans_f1":      100,
		"no_ans_exact":   100,
		"cjk_f1":         (100 + 100 + 50 + 200.0/3 + 100) / 5, // 東京タワー | 東京都: 2 shared of 5 and of 3 = 2*(2/3)(2/5)/(2/3+2/5)
		"cjk_exact":      60,
		"coverage_at_80": 0,
		"coverage_at_90": 0,
		"coverage_at_95": 0,
		"auroc":          75,                                                                   // surer than three of the four wrong ones
		"aurc":           (100 + 50 + 2*(100+0+100+100.0/3)/4 + (100+0+100+100.0/3+100)/5) / 5, // two are equally sure
		"ece":            (60 + 20 + 30 + 30 + 10) / 5.0,                                       // one in each bin but for the two that share their p
		"answered":       80,
		"wrong_rate":     60,
	}
	for _, m := range Metrics {
		w, ok := want[m.Name]
		if !ok {
			t.Errorf("metric %s: no case in metric_test.go", m.Name)
			continue
		}
		got, ok := m.Of(five())
		if !ok || math.Abs(got-w) > 1e-9 {
			t.Errorf("%s = %v, want %v", m.Name, got, w)
		}
		if (m.Each == nil) == (m.All == nil) || !strings.HasSuffix(m.About, ".") {
			t.Errorf("metric %s: one of Each and All, and a sentence", m.Name)
		}
		if _, ok := m.Of(nil); ok {
			t.Errorf("%s of nothing is something", m.Name)
		}
		delete(want, m.Name)
	}
	for name := range want {
		t.Errorf("case %s belongs to no metric", name)
	}
	if _, ok := MetricByName("f2"); ok {
		t.Error("there is no f2")
	}
}

func TestCoverageKeepsEqualConfidencesTogether(t *testing.T) {
	r := func(confidence, right float64) Result {
		return Result{HasBest: true, Confidence: confidence, BestExact: right}
	}
	// Surest first: right, right, (right, wrong), right...; 9 of 10 right only at the tenth.
	rs := []Result{r(3, 0), r(3, 100), r(9, 100), r(8, 100)}
	for range 6 {
		rs = append(rs, r(1, 100))
	}
	if got, _ := coverageAt(90)(rs); got != 100 {
		t.Errorf("coverage at 90 = %v, want 100", got)
	}
	if got, _ := coverageAt(95)(rs); got != 20 {
		t.Errorf("coverage at 95 = %v, want 20: the third question shares its confidence with a wrong one", got)
	}
	if got, _ := coverageAt(90)(append(rs, Result{})); math.Abs(got-1000.0/11) > 1e-9 {
		t.Errorf("a question without candidates: coverage at 90 = %v, want 10 of 11", got)
	}
}

func TestCJKPieces(t *testing.T) {
	for text, want := range map[string]string{
		"天氣，很好":             "天|氣|很|好",
		"the iPhone的ケース ok": "iphone|的|ケ|ー|ス|ok",
		"서울 타워":             "서울|타워",
		"":                  "",
	} {
		if got := strings.Join(pieces(text), "|"); got != want {
			t.Errorf("pieces(%q) = %s, want %s", text, got, want)
		}
	}
}
