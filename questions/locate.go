package questions

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
)

// Problem is what Locate has to say of one question.
type Problem struct {
	Line    int    `json:"line,omitempty"`
	ID      string `json:"id"`
	Message string `json:"message"`
	// Note: it is worth knowing, but the question can be used as it is.
	Note bool `json:"note,omitempty"`
}

func (p Problem) String() string {
	if p.Line > 0 {
		return fmt.Sprintf("line %d (%q): %s", p.Line, p.ID, p.Message)
	}
	return fmt.Sprintf("question %q: %s", p.ID, p.Message)
}

// Locate finds the document that each question names (see Match) and the place of each right answer, in the question's own context
// or else in that document, and tells of each that it cannot find. An answer that stands at one place only gets that for its
// Start, if need be by a search in which case and the kind of space do not count; where it stands at several, which of them
// is meant is not known, and Start stays -1. A Start that a file gives is never changed.
//
// find gives the documents that a name may mean, with their texts; it may give more. It is asked once for each name, and may be nil
// where there is no corpus: then only contexts are searched.
func (s *Set) Locate(ctx context.Context, find func(name string) ([]qa.Document, error)) ([]Problem, error) {
	l := &locator{find: find, named: map[string][]qa.Document{}}
	for i := range s.Items {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		q := &s.Items[i]
		l.item = q
		doc, err := l.document()
		if err != nil {
			return nil, fmt.Errorf("find the document %q: %w", q.Document, err)
		}
		switch {
		case q.Context >= 0:
			l.answers("the context", s.Contexts[q.Context].Text, q.Answers)
		case doc != nil:
			l.answers(fmt.Sprintf("the document %s", nameOf(doc)), doc.Text, q.Answers)
		}
	}
	return l.problems, nil
}

type locator struct {
	find     func(string) ([]qa.Document, error)
	named    map[string][]qa.Document
	item     *Item
	problems []Problem

	folded foldedText // of the text that was searched last
}

func (l *locator) say(note bool, format string, args ...any) {
	l.problems = append(l.problems, Problem{Line: l.item.Line, ID: l.item.ID, Message: fmt.Sprintf(format, args...), Note: note})
}

// document finds the document that the question names; nil where it names none, or none that is to be found.
func (l *locator) document() (*qa.Document, error) {
	name := l.item.Document
	if name == "" || l.find == nil {
		return nil, nil
	}
	docs, asked := l.named[name]
	if !asked {
		all, err := l.find(name)
		if err != nil {
			return nil, err
		}
		docs = Match(name, all)
		l.named[name] = docs
	}
	l.item.Doc = ""
	own := l.item.Context >= 0 // then the document is not needed to read, only to retrieve
	switch len(docs) {
	case 0:
		l.say(own, "there is no document %q in the corpus", name)
		return nil, nil
	case 1:
		l.item.Doc = docs[0].ID
		return &docs[0], nil
	}
	l.say(own, "%q means %d documents (%s, %s ...); give more of the path", name, len(docs), nameOf(&docs[0]), nameOf(&docs[1]))
	return nil, nil
}

func nameOf(d *qa.Document) string {
	if d.Source != "" {
		return d.Source
	}
	return string(d.ID)
}

func (l *locator) answers(where, text string, labels []Label) {
	for i := range labels {
		g := &labels[i]
		if strings.TrimSpace(g.Text) == "" || g.Start >= 0 && g.Start <= len(text) && strings.HasPrefix(text[g.Start:], g.Text) {
			continue
		}
		places, spelt := occurrences(text, g.Text), g.Text
		if len(places) == 0 {
			if l.folded.text != text {
				l.folded = fold(text)
			}
			places, spelt = l.folded.find(g.Text)
		}
		switch {
		case len(places) == 0:
			l.say(false, "the answer %s is not in %s", short(g.Text), where)
			continue
		case g.Start >= 0:
			l.say(true, "the answer %s does not stand at its answer_start, but elsewhere in %s", short(g.Text), where)
			continue
		}
		if spelt != g.Text {
			l.say(true, "the answer %s is spelt %s in %s", short(g.Text), short(spelt), where)
		}
		if len(places) > 1 {
			l.say(true, "the answer %s stands at %d places of %s; which one is meant is not known", short(g.Text), len(places), where)
			continue
		}
		g.Start = places[0]
	}
}

// short is a text as messages have it.
func short(text string) string {
	const most = 60
	if utf8.RuneCountInString(text) <= most {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprintf("%q...", string([]rune(text)[:most]))
}

// occurrences are the places where t stands, without those that cut a word if there are others.
func occurrences(text, t string) []int {
	var whole, cut []int
	for from := 0; from <= len(text)-len(t); {
		i := strings.Index(text[from:], t)
		if i < 0 {
			break
		}
		start := from + i
		if eval.WholeWords(text, start, start+len(t)) {
			whole = append(whole, start)
		} else {
			cut = append(cut, start)
		}
		from = start + len(t)
	}
	if len(whole) > 0 {
		return whole
	}
	return cut
}

// foldedText is a text in lower case and with single spaces, where each byte knows the place that it comes from.
type foldedText struct {
	text, folded string
	from         []int32 // one more than folded has bytes
}

func fold(text string) foldedText {
	f := foldedText{text: text}
	var b strings.Builder
	space := false
	put := func(r rune, at int) {
		n, _ := b.WriteRune(r)
		for range n {
			f.from = append(f.from, int32(at))
		}
	}
	for i, r := range text {
		if unicode.IsSpace(r) {
			if !space {
				put(' ', i)
			}
			space = true
			continue
		}
		space = false
		put(unicode.ToLower(r), i)
	}
	f.from = append(f.from, int32(len(text)))
	f.folded = b.String()
	return f
}

// find gives the places in the text, and how the text spells the first.
func (f *foldedText) find(t string) (places []int, spelt string) {
	t = strings.TrimSpace(fold(t).folded)
	if t == "" {
		return nil, ""
	}
	for _, p := range occurrences(f.folded, t) {
		if places == nil {
			spelt = f.text[f.from[p]:f.from[p+len(t)]]
		}
		places = append(places, int(f.from[p]))
	}
	return places, spelt
}
