package main

import (
	"context"
	"time"

	"github.com/tryall/tryall/project"
	"github.com/tryall/tryall/report"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/workbench"
)

type runsCmd struct {
	Rm   string `placeholder:"RUN" help:"Remove a run with its answers (the cache of what models computed stays)."`
	JSON bool   `help:"Print JSON."`
}

// Run lists the runs of the project, the newest first.
func (c *runsCmd) Run(ctx context.Context, a *app) error {
	p, err := a.project(ctx, a.workbench(engineFlags{}))
	if err != nil {
		return err
	}
	defer p.Close()
	if c.Rm != "" {
		info, err := p.Store.Run(ctx, c.Rm)
		if err != nil {
			return err
		}
		if err := p.Store.RemoveRun(ctx, info.ID); err != nil {
			return err
		}
		return a.lines("Removed: run " + info.ID)
	}
	runs, err := p.Store.Runs(ctx)
	switch {
	case err != nil:
		return err
	case c.JSON:
		return a.printJSON(append([]store.RunInfo{}, runs...))
	case len(runs) == 0:
		return a.lines("There are no runs yet; tryall bakeoff begins one.")
	}
	var rows [][]string
	for _, r := range runs {
		winner := r.Winner
		switch {
		case r.Status == store.Failed:
			winner = r.Reason
		case r.Status != store.Finished:
			winner = "tryall bakeoff --resume " + r.ID
		}
		rows = append(rows, []string{r.ID, r.Created.Local().Format(time.DateTime), string(r.Status), count(r.Answers), visible(workbench.Brief(winner))})
	}
	cols, rows := fit(a.out, []column{{"run", false}, {"begun", false}, {"state", false}, {"answers", true}, {"winner", false}}, rows, []string{"begun", "answers"})
	return a.lines(table(a.out, cols, rows, nil)...)
}

type reportCmd struct {
	Name   string `arg:"" name:"run" optional:"" default:"last" help:"The run: its id, the beginning of it, or last."`
	Out    string `short:"o" placeholder:"DIR" help:"Write report.html, report.md, report.csv, questions.csv and report.json there (default: report-RUN)."`
	Format string `enum:"all,html,md,csv,json" default:"all" help:"Print one of html, md, csv, json instead of writing files."`
}

// Run writes the report of a run that is finished.
func (c *reportCmd) Run(ctx context.Context, a *app) error {
	p, err := a.project(ctx, a.workbench(engineFlags{}))
	if err != nil {
		return err
	}
	defer p.Close()
	out, err := p.Kept(ctx, c.Name)
	if err != nil {
		return err
	}
	var config *project.Config
	var verdicts []project.Verdict
	if file := out.Spec.ConfigFile; file != "" {
		if config, err = project.Load(file); err == nil { // it may have been moved since; the figures do not need it
			verdicts = config.Gate.Check(out.Bakeoff)
		}
	}
	in := reportInput(out, config, verdicts)
	for _, f := range report.Files {
		if f.Name == "report."+c.Format {
			return f.Write(a.stdout, in)
		}
	}
	if c.Out == "" {
		c.Out = "report-" + out.Run
	}
	files, err := report.Write(c.Out, in)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := a.lines(visible(f)); err != nil {
			return err
		}
	}
	return nil
}
