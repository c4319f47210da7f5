package ui

import (
	"testing"

	"github.com/tryall/tryall/workbench"
)

// TestInForce puts the thresholds of models into words.
func TestInForce(t *testing.T) {
	at := func(f float64) *float64 { return &f }
	list := []Choosable{
		{Name: "a", Entry: workbench.Entry{ID: "a", Threshold: at(8.12)}}, {Name: "b", Entry: workbench.Entry{ID: "b", Threshold: at(8.12)}},
		{Name: "c", Entry: workbench.Entry{ID: "c", Threshold: at(-2.5), ThresholdBy: workbench.ByProject}}, {Name: "d", Entry: workbench.Entry{ID: "d"}}, {Name: "e"},
	}
	for _, c := range []struct {
		chosen []string
		want   string
	}{
		{nil, ""}, {[]string{"a"}, "8.12, the model's own"}, {[]string{"a", "b"}, "8.12, the model's own"}, {[]string{"c"}, "−2.50, set in this project"}, {[]string{"d"}, "0"},
		{[]string{"a", "d"}, "each model's own"}, {[]string{"a", "c", "b"}, "each model's own"}, {[]string{"e"}, ""}, {[]string{"a", "nobody"}, ""},
	} {
		if got := InForce(list, c.chosen); got != c.want {
			t.Errorf("%v: %q, want %q", c.chosen, got, c.want)
		}
	}
}

// TestUnsure: a candidate between "no answer" and the threshold is told apart from one that is worse than "no answer".
func TestUnsure(t *testing.T) {
	for _, c := range []struct {
		gap, limit   float64
		none         bool
		says, chance string
		p            float64
	}{
		{7.29, 8.12, true, "Not sure enough to answer", "Perhaps", 0.31}, {8.12, 8.12, true, "Not sure enough to answer", "Perhaps", 0.49}, {7.29, 8.12, true, "Not sure enough to answer", "Probably", 0.5},
		{0, 8.12, true, "The text does not say", "Perhaps", 0.1}, {-3, -2.5, true, "The text does not say", "Perhaps", 0.1},
	} {
		card := stateCard("31 March 2027", c.none, c.gap, c.p, c.limit)
		if card.None() != c.says || card.Chance() != c.chance {
			t.Errorf("gap %v, threshold %v: %q, %q", c.gap, c.limit, card.None(), card.Chance())
		}
	}
	if stateCard("31 March 2027", false, 9, 0.9, 8.12).Unsure() {
		t.Error("an answer is unsure")
	}
}

// TestAnyway: only "no answer" changes in the query.
func TestAnyway(t *testing.T) {
	for knobs, want := range map[[2]string]string{{"threshold", "4"}: "/?no_answer=false&q=a&threshold=4", {"decoder", "hf"}: "/?decoder=hf&no_answer=false&q=a", {"decoder", "squad"}: ""} {
		q, ok := Query{Question: "a", Knobs: map[string]string{knobs[0]: knobs[1]}}.Anyway()
		if ok != (want != "") || ok && q.At("/") != want {
			t.Errorf("%v: %s, %t", knobs, q.At("/"), ok)
		}
	}
	q, ok := Query{Knobs: map[string]string{"decoder": "squad", "v2": "true"}}.Anyway()
	if !ok || q.At("/") != "/?decoder=squad" {
		t.Errorf("squad as for SQuAD 2.0: %s, %t", q.At("/"), ok)
	}
}
