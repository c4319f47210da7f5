package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/tryall/tryall/workbench"
)

type compareCmd struct {
	Question string `arg:"" help:"The question."`
	textFlags
	Model []string `short:"m" placeholder:"MODEL" help:"A model; repeat for more (default: all built-in models)."`
	readFlags
	engineFlags
	JSON bool `help:"Print JSON."`
}

// Validate refuses values outside their range.
func (c *compareCmd) Validate() error {
	return cmp.Or(c.textFlags.check(), both(&c.readFlags, &c.engineFlags))
}

// Run asks every model and groups them by answer.
func (c *compareCmd) Run(ctx context.Context, a *app) error {
	ask, done, err := c.ask(ctx, a, c.Question)
	if err != nil {
		return err
	}
	defer done()
	w := a.workbench(c.engineFlags)
	models, err := a.bring(ctx, w, c.Model, c.Precision)
	if err != nil {
		return err
	}
	line := a.status()
	result, err := w.Compare(ctx, models, c.params(), ask,
		func(done int, m workbench.Model) { line.set("%d of %d: %s", done+1, len(models), m.Name) })
	line.clear()
	if err != nil {
		return err
	}
	if c.JSON {
		err = a.printJSON(result)
	} else {
		err = a.showComparison(ask.Context, result)
	}
	if err == nil && len(result.Errors) > 0 {
		return errShown
	}
	return err
}

func (a *app) showComparison(text string, c *workbench.Comparison) error {
	t := a.out
	var groups []string
	for i, g := range c.Groups {
		answer := "no answer"
		if !g.Abstained {
			answer = t.in(styleStrong, visible(shorten(g.Answer, 80)))
		}
		count := fmt.Sprintf("%d", len(g.Contestants))
		if i == 0 {
			count = plural(len(g.Contestants), "model")
		}
		groups = append(groups, count+": "+answer)
	}
	out := []string{strings.Join(groups, "; ")}
	if len(c.Groups) > 0 {
		if r := c.First(); r != nil {
			if span, ok := r.Candidate(); ok && !r.Abstained {
				out = append(append(out, ""), passage(t, r.Text(span, text), span.Range)...)
			}
		}
		out = append(append(out, ""), comparisonTable(t, c)...)
	}
	if err := a.lines(out...); err != nil {
		return err
	}
	for _, e := range c.Errors {
		a.warn("%s", e.Error.Message)
	}
	return nil
}

// comparisonTable has a row per model, in the order of the groups.
func comparisonTable(t terminal, c *workbench.Comparison) []string {
	cols := []column{{"model", false}, {"answer", false}, {"score", true}, {"gap", true}, {"characters", true}, {"time", true}}
	var rows [][]string
	names := map[string]int{}
	for _, r := range c.Results {
		names[r.Model]++
	}
	for _, g := range c.Groups {
		for _, name := range g.Contestants {
			r := c.Result(name)
			row := []string{visible(r.Model), "(no answer)", "", "", "", milliseconds(float64(r.TookMS))}
			if names[r.Model] > 1 { // in several revisions or precisions
				row[0] = visible(workbench.Brief(name))
			}
			if !r.Abstained && len(r.Answers) > 0 {
				best := r.Answers[0]
				row[1], row[2], row[4] = visible(shorten(r.Prediction, 40)), number(float64(best.Score)), fmt.Sprintf("%d–%d", best.Start, best.End)
			}
			if span, ok := r.Candidate(); ok && r.Decoder == "gap" {
				row[3] = number(span.Gap)
			}
			rows = append(rows, row)
		}
	}
	return table(t, cols, rows, func(row, col int) string {
		if col == 1 && rows[row][1] == "(no answer)" {
			return styleDim
		}
		return styleNone
	})
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
