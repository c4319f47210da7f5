package workbench

import (
	"cmp"
	"context"
	"path"
	"path/filepath"
	"strings"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/index"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/store"
)

// PlanOf is the plan of a run that can be gone on with: by its id, the beginning of it, or "last".
func (p *Project) PlanOf(ctx context.Context, name string) (Plan, string, error) {
	info, err := p.Store.Run(ctx, name)
	if err != nil {
		return Plan{}, "", err
	}
	if info.Status == store.Finished {
		return Plan{}, "", qa.Errorf(qa.Invalid, "run %s is finished; tryall report %s shows it, tryall bakeoff begins a new one", info.ID, info.ID)
	}
	var plan Plan
	if found, err := p.Store.Noted(ctx, info.ID, notePlan, &plan); err != nil {
		return Plan{}, "", err
	} else if !found {
		return Plan{}, "", qa.Errorf(qa.Invalid, "run %s was stopped before it had begun; begin a new one", info.ID)
	}
	if info.Status == store.Failed {
		if err := p.Store.ReopenRun(ctx, info.ID); err != nil {
			return Plan{}, "", err
		}
	}
	return plan, info.ID, nil
}

// Begin makes a run of a plan, and what it asks. A run that is gone on with must find the questions that it was begun with.
func (p *Project) Begin(ctx context.Context, run string, plan Plan, m *Material) (string, error) {
	digests := map[string]string{}
	for _, s := range m.Sources {
		digests[s.Name] = s.Digest
	}
	if run != "" {
		var then map[string]string
		if _, err := p.Store.Noted(ctx, run, noteDigests, &then); err != nil {
			return "", err
		}
		for name, digest := range then {
			if digests[name] != digest {
				return "", qa.Errorf(qa.Invalid, "run %s cannot go on: %s has changed since it was begun; begin a new run (what was computed is not computed again)", run, name)
			}
		}
		return run, nil
	}
	plan.fill()
	spec := eval.Spec{Modes: plan.Modes, Metric: plan.Metric, Decoder: plan.Params.Decoder, Seed: plan.Seed, Data: m.Sources}
	for _, model := range plan.Models {
		spec.Models = append(spec.Models, model.Name)
	}
	run, err := p.Store.CreateRun(ctx, spec, "")
	if err != nil {
		return "", err
	}
	notes := map[string]any{notePlan: plan, noteDigests: digests}
	for mode, d := range map[string]*eval.Dataset{eval.Oracle: m.Oracle, eval.Retrieved: m.Retrieved} {
		if d != nil {
			notes[noteTexts+mode] = askedOf(d, m, plan)
		}
	}
	return run, p.Store.Save(ctx, run, nil, notes)
}

const (
	noteDigests = "digests"
	noteTexts   = "texts/" // with the mode: askedData
)

// askedData are a run's questions as reports and comparisons need them, without the passages.
type askedData struct {
	Digest    string      `json:"digest"`
	V2        bool        `json:"v2"`
	Questions []askedText `json:"questions"`
}

// askedText is one question.
type askedText struct {
	ID    string   `json:"id"`
	Text  string   `json:"text"`
	Golds []string `json:"golds,omitempty"`
	Set   string   `json:"set,omitempty"`  // of the project; empty where the question is of a file
	Item  string   `json:"item,omitempty"` // its id in the set, where that is another
}

func askedOf(d *eval.Dataset, m *Material, plan Plan) askedData {
	out := askedData{d.Digest, d.V2, make([]askedText, len(d.Examples))}
	for i := range d.Examples {
		e := &d.Examples[i]
		q := askedText{ID: e.ID, Text: e.Text, Golds: e.Texts()}
		// ReadSets gives the files first, then the sets.
		if from, ok := m.origins[e.ID]; ok && from.set >= len(plan.Data) && from.set-len(plan.Data) < len(plan.Sets) {
			q.Set = plan.Sets[from.set-len(plan.Data)]
			if from.item != e.ID {
				q.Item = from.item
			}
		}
		out.Questions[i] = q
	}
	return out
}

// Origin is where a question of a run is kept, so that it can be judged; Set is empty where it is not of the project.
type Origin struct{ Set, Item string }

// Origins are those of a run's questions in a mode, in their order.
func (p *Project) Origins(ctx context.Context, run, mode string) ([]Origin, error) {
	var asked askedData
	if _, err := p.Store.Noted(ctx, run, noteTexts+mode, &asked); err != nil {
		return nil, err
	}
	out := make([]Origin, len(asked.Questions))
	for i, q := range asked.Questions {
		out[i] = Origin{q.Set, cmp.Or(q.Item, q.ID)}
	}
	return out, nil
}

// Kept is a run as it was kept, with the results behind its figures.
func (p *Project) Kept(ctx context.Context, name string) (*BakeoffOutcome, error) {
	info, err := p.Store.Run(ctx, name)
	if err != nil {
		return nil, err
	}
	if info.Bakeoff == nil {
		return nil, qa.Errorf(qa.Invalid, "run %s is not finished (%s); tryall bakeoff --resume %s goes on with it", info.ID, info.Status, info.ID)
	}
	a, err := p.Answers(ctx, info)
	if err != nil {
		return nil, err
	}
	out := &BakeoffOutcome{Bakeoff: info.Bakeoff, Runs: a.Runs, Data: a.Data}
	if d, found, err := p.Store.Decided(ctx, info.ID); err != nil {
		return nil, err
	} else if found {
		out.Decision = &d
	}
	return out, nil
}

// Answers are what a run has answered so far, by mode, with its questions.
type Answers struct {
	Runs map[string][]*eval.Run
	Data map[string]*eval.Dataset
}

// Answers are those of a run in whatever state it is.
func (p *Project) Answers(ctx context.Context, info store.RunInfo) (*Answers, error) {
	out := &Answers{Runs: map[string][]*eval.Run{}, Data: map[string]*eval.Dataset{}}
	tracks, err := p.Store.Tracks(ctx, info.ID)
	if err != nil {
		return nil, err
	}
	decoder := info.Spec.Decoder
	if info.Bakeoff != nil {
		decoder = info.Bakeoff.Decoder
	}
	for _, t := range tracks {
		results, err := p.Store.Results(ctx, info.ID, t.Mode, t.Contestant)
		if err != nil {
			return nil, err
		}
		if out.Data[t.Mode] == nil {
			if out.Data[t.Mode], err = p.asked(ctx, info.ID, t.Mode); err != nil {
				return nil, err
			}
		}
		d := out.Data[t.Mode]
		out.Runs[t.Mode] = append(out.Runs[t.Mode], &eval.Run{Contestant: t.Contestant, Reader: t.Contestant, Decoder: decoder,
			Digest: d.Digest, V2: d.V2, Results: results})
	}
	return out, nil
}

// asked are the questions of a run, without their passages.
func (p *Project) asked(ctx context.Context, run, mode string) (*eval.Dataset, error) {
	var asked askedData
	if _, err := p.Store.Noted(ctx, run, noteTexts+mode, &asked); err != nil {
		return nil, err
	}
	d := &eval.Dataset{Digest: asked.Digest, V2: asked.V2, Passages: []eval.Passage{{}}}
	for _, t := range asked.Questions {
		e := eval.Example{ID: t.ID, Text: t.Text}
		for _, g := range t.Golds {
			e.Answers = append(e.Answers, eval.Gold{Text: g, Start: -1})
		}
		d.Examples = append(d.Examples, e)
	}
	return d, nil
}

// ReadSets reads the questions of a plan: its files, and the sets that it names of the project.
func (p *Project) ReadSets(ctx context.Context, plan Plan) ([]*questions.Set, error) {
	var sets []*questions.Set
	for _, file := range plan.Data {
		s, err := questions.ReadFile(ctx, file)
		if err != nil {
			return nil, err
		}
		s.Name = p.Name(file)
		sets = append(sets, s)
	}
	for _, name := range plan.Sets {
		s, err := p.Store.Questions(ctx, name)
		if err != nil {
			return nil, err
		}
		sets = append(sets, s)
	}
	return sets, nil
}

// Locate finds the documents of the corpus that questions name and the places of their answers, and tells of what it does not find.
func (p *Project) Locate(ctx context.Context, s *questions.Set) ([]questions.Problem, error) {
	return s.Locate(ctx, p.findDocuments(ctx))
}

// findDocuments gives a function that finds the documents of the corpus that a name in a file of questions may mean: an id, a file, the
// end of its path, a title.
func (p *Project) findDocuments(ctx context.Context) func(name string) ([]qa.Document, error) {
	var names *documentNames
	return func(name string) ([]qa.Document, error) {
		if names == nil {
			var err error
			if names, err = p.documentNames(ctx); err != nil {
				return nil, err
			}
		}
		var out []qa.Document
		for _, d := range names.of(name) {
			doc, err := p.Index.Document(ctx, d.ID)
			if err != nil {
				return nil, err
			}
			out = append(out, doc)
		}
		return out, nil
	}
}

// mayMean is generous: package questions decides.
func mayMean(d index.DocumentInfo, name string) bool {
	name = strings.ToLower(strings.TrimSpace(strings.ReplaceAll(name, `\`, "/")))
	file := path.Base(name)
	for _, s := range []string{string(d.ID), d.Path, d.Source, d.Title} {
		s = strings.ToLower(filepath.ToSlash(s))
		base := path.Base(s)
		if s == name || base == file || strings.TrimSuffix(base, path.Ext(base)) == strings.TrimSuffix(file, path.Ext(file)) || strings.HasPrefix(s, name+"#") {
			return true
		}
	}
	return false
}
