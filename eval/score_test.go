package eval

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// The table of traps: what the official scripts gave for one gold answer and one prediction.
func TestTraps(t *testing.T) {
	for _, c := range []struct {
		gold, pred         string
		em1, f11, em2, f12 float64
	}{
		{"the Denver Broncos", "Denver Broncos", 1, 1, 1, 1},
		{"The", "A", 1, 0, 1, 1},
		{"", "", 1, 0, 1, 1},
		{"a cat sat", "cat sat mat", 0, 0.8, 0, 0.8},
		{"cat cat dog", "cat dog dog", 0, 2.0 / 3, 0, 2.0 / 3},
		{"U.S.", "US", 1, 1, 1, 1},
		{"10,000", "10000", 1, 1, 1, 1},
		{"thé", "thé a", 1, 1, 1, 1},
		{"éa", "é a", 0, 0, 0, 0},
		{"ΟΔΟΣ", "οδος", 1, 1, 1, 1},
		{"İstanbul", "istanbul", 0, 0, 0, 0},
		{"“quoted”", "quoted", 0, 0, 0, 0},
		{"an-a-the", "", 0, 0, 0, 0},
		{"天氣很好", "天氣", 0, 0, 0, 0},
		{"x\u001cy", "x y", 1, 1, 1, 1},
	} {
		em1, f11 := judge([]string{c.gold}, c.pred, false)
		em2, f12 := judge([]string{c.gold}, c.pred, true)
		if em1 != c.em1 || math.Abs(f11-c.f11) > 1e-12 || em2 != c.em2 || math.Abs(f12-c.f12) > 1e-12 {
			t.Errorf("%q | %q: %v %v %v %v", c.gold, c.pred, em1, f11, em2, f12)
		}
	}
}

func four() *Dataset {
	return &Dataset{V2: true, Passages: []Passage{{Text: "x"}}, Titles: []string{""}, Examples: []Example{
		{ID: "a", Answers: []Gold{{Text: "cat"}}}, {ID: "b", Answers: []Gold{{Text: "dog"}}}, {ID: "c"}, {ID: "d"},
	}}
}

func TestMissingPredictionsScoreZero(t *testing.T) {
	r, err := Score(four(), map[string]string{"a": "cat", "c": ""}, ScoreOptions{})
	if err != nil || r.Total != 4 || r.Exact != 50 || r.Missing != 2 || r.HasAns.Exact != 50 || r.NoAns.Exact != 50 || r.NoAns.Total != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	// A missing prediction stays wrong where the no-answer score would make it right, and needs no such score.
	na := &NoAnswerScores{}
	na.Add("a", 0.1)
	na.Add("c", 0.9)
	half := 0.5
	r, err = Score(four(), map[string]string{"a": "cat", "c": "dog"}, ScoreOptions{NoAnswer: na, Threshold: &half})
	// Best: answer a only, abstain on c: 2 of 4.
	if err != nil || r.Exact != 50 || r.Missing != 2 || r.Best.Exact != 50 || r.Best.ExactThresh != 0.1 || r.PR.Oracle != 50 {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err = Score(four(), nil, ScoreOptions{}); err != nil || r.Exact != 0 || r.Missing != 4 {
		t.Errorf("no predictions at all: %+v, %v", r, err)
	}
}

func TestWhatTheOfficialScriptsCrashOn(t *testing.T) {
	na := &NoAnswerScores{}
	na.Add("a", math.NaN())
	one := 1.0
	v1 := four()
	v1.V2 = false
	for _, c := range []struct {
		d     *Dataset
		preds map[string]string
		o     ScoreOptions
		want  string
	}{
		{&Dataset{}, nil, ScoreOptions{}, "no questions"},
		{four(), map[string]string{"a": "", "b": "", "c": ""}, ScoreOptions{NoAnswer: na}, `2 predicted questions have no no-answer score (first: "b")`},
		{v1, map[string]string{"c": "x"}, ScoreOptions{}, `question "c" has no answers`},
		{v1, nil, ScoreOptions{Threshold: &one}, "--v2"},
	} {
		if _, err := Score(c.d, c.preds, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	// Without any answerable question there are no HasAns and no precision-recall figures.
	d := four()
	d.Examples = d.Examples[2:]
	na = &NoAnswerScores{}
	na.Add("c", math.NaN())
	na.Add("d", math.Inf(-1))
	r, err := Score(d, map[string]string{"c": "", "d": "x"}, ScoreOptions{NoAnswer: na})
	if err != nil || r.HasAns != nil || r.PR != nil || r.Best.Exact != 100 || len(r.Warnings) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestReportJSON(t *testing.T) {
	r := Report{V2: true, Part: Part{50, 62.5, 2}, Best: &Best{50, math.Inf(1), 62.5, -1}, Missing: 1}
	strict, err := json.Marshal(r)
	if want := `{"exact":50,"f1":62.5,"total":2,"best_exact":50,"best_exact_thresh":"Infinity","best_f1":62.5,"best_f1_thresh":-1,"missing":1}`; err != nil || string(strict) != want {
		t.Errorf("%s, %v; want %s", strict, err, want)
	}
	python, err := r.Fields().Python()
	if err != nil || !strings.HasPrefix(string(python), "{\n  \"exact\": 50,\n  \"f1\": 62.5,") || !strings.Contains(string(python), `_thresh": Infinity,`) {
		t.Errorf("%s, %v", python, err)
	}
	strict, _ = json.Marshal(Report{Part: Part{50, 62.5, 2}})
	if want := `{"exact_match":50,"f1":62.5,"exact":50,"total":2,"missing":0}`; string(strict) != want {
		t.Errorf("%s, want %s", strict, want)
	}
}
