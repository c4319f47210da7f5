package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/tryall/tryall/hub"
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

type showCmd struct {
	Model    string `arg:"" help:"A built-in, an id that is in the cache, or a directory (./dir)."`
	Abstains string `placeholder:"yes|no|auto" help:"Note by hand whether it says \"no answer\"; auto asks its card again."`
	JSON     bool   `help:"Print JSON."`
}

// abstainsFlag are the values of --abstains.
var abstainsFlag = map[string]hub.Abstains{"yes": hub.AbstainsYes, "no": hub.AbstainsNo, "auto": ""}

// Validate refuses other values.
func (c *showCmd) Validate() error {
	if _, ok := abstainsFlag[c.Abstains]; c.Abstains != "" && !ok {
		return usagef("--abstains is %q; it must be yes, no or auto", c.Abstains)
	}
	return nil
}

// Run shows what is known of one model.
func (c *showCmd) Run(ctx context.Context, a *app) error {
	w := a.workbench(engineFlags{})
	m, err := w.Find(c.Model, "")
	if err != nil {
		return err
	}
	if c.Abstains != "" {
		if err := w.SetAbstains(ctx, m, abstainsFlag[c.Abstains]); err != nil {
			return err
		}
	}
	d, err := w.Describe(ctx, m)
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
		for i, line := range wrapText(value, t.width-showMargin) {
			out = append(out, fmt.Sprintf("  %s  %s", t.in(styleDim, pad(first(i, name), 12, false)), line))
		}
	}
	whole := func(name, value string) { // not wrapped, to be copied
		if value != "" {
			out = append(out, fmt.Sprintf("  %s  %s", t.in(styleDim, pad(name, 12, false)), visible(value)))
		}
	}
	runs := "yes"
	if !d.Runnable {
		runs = "no: " + d.Reason
	}
	add("runs here", runs)
	whole("revision", d.Revision)
	whole("from", d.Origin)
	whole("directory", d.Directory)
	if d.Runnable {
		add("architecture", fmt.Sprintf("%s, %d layers of %d, %s head", d.Architecture, d.Layers, d.Hidden, d.Head))
		add("parameters", count(d.Parameters))
		add("weights", d.DType+", run in "+strings.Join(d.Precisions, ", "))
		add("tokenizer", fmt.Sprintf("%s, %s tokens", d.Tokenizer, count(d.Vocabulary)))
		if d.MaxLen > 0 {
			add("window", fmt.Sprintf("at most %s tokens; %d unless --max-seq-len says otherwise", count(d.MaxLen), min(d.MaxLen, 384)))
		}
	}
	add("no answer", string(d.Abstains)+" ("+d.AbstainsWhy+")")
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
	longest := 0
	for _, f := range d.Files {
		longest = max(longest, columns(visible(f.Name)))
	}
	for i, f := range d.Files {
		out = append(out, fmt.Sprintf("  %s  %s  %s  %s", t.in(styleDim, pad(first(i, "files"), 12, false)), pad(size(f.SizeBytes), 8, true), pad(visible(f.Name), longest, false),
			t.in(styleDim, shortDigest(f.Digest))))
	}
	for _, w := range d.Warnings {
		add("warning", w)
	}
	return out
}

// showMargin is what stands before a value.
const showMargin = 2 + 12 + 2

// shortDigest is enough of a hash to compare by eye; --json has the whole.
func shortDigest(d hub.Digest) string {
	if d.SHA256 != "" {
		return "sha256 " + d.SHA256[:12]
	}
	if d.GitSHA1 != "" {
		return "git " + d.GitSHA1[:12]
	}
	return ""
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
