package questions

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// WriteJSONL writes one JSON object a line, with the answers' places in a context, their origins, and what the file that was read
// had besides. A set that was read from JSON lines is the same after it was written and read again. Places in documents are
// left out; Locate finds them again.
func WriteJSONL(w io.Writer, s *Set) error {
	x := &squadWriter{w: bufio.NewWriter(w), set: s, rows: true}
	for i := range s.Items {
		x.row(&s.Items[i])
		x.str("\n")
	}
	return x.w.Flush()
}

func (x *squadWriter) row(q *Item) {
	context, title := x.set.textOf(q)
	str := func(key, value string, usual bool) field {
		return field{key: key, usual: usual, write: func() { x.text(value) }}
	}
	fields := []field{
		str("id", q.ID, true), str("question", q.Text, true),
		{key: "answers", usual: len(q.Answers) > 0, write: func() { x.labels(q.Answers, context) }},
		{key: "impossible", usual: q.Labelled && len(q.Answers) == 0, write: func() { x.str("true") }},
		str("document", q.Document, q.Document != ""), str("title", title, title != "" && title != q.Document), str("context", context, context != ""),
		{key: "plausible_answers", usual: len(q.Plausible) > 0, write: func() { x.labels(q.Plausible, context) }},
	}
	for _, f := range x.origin(q.NoAnswer) {
		f.usual = f.needed
		fields = append(fields, f)
	}
	x.object(others(q.Extra).extra(), fields...)
}

// textOf is a question's context with its title; empty without.
func (s *Set) textOf(q *Item) (context, title string) {
	if q.Context < 0 {
		return "", ""
	}
	c := &s.Contexts[q.Context]
	return c.Text, s.Articles[c.Article].Title
}

// squadKeys are those of a question in SQuAD files.
var squadKeys = map[string]bool{"id": true, "question": true, "answers": true, "is_impossible": true, "plausible_answers": true, "labelled_by": true, "labelled_at": true, "labelled_how": true}

// others are the keys of a question that mean nothing to us. One that would mean something in a row is marked as not ours.
func others(e Extra) (out layout) {
	for _, m := range e.layout() {
		if m.value == "" || squadKeys[m.key] {
			continue
		}
		if columnOf(m.key) != "" {
			m.key = "other_" + m.key
			m.written = quote(m.key)
		}
		out.set(m)
	}
	return out
}

// WriteCSV writes a table with the columns id, question, answer (answer2, ...), and, where a question has such, no_answer, document,
// title, context and the columns that the file that was read had besides. It reads back as the same questions with the same
// answers; where answers stand, who labelled and plausible answers have no column.
func WriteCSV(w io.Writer, s *Set) error { return s.writeTable(w, asItIs) }

func (s *Set) writeTable(w io.Writer, cell func(string) string) error {
	b := bufio.NewWriter(w)
	t := s.tableOf()
	t.write(b, t.names, cell)
	for i := range s.Items {
		t.write(b, t.cells(&s.Items[i]), cell)
	}
	return b.Flush()
}

// csvTable is what columns a set needs.
type csvTable struct {
	set                                 *Set
	answers                             int
	noAnswer, document, title, contexts bool
	others                              []string
	names                               []string
}

func (s *Set) tableOf() *csvTable {
	t := &csvTable{set: s, answers: 1}
	seen := map[string]bool{}
	for i := range s.Items {
		q := &s.Items[i]
		context, title := s.textOf(q)
		t.answers = max(t.answers, len(q.Answers))
		t.noAnswer = t.noAnswer || q.Labelled && len(q.Answers) == 0
		t.document = t.document || q.Document != ""
		t.title = t.title || title != "" && title != q.Document
		t.contexts = t.contexts || context != ""
		for _, m := range others(q.Extra) {
			if !seen[m.key] {
				seen[m.key] = true
				t.others = append(t.others, m.key)
			}
		}
	}
	t.names = []string{"id", "question", "answer"}
	for i := 2; i <= t.answers; i++ {
		t.names = append(t.names, "answer"+strconv.Itoa(i))
	}
	for _, c := range []struct {
		has  bool
		name string
	}{{t.noAnswer, "no_answer"}, {t.document, "document"}, {t.title, "title"}, {t.contexts, "context"}} {
		if c.has {
			t.names = append(t.names, c.name)
		}
	}
	t.names = append(t.names, t.others...)
	return t
}

func (t *csvTable) cells(q *Item) []string {
	context, title := t.set.textOf(q)
	out := []string{q.ID, q.Text}
	for i := range t.answers {
		cell := ""
		if i < len(q.Answers) {
			cell = answerCell(q.Answers[i].Text)
		}
		out = append(out, cell)
	}
	if t.noAnswer {
		out = append(out, map[bool]string{true: "true"}[q.Labelled && len(q.Answers) == 0])
	}
	if t.document {
		out = append(out, q.Document)
	}
	if t.title {
		out = append(out, title)
	}
	if t.contexts {
		out = append(out, context)
	}
	l := others(q.Extra)
	for _, name := range t.others {
		cell := ""
		for _, m := range l {
			if m.key == name {
				if cell = m.value; strings.HasPrefix(cell, `"`) {
					cell = label(cell)
				}
			}
		}
		out = append(out, cell)
	}
	return out
}

// answerCell writes an answer that would read as something else as a list of one.
func answerCell(text string) string {
	if _, list := jsonTexts(text); list || strings.TrimSpace(text) == "" || isNoAnswer(text) {
		return "[" + quote(text) + "]"
	}
	return text
}

// write writes one row, each cell in the form that cell gives it. Errors stay in the writer until Flush.
func (t *csvTable) write(b *bufio.Writer, cells []string, cell func(string) string) {
	for i, c := range cells {
		if i > 0 {
			_ = b.WriteByte(',')
		}
		_, _ = b.WriteString(cell(c))
	}
	_ = b.WriteByte('\n')
}

// asItIs puts quotes around a cell that needs them.
func asItIs(c string) string {
	if c != strings.TrimSpace(c) || strings.ContainsAny(c, "\",\n\r") {
		return quoted(c)
	}
	return c
}

func quoted(c string) string { return `"` + strings.ReplaceAll(c, `"`, `""`) + `"` }
