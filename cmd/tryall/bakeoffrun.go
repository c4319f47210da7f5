package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/project"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/report"
	"github.com/tryall/tryall/workbench"
)

// bakeoffRun is a bake-off from the command line.
type bakeoffRun struct {
	a      *app
	w      *workbench.Workbench
	p      *workbench.Project
	plan   workbench.Plan
	run    string // resumed; empty: a new one
	engine engineFlags
	config *project.Config
}

// do brings the models, reads the questions, brings the corpus up to date and races.
func (r *bakeoffRun) do(ctx context.Context) (*workbench.BakeoffOutcome, error) {
	models, err := r.models(ctx)
	if err != nil {
		return nil, err
	}
	if len(r.plan.Corpus) > 0 {
		if err := r.a.addCorpus(ctx, r.p, r.plan.Corpus, workbench.AddOptions{Exclude: r.plan.Exclude}); err != nil {
			return nil, err
		}
	}
	sets, err := r.p.ReadSets(ctx, r.plan)
	if err != nil {
		return nil, err
	}
	material, err := r.p.Gather(ctx, sets, r.plan.Limit)
	if err != nil {
		return nil, err
	}
	for _, w := range material.Warnings {
		r.a.warn("%s", w)
	}
	id, err := r.p.Begin(ctx, r.run, r.plan, material)
	if err != nil {
		return nil, err
	}
	release, err := r.p.Store.HoldRun(ctx, id)
	if err != nil {
		return nil, err
	}
	defer release()
	if !r.a.quiet {
		r.a.warn("run %s: %s, %s", id, plural(len(models), "contestant"), plural(questionsOf(material, r.plan), "question"))
	}
	r.a.resume = "; what was answered is kept, tryall bakeoff --resume " + id + " goes on"
	watch := newWatch(r.a, namesOf(models), fmt.Sprintf("%.8s", eval.Unit(cmp.Or(r.plan.Metric, "f1"))))
	defer watch.clear()
	v := currentVersion()
	out, err := r.w.Bakeoff(ctx, r.p, id, r.plan, models, material, workbench.Host{
		Version: v.Version, Kernel: v.Kernel, Gauge: r.a.gaugeIn(r.engine), Event: watch.event})
	watch.clear()
	if err == nil {
		r.a.resume = ""
	}
	return out, err
}

func questionsOf(m *workbench.Material, plan workbench.Plan) int {
	n := 0
	if len(plan.Modes) > 0 && plan.Modes[0] == eval.Retrieved {
		n = len(m.Retrieved.Examples)
	} else {
		n = len(m.Oracle.Examples)
	}
	if m.Unlabelled != nil {
		n += len(m.Unlabelled.Examples)
	}
	return n
}

// models finds the contestants; those that are not here are pulled first.
func (r *bakeoffRun) models(ctx context.Context) ([]workbench.Model, error) {
	var models []workbench.Model
	seen := map[string]bool{}
	for _, m := range r.plan.Models {
		found, err := r.a.bring(ctx, r.w, []string{m.Name}, m.Precision)
		if err != nil {
			return nil, err
		}
		if name := found[0].Contestant(); seen[name] {
			return nil, qa.Errorf(qa.Invalid, "model %s is named twice", name)
		} else {
			seen[name] = true
		}
		models = append(models, found[0])
	}
	return models, nil
}

func namesOf(models []workbench.Model) *eval.Names {
	var names []string
	for _, m := range models {
		names = append(names, m.Contestant())
	}
	return eval.NewNames(names)
}

// watch shows the phases of a bake-off.
type watch struct {
	line  *status
	board *board
	names *eval.Names
	a     *app
}

func newWatch(a *app, names *eval.Names, unit string) *watch {
	return &watch{line: a.status(), board: a.board(names, unit), names: names, a: a}
}

func (w *watch) event(e workbench.BakeoffEvent) {
	switch {
	case w.a.quiet:
	case e.Race != nil:
		w.line.clear()
		w.board.event(*e.Race)
	case e.Phase == workbench.PhaseMeasure:
		w.line.set("measuring %s alone (%d of %d)", visible(w.names.Short(e.Contestant)), e.Done+1, e.Total)
	case e.Phase == workbench.PhaseRetrieve:
		w.line.set("looking for the passages of %d of %s", e.Done, plural(e.Total, "question"))
	}
}

func (w *watch) clear() {
	w.line.clear()
	w.board.clear()
}

// tell prints what a bake-off came to, and writes the files that were asked for.
func (c *bakeoffCmd) tell(a *app, config *project.Config, out *workbench.BakeoffOutcome) error {
	var verdicts []project.Verdict
	if config != nil && len(config.Gate) > 0 {
		verdicts = config.Gate.Check(out.Bakeoff)
	}
	if c.JSON {
		if err := a.printJSON(out.Bakeoff); err != nil {
			return err
		}
	} else if err := a.showBakeoff(out.Bakeoff, verdicts); err != nil {
		return err
	}
	if c.Report != "" {
		if _, err := report.Write(c.Report, reportInput(out, config, verdicts)); err != nil {
			return fmt.Errorf("%w; tryall report %s -o DIR writes it elsewhere", err, out.Run)
		}
	}
	if c.JUnit != "" {
		err := workbench.WriteFile(c.JUnit, func(w io.Writer) error { return project.JUnit(w, junitName(config), verdicts, out.Bakeoff, time.Now()) })
		if err != nil {
			return err
		}
	}
	if c.Report != "" && !c.JSON {
		if err := a.lines("", "The report is in "+visible(c.Report)+string(os.PathSeparator)+"report.html"); err != nil {
			return err
		}
	}
	switch {
	case !project.Passed(verdicts):
		return errGate
	case out.Winner == "" && out.Disagreement == nil:
		return errShown // everybody failed, and why is printed
	}
	return nil
}

func junitName(c *project.Config) string {
	if c != nil && c.Description != "" {
		return "tryall: " + c.Description
	}
	return "tryall"
}

// reportInput is what a report is made of.
func reportInput(out *workbench.BakeoffOutcome, config *project.Config, verdicts []project.Verdict) report.Input {
	in := report.Input{Bakeoff: out.Bakeoff, Runs: out.Runs, Data: out.Data[out.Mode], Order: out.Orders()}
	if config != nil {
		in.Description = config.Description
	}
	if out.Decision != nil {
		in.Decision = (*report.Decision)(out.Decision)
	}
	for _, v := range verdicts {
		in.Gate = append(in.Gate, report.Verdict(v))
	}
	return in
}
