package workbench

import (
	"context"
	"slices"

	"github.com/tryall/tryall/eval"
)

// Trial is one data set of a demonstration.
type Trial struct {
	Name  string // for JSON and tables
	About string
	Data  *eval.Dataset
}

// Demonstrated is what a bake-off made of one data set.
type Demonstrated struct {
	Trial
	*BakeoffOutcome
}

// Demo races models over several data sets, one after the other. Nothing is kept.
func (w *Workbench) Demo(ctx context.Context, models []Model, trials []Trial, plan Plan, host func(Trial) Host) ([]Demonstrated, error) {
	var out []Demonstrated
	for _, t := range trials {
		o, err := w.Bakeoff(ctx, nil, "", plan, models, MaterialOf(t.Name, t.Data), host(t))
		if err != nil {
			return nil, err
		}
		out = append(out, Demonstrated{t, o})
	}
	return out, nil
}

// Example is a question with what one model answered.
type Example struct {
	Trial    string
	Question string
	Text     string
	Result   Result
}

// Examples shows the winners at work: a right answer from each data set, and a question that the winner of the last data set
// rightly leaves unanswered. What was not found is left out.
func (w *Workbench) Examples(ctx context.Context, models []Model, demos []Demonstrated) ([]Example, error) {
	var out []Example
	add := func(d *Demonstrated, cond func(*eval.Result) bool) (bool, error) {
		e, ok, err := w.example(ctx, models, d, cond)
		if ok {
			out = append(out, e)
		}
		return ok, err
	}
	for i := range demos {
		if _, err := add(&demos[i], func(q *eval.Result) bool { return q.HasAns && q.Exact == 100 && 8 < len(q.Text) && len(q.Text) < 50 }); err != nil {
			return nil, err
		}
	}
	for i := range demos {
		found, err := add(&demos[len(demos)-1-i], func(q *eval.Result) bool { return !q.HasAns && q.Text == "" && q.Err == "" && q.Best != "" })
		if found || err != nil {
			return out, err
		}
	}
	return out, nil
}

// example asks the best model that has a question that cond accepts that question once more.
func (w *Workbench) example(ctx context.Context, models []Model, d *Demonstrated, cond func(*eval.Result) bool) (Example, bool, error) {
	for _, e := range d.Models {
		m := slices.IndexFunc(models, func(m Model) bool { return m.Contestant() == e.Contestant })
		run := slices.IndexFunc(d.Runs[d.Mode], func(r *eval.Run) bool { return r.Contestant == e.Contestant })
		if m < 0 || run < 0 {
			continue
		}
		results := d.Runs[d.Mode][run].Results
		at := slices.IndexFunc(results, func(r eval.Result) bool { return cond(&r) })
		if at < 0 {
			continue
		}
		x := d.Trial.Data.Examples[results[at].Example]
		ex := Example{Trial: d.Name, Question: x.Text, Text: d.Trial.Data.Passages[x.Passage].Text}
		s, err := w.Open(ctx, models[m], Params{V2: d.Trial.Data.V2})
		if err != nil {
			return ex, false, err
		}
		defer s.Close()
		answered, err := s.Ask(ctx, []Ask{{Question: ex.Question, Context: ex.Text}})
		if err != nil {
			return ex, false, err
		}
		ex.Result = answered[0].Result
		ex.Result.Contestant = e.Contestant
		return ex, answered[0].Err == nil, answered[0].Err
	}
	return Example{}, false, nil
}
