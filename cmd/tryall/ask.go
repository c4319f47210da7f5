package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

// questionFlags are what ask and inspect share.
type questionFlags struct {
	Question *string `arg:"" optional:"" help:"The question."`
	textFlags
	Batch string   `placeholder:"FILE" help:"Answer JSON lines of {id, question, context, params} with JSON lines; - is standard input."`
	Model []string `short:"m" placeholder:"MODEL" help:"The model: a built-in, an id of the Hugging Face Hub, or a directory (./dir). Default ${default_model}."`
	readFlags
	engineFlags
	JSON bool `help:"Print JSON."`
}

// Validate sees that there is either one question or a batch, and that values are within their range.
func (c *questionFlags) Validate() error {
	switch {
	case len(c.Model) > 1:
		return usagef("%d models are given, and one is asked; use tryall compare to ask several", len(c.Model))
	case c.Batch != "" && (c.Question != nil || c.Context != "" || c.Text != nil):
		return usagef("--batch brings its own questions and texts; leave out QUESTION, -c and --text")
	case c.Batch == "" && c.Question == nil:
		return usagef("there is no question: give QUESTION, or --batch FILE")
	}
	return cmp.Or(c.textFlags.check(), both(&c.readFlags, &c.engineFlags))
}

func (c *questionFlags) open(ctx context.Context, a *app) (*workbench.Session, error) {
	name := defaultModel
	if len(c.Model) > 0 {
		name = c.Model[0]
	}
	w := a.workbench(c.engineFlags)
	models, err := a.bring(ctx, w, []string{name}, c.Precision)
	if err != nil {
		return nil, err
	}
	return w.Open(ctx, models[0], c.params())
}

// one reads the text, then opens the model: what is wrong with the text shows at once.
func (c *questionFlags) one(ctx context.Context, a *app) (s *workbench.Session, ask workbench.Ask, done func(), err error) {
	ask, closeText, err := c.ask(ctx, a, *c.Question)
	if err != nil {
		return nil, ask, nil, err
	}
	s, err = c.open(ctx, a)
	if err != nil {
		closeText()
		return nil, ask, nil, err
	}
	return s, ask, func() { s.Close(); closeText() }, nil
}

func (c *questionFlags) batch(ctx context.Context, a *app, inspect bool) error {
	in := a.stdin
	if c.Batch != "-" {
		f, err := os.Open(c.Batch)
		if err != nil {
			return qa.Errorf(qa.NotFound, "open the batch: %w", err)
		}
		defer f.Close()
		in = f
	}
	s, err := c.open(ctx, a)
	if err != nil {
		return err
	}
	defer s.Close()
	line, started := a.status(), time.Now()
	tally, err := s.Batch(ctx, in, a.stdout, inspect, func(t workbench.Tally) {
		line.set("%d questions, %.0f a second", t.Lines, float64(t.Lines)/time.Since(started).Seconds())
	})
	line.clear()
	if err != nil {
		return err
	}
	if tally.Failed > 0 {
		fmt.Fprintf(a.stderr, "tryall: %d of %d lines could not be answered; each has its error in its place\n", tally.Failed, tally.Lines)
		return errShown
	}
	return nil
}

type askCmd struct {
	questionFlags
	Quiet bool `short:"q" help:"Print the answer's text alone."`
}

// Run answers one question, or a batch.
func (c *askCmd) Run(ctx context.Context, a *app) error {
	a.quiet = c.Quiet
	if c.Batch != "" {
		return c.batch(ctx, a, false)
	}
	s, ask, done, err := c.one(ctx, a)
	if err != nil {
		return err
	}
	defer done()
	outcomes, err := s.Ask(ctx, []workbench.Ask{ask})
	if err == nil {
		err = outcomes[0].Err
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(&outcomes[0].Result)
	}
	return a.showResult(ask.Context, &outcomes[0].Result, c.Quiet)
}
