package runs

import (
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/report"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/workbench"
)

// TestHostile: names, questions, answers, reasons and what people say are text on every screen, whatever stands in them.
func TestHostile(t *testing.T) {
	const evil = `<script>alert(1)</script>"><img src=x onerror=alert(1)>javascript:alert(1)`
	one, two := "x/"+evil+"@1:fp32", "javascript:alert(1)@2:int8"
	entrant := func(c string, rank int) eval.Entrant {
		return eval.Entrant{Standing: eval.Standing{Contestant: c, Rank: rank, N: 4, Score: 50, ScoreCI: [2]float64{20, 80}, P50: 3}, ID: c, Revision: evil, Precision: evil, License: "javascript:alert(1)" + evil, Metrics: map[string]float64{"f1": 50}}
	}
	out := entrant(two, 2)
	out.Eliminated = &eval.Elimination{After: 4, Reason: evil}
	b := &eval.Bakeoff{Spec: eval.Spec{Models: []string{one, two}}, Round: eval.Round{Mode: eval.Oracle, Metric: "f1", Questions: 4, Verdict: one + " is best", Decoder: evil, Stopped: evil, Warnings: []string{evil},
		Pick: one, Models: []eval.Entrant{entrant(one, 1), out, {Standing: eval.Standing{Contestant: evil}, ID: evil, Failed: evil}}}}
	s := screen{Name: "matrix", Run: store.RunInfo{ID: "r", Bakeoff: b, Status: store.Finished}, Names: eval.NamesOf(b)}
	a := &workbench.Answers{Data: map[string]*eval.Dataset{eval.Oracle: {Examples: []eval.Example{{ID: evil, Text: evil, Answers: []eval.Gold{{Text: evil}, {Text: evil + "2"}}}}}},
		Runs: map[string][]*eval.Run{eval.Oracle: {{Contestant: one, Results: []eval.Result{{Text: evil, F1: 20}}}, {Contestant: two, Results: []eval.Result{{Err: evil}}}}}}
	g := gridOf(a, eval.Oracle, []string{one, two}, []workbench.Origin{{Set: evil, Item: evil}})
	m := matrixView{screen: s, Query: matrixQuery{Mode: eval.Oracle, Page: 1}, Grid: g, Modes: []string{eval.Oracle}}
	m.pick()
	m.Judged = map[string][]store.Judgement{judgedKey(evil, evil): {{ID: 1, Kind: store.Answered, Answer: evil + "3", Origin: questions.Origin{Who: evil, How: how}}}}
	none := m
	none.Query.Text, none.Rows = evil, nil
	failed := s
	failed.Run.Bakeoff, failed.Run.Status, failed.Run.Reason = nil, store.Failed, evil
	said := store.Decision{Title: evil, Decision: evil, Notes: "</textarea>" + evil, Who: evil}
	for name, page := range map[string]templ.Component{
		"leaderboard": boardPage(boardOf(s, boardQuery{Cols: []string{"license", "revision", "precision"}}, true)), "matrix": matrixPage(m), "nothing": matrixPage(none), "failed": boardPage(boardView{screen: failed}),
		"report": reportPage(reportView{screen: s, Digest: report.DigestOf(report.Input{Bakeoff: b, Decision: (*report.Decision)(&said)}), Decision: said, Links: []link{{Address: "http://h/share/x", ID: "1"}}}),
	} {
		var w strings.Builder
		if err := page.Render(t.Context(), &w); err != nil {
			t.Fatal(err)
		}
		got := w.String()
		if !strings.Contains(got, "alert(1)") {
			t.Errorf("%s does not show what it is given", name)
		}
		for _, bad := range []string{"<script>", "<img", `href="javascript:`, "</textarea><", " onerror=alert(1)>"} {
			if strings.Contains(strings.ReplaceAll(got, "</textarea></div>", ""), bad) {
				t.Errorf("%s has %s in it", name, bad)
			}
		}
	}
}

// TestFilters: what each filter keeps, told by hand for five questions.
func TestFilters(t *testing.T) {
	res := func(example int, text string, exact, f1 float64, err string) eval.Result {
		return eval.Result{Example: example, Text: text, Exact: exact, F1: f1, Err: err}
	}
	d := &eval.Dataset{}
	for _, q := range []string{"all right", "one half", "one silent", "one failed", "not asked"} {
		d.Examples = append(d.Examples, eval.Example{ID: q, Text: q, Answers: []eval.Gold{{Text: "The Rent"}, {Text: "The Rent"}}})
	}
	a := &workbench.Answers{Data: map[string]*eval.Dataset{eval.Oracle: d}, Runs: map[string][]*eval.Run{eval.Oracle: {
		{Contestant: "a", Results: []eval.Result{res(0, "the rent", 100, 100, ""), res(1, "the rent", 100, 100, ""), res(2, "the rent", 100, 100, ""), res(3, "the rent", 100, 100, "")}},
		{Contestant: "b", Results: []eval.Result{res(0, "Rent.", 100, 100, ""), res(1, "rent and deposit", 0, 50, ""), res(2, "", 0, 0, ""), res(3, "", 0, 0, "on fire")}}}}}
	g := gridOf(a, eval.Oracle, []string{"a", "b"}, nil)
	want := map[string][]string{"": {"all right", "one half", "one silent", "one failed"}, "failures": {"one half", "one silent", "one failed"}, "differ": {"one half", "one silent"}, "errors": {"one failed"}, "none": {"one silent"}}
	for k, f := range filters {
		var got []string
		for i := range g.rows {
			if g.rows[i].filters&(1<<k) != 0 {
				got = append(got, g.rows[i].id)
			}
		}
		if !slices.Equal(got, want[f.Name]) || g.counts[f.Name] != len(got) {
			t.Errorf("%s keeps %q (counted %d), not %q", f.Name, got, g.counts[f.Name], want[f.Name])
		}
	}
	var kinds []string
	for i := range g.rows {
		kinds = append(kinds, g.rows[i].cells[1].kind())
	}
	if !slices.Equal(kinds, []string{kindRight, kindHalf, kindWrong, kindFailed}) || len(g.rows[0].golds) != 1 {
		t.Errorf("%q, %q", kinds, g.rows[0].golds)
	}
}

// TestInOrder: contestants of a run that is not over have the numbers that they will have when it is.
func TestInOrder(t *testing.T) {
	got := inOrder([]string{"a/m", "a/m", "a/mm", "b@1:int8"}, []string{"a/mm@1:fp32", "a/m@1:fp32", "a/m@1:int8", "c:fp32"})
	if !slices.Equal(got, []string{"a/m@1:fp32", "a/m@1:int8", "a/mm@1:fp32", "b@1:int8", "c:fp32"}) {
		t.Error(got)
	}
}

// TestKept: what is made is kept, what failed is made again, and the one used longest ago goes.
func TestKept(t *testing.T) {
	k, made := &kept[int]{}, 0
	get := func(key string, err error) int {
		v, got := k.get(key, 2, func() (int, error) { made++; return made, err })
		if got != err { //nolint:errorlint // it is given as it is
			t.Errorf("%s: %v", key, got)
		}
		return v
	}
	get("a", errFiles)
	for _, c := range []struct {
		key  string
		want int
	}{{"a", 2}, {"a", 2}, {"b", 3}, {"a", 2}, {"c", 4}, {"a", 2}, {"b", 5}} {
		if got := get(c.key, nil); got != c.want {
			t.Errorf("%s is %d, not %d", c.key, got, c.want)
		}
	}
}
