package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// printJSON writes one indented JSON value.
func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// lines writes lines to stdout.
func (a *app) lines(lines ...string) error {
	_, err := io.WriteString(a.stdout, strings.Join(lines, "\n")+"\n")
	return err
}

// warn says something on stderr that is no failure.
func (a *app) warn(format string, args ...any) {
	fmt.Fprintf(a.stderr, "tryall: %s\n", visible(fmt.Sprintf(format, args...)))
}

// status is a line on stderr that is written over and taken away at the end. It is silent where nobody looks.
type status struct {
	w     io.Writer
	t     terminal
	shown bool
}

func (a *app) status() *status { return &status{w: a.stderr, t: a.err} }

func (s *status) set(format string, args ...any) {
	if s.t.tty {
		fmt.Fprintf(s.w, "\r\x1b[K%s", shorten(visible(fmt.Sprintf(format, args...)), s.t.width-1))
		s.shown = true
	}
}

func (s *status) clear() {
	if s.shown {
		fmt.Fprint(s.w, "\r\x1b[K")
		s.shown = false
	}
}

// column is one column of a table.
type column struct {
	head  string
	right bool
}

// table lays rows out in columns, as wide as their widest cell, two spaces between them. A cell's style does not count.
func table(t terminal, cols []column, rows [][]string, style func(row, col int) string) []string {
	widths := make([]int, len(cols))
	for i, c := range cols {
		widths[i] = columns(c.head)
		for _, r := range rows {
			widths[i] = max(widths[i], columns(r[i]))
		}
	}
	line := func(cell func(i int) string, styleOf func(i int) string) string {
		var b strings.Builder
		for i, c := range cols {
			if i > 0 {
				b.WriteString("  ")
			}
			padded := pad(cell(i), widths[i], c.right)
			if i == len(cols)-1 {
				padded = strings.TrimRight(padded, " ")
			}
			b.WriteString(t.in(styleOf(i), padded))
		}
		return strings.TrimRight(b.String(), " ")
	}
	out := []string{line(func(i int) string { return cols[i].head }, func(int) string { return styleDim })}
	for n, r := range rows {
		out = append(out, line(func(i int) string { return r[i] }, func(i int) string {
			if style == nil {
				return styleNone
			}
			return style(n, i)
		}))
	}
	return out
}
