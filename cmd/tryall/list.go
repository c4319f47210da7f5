package main

import (
	"context"
	"fmt"

	"github.com/tryall/tryall/workbench"
)

type listCmd struct {
	JSON bool `help:"Print JSON."`
}

// Run lists the models that are here.
func (c *listCmd) Run(ctx context.Context, a *app) error {
	entries, warnings, err := a.workbench(engineFlags{}).List(ctx)
	if err != nil {
		return err
	}
	for _, w := range warnings {
		a.warn("%s", w)
	}
	if c.JSON {
		return a.printJSON(entries)
	}
	return a.lines(entryTable(a.out, entries)...)
}

// entryTable has a row per model. One that is here in several revisions bears the commit.
func entryTable(t terminal, entries []workbench.Entry) []string {
	revisions := map[string]int{}
	for _, e := range entries {
		revisions[e.ID]++
	}
	cols := []column{{"model", false}, {"architecture", false}, {"parameters", true}, {"size", true}, {"no answer", false}, {"", false}}
	rows := make([][]string, len(entries))
	for i, e := range entries {
		name, note := e.ID, ""
		if revisions[e.ID] > 1 {
			name += "@" + shortCommit(e.Revision)
		}
		switch {
		case !e.Runnable:
			note = "does not run: " + visible(e.Reason)
		case e.Builtin:
			note = "built in"
		}
		rows[i] = []string{visible(name), dash(visible(e.Architecture)), millions(e.Parameters), size(e.SizeBytes), string(e.Abstains), note}
	}
	cols, rows = fit(t, cols, rows, []string{"parameters", "architecture"})
	return table(t, cols, rows, func(row, _ int) string {
		if !entries[row].Runnable {
			return styleDim
		}
		return styleNone
	})
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func millions(n int64) string {
	switch {
	case n == 0:
		return "–"
	case n < 1e6:
		return fmt.Sprintf("%.0f k", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f M", float64(n)/1e6)
}
