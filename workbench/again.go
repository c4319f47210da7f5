package workbench

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
)

// Again is a question of a finished run, to be asked once more as it was asked then.
type Again struct {
	Run, Mode, Contestant string
	ID, Question          string
	HasAnswer             bool
	Golds                 []string     // right answers
	Then                  *eval.Result // what the contestant made of it; nil where it was dropped before
	Params                Params
	Passages              int    // of the corpus that are read
	Context               string // the passage, in the mode oracle
	// Changed says what is no longer as it was.
	Changed []string
	// Gone says why the passage cannot be had again; nil when it can.
	Gone error
}

// Again finds a question of a run, and gathers what it was asked of anew: passages are not kept with runs.
func (p *Project) Again(ctx context.Context, run, mode, question, contestant string) (*Again, error) {
	m, err := p.Measured(ctx, run, mode, contestant)
	if err != nil {
		return nil, err
	}
	a := &Again{Run: m.Run, Mode: m.Mode, Contestant: contestant, ID: question}
	i := slices.IndexFunc(m.Data.Examples, func(e eval.Example) bool { return e.ID == question })
	if i < 0 {
		return nil, qa.Errorf(qa.NotFound, "run %s asked no question %q in the mode %s", m.Run, question, m.Mode)
	}
	e := &m.Data.Examples[i]
	a.Question, a.HasAnswer = e.Text, len(e.Answers) > 0
	if a.HasAnswer {
		a.Golds = e.Texts()
	}
	if at := slices.IndexFunc(m.Results, func(r eval.Result) bool { return r.ID == question }); at >= 0 {
		a.Then = &m.Results[at]
		a.HasAnswer = a.Then.HasAns
	}
	var plan Plan
	found, err := p.Store.Noted(ctx, m.Run, notePlan, &plan)
	if err != nil {
		return nil, err
	}
	plan.fill()
	a.Passages = plan.Passages
	if err := p.paramsAgain(ctx, a, m, plan); err != nil {
		return nil, err
	}
	switch {
	case !found:
		a.Gone = qa.Errorf(qa.NotFound, "run %s keeps no plan, so that it is not known where its questions came from", m.Run)
	case m.Mode == eval.Retrieved:
		a.Gone = p.corpusAgain(ctx, a, m.Run)
	default:
		a.Gone = p.passageAgain(ctx, a, plan)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return a, nil
}

// paramsAgain are the parameters that the contestant was asked with. Runs of older programs do not keep them: they are told by the
// curve then, which small runs do not have.
func (p *Project) paramsAgain(ctx context.Context, a *Again, m *Measured, plan Plan) error {
	then, kept, err := p.settledAs(ctx, m)
	if err != nil {
		return err
	}
	if kept {
		a.Params = then
		return nil
	}
	a.Params = plan.Params
	a.Params.V2 = a.Params.V2 || m.Data.V2
	if a.Params.Decoder != "gap" {
		return nil
	}
	c := m.Entrant.Curve
	switch {
	case c != nil && c.Chosen != nil:
		decided := true
		a.Params.NoAnswer, a.Params.Threshold = &decided, &c.Chosen.Threshold
	case c != nil && c.Note == "" && a.Params.NoAnswer == nil: // a curve on which nothing decided
		decided := false
		a.Params.NoAnswer = &decided
	case a.Params.NoAnswer == nil || *a.Params.NoAnswer && a.Params.Threshold == nil:
		a.Changed = append(a.Changed, "The run does not keep by which threshold the model answered; the one that holds now is taken.")
	}
	return nil
}

// settledAs are the parameters that a run keeps of a contestant.
func (p *Project) settledAs(ctx context.Context, m *Measured) (then Params, kept bool, err error) {
	var settled map[string]map[string]Params
	if _, err := p.Store.Noted(ctx, m.Run, noteSettled, &settled); err != nil {
		return then, false, err
	}
	then, kept = settled[m.Mode][m.Contestant]
	return then, kept, nil
}

// corpusAgain says whether the corpus is still the one that was asked.
func (p *Project) corpusAgain(ctx context.Context, a *Again, run string) error {
	info, err := p.Store.Run(ctx, run)
	if err != nil {
		return err
	}
	stats, err := p.Index.Stats(ctx)
	if err != nil {
		return err
	}
	if stats.Passages == 0 {
		return qa.Errorf(qa.NotFound, "the corpus is empty now; add the texts that the run was over")
	}
	if c := info.Bakeoff.Spec.Corpus; c != nil && c.Digest != "sha256:"+stats.Digest {
		a.Changed = append(a.Changed, fmt.Sprintf("The corpus has changed since the run: it had %d passages and has %d, so that others may be found.", c.Passages, stats.Passages))
	}
	return nil
}

// passageAgain finds the passage in the run's sources.
func (p *Project) passageAgain(ctx context.Context, a *Again, plan Plan) error {
	var then map[string]string
	if _, err := p.Store.Noted(ctx, a.Run, noteDigests, &then); err != nil {
		return err
	}
	sets, err := p.ReadSets(ctx, plan)
	if err != nil {
		return err
	}
	for _, s := range sets {
		if digest, known := then[s.Name]; known && digest != s.Digest {
			a.Changed = append(a.Changed, s.Name+" has changed since the run.")
		}
	}
	context, text, err := p.passageOf(ctx, a.ID, sets, plan.Limit)
	if err != nil {
		return err
	}
	if context == "" {
		return qa.Errorf(qa.NotFound, "question %q is no longer in %s with a passage that is known to be right", a.ID, strings.Join(names(sets), ", "))
	}
	a.Context = context
	if text != a.Question {
		a.Changed = append(a.Changed, "The question reads differently now; it is asked as it was.")
	}
	return nil
}

func names(sets []*questions.Set) (out []string) {
	for _, s := range sets {
		out = append(out, s.Name)
	}
	return out
}

// passageOf is the passage of a question with an id that a run gave it, and the question's text.
func (p *Project) passageOf(ctx context.Context, id string, sets []*questions.Set, limit int) (passage, text string, err error) {
	m, err := p.Gather(ctx, sets, limit)
	if err != nil {
		return "", "", err
	}
	for i := range m.Oracle.Examples {
		if e := &m.Oracle.Examples[i]; e.ID == id {
			return m.Oracle.Passages[e.Passage].Text, e.Text, nil
		}
	}
	return "", "", nil
}
