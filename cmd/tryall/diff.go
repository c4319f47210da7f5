package main

import (
	"context"
	"math"
	"strings"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
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
	x, data, err := c.one(ctx, p, c.A)
	if err != nil {
		return err
	}
	y, _, err := c.one(ctx, p, c.B)
	if err != nil {
		return err
	}
	d, err := eval.Diff(x, y)
	if err != nil {
		return err
	}
	texts := map[string]string{}
	for i := range data.Examples {
		texts[data.Examples[i].ID] = data.Examples[i].Text
	}
	d.Texts(func(id string) string { return texts[id] })
	if c.JSON {
		return a.printJSON(d)
	}
	most := mostDiffering
	if c.All {
		most = math.MaxInt
	}
	return d.WriteTable(a.stdout, most)
}

// one finds a contestant's results in a run.
func (c *diffCmd) one(ctx context.Context, p *workbench.Project, name string) (*eval.Run, *eval.Dataset, error) {
	id, model, _ := strings.Cut(name, "/")
	out, err := p.Kept(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	mode := c.Mode
	if mode == "" {
		mode = out.Mode
	}
	if model == "" {
		model = out.Winner
	}
	var names []string
	var found []*eval.Run
	for _, r := range out.Runs[mode] {
		names = append(names, brief(r.Contestant))
		if r.Contestant == model || brief(r.Contestant) == model || strings.Contains(r.Contestant, model) {
			found = append(found, r)
		}
	}
	for _, r := range found { // a whole name goes before a part of one
		if id, _, _ := strings.Cut(r.Contestant, "@"); r.Contestant == model || brief(r.Contestant) == model || id == model {
			return r, out.Data[mode], nil
		}
	}
	switch len(found) {
	case 1:
		return found[0], out.Data[mode], nil
	case 0:
		return nil, nil, qa.Errorf(qa.NotFound, "run %s has no contestant %q in the mode %s; it has %s", out.Run, model, mode, strings.Join(names, ", "))
	}
	return nil, nil, qa.Errorf(qa.Invalid, "%q fits %d contestants of run %s: %s; give more of the name", model, len(found), out.Run, strings.Join(names, ", "))
}
