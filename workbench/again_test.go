package workbench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/store"
)

// deciding answers question n with what the text says of lease n, with a gap of n-5, and decides by its parameters as decoders do.
type deciding struct{ params Params }

func (d *deciding) String() string { return "deciding" }
func (d *deciding) Close() error   { return nil }

func (d *deciding) Read(_ context.Context, tasks []qa.Task) (out []qa.Prediction, err error) {
	for _, t := range tasks {
		out = append(out, decide(t, d.params))
	}
	return out, nil
}

func (d *deciding) ReadEach(_ context.Context, tasks []qa.Task, params []Params) (out []qa.Prediction, err error) {
	for i, t := range tasks {
		out = append(out, decide(t, params[i]))
	}
	return out, nil
}

func (d *deciding) Inspect(_ context.Context, t qa.Task, p Params) (qa.Prediction, []Window, error) {
	return decide(t, p), nil, nil
}

var leaseOf = regexp.MustCompile(`lease(\d+)`)

func decide(t qa.Task, params Params) qa.Prediction {
	p := qa.Prediction{NullKind: qa.NullLogit, Abstained: true}
	n, _ := strconv.Atoi(leaseOf.FindStringSubmatch(t.Question.Text)[1])
	for hit, h := range t.Hits {
		at := strings.Index(h.Passage.Text, fmt.Sprintf("lease%d ", n))
		if at < 0 {
			continue
		}
		text := fmt.Sprintf("lease%d", n)
		at += h.Passage.Range.Start
		a := qa.Answer{Text: text, Doc: h.Passage.Doc, Hit: hit, Range: qa.Range{Start: at, End: at + len(text)}, Score: float64(n - 5), Gap: float64(n - 5)}
		p.Candidates = []qa.Answer{a}
		threshold := 0.0
		if params.Threshold != nil {
			threshold = *params.Threshold
		}
		none := false
		switch params.Decoder {
		case "gap":
			none = *params.NoAnswer && a.Gap <= threshold
		case "hf":
			none = params.NoAnswer != nil && *params.NoAnswer && a.Gap < 0
		case "squad":
			none = params.V2 && -a.Gap > threshold
		}
		if !none {
			p.Answers, p.Text, p.Abstained = p.Candidates, text, false
		}
		break
	}
	return p
}

// TestAgainIsWhatWas: each result of a run is what asking again gives, by whatever settings: those of the plan, of the model's own file,
// or of the project, which have changed since; of few questions as of many, with ones without an answer and without.
func TestAgainIsWhatWas(t *testing.T) {
	yes, no, two := true, false, 2.0
	plans := map[string]struct {
		params Params
		all    bool // nothing is left unanswered by the decision
	}{
		"gap":              {Params{}, false},
		"gap, threshold":   {Params{Threshold: &two}, false},
		"gap, always":      {Params{NoAnswer: &no}, true},
		"gap, may abstain": {Params{NoAnswer: &yes}, false},
		"hf":               {Params{Decoder: "hf"}, true},
		"hf, may abstain":  {Params{Decoder: "hf", NoAnswer: &yes}, false},
		"squad":            {Params{Decoder: "squad"}, false}, // by the data
		"squad, version 2": {Params{Decoder: "squad", V2: true, Threshold: &two}, false},
	}
	for _, c := range []struct {
		questions int
		v2        bool
	}{{9, false}, {9, true}, {60, true}} {
		for name, plan := range plans {
			t.Run(fmt.Sprintf("%d, %v, %s", c.questions, c.v2, name), func(t *testing.T) {
				silent := replay(t, c.questions, c.v2, plan.params)
				always := plan.all || name == "squad" && !c.v2
				if always != (silent == 0) {
					t.Errorf("%d questions are not answered", silent)
				}
			})
		}
	}
}

// replay runs a race in both modes, changes what is set of its models, and asks each question again. It counts the questions with an
// answer that were not answered.
func replay(t *testing.T, n int, v2 bool, params Params) (silent int) {
	t.Helper()
	ctx := t.Context()
	w := keptBench(t)
	w.OpenReader = func(_ context.Context, _ Model, p Params, _ Cache) (Reader, error) { return &deciding{p}, nil }
	p, err := w.OpenProject(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	dir := t.TempDir()
	var lines, text strings.Builder
	for i := range n {
		answers := fmt.Sprintf(`["lease%d"]`, i)
		if v2 && i%4 == 3 {
			answers = `[], "is_impossible": true`
		}
		fmt.Fprintf(&lines, `{"id": "q%d", "question": "Which lease%d?", "context": "It is lease%d now.", "answers": %s}`+"\n", i, i, i, answers)
		fmt.Fprintf(&text, "It is lease%d now.\n\n", i)
	}
	if err := os.WriteFile(filepath.Join(dir, "leases.txt"), []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Add(ctx, []string{dir}, AddOptions{}, nil); err != nil {
		t.Fatal(err)
	}
	set, err := questions.Read(ctx, strings.NewReader(lines.String()), "leases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Store.PutQuestions(ctx, set); err != nil {
		t.Fatal(err)
	}
	keep := func(threshold float64) {
		t.Helper()
		for _, name := range []string{"tryall/can", "tryall/cannot"} {
			m, err := w.Find(name, "")
			if err == nil && (name == "tryall/cannot" || threshold < 0) { // first by one's own file, the other by the project
				err = p.Keep(ctx, m, store.ModelSettings{Threshold: &threshold})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	keep(3)
	models, err := w.FindAll([]string{"tryall/can", "tryall/cannot"}, "")
	if err != nil {
		t.Fatal(err)
	}
	plan := Plan{Sets: []string{set.Name}, Modes: []string{eval.Oracle, eval.Retrieved}, Params: params, Full: true}
	m, err := p.Gather(ctx, []*questions.Set{set}, 0)
	if err != nil {
		t.Fatal(err)
	}
	run, err := p.Begin(ctx, "", plan, m)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Bakeoff(ctx, p, run, plan, models, m, Host{}); err != nil {
		t.Fatal(err)
	}
	keep(-100)
	for _, mode := range plan.Modes {
		for _, model := range models {
			kept, err := p.Store.Results(ctx, run, mode, model.Contestant())
			if err != nil || len(kept) != n {
				t.Fatalf("%s, %s: %d results, %v", mode, model.Contestant(), len(kept), err)
			}
			for _, then := range kept {
				got := askAgain(t, w, p, run, mode, then.ID, model.ID)
				if got.Prediction != then.Text || got.Abstained != (then.Text == "") {
					t.Errorf("%s, %s, %s: now %q (abstained: %v), in the run %q", mode, model.ID, then.ID, got.Prediction, got.Abstained, then.Text)
				}
				if then.HasBest && then.Text == "" {
					silent++
				}
			}
		}
	}
	return silent
}

// askAgain asks a question of a run as Inspect does.
func askAgain(t *testing.T, w *Workbench, p *Project, run, mode, id, model string) Result {
	t.Helper()
	ctx := t.Context()
	m, err := w.Find(model, "")
	if err != nil {
		t.Fatal(err)
	}
	a, err := p.Again(ctx, run, mode, id, m.Contestant())
	if err != nil || a.Gone != nil || len(a.Changed) > 0 {
		t.Fatalf("%v, %+v", err, a)
	}
	ask := Ask{Question: a.Question, Context: a.Context}
	if mode == eval.Retrieved {
		if ask.Corpus, err = p.Retrieve(ctx, a.Question, a.Passages); err != nil {
			t.Fatal(err)
		}
	}
	s, err := w.Open(ctx, m, a.Params)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	trace, err := s.Trace(ctx, ask)
	if err != nil {
		t.Fatal(err)
	}
	return trace.Result
}
