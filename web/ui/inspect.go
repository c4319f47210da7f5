package ui

import (
	"context"
	"time"

	"github.com/tryall/tryall/workbench"
)

// Trace asks one model and shows how its answer came about. The trace is nil where the card has an error.
func (e *Env) Trace(ctx context.Context, a *Asking, model string) (*Card, *workbench.Trace) {
	c := &Card{Model: model, Label: ModelLabel(model)}
	m, err := e.Find(a.Query, model)
	if err != nil {
		c.Err = err
		return c, nil
	}
	c.Contestant = m.Contestant()
	began := time.Now()
	s, release, err := e.Pool.Use(ctx, m, a.Params)
	if err != nil {
		c.Err = err
		return c, nil
	}
	defer release()
	c.Loaded = time.Since(began)
	ctx, n := workbench.CountLookups(ctx)
	t, err := s.Trace(ctx, a.Ask)
	if err != nil {
		c.Err = err
		return c, nil
	}
	t.Result.Contestant = c.Contestant
	c.fill(&t.Result, a.Text, n.Found > 0 && n.Missing == 0)
	c.decidedBy(a.Query, a.Params, m)
	return c, t
}
