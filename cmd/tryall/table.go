package main

import (
	"slices"
	"strings"
)

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

// leastLast is the room that the last column of a table keeps, if it needs so much.
const leastLast = 14

// fit leaves out columns, in the given order, until a table fits a terminal, and shortens its last column then. A file or
// a pipe has room for everything.
func fit(t terminal, cols []column, rows [][]string, order []string) ([]column, [][]string) {
	if !t.tty {
		return cols, rows
	}
	for {
		before, last := 0, columns(cols[len(cols)-1].head)
		for i, c := range cols {
			widest := columns(c.head)
			for _, r := range rows {
				widest = max(widest, columns(r[i]))
			}
			if i < len(cols)-1 {
				before += widest + 2
			} else {
				last = max(last, widest)
			}
		}
		if before+min(last, leastLast) <= t.width || len(order) == 0 {
			for _, r := range rows {
				r[len(cols)-1] = shorten(r[len(cols)-1], max(leastLast, t.width-before))
			}
			return cols, rows
		}
		if at := slices.IndexFunc(cols, func(c column) bool { return c.head == order[0] }); at >= 0 {
			cols = slices.Delete(slices.Clone(cols), at, at+1)
			for i := range rows {
				rows[i] = slices.Delete(rows[i], at, at+1)
			}
		}
		order = order[1:]
	}
}
