// Package doctor examines a model's repository before it is trusted: are its files whole and the right ones, do weights,
// configuration and tokenizer fit together, and does it answer what any question answering model answers.
//
// It reports and changes nothing. What it says is for people; names and levels of checks are for programs.
package doctor

import (
	"context"
	"io/fs"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/nn"
)

// Patient is a repository on this machine and what is known of it from elsewhere.
type Patient struct {
	// ID is what reports call it: the id on the Hub, of a built-in, or a directory.
	ID string
	// FS is the repository in Hub layout.
	FS fs.FS
	// Snapshot is where it lies in the Hub's cache, which knows the files' hashes; nil when it lies elsewhere.
	Snapshot *hub.Snapshot
	// Builtin says that its files are part of the program.
	Builtin bool
	// Abstains says whether it was made to say "no answer"; empty asks the model card.
	Abstains hub.Abstains
	// Threshold is the gap above which it answers; nil when none was fitted.
	Threshold *float64
}

// Options are how a patient is examined.
type Options struct {
	// Pool does the arithmetic; nil means a pool for this examination, with as many threads as Go uses.
	Pool *nn.Pool
	// Precision is the one of model.Options.
	Precision string
	// Done is told every check when it is done; may be nil.
	Done func(Check)
}

// Level says how a check came out.
type Level string

// The levels, from best to worst.
const (
	Pass    Level = "pass"
	Info    Level = "info"    // worth knowing
	Warn    Level = "warn"    // the model runs, but not as well as it could, or not everywhere
	Skipped Level = "skipped" // not checked because a check that it builds on failed
	Fail    Level = "fail"    // the model is unfit
)

// rank orders the levels.
var rank = map[Level]int{Pass: 0, Info: 1, Warn: 2, Skipped: 3, Fail: 4}

// Check is the outcome of one check.
type Check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"` // neither failed nor skipped
	Level  Level  `json:"level"`
	Detail string `json:"detail"`
}

// Report is the outcome of an examination.
type Report struct {
	ID     string  `json:"id"`
	OK     bool    `json:"ok"` // all checks are
	Checks []Check `json:"checks"`
}

// Examine runs all checks, in order. Its error is the context's, when that ended before the last check; the report then
// holds the checks that were made and is not OK.
func Examine(ctx context.Context, p Patient, o Options) (Report, error) {
	return examine(ctx, p, o, false)
}

// Quick runs the checks that neither run the model nor read all of its weights: files, configuration, tensors, head and
// whether the tokenizer fits. It is for whoever is about to use a model.
func Quick(ctx context.Context, p Patient) (Report, error) { return examine(ctx, p, Options{}, true) }

func examine(ctx context.Context, p Patient, o Options, quick bool) (Report, error) {
	e := newExam(p, o)
	defer e.close()
	report, outcome := Report{ID: p.ID, OK: true}, map[string]Level{}
	for _, t := range Tests {
		if quick && !t.Quick {
			continue
		}
		if err := ctx.Err(); err != nil {
			report.OK = false
			return report, context.Cause(ctx)
		}
		f := blocked(t, outcome)
		if f == nil {
			f = t.run(ctx, e)
		}
		if ctx.Err() != nil { // what was found may be nothing but the interruption
			report.OK = false
			return report, context.Cause(ctx)
		}
		c := f.check(t.Name)
		outcome[t.Name] = c.Level
		report.OK = report.OK && c.OK
		report.Checks = append(report.Checks, c)
		if o.Done != nil {
			o.Done(c)
		}
	}
	return report, nil
}

// blocked says why a test cannot be made, nil when it can.
func blocked(t Test, outcome map[string]Level) findings {
	for _, name := range t.needs {
		if rank[outcome[name]] >= rank[Skipped] {
			return skip(name)
		}
	}
	return nil
}
