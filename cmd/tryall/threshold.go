package main

import (
	"context"
	"fmt"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/workbench"
)

type thresholdCmd struct {
	Model     string   `arg:"" help:"A built-in, an id that is in the cache, or a directory (./dir)."`
	Set       *float64 `placeholder:"X" help:"Answer above a gap of X in this project, and say \"no answer\" below."`
	FromRun   string   `placeholder:"RUN" help:"Choose the threshold by what a run measured of the model (its id, the beginning of it, or last), with probabilities."`
	WrongRate float64  `placeholder:"PERCENT" default:"5" help:"--from-run: at most so many percent of the answers wrong (default: 5)."`
	Mode      string   `placeholder:"oracle|retrieved" help:"--from-run: of the run's modes, which (default: its first)."`
	Clear     bool     `help:"Take back what was set in this project."`
	JSON      bool     `help:"Print JSON."`
}

// Validate refuses what cannot be meant together.
func (c *thresholdCmd) Validate() error {
	given := 0
	for _, b := range []bool{c.Set != nil, c.FromRun != "", c.Clear} {
		if b {
			given++
		}
	}
	switch {
	case given > 1:
		return usagef("--set, --from-run and --clear exclude each other")
	case c.Set != nil && workbench.CheckThreshold(*c.Set) != nil:
		return usagef("--set is %.4g; it must be a number from -%d to %d", *c.Set, workbench.MostThreshold, workbench.MostThreshold)
	case !(c.WrongRate > 0 && c.WrongRate < 100):
		return usagef("--wrong-rate is %v; it must be a percentage above 0 and below 100", c.WrongRate)
	}
	return nil
}

// thresholdOutput is what the command prints.
type thresholdOutput struct {
	Contestant  string                 `json:"contestant"`
	Threshold   *float64               `json:"threshold"`    // null: none is set, and 0 decides where the model abstains
	By          string                 `json:"threshold_by"` // its tryall.json, or set in this project; empty for none
	Calibration *workbench.Calibration `json:"calibration,omitempty"`
	Kept        *store.ModelSettings   `json:"kept,omitempty"`
	Expected    *eval.RateThreshold    `json:"expected,omitempty"` // with --from-run
	Warnings    []string               `json:"warnings,omitempty"`
}

// Run shows, sets or takes back from which gap on a model answers in the project.
func (c *thresholdCmd) Run(ctx context.Context, a *app) error {
	w := a.workbench(engineFlags{})
	m, err := w.Find(c.Model, "")
	if err != nil {
		return err
	}
	out := thresholdOutput{}
	if c.Set != nil || c.FromRun != "" || c.Clear {
		p, err := a.project(ctx, w)
		if err != nil {
			return err
		}
		defer p.Close()
		s := store.ModelSettings{Threshold: c.Set}
		if c.FromRun != "" {
			if s, err = c.measured(ctx, p, m, &out); err != nil {
				return err
			}
		}
		if err := p.Keep(ctx, m, s); err != nil {
			return err
		}
		if m, err = w.Find(c.Model, ""); err != nil {
			return err
		}
	}
	d, err := w.Describe(ctx, m)
	if err != nil {
		return err
	}
	out.Contestant, out.Threshold, out.By, out.Calibration, out.Kept = d.Contestant, d.Threshold, d.ThresholdBy, d.Calibration, d.Kept
	if c.JSON {
		return a.printJSON(out)
	}
	return a.lines(out.lines(d)...)
}

// measured chooses a threshold by a run.
func (c *thresholdCmd) measured(ctx context.Context, p *workbench.Project, m workbench.Model, out *thresholdOutput) (s store.ModelSettings, err error) {
	info, err := p.Store.Run(ctx, c.FromRun)
	if err != nil {
		return s, err
	}
	if info.Bakeoff == nil {
		return s, qa.Errorf(qa.Invalid, "run %s is not finished (%s); tryall bakeoff --resume %s goes on with it", info.ID, info.Status, info.ID)
	}
	contestant, err := workbench.Entered(info.Bakeoff, c.Mode, m)
	if err != nil {
		return s, err
	}
	measured, err := p.Measured(ctx, info.ID, c.Mode, contestant)
	if err != nil {
		return s, err
	}
	if err := measured.Cuts.Enough(); err != nil {
		return s, err
	}
	wanted, err := measured.Cuts.For(c.WrongRate)
	if err != nil {
		return s, err
	}
	if !wanted.Reached {
		return s, qa.Errorf(qa.Invalid, "no threshold keeps wrong answers of %s at %g %% or below on the %d questions of run %s: even its surest answers are wrong more often; nothing was set", contestant, c.WrongRate, len(measured.Results), info.ID)
	}
	out.Expected = &wanted
	s, note, err := measured.Settings(wanted.Threshold)
	if note != "" {
		out.Warnings = append(out.Warnings, note)
	}
	return s, err
}

// fewAnswers is how many answers it takes before the share of wrong ones is told.
const fewAnswers = 8

// lines are the output for people.
func (o *thresholdOutput) lines(d workbench.Details) []string {
	var out []string
	switch {
	case o.Threshold == nil && d.Abstains == "yes":
		out = append(out, fmt.Sprintf("%s has no threshold of its own: it answers above a gap of 0.", visible(o.Contestant)))
	case o.Threshold == nil:
		out = append(out, fmt.Sprintf("%s has no threshold, and always answers.", visible(o.Contestant)))
	default:
		out = append(out, fmt.Sprintf("%s answers above a gap of %s (%s).", visible(o.Contestant), number(*o.Threshold), thresholdFrom(o.By, o.Kept)))
	}
	if e := o.Expected; e != nil {
		on := fmt.Sprintf("With it at most %g %% of the answers are wrong on the questions of the run. ", e.Wanted)
		if e.N < fewAnswers {
			on += fmt.Sprintf("What it does on others cannot be told: on documents that they were not chosen by, such thresholds gave %s answers.", count(e.N))
		} else {
			on += fmt.Sprintf("On others expect %.1f %% wrong (%.1f to %.1f) and %.0f %% answered.", e.Wrong, e.WrongCI[0], e.WrongCI[1], e.Coverage)
		}
		out = append(out, on)
	}
	if o.Calibration != nil {
		out = append(out, fmt.Sprintf("A gap makes it as sure as 1 / (1 + e^-(%.4g * gap %+.4g)).", o.Calibration.A, o.Calibration.B))
	}
	for _, w := range o.Warnings {
		out = append(out, "warning: "+visible(w))
	}
	return out
}

// thresholdFrom says where a threshold is from.
func thresholdFrom(by string, kept *store.ModelSettings) string {
	if kept != nil && kept.Threshold != nil {
		return by + ", " + workbench.KeptFrom(*kept)
	}
	return "by " + by
}
