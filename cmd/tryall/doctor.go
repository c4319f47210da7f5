package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/tryall/tryall/doctor"
	"github.com/tryall/tryall/nn"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

type doctorCmd struct {
	ID []string `arg:"" optional:"" help:"Models that are here (default: all)."`
	engineFlags
	JSON bool `help:"Print JSON."`
}

// Validate refuses values outside their range.
func (c *doctorCmd) Validate() error { return c.check() }

// Run examines models. It fails when one is unfit.
func (c *doctorCmd) Run(ctx context.Context, a *app) error {
	models, err := c.models(a)
	if err != nil {
		return err
	}
	pool := sync.OnceValue(func() *nn.Pool { return nn.NewPool(c.Threads) })
	reports, unfit := []doctor.Report{}, 0
	line := a.status()
	defer line.clear()
	for i, m := range models {
		line.set("%s: %s", m.ID, doctor.Tests[0].Name)
		done := 0
		r, err := doctor.Examine(ctx, patient(m), doctor.Options{Pool: pool(), Precision: m.Precision, Done: func(doctor.Check) {
			if done++; done < len(doctor.Tests) {
				line.set("%s: %s", m.ID, doctor.Tests[done].Name)
			}
		}})
		if err != nil {
			return err
		}
		line.clear()
		reports = append(reports, r)
		if !r.OK {
			unfit++
		}
		if !c.JSON {
			if err := a.showReport(r, i > 0); err != nil {
				return err
			}
		}
	}
	if c.JSON {
		if err := a.printJSON(reports); err != nil {
			return err
		}
	}
	if unfit > 0 {
		return errShown
	}
	return nil
}

// models are those that are named, or all that are here.
func (c *doctorCmd) models(a *app) ([]workbench.Model, error) {
	w := a.workbench(c.engineFlags)
	if len(c.ID) > 0 {
		return w.FindAll(c.ID, c.Precision)
	}
	models, warnings, err := w.All(c.Precision)
	for _, text := range warnings {
		a.warn("%s", text)
	}
	if err == nil && len(models) == 0 {
		err = qa.Errorf(qa.NotFound, "there are no models")
	}
	return models, err
}

// patient is a model as the doctor sees it.
func patient(m workbench.Model) doctor.Patient {
	return doctor.Patient{ID: m.ID, FS: m.FS, Snapshot: m.Snapshot, Builtin: m.Builtin, Abstains: m.Abstains(), Threshold: m.Settings.Own()}
}

// levelWords are how checks come out, for people.
var levelWords = map[doctor.Level]string{doctor.Pass: "ok", doctor.Info: "note", doctor.Warn: "warn", doctor.Skipped: "–", doctor.Fail: "FAIL"}

// showReport has a line for each check, and a sentence about the whole above them.
func (a *app) showReport(r doctor.Report, another bool) error {
	t := a.out
	counts := map[doctor.Level]int{}
	longest := 0
	for _, c := range r.Checks {
		counts[c.Level]++
		longest = max(longest, columns(c.Name))
	}
	verdict := "fit"
	switch {
	case !r.OK:
		verdict = fmt.Sprintf("unfit, %d of %s failed", counts[doctor.Fail], plural(len(r.Checks), "check"))
	case counts[doctor.Warn] > 0:
		verdict += ", with " + plural(counts[doctor.Warn], "warning")
	}
	var out []string
	if another {
		out = append(out, "")
	}
	out = append(out, t.in(styleStrong, visible(r.ID))+": "+verdict)
	margin := len(passageIndent) + 4 + 2 + longest + 2
	for _, c := range r.Checks {
		style := styleNone
		switch c.Level {
		case doctor.Fail:
			style = styleStrong
		case doctor.Pass, doctor.Skipped:
			style = styleDim
		}
		for i, text := range wrapText(c.Detail, min(t.width, 100)-margin) {
			word, name := "", ""
			if i == 0 {
				word, name = levelWords[c.Level], c.Name
			}
			out = append(out, passageIndent+t.in(style, pad(word, 4, false))+"  "+pad(name, longest, false)+"  "+t.in(style, text))
		}
	}
	return a.lines(out...)
}

// examiner is the doctor as the workbench takes it, with so many threads.
func examiner(threads int) workbench.Doctor {
	pool := sync.OnceValue(func() *nn.Pool { return nn.NewPool(threads) })
	var d workbench.Doctor
	for _, t := range doctor.Tests {
		d.Tests = append(d.Tests, workbench.DoctorTest{Name: t.Name, About: t.About})
	}
	d.Examine = func(ctx context.Context, m workbench.Model, done func(workbench.Check)) error {
		_, err := doctor.Examine(ctx, patient(m), doctor.Options{Pool: pool(), Precision: m.Precision, Done: func(c doctor.Check) {
			done(workbench.Check{Name: c.Name, Level: workbench.CheckLevel(c.Level), Detail: c.Detail})
		}})
		return err
	}
	return d
}
