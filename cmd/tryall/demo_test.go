package main

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

// cued answers what stands after the word of its cue, up to the next space, and nothing where the cue is missing.
type cued struct{ cue string }

func (c cued) String() string { return c.cue }
func (c cued) Close() error   { return nil }

func (c cued) Read(_ context.Context, tasks []qa.Task) ([]qa.Prediction, error) {
	out := make([]qa.Prediction, len(tasks))
	for i, t := range tasks {
		text := t.Hits[0].Passage.Text
		out[i] = qa.Prediction{NullKind: qa.NullLogit, Abstained: true, Windows: 1}
		at := strings.Index(text, c.cue)
		if at < 0 {
			continue
		}
		span := qa.Range{Start: at + len(c.cue)}
		span.End = span.Start + strings.IndexByte(text[span.Start:]+" ", ' ')
		a := qa.Answer{Text: span.Of(text), Range: span, Score: 2, Gap: 1}
		out[i].Candidates = []qa.Answer{a}
		if !strings.Contains(t.Question.Text, "nobody") {
			out[i].Answers, out[i].Text, out[i].Abstained = out[i].Candidates, a.Text, false
		}
	}
	return out, nil
}

func (c cued) ReadEach(ctx context.Context, tasks []qa.Task, _ []workbench.Params) ([]qa.Prediction, error) {
	return c.Read(ctx, tasks)
}

func (c cued) Inspect(context.Context, qa.Task, workbench.Params) (qa.Prediction, []workbench.Window, error) {
	return qa.Prediction{}, nil, nil
}

// TestDemoShowsRanksVerdictsAndExamples races three readers: one that is right, its twin, and one that is wrong.
func TestDemoShowsRanksVerdictsAndExamples(t *testing.T) {
	w := &workbench.Workbench{
		Cache: func() (hub.Cache, error) { return hub.Cache{Dir: t.TempDir()}, nil },
		Data:  func() (string, error) { return t.TempDir(), nil },
		OpenReader: func(_ context.Context, m workbench.Model, _ workbench.Params, _ workbench.Cache) (workbench.Reader, error) {
			return cued{map[bool]string{true: "by ", false: "was "}[strings.HasPrefix(m.ID, "tryall/right")]}, nil
		},
	}
	for _, id := range []string{"tryall/right", "tryall/right-twin", "tryall/wrong"} {
		w.Builtins = append(w.Builtins, workbench.Model{Name: id, ID: id, Revision: strings.Repeat("ab", 20), Precision: "fp32", Builtin: true, FS: fstest.MapFS{"config.json": {Data: make([]byte, 1000)}}})
	}
	var b strings.Builder
	b.WriteString(`{"version": "v2.0", "data": [{"title": "t", "paragraphs": [`)
	for i := range 30 {
		sep := map[bool]string{true: "", false: ","}[i == 0]
		fmt.Fprintf(&b, `%s{"context": "Work %d was done by Alexander%d \u001b[31m today.", "qas": [{"id": "%d", "question": "Who did it?", "answers": [{"text": "Alexander%d", "answer_start": 0}]},
			{"id": "%d-none", "question": "Who did nobody see?", "is_impossible": true, "answers": []}]}`, sep, i, i, i, i, i)
	}
	b.WriteString("]}]}")
	data, err := eval.ReadDataset(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	models, err := w.FindAll(nil, "")
	if err != nil {
		t.Fatal(err)
	}
	host := workbench.Host{Gauge: func(_ context.Context, g workbench.Gauging) (eval.Gauge, error) {
		return eval.Gauge{P50: float64(len(g.Model)), P95: 1234, N: 3, PeakBytes: 5e6}, nil
	}}
	demos, err := w.Demo(t.Context(), models, []workbench.Trial{{Name: "set", About: "60 questions about work", Data: data}}, workbench.Plan{Seed: 1}, func(workbench.Trial) workbench.Host { return host })
	if err != nil {
		t.Fatal(err)
	}
	examples, err := w.Examples(t.Context(), models, demos)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	a := &app{stdout: &out, out: terminal{width: 100}}
	if err := a.showDemo(demos, examples, []string{"somewhere/report.html"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`(?m)^60 questions about work$`,
		`(?m)^ +model +EM % +F1 % +95 % +has +none +p50 ms +p95 ms +memory +n$`,
		`(?m)^1~ +right +100\.0 +100\.0 +100\.0–100\.0 +100\.0 +100\.0 +12 +1,234 +5 MB +60  cheapest of the tied$`,
		`(?m)^1~ +right-twin +100\.0`,
		`(?m)^3 +wrong +\d+\.\d +.* out after \d+$`,
		`(?m)^Report on set: somewhere/report\.html$`,
		`When questions may have no answer: With the decoder gap, right and right-twin\s+cannot be told apart`,
		`(?m)^Alexander0  right(-twin)?\n  Work 0 was done by \*\*Alexander0\*\* ␛\[31m today\.$`,
		`(?m)^No answer  right(-twin)?\nclosest: "Alexander0", gap 1\.00$`,
	} {
		if !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("%s is not in\n%s", want, out.String())
		}
	}
	if strings.ContainsRune(out.String(), '\x1b') || strings.Contains(out.String(), "abab") {
		t.Errorf("escape sequences or commits in\n%q", out.String())
	}
	c := &demoCmd{Seed: 1}
	if r := c.report(demos, examples, []string{""}, 0); len(r.Data) != 1 || r.Data[0].Questions != 60 || len(r.Examples) != 2 || !r.Examples[1].Abstained {
		t.Errorf("%+v", r)
	}
}

// TestDemoSampleFitsItsTime: the pick is fixed, and small enough for a minute on two cores.
func TestDemoSampleFitsItsTime(t *testing.T) {
	trials, err := (&demoCmd{Seed: 1}).trials()
	if err != nil || len(trials) != 2 {
		t.Fatal(len(trials), err)
	}
	for _, tr := range trials {
		bytes := 0
		for _, e := range tr.Data.Examples {
			bytes += len(tr.Data.Passages[e.Passage].Text)
		}
		budget, known := demoBudget[tr.Name]
		if !known || bytes > budget || bytes < budget*3/4 || len(tr.Data.Examples) < 10 {
			t.Errorf("%s: %d questions over %d bytes, of %d", tr.Name, len(tr.Data.Examples), bytes, budget)
		}
	}
}
