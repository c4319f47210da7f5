package workbench

import (
	"context"
	"errors"
	"strings"
	"testing/fstest"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
)

// fakeReader answers with the question itself where the text holds it. "fail" fails alone, "stop" stops the whole call.
type fakeReader struct {
	params Params
	seen   []Params
	groups []int
}

func (f *fakeReader) String() string { return "fake" }
func (f *fakeReader) Close() error   { return nil }

func (f *fakeReader) Read(ctx context.Context, tasks []qa.Task) ([]qa.Prediction, error) {
	params := make([]Params, len(tasks))
	for i := range params {
		params[i] = f.params
	}
	return f.ReadEach(ctx, tasks, params)
}

func (f *fakeReader) ReadEach(ctx context.Context, tasks []qa.Task, params []Params) ([]qa.Prediction, error) {
	f.groups = append(f.groups, len(tasks))
	out := make([]qa.Prediction, len(tasks))
	for i, t := range tasks {
		f.seen = append(f.seen, params[i])
		text := t.Hits[0].Passage.Text
		p := qa.Prediction{Windows: 1, Tokens: len(text), NullKind: qa.NullLogit, Null: 1}
		switch at := strings.Index(text, t.Question.Text); {
		case t.Question.Text == "stop":
			return nil, errors.New("the machine is on fire")
		case t.Question.Text == "fail":
			p.Err = qa.Errorf(qa.Invalid, "this one cannot be asked")
		case at < 0:
			p.Abstained = true
		default:
			span := qa.Range{Start: at, End: at + len(t.Question.Text)}
			a := qa.Answer{Text: span.Of(text), Doc: t.Hits[0].Passage.Doc, Range: span, Score: 3, Gap: 2}
			p.Answers, p.Candidates, p.Text = []qa.Answer{a}, []qa.Answer{a}, a.Text
		}
		out[i] = p
	}
	return out, nil
}

func (f *fakeReader) Inspect(ctx context.Context, t qa.Task, p Params) (qa.Prediction, []Window, error) {
	out, err := f.ReadEach(ctx, []qa.Task{t}, []Params{p})
	if err != nil {
		return qa.Prediction{}, nil, err
	}
	w := Window{IDs: []int32{1, 7}, Tokens: []string{"[CLS]", "x"}, InContext: []bool{false, true}, Offsets: []qa.Range{{}, {Start: 0, End: len(t.Hits[0].Passage.Text)}},
		Start: []float32{0.5, 1.5}, End: []float32{0, 1}}
	return out[0], []Window{w}, nil
}

// fakeBench has three models: "can" was made to abstain, "cannot" was not, "bad" cannot be opened.
func fakeBench() (*Workbench, map[string]*fakeReader) {
	opened := map[string]*fakeReader{}
	model := func(id, settings string) Model {
		return Model{Name: id, ID: id, Revision: "1", Builtin: true, Precision: DefaultPrecision, FS: fstest.MapFS{
			"config.json": {Data: []byte("{}")}, "sub/extra.txt": {Data: []byte("more")}, SettingsFile: {Data: []byte(settings)}}}
	}
	return &Workbench{
		Builtins: []Model{model("tryall/can", `{"abstains": "yes", "threshold": 1.5}`), model("tryall/cannot", `{}`), model("tryall/bad", `{}`)},
		OpenReader: func(ctx context.Context, m Model, p Params, _ Cache) (Reader, error) {
			if m.ID == "tryall/bad" {
				return nil, qa.Errorf(qa.BrokenModel, "model tryall/bad: its weights are cut off")
			}
			r := &fakeReader{params: p}
			opened[m.ID] = r
			return r, nil
		},
		Data:  func() (string, error) { return "", errors.New("there is no folder for data") },
		Cache: func() (hub.Cache, error) { return hub.Cache{Dir: "testdata/cache"}, nil },
		CheckModel: func(m Model, thorough bool) (Info, error) {
			if m.ID == "tryall/bad" {
				return Info{}, qa.Errorf(qa.UnsupportedModel, "it has no span head")
			}
			return Info{Architecture: "bert", Parameters: 12}, nil
		},
	}, opened
}
