package main

import (
	"context"
	"fmt"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/workbench"
)

type importCmd struct {
	Source string `arg:"" help:"A repository folder, a Hugging Face cache, or a tar, tar.gz, tar.bz2 or zip of either."`
	As     string `placeholder:"NAME" help:"The id of a repository: owner/name (default: the folder's name)."`
	Quiet  bool   `short:"q" help:"No progress; print where each model lies, and nothing else."`
	JSON   bool   `help:"Print JSON."`
}

// Validate refuses what cannot be an id.
func (c *importCmd) Validate() error {
	if c.As != "" {
		if err := hub.CheckID(c.As); err != nil {
			return usageError{err}
		}
	}
	return nil
}

// Run puts models that came by other means into the cache.
func (c *importCmd) Run(ctx context.Context, a *app) error {
	p := a.progress(c.Quiet || !a.err.tty) // off a terminal the outcome says it all
	defer p.close()
	a.resume = "; nothing is used that is not whole"
	imported, err := a.workbench(engineFlags{}).Import(ctx, c.Source, c.As, p.event)
	p.close()
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(imported)
	}
	for _, m := range imported {
		if err := a.showImported(m, c.Quiet); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) showImported(p workbench.Pulled, quiet bool) error {
	if quiet {
		return a.lines(p.Path)
	}
	return a.lines(append([]string{
		fmt.Sprintf("%s at %s: %s, %s", a.out.in(styleStrong, visible(p.ID)), shortCommit(p.Revision), plural(len(p.Files), "file"), size(p.SizeBytes)),
		passageIndent + visible(p.Path)}, runsLines(a.out, p.ID, p)...)...)
}
