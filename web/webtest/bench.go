package webtest

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

// Lease is a text that the models of Bench know something about.
const Lease = "This lease begins on 1 April 2024. It ends on 31 March 2027 unless it is renewed. The rent is due on the third day of a month."

// The models of Bench: Agrees and AgreesToo answer "31 March 2027", Differs "1 April 2024", Abstains says that the text does not tell,
// Broken cannot be opened.
const (
	Agrees    = "fake/agrees"
	AgreesToo = "fake/agrees-too"
	Differs   = "fake/differs"
	Abstains  = "fake/abstains"
	Broken    = "fake/broken"
)

// Unsure is a model that Bench has only where a test adds UnsureModel: of "Lease N." it says what UnsureOf says.
const Unsure = "fake/unsure"

// UnsureModel answers some questions rightly, and the surer it is, the more of them.
func UnsureModel() workbench.Model { return model(Unsure) }

// UnsureOf is how sure Unsure is of lease n, and whether it is right.
func UnsureOf(n int) (gap float64, right bool) {
	sure := n * 37 % 40
	return float64(sure)/4 - 3, n*53%41 < sure+6
}

var lease = regexp.MustCompile(`Lease (\d+)\.`)

func unsure(t qa.Task) (gap float64, right bool) {
	for _, h := range t.Hits {
		if m := lease.FindStringSubmatch(h.Passage.Text); m != nil {
			n, _ := strconv.Atoi(m[1])
			return UnsureOf(n)
		}
	}
	return 4, true
}

func model(id string) workbench.Model {
	return workbench.Model{Name: id, ID: id, Revision: "0123456789", Builtin: true, Precision: workbench.DefaultPrecision,
		FS: fstest.MapFS{"config.json": {Data: []byte("{}")}, workbench.SettingsFile: {Data: []byte(`{"abstains": "yes", "threshold": 1.5}`)}}}
}

// Fake is a workbench without an engine.
type Fake struct {
	*workbench.Workbench
	mu     sync.Mutex
	opened map[string]int
	closed map[string]int
	// Hold makes a model wait for its channel to be closed before it answers.
	hold map[string]chan struct{}
	last Asked
	slow time.Duration
}

// Asked is how a model was asked.
type Asked struct {
	Model, Precision string
	Params           workbench.Params
	Passages         int
}

// Bench makes a workbench whose models answer as the constants say, with data in a folder of the test.
func Bench(t *testing.T) *Fake {
	t.Helper()
	f := &Fake{opened: map[string]int{}, closed: map[string]int{}, hold: map[string]chan struct{}{}}
	data := filepath.Join(t.TempDir(), "data")
	var builtins []workbench.Model
	for _, id := range []string{Agrees, AgreesToo, Differs, Abstains, Broken} {
		builtins = append(builtins, model(id))
	}
	f.Workbench = &workbench.Workbench{Builtins: builtins, OpenReader: f.open, Data: func() (string, error) { return data, nil },
		Cache: func() (hub.Cache, error) { return hub.Cache{Dir: filepath.Join(data, "cache")}, nil }, FreeMemory: func() int64 { return 1 << 34 },
		CheckModel: func(workbench.Model, bool) (workbench.Info, error) {
			return workbench.Info{Architecture: "bert", Parameters: 1_000_000}, nil
		}}
	return f
}

// Hold has a model wait before it answers; release lets it go on.
func (f *Fake) Hold(model string) (release func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := make(chan struct{})
	f.hold[model] = c
	return sync.OnceFunc(func() { close(c) })
}

// Opened is how often a model was opened and closed.
func (f *Fake) Opened(model string) (opened, closed int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.opened[model], f.closed[model]
}

// Slow has every model take so long for each question.
func (f *Fake) Slow(each time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.slow = each
}

// Last is how a model was asked last.
func (f *Fake) Last() Asked {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

func (f *Fake) open(_ context.Context, m workbench.Model, p workbench.Params, _ workbench.Cache) (workbench.Reader, error) {
	if m.ID == Broken {
		return nil, qa.Errorf(qa.BrokenModel, "model %s: its weights are cut off", m.ID)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.opened[m.ID]++
	return &reader{f: f, id: m.ID, precision: m.Precision, params: p}, nil
}

// best is the score of the best candidate.
const best = 9.0

// reader answers by what its text holds.
type reader struct {
	f             *Fake
	id, precision string
	params        workbench.Params
}

func (r *reader) String() string { return r.id }

func (r *reader) Close() error {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	r.f.closed[r.id]++
	return nil
}

func (r *reader) Read(ctx context.Context, tasks []qa.Task) ([]qa.Prediction, error) {
	params := make([]workbench.Params, len(tasks))
	for i := range params {
		params[i] = r.params
	}
	return r.ReadEach(ctx, tasks, params)
}

func (r *reader) ReadEach(ctx context.Context, tasks []qa.Task, params []workbench.Params) ([]qa.Prediction, error) {
	r.f.mu.Lock()
	wait, slow := r.f.hold[r.id], r.f.slow
	if len(tasks) > 0 {
		r.f.last = Asked{r.id, r.precision, params[0], len(tasks[0].Hits)}
	}
	r.f.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if slow > 0 {
		select {
		case <-time.After(slow * time.Duration(len(tasks))):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	out := make([]qa.Prediction, len(tasks))
	for i, t := range tasks {
		if t.Question.Text == "fire" {
			return nil, errors.New("the machine is on fire")
		}
		out[i] = r.predict(t, params[i])
	}
	return out, nil
}

func (r *reader) predict(t qa.Task, p workbench.Params) qa.Prediction {
	out := qa.Prediction{Windows: 1, Tokens: 40, NullKind: qa.NullLogit, Took: 3 * time.Millisecond}
	wanted := []string{"31 March 2027", "1 April 2024"}
	gap := 4.0
	switch r.id {
	case Differs:
		wanted[0], wanted[1] = wanted[1], wanted[0]
	case Abstains:
		gap = 0.5
	case Unsure:
		sure, right := unsure(t)
		if gap = sure; !right {
			wanted[0], wanted[1] = wanted[1], wanted[0]
		}
	}
	out.Null = best - gap
	for hit, h := range t.Hits {
		for i, w := range wanted {
			at := strings.Index(h.Passage.Text, w)
			if at < 0 {
				continue
			}
			share := 0.9 - 0.4*float64(i)
			span := qa.Range{Start: h.Passage.Range.Start + at, End: h.Passage.Range.Start + at + len(w)}
			score := best - float64(i)
			out.Candidates = append(out.Candidates, qa.Answer{Text: w, Doc: h.Passage.Doc, Range: span, Score: score, StartLogit: score / 2, EndLogit: score / 2, Gap: gap - float64(i), P: &share, Hit: hit})
		}
	}
	limit, most := 0.0, 1
	if p.Threshold != nil {
		limit = *p.Threshold
	}
	if p.TopK != nil {
		most = *p.TopK
	}
	if out.Abstained = len(out.Candidates) == 0 || p.NoAnswer != nil && *p.NoAnswer && out.Candidates[0].Gap <= limit; !out.Abstained {
		out.Answers = out.Candidates[:min(most, len(out.Candidates))]
		out.Text = out.Answers[0].Text
	}
	return out
}
