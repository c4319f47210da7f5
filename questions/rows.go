package questions

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// columns are the names that tables and JSON objects use, and what we call them.
var columns = map[string]string{
	"question": "question", "questions": "question", "query": "question", "question_text": "question", "q": "question",
	"answer": "answer", "answers": "answer", "gold": "answer", "golds": "answer", "gold_answer": "answer", "gold_answers": "answer",
	"expected": "answer", "expected_answer": "answer", "answer_text": "answer", "a": "answer",
	"document": "document", "doc": "document", "source": "document", "file": "document", "filename": "document", "file_name": "document", "path": "document",
	"context": "context", "passage": "context", "paragraph": "context",
	"title": "title",
	"id":    "id", "qid": "id", "question_id": "id",
	"impossible": "impossible", "is_impossible": "impossible", "no_answer": "impossible", "unanswerable": "impossible",
	"plausible_answers": "plausible", "answer_start": "start",
}

// columnOf is what a name stands for: case, spaces and hyphens do not count. Answers may be numbered ("answer2", "answer 3").
func columnOf(name string) string {
	key := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return '_'
		}
		return r
	}, strings.ToLower(strings.TrimSpace(name)))
	if column, ok := columns[key]; ok {
		return column
	}
	if stem := strings.TrimRight(key, "0123456789"); stem != key && columns[strings.TrimRight(stem, "_")] == "answer" {
		return "answer"
	}
	return ""
}

// row is a question as tables and JSON lines have it.
type row struct {
	line                     int
	id, question             string
	document, context, title string
	answers, plausible       []Label // Start counts code points of the context
	start                    *int    // of the answer, where it stands beside it
	impossible               bool
	noAnswer                 Origin
	emptyList                bool // it has a list of answers, and nothing in it
	extra                    Extra
}

// rowSet collects rows.
type rowSet struct {
	set      *Set
	reader   *squadReader      // for the parts of a row that are as in SQuAD files
	contexts map[[2]string]int // title and text
	articles map[string]int
	ids      map[string]int
	bad      []error
	unsaid   int // empty answers
	explicit int // questions that are marked as having none
	empty    places
}

func newRowSet(s *Set) *rowSet {
	return &rowSet{set: s, reader: &squadReader{set: s, layouts: interner{}}, contexts: map[[2]string]int{}, articles: map[string]int{}, ids: map[string]int{}}
}

// maxBad is how many bad rows an error names.
const maxBad = 10

// refuse notes what is wrong with a row; finish makes an error of it.
func (rs *rowSet) refuse(line int, format string, args ...any) {
	rs.bad = append(rs.bad, fmt.Errorf("line %d: %w", line, fmt.Errorf(format, args...)))
}

// add adds a row.
func (rs *rowSet) add(r row) {
	if strings.TrimSpace(r.question) == "" {
		rs.refuse(r.line, "there is no question")
		return
	}
	if len(r.answers) == 1 && r.start != nil {
		r.answers[0].Start = *r.start
	}
	if r.impossible && len(r.answers) > 0 {
		rs.refuse(r.line, "it is marked as having no answer, and has the answer %.60q", r.answers[0].Text)
		return
	}
	q := Item{
		ID: r.id, Text: r.question, Line: r.line, Context: -1, Document: r.document,
		Answers: r.answers, Plausible: r.plausible, Impossible: r.impossible, Labelled: r.impossible || len(r.answers) > 0,
		NoAnswer: r.noAnswer, Extra: r.extra,
	}
	if r.context != "" {
		q.Context = rs.context(r)
	}
	at := codePoints(r.context) // without a context no position means anything
	rs.reader.settle(at, q.Answers)
	rs.reader.settle(at, q.Plausible)
	if q.ID == "" {
		q.ID = rs.madeID(r)
	}
	switch {
	case r.impossible:
		rs.set.V2 = true
		rs.explicit++
	case !q.Labelled:
		rs.unsaid++
		if r.emptyList {
			rs.empty.add(q.place())
		}
	}
	rs.set.Items = append(rs.set.Items, q)
}

// context gives the text of a row its place. Rows that share it under one title share the context.
func (rs *rowSet) context(r row) int {
	title := r.title
	if title == "" {
		title = r.document
	}
	key := [2]string{title, r.context}
	if c, ok := rs.contexts[key]; ok {
		return c
	}
	a, ok := rs.articles[title]
	if !ok {
		a = len(rs.set.Articles)
		rs.articles[title] = a
		rs.set.Articles = append(rs.set.Articles, Article{Title: title})
	}
	rs.contexts[key] = len(rs.set.Contexts)
	rs.set.Contexts = append(rs.set.Contexts, Context{Article: a, Text: r.context})
	return rs.contexts[key]
}

// madeID is the same for the same question about the same text, wherever its row stands.
func (rs *rowSet) madeID(r row) string {
	h := sha256.New()
	for _, part := range []string{normalSpace(r.question), r.document, r.context} {
		h.Write([]byte(part + "\x00"))
	}
	id := "q-" + hex.EncodeToString(h.Sum(nil)[:5])
	rs.ids[id]++
	if n := rs.ids[id]; n > 1 {
		id += "-" + strconv.Itoa(n)
	}
	return id
}

// NoAnswer is the answer that says that there is none.
const NoAnswer = "[no answer]"

func isNoAnswer(text string) bool { return strings.EqualFold(strings.TrimSpace(text), NoAnswer) }

func normalSpace(s string) string { return strings.Join(strings.Fields(s), " ") }

// finish tells what was wrong, or what there is to know.
func (rs *rowSet) finish() error {
	if n := len(rs.bad); n > maxBad {
		return fmt.Errorf("%w\nand %d more", errors.Join(rs.bad[:maxBad]...), n-maxBad)
	}
	if err := errors.Join(rs.bad...); err != nil {
		return err
	}
	labelled := len(rs.set.Items) - rs.unsaid
	if rs.unsaid > 0 && labelled > 0 {
		rs.set.Warnings = append(rs.set.Warnings, fmt.Sprintf("%d of %d questions have an empty answer and count as unlabelled; where there is none, say so with no_answer = true or the answer [no answer]", rs.unsaid, len(rs.set.Items)))
	}
	rs.empty.warn(rs.set, "questions with an empty list of answers, which count as unlabelled")
	return nil
}
