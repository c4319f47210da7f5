package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

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
	cols := []column{{"model", false}, {"architecture", false}, {"parameters", true}, {"size", true}, {"no answer", false}, {"", false}}
	rows := make([][]string, len(entries))
	for i, e := range entries {
		note := ""
		switch {
		case !e.Runnable:
			note = "does not run: " + visible(e.Reason)
		case e.Builtin:
			note = "built in"
		}
		rows[i] = []string{visible(e.ID), dash(visible(e.Architecture)), millions(e.Parameters), size(e.SizeBytes), string(e.Abstains), note}
	}
	return a.lines(table(a.out, cols, rows, func(row, col int) string {
		if !entries[row].Runnable {
			return styleDim
		}
		return styleNone
	})...)
}

type showCmd struct {
	Model string `arg:"" help:"A built-in, an id that is in the cache, or a directory (./dir)."`
	JSON  bool   `help:"Print JSON."`
}

// Run shows what is known of one model.
func (c *showCmd) Run(a *app) error {
	w := a.workbench(engineFlags{})
	m, err := w.Find(c.Model, "")
	if err != nil {
		return err
	}
	d, err := w.Describe(m)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(d)
	}
	return a.lines(showLines(a.out, d)...)
}

func showLines(t terminal, d workbench.Details) []string {
	out := []string{t.in(styleStrong, visible(d.ID))}
	add := func(name, value string) {
		if value != "" {
			out = append(out, fmt.Sprintf("  %s  %s", t.in(styleDim, pad(name, 12, false)), visible(value)))
		}
	}
	runs := "yes"
	if !d.Runnable {
		runs = "no: " + d.Reason
	}
	add("runs here", runs)
	add("revision", d.Revision)
	add("directory", d.Directory)
	if d.Runnable {
		add("architecture", fmt.Sprintf("%s, %d layers of %d, %s head", d.Architecture, d.Layers, d.Hidden, d.Head))
		add("parameters", count(d.Parameters))
		add("weights", d.DType)
		add("tokenizer", fmt.Sprintf("%s, %s tokens", d.Tokenizer, count(d.Vocabulary)))
		if d.MaxLen > 0 {
			add("window", fmt.Sprintf("at most %s tokens", count(d.MaxLen)))
		}
	}
	add("no answer", string(d.Abstains))
	if d.Threshold != nil {
		add("threshold", "answers above a gap of "+number(*d.Threshold))
	}
	add("licence", d.License)
	add("language", strings.Join(d.Languages, ", "))
	add("trained on", strings.Join(d.Datasets, ", "))
	for i, r := range d.Results {
		add(first(i, "card claims"), fmt.Sprintf("%s %s on %s", r.Metric, strconv.FormatFloat(r.Value, 'f', -1, 64), r.Dataset))
	}
	add("size", size(d.SizeBytes))
	for i, f := range d.Files {
		add(first(i, "files"), fmt.Sprintf("%s  %s", pad(size(f.SizeBytes), 8, true), f.Name))
	}
	for _, w := range d.Warnings {
		add("warning", w)
	}
	return out
}

// first is a name for the first of several lines.
func first(i int, name string) string {
	if i > 0 {
		return ""
	}
	return name
}

type exportCmd struct {
	Model string `arg:"" help:"A built-in, an id that is in the cache, or a directory (./dir)."`
	Dir   string `arg:"" help:"The folder to write; new or empty."`
	Force bool   `help:"Write into a folder that is not empty; files of the same name are replaced."`
	JSON  bool   `help:"Print JSON."`
}

// Run writes a model's repository.
func (c *exportCmd) Run(ctx context.Context, a *app) error {
	w := a.workbench(engineFlags{})
	m, err := w.Find(c.Model, "")
	if err != nil {
		return err
	}
	files, err := w.Export(ctx, m, c.Dir, c.Force)
	if err != nil {
		return err
	}
	var bytes int64
	for _, f := range files {
		bytes += f.SizeBytes
	}
	if c.JSON {
		return a.printJSON(struct {
			ID        string           `json:"id"`
			Directory string           `json:"directory"`
			SizeBytes int64            `json:"size_bytes"`
			Files     []workbench.File `json:"files"`
		}{m.ID, c.Dir, bytes, files})
	}
	return a.lines(fmt.Sprintf("%s: %s, %s, in %s", visible(m.ID), plural(len(files), "file"), size(bytes), visible(c.Dir)))
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
