package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/nn"
	"github.com/tryall/tryall/workbench"
)

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
		add("weights", d.DType+", run in "+strings.Join(emulations(d.Precisions), ", "))
		add("tokenizer", fmt.Sprintf("%s, %s tokens", d.Tokenizer, count(d.Vocabulary)))
		if d.MaxLen > 0 {
			add("window", fmt.Sprintf("at most %s tokens; %d unless --max-seq-len says otherwise", count(d.MaxLen), min(d.MaxLen, 384)))
		}
	}
	add("no answer", string(d.Abstains)+" ("+d.AbstainsWhy+")")
	if d.Threshold != nil {
		add("threshold", fmt.Sprintf("answers above a gap of %s (%s)", number(*d.Threshold), thresholdFrom(d.ThresholdBy, d.Kept)))
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

// emulations says of each precision whether this machine has instructions for it.
func emulations(precisions []string) []string {
	out := slices.Clone(precisions)
	for i, name := range out {
		if p, err := nn.ParsePrecision(name); err == nil && p.Emulated() {
			out[i] += " (emulated)"
		}
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
