package workbench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tryall/tryall/eval"
)

// squad makes a data set: passages of the given lengths, each with so many questions that have an answer and as many without.
func squad(t *testing.T, lengths []int, questions int, unanswerable bool) *eval.Dataset {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, `{"version": "%s", "data": [`, map[bool]string{true: "v2.0", false: "1.1"}[unanswerable])
	for i, n := range lengths {
		fmt.Fprintf(&b, `%s{"title": "t%d", "paragraphs": [{"context": "sentence%d %s", "qas": [`, comma(i), i, i, strings.Repeat("x", n))
		for q := range questions {
			fmt.Fprintf(&b, `%s{"id": "%d-%d", "question": "sentence%d", "answers": [{"text": "sentence%d", "answer_start": 0}]}`, comma(q), i, q, i, i)
			if unanswerable {
				fmt.Fprintf(&b, `,{"id": "%d-%d-none", "question": "nothing", "is_impossible": true, "answers": []}`, i, q)
			}
		}
		b.WriteString("]}]}")
	}
	b.WriteString("]}")
	d, err := eval.ReadDataset(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

func TestSampleIsStratifiedAndFixed(t *testing.T) {
	d := squad(t, []int{1000, 2000, 4000, 50_000}, 30, true)
	ids := func(seed uint64, budget int) (out []string, bytes int) {
		for _, e := range Sample(d, budget, seed).Examples {
			out, bytes = append(out, e.ID), bytes+len(d.Passages[e.Passage].Text)
		}
		return out, bytes
	}
	a, bytes := ids(1, 40_000)
	if bytes > 40_000 || bytes < 30_000 {
		t.Errorf("%d bytes of 40,000", bytes)
	}
	if b, _ := ids(1, 40_000); strings.Join(a, " ") != strings.Join(b, " ") {
		t.Errorf("the same seed gives %v and %v", a, b)
	}
	if b, _ := ids(2, 40_000); strings.Join(a, " ") == strings.Join(b, " ") {
		t.Errorf("two seeds give the same %v", a)
	}
	of := func(part string) (n int) {
		for _, id := range a {
			if strings.Contains(id, part) {
				n++
			}
		}
		return n
	}
	if none := of("none"); none < len(a)*4/10 || none > len(a)*6/10 {
		t.Errorf("%d of %d have no answer", none, len(a))
	}
	shortest, longer := 0, 0
	for _, id := range a {
		switch id[:2] {
		case "0-":
			shortest++
		case "2-":
			longer++
		}
	}
	if shortest < 3*longer || longer == 0 {
		t.Errorf("%d questions of the shortest passage, %d of one four times as long", shortest, longer)
	}
	if all := Sample(d, 1<<30, 1); len(all.Examples) != len(d.Examples) {
		t.Errorf("%d of %d questions within a budget for all", len(all.Examples), len(d.Examples))
	}
	if none := Sample(d, 0, 1); len(none.Examples) != 0 {
		t.Errorf("%d questions within no budget", len(none.Examples))
	}
}

// TestDemo: each data set has a race, everybody answers what a race asks, and the examples are the winners' answers.
func TestDemo(t *testing.T) {
	w, _ := fakeBench()
	models, err := w.FindAll([]string{"tryall/can", "tryall/cannot"}, "")
	if err != nil {
		t.Fatal(err)
	}
	trials := []Trial{{"papers", "about", squad(t, []int{10, 20, 30}, 4, false)}, {"wiki", "about", squad(t, []int{10, 20, 30}, 4, true)}}
	phases := map[string]int{}
	gauged := 0
	host := func(Trial) Host {
		return Host{Event: func(e BakeoffEvent) { phases[e.Phase]++ }, Gauge: func(_ context.Context, g Gauging) (eval.Gauge, error) {
			gauged++
			return eval.Gauge{P50: float64(10 * len(g.Model)), P95: 200, N: len(g.Tasks), PeakBytes: 5}, nil
		}}
	}
	demos, err := w.Demo(t.Context(), models, trials, Plan{Seed: 1}, host)
	if err != nil {
		t.Fatal(err)
	}
	if gauged != 4 || phases[PhaseMeasure] != 4 || phases[PhaseRace] == 0 {
		t.Errorf("%d were measured, phases %v", gauged, phases)
	}
	for i, questions := range []int{12, 24} {
		d := demos[i]
		if len(d.Models) != 2 || len(d.Tied) != 2 || d.Models[0].F1 != 100 || d.Models[0].N != questions || d.Models[0].P95 != 200 || d.Models[0].PeakBytes != 5 {
			t.Errorf("%+v", d.Round)
		}
		if d.Pick != "tryall/can@1:fp32" {
			t.Errorf("the cheapest of the tied is %s", d.Pick)
		}
	}
	examples, err := w.Examples(t.Context(), models, demos)
	if err != nil || len(examples) != 2 || examples[0].Result.Prediction != "sentence0" || examples[0].Question != "sentence0" || examples[0].Trial != "papers" {
		t.Errorf("%+v, %v", examples, err)
	}
}

// TestBakeoffGoesOnWithoutWhoFails: a model that cannot be opened, and one that cannot be measured, are out with their reasons.
func TestBakeoffGoesOnWithoutWhoFails(t *testing.T) {
	w, _ := fakeBench()
	models, err := w.FindAll([]string{"tryall/can", "tryall/cannot", "tryall/bad"}, "")
	if err != nil {
		t.Fatal(err)
	}
	host := Host{Gauge: func(_ context.Context, g Gauging) (eval.Gauge, error) {
		if g.Model == "tryall/cannot" {
			return eval.Gauge{}, errors.New("out of memory: the system killed it")
		}
		return eval.Gauge{P50: 1}, nil
	}}
	out, err := w.Bakeoff(t.Context(), nil, "", Plan{}, models, MaterialOf("a", squad(t, []int{1, 2}, 3, false)), host)
	if err != nil || out.Winner != "tryall/can@1:fp32" || !strings.Contains(out.Verdict, "2 could not go on") {
		t.Fatalf("%+v, %v", out, err)
	}
	for name, want := range map[string]string{"tryall/bad@1:fp32": "cut off", "tryall/cannot@1:fp32": "killed it"} {
		if e, err := out.Entrant(name); err != nil || !strings.Contains(e.Failed, want) {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
}

func TestEvaluateWritesWholeFilesOrNone(t *testing.T) {
	w, _ := fakeBench()
	m, err := w.Find("tryall/can", "")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := EvalFiles{Predictions: filepath.Join(dir, "p.json"), NullOdds: filepath.Join(dir, "o.json"), NBest: filepath.Join(dir, "n.json")}
	run, err := w.Evaluate(context.Background(), m, Params{}, squad(t, []int{1, 2}, 2, true), files, eval.RunOptions{})
	if err != nil || run.Report.F1 != 100 || run.Contestant != "tryall/can@1:fp32" || run.Decoder != "gap" {
		t.Fatalf("%+v, %v", run, err)
	}
	if names := namesIn(t, dir); names != "n.json o.json p.json" {
		t.Errorf("the folder holds %s", names)
	}
	dir = t.TempDir()
	files = EvalFiles{Predictions: filepath.Join(dir, "p.json"), NBest: filepath.Join(dir, "no", "n.json")}
	if _, err := w.Evaluate(context.Background(), m, Params{}, squad(t, []int{1}, 1, false), files, eval.RunOptions{}); err == nil || namesIn(t, dir) != "" {
		t.Errorf("error %v, the folder holds %q", err, namesIn(t, dir))
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	files.NBest = ""
	if _, err := w.Evaluate(ctx, m, Params{}, squad(t, []int{1}, 1, false), files, eval.RunOptions{}); err == nil || namesIn(t, dir) != "" {
		t.Errorf("error %v, the folder holds %q", err, namesIn(t, dir))
	}
}

func namesIn(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}
