package questions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// readCSV is the Read of tables.
//
// The first row may name the columns: question, answer, document (or source, file), context, title, id, no_answer (or impossible)
// and some other names of these; columns of other names are kept as they are. Without such a row they are question,
// answer and document. A question has several answers in columns answer, answer2, answer3 and so on, or in one cell as a JSON list
// of texts: ["Denver Broncos", "the Broncos"]. Nothing else parts answers, since any character may stand in one.
//
// A question with an empty answer is unlabelled: nobody has said what is right. That there is no answer is said by no_answer = true
// or by the answer [no answer].
func readCSV(ctx context.Context, text []byte, set *Set) error {
	comma, text, skipped := delimiter(text)
	return readTable(ctx, &table{text: text, comma: comma}, skipped, set)
}

// readTSV is the same between tabs, where quotes are often nothing but quotes.
func readTSV(ctx context.Context, text []byte, set *Set) error {
	return readTable(ctx, &table{text: text, comma: '\t', plain: true}, 0, set)
}

func readTable(ctx context.Context, t *table, skipped int, set *Set) error {
	rs := newRowSet(set)
	var h *header
	n := 0
	for r := range t.records() {
		r.line += skipped
		if n++; n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if h == nil {
			var isHeader bool
			var err error
			if h, isHeader, err = headerOf(r); err != nil {
				return err
			}
			if isHeader {
				continue
			}
			set.Warnings = append(set.Warnings, fmt.Sprintf("line %d names no column \"question\", so it was read as a question; the columns are taken for %s", r.line, strings.Join(h.columns, ", ")))
		}
		rs.addRecord(h, r)
	}
	if t.err != nil {
		return errors.Join(append(rs.bad, t.err)...)
	}
	if h != nil && len(h.others) > 0 {
		set.Warnings = append(set.Warnings, fmt.Sprintf("columns that mean nothing here are kept as they are: %s", strings.Join(h.others, ", ")))
	}
	return rs.finish()
}

// header is what the columns of a table are.
type header struct {
	columns []string // "" for those that we do not know
	names   []string // as the table has them
	others  []string
	found   bool
}

// withoutHeader are the columns of a table that does not name them.
var withoutHeader = []string{"question", "answer", "document"}

// headerOf reads the first row, which names the columns or is a question itself.
func headerOf(r record) (h *header, isHeader bool, err error) {
	h = &header{names: r.cells}
	known := 0
	for _, cell := range r.cells {
		column := columnOf(cell)
		if column == "plausible" {
			column = ""
		}
		if column != "" && column != "answer" && slices.Contains(h.columns, column) {
			return nil, false, fmt.Errorf("line %d: two columns mean %s; rename one", r.line, column)
		}
		h.columns = append(h.columns, column)
		if column != "" {
			known++
		} else if cell != "" {
			h.others = append(h.others, cell)
		}
	}
	switch {
	case slices.Contains(h.columns, "question"):
		h.found = true
		return h, true, nil
	case known > 0 && known == len(r.cells):
		return nil, false, fmt.Errorf("line %d: the columns are %s, and none is \"question\"", r.line, strings.Join(r.cells, ", "))
	}
	return &header{columns: withoutHeader}, false, nil
}

// addRecord adds a row of a table.
func (rs *rowSet) addRecord(h *header, r record) {
	out := row{line: r.line}
	var l layout
	for i, cell := range r.cells {
		switch {
		case strings.TrimSpace(cell) == "":
		case i >= len(h.columns) && h.found:
			rs.refuse(r.line, "there are %d cells, but %d columns; put quotes around a cell that holds the character between cells", len(r.cells), len(h.columns))
			return
		case i >= len(h.columns):
			rs.refuse(r.line, "there are %d cells; a table of more than question, answer and document names its columns in the first row", len(r.cells))
			return
		case h.columns[i] == "":
			l.set(member{key: h.names[i], written: quote(h.names[i]), value: quote(cell)})
		default:
			if err := rs.cell(h.columns[i], cell, &out); err != nil {
				rs.refuse(r.line, "%w", err)
				return
			}
		}
	}
	out.extra = rs.reader.layouts.of(l.extra())
	rs.add(out)
}

// cell reads one cell that is not empty.
func (rs *rowSet) cell(column, cell string, to *row) (err error) {
	switch column {
	case "question":
		to.question = cell
	case "id":
		to.id = cell
	case "document":
		to.document = cell
	case "title":
		to.title = cell
	case "context":
		to.context = cell
	case "answer":
		if isNoAnswer(cell) {
			to.impossible = true
		} else {
			to.answers = append(to.answers, cellAnswers(cell)...)
		}
	case "start":
		n, err := strconv.Atoi(cell)
		if err != nil || n < 0 {
			return fmt.Errorf("the answer_start %.40q is no position", cell)
		}
		to.start = &n
	case "impossible":
		yes, ok := isYes(cell)
		if !ok {
			return fmt.Errorf("want true or false for no_answer, found %.40q", cell)
		}
		to.impossible = yes
	}
	return nil
}

// cellAnswers are the answers in a cell: the elements if it is a JSON list of texts, else the cell.
func cellAnswers(cell string) (labels []Label) {
	texts := []string{cell}
	if list, ok := jsonTexts(cell); ok {
		texts = list
	}
	for _, t := range texts {
		labels = append(labels, Label{Text: t, Start: -1, Origin: Origin{How: Imported}})
	}
	return labels
}

// jsonTexts reads a JSON list of at least one text.
func jsonTexts(cell string) (texts []string, ok bool) {
	s := &scan{b: []byte(cell)}
	err := s.array(func(int) error {
		t, err := s.text()
		texts = append(texts, t)
		return err
	})
	return texts, err == nil && s.end() == nil && len(texts) > 0
}

// delimiters are what may stand between cells, the likeliest first.
var delimiters = []byte{',', ';', '\t', '|'}

// none is what parts the cells of a table of one column.
const none = 0

// delimiter finds what stands between cells: what the first line says (sep=; as spreadsheets write it), else what makes of the first
// row the most columns that we know, else what makes of the first rows the same number of cells, more than one.
func delimiter(text []byte) (comma byte, rest []byte, skipped int) {
	first, rest, _ := bytes.Cut(text, []byte{'\n'})
	if sep, ok := bytes.CutPrefix(bytes.TrimRight(first, "\r"), []byte("sep=")); ok && len(sep) == 1 {
		return sep[0], rest, 1
	}
	best, most, all := byte(none), 0, 1
	for _, c := range delimiters {
		if known, columns := firstColumns(text, c); known > most || known == most && known > 0 && columns > all {
			best, most, all = c, known, columns
		}
	}
	switch {
	case most > 0 && all == 1:
		return none, text, 0
	case most > 0:
		return best, text, 0
	}
	for _, c := range delimiters {
		if evenCells(text, c) {
			return c, text, 0
		}
	}
	return delimiters[0], text, 0
}

// firstColumns is how many columns the first row names, and how many of them we know; none if the question is not among them.
func firstColumns(text []byte, comma byte) (known, columns int) {
	t := &table{text: text, comma: comma}
	for r := range t.records() {
		if h, isHeader, err := headerOf(r); err == nil && isHeader {
			for _, column := range h.columns {
				if column != "" {
					known++
				}
			}
			return known, len(h.columns)
		}
		break
	}
	return 0, 0
}

// sampledRows is how many rows decide what stands between cells.
const sampledRows = 20

// evenCells says whether the first rows have the same number of cells, two or three.
func evenCells(text []byte, comma byte) bool {
	t := &table{text: text, comma: comma}
	n, cells := 0, 0
	for r := range t.records() {
		if n > 0 && len(r.cells) != cells {
			return false
		}
		cells = len(r.cells)
		if n++; n == sampledRows {
			break
		}
	}
	return t.err == nil && cells > 1 && cells <= len(withoutHeader)
}

// looksLikeCSV is when the first row names two columns that we know, the question among them.
func looksLikeCSV(text []byte) bool {
	for _, c := range delimiters {
		if c != '\t' && namesTwo(text, c) {
			return true
		}
	}
	return false
}

func looksLikeTSV(text []byte) bool { return namesTwo(text, '\t') }

func namesTwo(text []byte, comma byte) bool {
	known, _ := firstColumns(text, comma)
	return known > 1
}
