package questions

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
)

// readJSONLines is the Read of JSON lines. Each is an object, or the text of a question; empty lines count for nothing.
//
// "answer" and "answers" may hold a text, a list of texts, a list of {"text", "answer_start"} as SQuAD has it, or {"text": [...],
// "answer_start": [...]} as the data sets of Hugging Face have it. Only in that last form, which SQuAD 2.0 uses there, an empty
// list means that there is no answer; elsewhere "impossible": true says so, and a question without answers is unlabelled.
func readJSONLines(ctx context.Context, text []byte, set *Set) error {
	rs := newRowSet(set)
	line := 0
	for b := range bytes.Lines(text) {
		line++
		if line%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		rs.reader.scan = &scan{b: b, before: line - 1}
		if len(bytes.TrimSpace(b)) == 0 {
			continue
		}
		r, err := rs.reader.readRow()
		if err == nil {
			err = rs.reader.end()
		}
		if err != nil {
			rs.bad = append(rs.bad, err)
			continue
		}
		rs.add(r)
	}
	return rs.finish()
}

// readJSONList is the Read of a JSON list of the same objects.
func readJSONList(ctx context.Context, text []byte, set *Set) error {
	rs := newRowSet(set)
	s := &scan{b: text}
	rs.reader.scan = s
	err := s.array(func(int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := rs.reader.readRow()
		if err == nil {
			rs.add(r)
		}
		return err
	})
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return err
	}
	return rs.finish()
}

// readRow reads one question.
func (r *squadReader) readRow() (row, error) {
	c := r.peek()
	out := row{line: r.line()}
	if c == '"' {
		var err error
		out.question, err = r.text()
		return out, err
	}
	var l layout
	err := r.scan.object(func(key, written string) error {
		r.peek()
		start := r.at
		known, err := r.rowKey(key, &out)
		if err == nil && !known {
			if _, err = r.value(); err == nil {
				l.set(member{key: key, written: written, value: compact(string(r.b[start:r.at]))})
			}
		}
		if err != nil {
			return fmt.Errorf("%w (in %q)", err, key)
		}
		return nil
	})
	out.extra = r.layouts.of(l.extra())
	return out, err
}

func (r *squadReader) rowKey(key string, to *row) (known bool, err error) {
	switch columnOf(key) {
	case "question":
		to.question, err = r.text()
	case "id":
		to.id, err = r.optional()
	case "document":
		to.document, err = r.optional()
	case "title":
		to.title, err = r.optional()
	case "context":
		to.context, err = r.optional()
	case "impossible":
		to.impossible, err = r.yes()
	case "plausible":
		to.plausible, err = r.answers(nil)
	case "answer":
		plain := r.peek() == '"'
		var more []Label
		if more, err = r.answers(to); plain && len(more) == 1 && isNoAnswer(more[0].Text) {
			to.impossible = true
		} else {
			to.answers = append(to.answers, more...)
		}
	case "start":
		var written string
		if kindOf(r.peek()) != aNumber {
			return false, nil
		}
		written, err = r.word()
		if n, bad := strconv.Atoi(written); bad == nil {
			to.start = &n
		}
	default:
		switch key {
		case "labelled_by", "labelled_at", "labelled_how":
			did, err := r.origin(&to.noAnswer, key)
			return did.known, err
		}
		return false, nil
	}
	return true, err
}

// optional reads text, a number as it is written, or null as nothing.
func (r *squadReader) optional() (string, error) {
	if r.peek() == 'n' {
		_, err := r.word()
		return "", err
	}
	return r.textOrNumber()
}

// yes reads whether something is so.
func (r *squadReader) yes() (bool, error) {
	line := r.line()
	var text string
	var err error
	if c := r.peek(); c == 't' || c == 'f' {
		text, err = r.word()
	} else {
		text, err = r.optional()
	}
	if err != nil {
		return false, err
	}
	yes, ok := isYes(text)
	if !ok {
		return false, fmt.Errorf("line %d: want true or false, found %.40q", line, text)
	}
	return yes, nil
}

// isYes understands what people write into such a cell.
func isYes(text string) (yes, ok bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "yes", "y", "1", "1.0", "t", "x":
		return true, true
	case "", "false", "no", "n", "0", "0.0", "f":
		return false, true
	}
	return false, false
}

// answers reads right answers in any of the forms that readJSONLines names. to, if given, learns what an empty list says.
func (r *squadReader) answers(to *row) (labels []Label, err error) {
	switch r.peek() {
	case '[':
		n := 0
		err = r.array(func(int) error {
			n++
			more, err := r.answer()
			labels = append(labels, more...)
			return err
		})
		if to != nil && n == 0 {
			to.emptyList = true
		}
		return labels, err
	case '{':
		return r.lists(to)
	}
	return r.answer()
}

// answer reads one: a text, a number, null as none, or an object with its text and place.
func (r *squadReader) answer() ([]Label, error) {
	if r.peek() == '{' {
		g, err := r.readLabel()
		return []Label{g}, err
	}
	text, err := r.optional()
	if err != nil || strings.TrimSpace(text) == "" {
		return nil, err
	}
	return []Label{{Text: text, Start: -1, Origin: Origin{How: Imported}}}, nil
}

// lists reads an object that holds the texts and the positions in two lists, or one answer.
func (r *squadReader) lists(to *row) (labels []Label, err error) {
	at := r.at
	var texts []string
	var starts []int
	both := true
	err = r.scan.object(func(key, _ string) error {
		var err error
		switch {
		case key == "text" && r.peek() == '[':
			err = r.array(func(int) error {
				t, err := r.text()
				texts = append(texts, t)
				return err
			})
		case key == "answer_start" && r.peek() == '[':
			err = r.array(func(int) error {
				n := -1
				_, err := r.start(&n)
				starts = append(starts, n)
				return err
			})
		default:
			both = both && key != "text"
			_, err = r.value()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if !both {
		r.at = at
		return r.answer()
	}
	if len(starts) > 0 && len(starts) != len(texts) {
		return nil, r.errorf("%d answers, but %d positions", len(texts), len(starts))
	}
	for i, t := range texts {
		g := Label{Text: t, Start: -1, Origin: Origin{How: Imported}}
		if len(starts) > 0 {
			g.Start = starts[i]
		}
		labels = append(labels, g)
	}
	if to != nil && len(texts) == 0 {
		to.impossible = true
	}
	return labels, nil
}
