package eval

import (
	"math"
	"reflect"
	"testing"
)

// answers makes a run that gives these answers; "!" is a prediction that failed, "-" a question that was not asked.
func answers(name string, texts ...string) *Run {
	r := &Run{Contestant: name}
	for i, s := range texts {
		switch s {
		case "-":
		case "!":
			r.Results = append(r.Results, Result{Example: i, ID: string(rune('p' + i)), Err: "failed"})
		default:
			r.Results = append(r.Results, Result{Example: i, ID: string(rune('p' + i)), Text: s})
		}
	}
	return r
}

func TestDisagreement(t *testing.T) {
	runs := []*Run{
		answers("a", "The cat", "Paris", "", "1990", "東京。", "!"),
		answers("b", "cat.", "paris", "", "1991", "東京", "!"),
		answers("c", "the Cat", "London", "x", "1992", "京都", "y"),
		answers("d", "a cat", "London", "", "?!", "-", "!"),
	}
	d := Disagree(runs)
	if d.Questions != 6 {
		t.Errorf("%d questions", d.Questions)
	}
	want := []PairAgreement{
		{"a", "b", 80}, {"a", "c", 20}, {"b", "c", 20}, {"a", "d", 50}, {"b", "d", 50}, {"c", "d", 50},
	}
	if !reflect.DeepEqual(d.Agreement, want) {
		t.Errorf("%+v, want %+v", d.Agreement, want)
	}
	if !reflect.DeepEqual(d.Answered, map[string]float64{"a": 80, "b": 80, "c": 100, "d": 75}) {
		t.Errorf("answered %v", d.Answered)
	}
	// 1990, 1991, 1992 and ?! are four answers: 2 bits; two and two: 1 bit; two of three: 0.918; three of four: 0.811.
	var ids []string
	var entropies []float64
	for _, q := range d.Top {
		ids, entropies = append(ids, q.ID), append(entropies, math.Round(1000*q.Entropy)/1000)
	}
	if !reflect.DeepEqual(ids, []string{"s", "q", "t", "r"}) || !reflect.DeepEqual(entropies, []float64{2, 1, 0.918, 0.811}) {
		t.Errorf("most disputed %v %v", ids, entropies)
	}
	if got := d.Top[1].Answers; !reflect.DeepEqual(got, map[string][]string{"Paris": {"a", "b"}, "London": {"c", "d"}}) {
		t.Errorf("%v", got)
	}
	if got := d.Top[3].Answers; !reflect.DeepEqual(got, map[string][]string{"": {"a", "b", "d"}, "x": {"c"}}) {
		t.Errorf("%v", got)
	}
	if e := Entropies(runs); len(e) != 6 || e[0] != 0 || e[3] != 2 || e[5] != 0 {
		t.Errorf("entropies %v", e)
	}
}

func TestDisagreementOfNobodyAndOfMany(t *testing.T) {
	if d := Disagree(nil); d.Questions != 0 || d.Top == nil || d.Agreement == nil || d.Answered == nil {
		t.Errorf("%+v", d)
	}
	a, b := &Run{Contestant: "a"}, &Run{Contestant: "b"}
	for i := range 80 {
		a.Results = append(a.Results, Result{Example: i, Text: "x"})
		b.Results = append(b.Results, Result{Example: i, Text: "y"})
	}
	if d := Disagree([]*Run{a, b}); len(d.Top) != 50 || d.Agreement[0].Share != 0 {
		t.Errorf("%d disputed questions are listed", len(d.Top))
	}
	if d := Disagree([]*Run{answers("a", "x", "-"), answers("b", "-", "y")}); len(d.Agreement) != 0 || d.Questions != 2 {
		t.Errorf("no question in common: %+v", d)
	}
}
