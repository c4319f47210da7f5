package main

import (
	"context"
	"math"

	"github.com/tryall/tryall/eval"
)

type diffCmd struct {
	A    string `arg:"" help:"A run (its id, the beginning of it, or last) or one contestant of it: RUN/MODEL. Of a run alone its winner is taken."`
	B    string `arg:"" help:"Another: gains and losses are B's."`
	Mode string `default:"" placeholder:"MODE" help:"oracle or retrieved (default: the first that the runs have)."`
	All  bool   `help:"List every question that differs (default: the first 20 of a kind)."`
	JSON bool   `help:"Print JSON."`
}

// mostDiffering is how many questions of a kind a diff lists.
const mostDiffering = 20

// Validate refuses what cannot be meant.
func (c *diffCmd) Validate() error {
	if c.Mode != "" && c.Mode != eval.Oracle && c.Mode != eval.Retrieved {
		return usagef("--mode is %q; it must be %s or %s", c.Mode, eval.Oracle, eval.Retrieved)
	}
	return nil
}

// Run compares two runs question by question.
func (c *diffCmd) Run(ctx context.Context, a *app) error {
	p, err := a.project(ctx, a.workbench(engineFlags{}))
	if err != nil {
		return err
	}
	defer p.Close()
	d, err := p.Diff(ctx, c.A, c.B, c.Mode)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(d)
	}
	most := mostDiffering
	if c.All {
		most = math.MaxInt
	}
	return d.WriteTable(a.stdout, most)
}
