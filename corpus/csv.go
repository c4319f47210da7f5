package corpus

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tryall/tryall/qa"
)

func readCSV(ctx context.Context, in Input) ([]qa.Document, []string, error) {
	return readTable(ctx, in, []rune{',', ';', '\t', '|'})
}

func readTSV(ctx context.Context, in Input) ([]qa.Document, []string, error) {
	return readTable(ctx, in, []rune{'\t'})
}

// readTable makes a document of each row when a column is the text, else one document with a paragraph for each row.
func readTable(ctx context.Context, in Input, separators []rune) ([]qa.Document, []string, error) {
	text, warnings, err := decode(in)
	if err != nil {
		return nil, nil, err
	}
	sep := separators[0]
	if len(separators) > 1 {
		sep = separator(text, separators)
	}
	t := &table{in: in, ctx: ctx, rec: newRecords(in), whole: newBuilder(in.Limits)}
	t.rec.warnings = warnings
	if err := t.read(text, sep); err != nil {
		return nil, nil, err
	}
	return t.finish()
}

// separator is the one that parts the first lines into the same number of fields, of more than one; a comma where none does.
func separator(text string, candidates []rune) rune {
	best, most := candidates[0], 0.0
	head := text[:min(len(text), 1<<16)]
	for _, sep := range candidates {
		r := newCSV(head, sep, true)
		counts := map[int]int{}
		rows, first := 0, 0
		for rows < 50 {
			fields, err := r.Read()
			if err != nil {
				break
			}
			if rows == 0 {
				first = len(fields)
			}
			counts[len(fields)]++
			rows++
		}
		if first < 2 || rows == 0 {
			continue
		}
		// the share of rows like the first counts more than how many fields there are
		if score := float64(counts[first])/float64(rows) + min(float64(first), 20)/100; score > most {
			best, most = sep, score
		}
	}
	return best
}

// rows is what a table is read from.
type rows interface{ Read() ([]string, error) }

// plainRows parts fields by tabs and nothing else, for files whose quotes are part of the text.
type plainRows struct{ rest string }

func (p *plainRows) Read() ([]string, error) {
	for p.rest != "" {
		line := ""
		line, p.rest, _ = strings.Cut(p.rest, "\n")
		if line = strings.TrimSuffix(line, "\r"); line != "" {
			return strings.Split(line, "\t"), nil
		}
	}
	return nil, io.EOF
}

func newCSV(text string, sep rune, lazy bool) *csv.Reader {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = sep, -1, lazy, true
	return r
}

type table struct {
	in     Input
	ctx    context.Context
	rec    *records
	whole  *builder
	header []string // names as written; nil when the first row is data
	names  []string // as looked up
	text   int      // column of the text; -1 for none
	title  int
	id     int
	rows   int
	ragged int
	oddAt  int
}

func (t *table) read(text string, sep rune) error {
	head := firstRows(text, sep)
	if len(head) == 0 {
		return errNoText
	}
	t.text, t.title, t.id = -1, -1, -1
	if isHeader(head) {
		t.header = head[0]
		for _, name := range t.header {
			t.names = append(t.names, plainName(name))
		}
		t.text, t.title, t.id = pick(t.names, textNames), pick(t.names, titleNames), pick(t.names, idNames)
	}
	var r rows = newCSV(text, sep, false)
	strict := true
	width := len(head[0])
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var parse *csv.ParseError
		if errors.As(err, &parse) && strict { // begin anew and take quotes as they come
			t.rec.warnings = append(t.rec.warnings, fmt.Sprintf("line %d: %v; quotes were taken as they stand", parse.Line, parse.Err))
			warnings := t.rec.warnings
			t.rec, t.whole, t.rows, t.ragged = newRecords(t.in), newBuilder(t.in.Limits), 0, 0
			t.rec.warnings = warnings
			if r, strict = newCSV(text, sep, true), false; sep == '\t' {
				r = &plainRows{text}
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("its rows cannot be told apart: %w", err)
		}
		if t.rows++; t.rows%256 == 0 && t.ctx.Err() != nil {
			return t.ctx.Err()
		}
		if len(fields) > t.in.Limits.Columns {
			return fmt.Errorf("row %d has %d columns, more than the limit of %d; is it a table of text?", t.rows, len(fields), t.in.Limits.Columns)
		}
		if len(fields) != width && !(len(fields) == 1 && strings.TrimSpace(fields[0]) == "") {
			if t.ragged++; t.ragged == 1 {
				t.oddAt = t.rows
			}
		}
		if t.rows == 1 && t.header != nil {
			continue
		}
		if err := t.row(fields); err != nil {
			return err
		}
	}
}

func firstRows(text string, sep rune) [][]string {
	r := newCSV(text, sep, true)
	var head [][]string
	for len(head) < 20 {
		fields, err := r.Read()
		if err != nil {
			break
		}
		head = append(head, slices.Clone(fields))
	}
	return head
}

// isHeader says whether the first row names the columns: it has a name that we know, or stands over numbers without being one, or
// consists of single words over longer cells. When in doubt it is data, so that nothing is lost.
func isHeader(head [][]string) bool {
	seen := map[string]bool{}
	known, words, longer, overNumbers := false, true, false, false
	for i, cell := range head[0] {
		name := plainName(cell)
		if name == "" && len(head[0]) > 1 {
			name = "\x00" + strconv.Itoa(i) // a column of row numbers has no name
		}
		if seen[name] || utf8.RuneCountInString(name) > 60 || isNumber(name) {
			return false
		}
		seen[name] = true
		known = known || slices.Contains(textNames, name) || slices.Contains(titleNames, name) || slices.Contains(idNames, name)
		words = words && !strings.Contains(strings.TrimSpace(cell), " ")
		numbers := 0
		for _, below := range head[1:] {
			if i >= len(below) {
				continue
			}
			longer = longer || strings.Contains(strings.TrimSpace(below[i]), " ")
			if isNumber(strings.TrimSpace(below[i])) {
				numbers++
			}
		}
		overNumbers = overNumbers || numbers > 0 && numbers*2 >= len(head)-1
	}
	return known || len(head) > 1 && (overNumbers || words && longer)
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(strings.ReplaceAll(s, ",", "."), 64)
	return err == nil
}

func (t *table) row(fields []string) error {
	at := func(i int) string {
		if i < 0 || i >= len(fields) {
			return ""
		}
		return fields[i]
	}
	if t.text >= 0 {
		text := at(t.text)
		if strings.ContainsRune(text, 0) {
			text = clean(text)
		}
		return t.rec.add(at(t.id), strconv.Itoa(t.rows), oneLine(at(t.title)), text, nil)
	}
	var cells []string
	for i, cell := range fields {
		cell = oneLine(cell)
		if cell == "" {
			continue
		}
		if i < len(t.header) && strings.TrimSpace(t.header[i]) != "" {
			cell = oneLine(t.header[i]) + ": " + cell
		}
		cells = append(cells, cell)
	}
	t.whole.add(paragraphBreak, strings.Join(cells, "; "))
	return nil
}

func (t *table) finish() ([]qa.Document, []string, error) {
	if t.ragged > 0 {
		t.rec.warnings = append(t.rec.warnings, fmt.Sprintf("%d of its %d rows have another number of columns than the first, the first of them row %d", t.ragged, t.rows, t.oddAt))
	}
	if t.text < 0 {
		doc, err := t.whole.document(t.in.Name, "")
		return []qa.Document{doc}, t.rec.warnings, err
	}
	var out []string
	for i, name := range t.header {
		if i != t.text && i != t.title && i != t.id && strings.TrimSpace(name) != "" {
			out = append(out, oneLine(name))
		}
	}
	t.rec.leftOut("columns", out)
	return t.rec.finish("row")
}
