package questions

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// passage is a text to mark in.
type passage struct {
	workbench.LabelPassage
	Where string
	Parts []part
}

// part is a piece of a passage that is shown in one way.
type part struct {
	Text   string
	Answer bool   // it is of a right answer
	Also   bool   // it is of a suggestion
	Number string // of the suggestions that end here
}

// passagesOf cuts the passages of a question where answers begin and end.
func passagesOf(q *workbench.LabelQuestion) []passage {
	out := make([]passage, len(q.Passages))
	for i, p := range q.Passages {
		out[i] = passage{LabelPassage: p, Where: whereOf(p), Parts: partsOf(p, q)}
	}
	return out
}

// whereOf names the document, page and heading; of a document's path the last part.
func whereOf(p workbench.LabelPassage) string {
	return ui.Where(workbench.Answer{Title: p.Title, Document: baseName(p.Document), Page: pageNumber(p.Page), Heading: p.Heading})
}

// baseName is a document's name without the folders that it lies in.
func baseName(document string) string {
	if document == "" {
		return ""
	}
	return path.Base(document)
}

// span is an answer in a passage, in bytes of it.
type span struct {
	qa.Range
	number int // of the suggestion, from 1; 0: it is right
}

func partsOf(p workbench.LabelPassage, q *workbench.LabelQuestion) []part {
	var spans []span
	add := func(document string, start int, text string, number int) {
		if document != p.Document || start < p.Start || start+len(text) > p.End() || text == "" {
			return
		}
		if r := (qa.Range{Start: start - p.Start, End: start - p.Start + len(text)}); r.Of(p.Text) == text {
			spans = append(spans, span{r, number})
		}
	}
	for _, a := range q.Answers {
		document := ""
		if !q.Own {
			document = q.Document
		}
		add(document, a.Start, a.Text, 0)
	}
	for i, g := range q.Suggestions {
		add(g.Document, g.Start, g.Text, i+1)
	}
	cuts := []int{0, len(p.Text)}
	for _, s := range spans {
		cuts = append(cuts, s.Start, s.End)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var out []part
	for i := range len(cuts) - 1 {
		x := part{Text: shownWithin(p.Text, qa.Range{Start: cuts[i], End: cuts[i+1]})}
		var ends []string
		for _, s := range spans {
			if s.Start > cuts[i] || s.End < cuts[i+1] {
				continue
			}
			x.Answer = x.Answer || s.number == 0
			x.Also = x.Also || s.number > 0
			if s.number > 0 && s.End == cuts[i+1] {
				ends = append(ends, strconv.Itoa(s.number))
			}
		}
		x.Number = strings.Join(ends, " ")
		out = append(out, x)
	}
	return out
}

// choice is one place of an answer that was typed in.
type choice struct {
	picked
	Where, Before, After string
}

// mostChoices is how many places are offered, one for each key.
const mostChoices = 9

// around is about how many bytes of the text are shown on each side.
const around = 60

// choicesOf shows what stands around places.
func choicesOf(ctx context.Context, s *workbench.LabelSession, item string, places []workbench.LabelPassage) ([]choice, error) {
	texts := map[string]string{}
	var out []choice
	for _, p := range places {
		text, known := texts[p.Document]
		if !known {
			var err error
			if text, err = s.Text(ctx, item, p.Document); err != nil {
				return nil, err
			}
			texts[p.Document] = text
		}
		if p.Start < 0 || p.End() > len(text) {
			return nil, qa.Errorf(qa.Invalid, "the text has changed meanwhile; load the page again")
		}
		before, after := text[max(0, p.Start-around):p.Start], text[p.End():min(len(text), p.End()+around)]
		for len(before) > 0 && !utf8.RuneStart(before[0]) {
			before = before[1:]
		}
		out = append(out, choice{picked{p.Document, p.Start, p.Text}, whereOf(p), ui.Visible(before), ui.Visible(whole(after))})
	}
	slices.SortStableFunc(out, func(a, b choice) int {
		return cmp.Or(cmp.Compare(a.Document, b.Document), cmp.Compare(a.Start, b.Start))
	})
	return out, nil
}

// whole is s without the part of a character at its end.
func whole(s string) string {
	for len(s) > 0 {
		if r, n := utf8.DecodeLastRuneInString(s); r != utf8.RuneError || n != 1 {
			break
		}
		s = s[:len(s)-1]
	}
	return s
}

func pageNumber(label string) int {
	n, _ := strconv.Atoi(label) // what is no number is not shown
	return n
}

// heartbeat is how often a stream shows that it lives.
const heartbeat = 15 * time.Second

// labelEvents shows how far the models have read, and their answers once all have come to the question.
func (p panel) labelEvents(w http.ResponseWriter, r *http.Request) {
	q := parseLabelQuery(r.URL.Query())
	// A form that is put into a page says what that page shows, and not what stands by now.
	seen, _ := strconv.ParseInt(r.URL.Query().Get("seen"), 10, 64) // what is no number is none
	s, _, err := p.labelSession(r.Context(), q)
	if err != nil || s == nil {
		http.Error(w, "there is no such set of questions", http.StatusNotFound)
		return
	}
	if err := s.Start(r.Context(), q.Item); err != nil {
		http.Error(w, "there is no such set of questions", http.StatusNotFound)
		return
	}
	events := ui.Stream(w)
	alive := time.NewTicker(heartbeat)
	defer alive.Stop()
	waited := true
	for {
		changed := s.Changed() // before the state is read, so that nothing is missed
		v := p.labelState(r.Context(), q, seen)
		if v.Err != nil {
			_ = events.Done("") // the page says what is wrong when it is loaded again
			return
		}
		if err := events.Part(r.Context(), readingPart(v)); err != nil {
			return
		}
		if v.Question != nil && waited && v.Question.Waiting == 0 {
			waited = false
			if err := events.Part(r.Context(), suggestionsPart(v)); err != nil {
				return
			}
		}
		if !v.State.Reading {
			_ = events.Done("") // whoever labels has better things to hear
			return
		}
		select {
		case <-changed:
		case <-alive.C:
			if err := events.Alive(); err != nil {
				return
			}
		case <-r.Context().Done():
			return
		case <-p.Ended():
			return
		}
	}
}

// labelState is the part of the page that changes while models read.
func (p panel) labelState(ctx context.Context, q labelQuery, seen int64) labelView {
	v := labelView{Query: q, Seen: seen}
	s, errs, err := p.labelSession(ctx, q)
	if err == nil && s == nil {
		err = qa.Errorf(qa.NotFound, "there is no set of questions %q", q.Set)
	}
	if v.ModelErrs, v.Err = errs, err; err != nil {
		return v
	}
	v.Exists, v.Short = true, shortNames(s.Models)
	if v.State, _, v.Err = s.State(ctx); v.Err != nil || q.Item == "" {
		return v
	}
	question, err := s.Question(ctx, q.Item, q.Passages)
	v.Question, v.Err = &question, err
	return v
}

// errorOf is a reason as an error.
func errorOf(reason string) error { return errors.New(reason) }
