package questions

import (
	"bytes"
	"fmt"
	"iter"
	"strings"
)

// table reads cells as RFC 4180 has them: a cell that begins with a quote goes on to the next single one, over line ends if it must.
// Cells without quotes lose the space around them; nothing else is changed.
type table struct {
	text  []byte
	comma byte // 0, which no text has, for a table of one column
	// plain: quotes around a cell count only where a cell ends after them, as in tables that know no quotes.
	plain bool

	at, line int
	err      error
}

// record is a row of cells, and the line on which it begins.
type record struct {
	line  int
	cells []string
}

func (r *record) empty() bool {
	for _, c := range r.cells {
		if c != "" {
			return false
		}
	}
	return true
}

// records are all that are not empty. Afterwards err says whether the end was reached.
func (t *table) records() iter.Seq[record] {
	return func(yield func(record) bool) {
		t.at, t.line, t.err = 0, 1, nil
		for t.at < len(t.text) {
			r := record{line: t.line}
			more := true
			for more && t.err == nil {
				var cell string
				cell, more = t.cell()
				r.cells = append(r.cells, cell)
			}
			if t.err != nil || !r.empty() && !yield(r) {
				return
			}
		}
	}
}

// cell reads one cell and what ends it; more: another one follows in the row.
func (t *table) cell() (text string, more bool) {
	if t.at < len(t.text) && t.text[t.at] == '"' {
		if cell, end, ok := t.quoted(); ok {
			t.line += bytes.Count(t.text[t.at:end], []byte{'\n'})
			t.at = end
			return cell, t.ended()
		}
		if t.err != nil {
			return "", false
		}
	}
	end := t.at
	for end < len(t.text) && t.text[end] != t.comma && t.text[end] != '\n' {
		end++
	}
	cell := string(bytes.TrimSpace(t.text[t.at:end]))
	t.at = end
	return cell, t.ended()
}

// ended steps over what ends a cell.
func (t *table) ended() (more bool) {
	if t.at == len(t.text) {
		return false
	}
	c := t.text[t.at]
	t.at++
	if c == '\n' {
		t.line++
	}
	return c == t.comma
}

// quoted finds the end of a cell in quotes, and of the space that may follow it.
func (t *table) quoted() (cell string, end int, ok bool) {
	for i := t.at + 1; ; i++ {
		n := bytes.IndexByte(t.text[i:], '"')
		if n < 0 {
			return t.unquoted("a quote that begins here is never closed")
		}
		i += n
		if i+1 < len(t.text) && t.text[i+1] == '"' {
			i++ // two quotes are one
			continue
		}
		cell = strings.ReplaceAll(string(t.text[t.at+1:i]), `""`, `"`)
		end = i + 1
		for end < len(t.text) && (t.text[end] == ' ' || t.text[end] == '\r') {
			end++
		}
		if end == len(t.text) || t.text[end] == t.comma || t.text[end] == '\n' {
			return cell, end, true
		}
		return t.unquoted("a quote ends in the middle of a cell; write quotes within a cell twice, and quotes around it")
	}
}

// unquoted takes a quote for one of the text where that is how the table is written.
func (t *table) unquoted(wrong string) (string, int, bool) {
	if !t.plain {
		t.err = fmt.Errorf("line %d: %s", t.line, wrong)
	}
	return "", 0, false
}
