package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/workbench"
)

type searchCmd struct {
	Text     string `arg:"" optional:"" help:"Part of a model's name."`
	Language string `placeholder:"L" help:"Models for a language: en, de, multilingual."`
	Licence  string `aliases:"license" placeholder:"L" help:"Models under a licence: apache-2.0, mit."`
	Dataset  string `placeholder:"D" help:"Models trained on a data set: squad_v2."`
	Author   string `placeholder:"A" help:"Models of an owner: deepset."`
	MaxSize  string `placeholder:"SIZE" help:"Weights of at most so many bytes: 500MB, 1.5GB."`
	Sort     string `placeholder:"S" default:"downloads" help:"downloads, likes, modified, created or trending (default downloads)."`
	Limit    int    `placeholder:"N" default:"20" help:"Most models to list (default 20)."`
	JSON     bool   `help:"Print JSON."`

	maxSize int64
}

// Validate refuses what cannot be asked.
func (c *searchCmd) Validate() error {
	switch {
	case workbench.SearchOrders[c.Sort] == "":
		return usagef("--sort is %q; it must be one of downloads, likes, modified, created, trending", c.Sort)
	case c.Limit < 1 || c.Limit > 1000:
		return usagef("--limit is %d; it must be 1 to 1000", c.Limit)
	}
	if c.MaxSize != "" {
		n, ok := parseSize(c.MaxSize)
		if !ok {
			return usagef("--max-size is %q; it must be a size like 500MB or 1.5GB", c.MaxSize)
		}
		c.maxSize = n
	}
	return nil
}

// parseSize reads a number with a unit of bytes.
func parseSize(s string) (int64, bool) {
	s = strings.ToUpper(strings.ReplaceAll(s, " ", ""))
	unit := 1.0
	for _, u := range []struct {
		name  string
		bytes float64
	}{{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"GIB", 1 << 30}, {"MIB", 1 << 20}, {"KIB", 1 << 10}, {"T", 1e12}, {"G", 1e9}, {"M", 1e6}, {"K", 1e3}, {"B", 1}} {
		if rest, ok := strings.CutSuffix(s, u.name); ok {
			s, unit = rest, u.bytes
			break
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(f > 0) || f*unit < 1 || f*unit > 1e18 {
		return 0, false
	}
	return int64(f * unit), true
}

// Run looks for models.
func (c *searchCmd) Run(ctx context.Context, a *app) error {
	q := workbench.SearchQuery{Limit: c.Limit, MaxSize: c.maxSize, Query: hub.Query{Text: c.Text, Language: c.Language,
		License: c.Licence, Dataset: c.Dataset, Author: c.Author, Sort: workbench.SearchOrders[c.Sort]}}
	line := a.status()
	line.set("asking the Hub")
	s, err := a.workbench(engineFlags{}).Search(ctx, q)
	line.clear()
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(s)
	}
	if s.Cached {
		a.warn("the Hub was not reached; this is what it said %s ago", age(time.Since(s.At)))
	}
	if len(s.Models) > 0 {
		if err := a.lines(foundTable(a.out, s.Models)...); err != nil {
			return err
		}
	}
	for _, text := range searchNotes(s, c.Limit) {
		a.warn("%s", text)
	}
	return nil
}

// searchNotes say what the table leaves out.
func searchNotes(s workbench.Search, limit int) []string {
	var out []string
	if len(s.Models) == 0 {
		out = append(out, "no question answering model on the Hub fits")
	}
	var left []string
	if s.TooLarge > 0 {
		left = append(left, fmt.Sprintf("%d because they are larger", s.TooLarge))
	}
	if s.UnknownSize > 0 {
		left = append(left, fmt.Sprintf("%d because the Hub does not tell their size", s.UnknownSize))
	}
	if len(left) > 0 {
		out = append(out, "left out: "+strings.Join(left, ", "))
	}
	if s.More && len(s.Models) == limit && limit < 1000 {
		out = append(out, fmt.Sprintf("there are more; --limit %d lists more", min(1000, limit*5)))
	}
	return out
}

// foundTable has a row per model. On a narrow terminal the columns of least weight go first; ids stay whole.
func foundTable(t terminal, models []workbench.Found) []string {
	cols := []column{{"model", false}, {"downloads", true}, {"likes", true}, {"size", true}, {"licence", false}, {"no answer", false}, {"runs here", false}}
	rows := make([][]string, len(models))
	for i, m := range models {
		runs := "yes"
		switch {
		case !m.Runnable:
			runs = "no: " + m.Reason
		case m.Here:
			runs = "yes, is here"
		case m.Gated != "":
			runs = "yes, gated"
		}
		bytes := "–"
		if m.SizeBytes > 0 {
			bytes = size(m.SizeBytes)
		}
		rows[i] = []string{visible(m.ID), short(m.Downloads), short(m.Likes), bytes, dash(visible(shorten(m.License, 14))), string(m.Abstains), visible(runs)}
	}
	cols, rows = fit(t, cols, rows, []string{"likes", "licence", "no answer", "downloads"})
	last := len(cols) - 1
	return table(t, cols, rows, func(row, col int) string {
		if col == last && !models[row].Runnable {
			return styleDim
		}
		return styleNone
	})
}

// short prints a count in three digits.
func short(n int64) string {
	switch {
	case n >= 1e6:
		return decimal(float64(n)/1e6) + " M"
	case n >= 1e3:
		return decimal(float64(n)/1e3) + " k"
	}
	return strconv.FormatInt(n, 10)
}

// age prints how old something is.
func age(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return plural(int(d.Seconds()), "second")
	case d < 2*time.Hour:
		return plural(int(d.Minutes()), "minute")
	case d < 48*time.Hour:
		return plural(int(d.Hours()), "hour")
	}
	return plural(int(d.Hours()/24), "day")
}
