package questions

import (
	"bytes"
	"context"
)

// readList is the Read of plain lists.
func readList(ctx context.Context, text []byte, set *Set) error {
	rs := newRowSet(set)
	line := 0
	for b := range bytes.Lines(text) {
		line++
		if line%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if b = bytes.TrimSpace(b); len(b) > 0 && b[0] != '#' {
			rs.add(row{line: line, question: string(b)})
		}
	}
	return rs.finish()
}
