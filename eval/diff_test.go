package eval

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/stats"
)

// diffRun makes a run of answers to questions whose right answer is "cat"; "cat sat" has F1 2/3. An empty word is no answer, "!" a failure.
func diffRun(name, digest string, answers ...string) *Run {
	r := &Run{Contestant: name, Digest: digest, V2: true}
	for i, a := range answers {
		res := Result{Example: i, ID: fmt.Sprint("q", i), Passage: i / 2, Document: 0, Golds: []string{"cat"}, HasAns: true, Text: a}
		if a == "!" {
			res.Text, res.Err = "", "boom"
		}
		res.Exact, res.F1 = percents(res.Golds, res.Text, true)
		r.Results = append(r.Results, res)
	}
	return r
}

func diffOf(t *testing.T, a, b *Run) *RunDiff {
	t.Helper()
	d, err := Diff(a, b)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDiffSaysWhatBecameOfQuestions(t *testing.T) {
	a := diffRun("m", "d", "cat", "cat", "dog", "dog", "", "cat sat", "The cat", "!")
	b := diffRun("n", "d", "cat", "dog", "cat", "", "", "dog", "cat", "cat")
	a.Decoder, b.Decoder = "gap", "hf"
	a.Notes, b.Notes = map[string]string{"kernel": "avx2", "seed": "1"}, map[string]string{"kernel": "generic", "seed": "1", "x": "y"}
	d := diffOf(t, a, b)
	var kinds []string
	for _, q := range d.Questions {
		kinds = append(kinds, fmt.Sprint(q.ID, q.Kind, q.Changed))
	}
	if want := "[q0rightfalse q1losttrue q2gainedtrue q3wrongtrue q4wrongfalse q5wrongtrue q6rightfalse q7gainedtrue]"; fmt.Sprint(kinds) != want {
		t.Errorf("%v, want %s", kinds, want)
	}
	if d.N != 8 || d.Right != 2 || d.Wrong != 3 || d.Gained != 2 || d.Lost != 1 || d.Changed != 2 || d.OnlyA+d.OnlyB != 0 || d.Aligned != "place" {
		t.Errorf("%+v", d)
	}
	// A: 3 of 8 right; F1 3 and 2/3 of 8. B: 4 of 8.
	if d.Exact.A != 37.5 || d.Exact.B != 50 || d.Exact.Diff != 12.5 || math.Abs(d.F1.A-100*(3+2.0/3)/8) > 1e-9 || d.F1.B != 50 || math.Abs(d.F1.Diff-(d.F1.B-d.F1.A)) > 1e-9 {
		t.Errorf("%+v, %+v", d.F1, d.Exact)
	}
	want, err := stats.Paired([]float64{100, 0, 100, 0, 0, 0, 100, 100}, []float64{100, 100, 0, 0, 0, 0, 100, 0}, []int{0, 0, 1, 1, 2, 2, 3, 3}, stats.Options{Seed: 1})
	if err != nil || d.Exact.CI != [2]float64{want.Lo, want.Hi} || d.Exact.P != want.P {
		t.Errorf("%+v, want %+v, %v", d.Exact, want, err)
	}
	if got := fmt.Sprint(d.Settings); got != "[decoder: gap, hf kernel: avx2, generic x: none, y]" {
		t.Errorf("settings %s", got)
	}
	if q := d.Questions[7]; q.ErrA != "boom" || q.A != "" || q.B != "cat" || q.F1B != 100 || q.Golds[0] != "cat" {
		t.Errorf("%+v", q)
	}
	raw, err := json.Marshal(d)
	var back RunDiff
	if err != nil || json.Unmarshal(raw, &back) != nil || !reflect.DeepEqual(&back, d) {
		t.Errorf("as JSON it is another: %s, %v", raw, err)
	}
}

func TestDiffOfARunWithItself(t *testing.T) {
	a := diffRun("m", "d", "cat", "dog", "")
	d := diffOf(t, a, a)
	if d.F1.Diff != 0 || d.F1.P != 1 || d.Changed+d.Gained+d.Lost != 0 || d.Right != 1 || d.Wrong != 2 {
		t.Errorf("%+v", d)
	}
}

func TestDiffOfPartsAndOtherData(t *testing.T) {
	a, b := diffRun("m", "d", "cat", "dog", "cat"), diffRun("n", "d", "cat", "cat", "dog", "cat")
	b.Results = b.Results[1:]
	d := diffOf(t, a, b)
	if d.N != 2 || d.OnlyA != 1 || d.OnlyB != 1 || d.Gained != 1 || d.Lost != 1 || d.Questions[0].Kind != OnlyInA || d.Questions[3].Kind != OnlyInB || d.Questions[3].Example != 3 {
		t.Errorf("%+v", d)
	}
	// Other data: in another order, one with other right answers, one id twice.
	c := diffRun("n", "other", "cat", "cat", "dog", "cat")
	c.Results[0].ID, c.Results[1].ID, c.Results[2].ID, c.Results[3].ID = "q2", "q1", "q0", "q9"
	c.Results[0].Golds = []string{"the  Cat", "cat"}
	c.Results[1].Golds = []string{"cat", "dog"}
	d = diffOf(t, a, c)
	if d.Aligned != "id" || d.N != 2 || d.OnlyB != 1 || d.Right != 1 || d.Lost != 1 || d.OnlyA != 0 {
		t.Errorf("%+v", d)
	}
	if w := strings.Join(d.Warnings, "; "); !strings.Contains(w, "different data") || !strings.Contains(w, "not the same in both: 1") {
		t.Errorf("%s", w)
	}
	c.Results[3].ID = "q0"
	d = diffOf(t, a, c)
	if w := strings.Join(d.Warnings, "; "); d.N != 1 || !strings.Contains(w, "several questions have them: 1") {
		t.Errorf("%+v", d)
	}
}

func TestDiffRefuses(t *testing.T) {
	a := diffRun("m", "d", "cat", "dog")
	v1, strange, damaged, twice, empty := diffRun("n", "d", "cat"), diffRun("n", "e", "cat"), diffRun("n", "d", "cat"), diffRun("n", "d", "cat", "dog"), diffRun("n", "d")
	v1.V2 = false
	strange.Results[0].ID = "other"
	damaged.Results[0].ID = "other"
	twice.Results[1].Example = 0
	twice.Results[1].ID = "q0"
	for want, b := range map[string]*Run{"rules of SQuAD": v1, "no question in common": strange, "one of them is damaged": damaged, "twice in the second": twice, "no question": empty} {
		if _, err := Diff(a, b); err == nil || !strings.Contains(err.Error(), want) || qa.CodeOf(err) != qa.Invalid {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := Diff(twice, a); err == nil || !strings.Contains(err.Error(), "twice in the first") {
		t.Errorf("%v", err)
	}
}

func TestDiffTable(t *testing.T) {
	a := diffRun("m", "d", "cat", "cat", "dog", "dog\x1b[31m\nhouse", "!", strings.Repeat("long ", 40), "cat")
	b := diffRun("n", "d", "dog", "", "cat", "cow", "cow", "cow", "cat")
	d := diffOf(t, a, b)
	d.Texts(func(id string) string { return "What is " + id + "?" })
	var out strings.Builder
	if err := d.WriteTable(&out, 2); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"A  m\nB  n\n", "EM  42.9  28.6  -14.3", "7 questions in both: 1 right, 3 wrong, 1 gained, 2 lost; 3 others with other words.\n",
		"lost\n- What is q0?  (q0)\n    right  cat\n    A  100 cat\n    B    0 dog\n- What is q1?", "B    0 (no answer)", "gained\n+ What is q2?",
		"wrong in both, other words\n~ What is q3?  (q3)\n    right  cat\n    A    0 dog\ufffd[31m house\n", "A    0 (failed: boom)", "  and 1 more\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "q6") || strings.Contains(out.String(), "q5") {
		t.Errorf("too much in\n%s", out.String())
	}
	out.Reset()
	if err := d.WriteTable(&out, 0); err != nil || !strings.Contains(out.String(), " long long…\n") || strings.Contains(out.String(), "more\n") {
		t.Errorf("%v\n%s", err, out.String())
	}
}
