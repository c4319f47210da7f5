package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web"
	"github.com/tryall/tryall/workbench"
)

// demo is what a customer is shown; nil when everything is there. Without -m it shows the built-in models.
func (c *serveCmd) demo(ctx context.Context, w *workbench.Workbench) (*web.Demo, error) {
	if !c.Demo {
		return nil, nil
	}
	if len(c.Model) == 0 {
		c.Model = builtinNames()
	}
	d := &web.Demo{Title: c.Title, CorpusOnly: c.CorpusOnly}
	if c.CorpusOnly {
		if err := hasCorpus(ctx, w); err != nil {
			return nil, err
		}
	}
	if c.Logo == "" {
		return d, nil
	}
	f, err := os.Open(c.Logo)
	if err != nil {
		return nil, qa.Errorf(qa.Invalid, "--logo: %w", err)
	}
	defer f.Close()
	if d.Logo, err = io.ReadAll(io.LimitReader(f, web.MaxLogo+1)); err != nil {
		return nil, qa.Errorf(qa.Invalid, "--logo: %w", err)
	}
	if len(d.Logo) == 0 {
		return nil, qa.Errorf(qa.Invalid, "--logo: %s is empty", c.Logo)
	}
	return d, nil
}

// hasCorpus refuses to show a corpus that is empty.
func hasCorpus(ctx context.Context, w *workbench.Workbench) error {
	const empty = "--corpus-only: the corpus is empty, so that nothing could be asked; add texts with tryall corpus add PATH"
	if !w.HasProject() {
		return qa.Errorf(qa.Invalid, empty)
	}
	p, err := w.OpenProject(ctx)
	if err != nil {
		return err
	}
	stats, err := p.Index.Stats(ctx)
	if err = errors.Join(err, p.Close()); err != nil {
		return err
	}
	if stats.Passages == 0 {
		return qa.Errorf(qa.Invalid, empty)
	}
	return nil
}
