package questions

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

func (r *squadReader) readLabels() (labels []Label, err error) {
	err = r.array(func(i int) error {
		g, err := r.readLabel()
		labels = append(labels, g)
		if err != nil {
			return fmt.Errorf("answer %d: %w", i+1, err)
		}
		return nil
	})
	return labels, err
}

// readLabel reads an answer. Its Start counts code points until the context is known.
func (r *squadReader) readLabel() (Label, error) {
	g := Label{Start: -1, Origin: Origin{How: Imported}}
	extra, err := r.object(func(key string) (reading, error) {
		switch key {
		case "text":
			return r.string(&g.Text)
		case "answer_start":
			return r.start(&g.Start)
		case "labelled_by", "labelled_at", "labelled_how":
			return r.origin(&g.Origin, key)
		}
		return reading{}, nil
	})
	if err == nil && !extra.has("text") {
		err = r.errorf(`no "text"`)
	}
	g.Extra = extra
	return g, err
}

// origin reads who has labelled, when and how, as WriteSQuAD writes it. What others may mean by these keys is kept.
func (r *squadReader) origin(to *Origin, key string) (reading, error) {
	if r.peek() != '"' {
		return reading{}, nil
	}
	if key == "labelled_by" {
		return r.string(&to.Who)
	}
	if key == "labelled_how" {
		return r.string(&to.How)
	}
	text, err := r.text()
	at, bad := time.Parse(time.RFC3339Nano, text)
	if bad == nil {
		to.When = at.UTC()
	}
	return reading{known: true, keep: bad != nil || at.UTC().Format(time.RFC3339Nano) != text}, err
}

// start reads a position, which counts code points until settleStarts has seen the context. Since scores do not need it, what is
// no position does no harm: it is kept as it is written.
func (r *squadReader) start(to *int) (reading, error) {
	written, err := r.value()
	if err != nil {
		return reading{}, err
	}
	n, bad := strconv.Atoi(written)
	if bad != nil || n < 0 || strconv.Itoa(n) != written {
		*to = -1
		return reading{known: true, keep: true}, nil
	}
	*to = n
	return reading{known: true}, nil
}

// settleStarts turns code points into bytes, for the context may follow the questions in the file.
func (r *squadReader) settleStarts(context string, items []Item) {
	at := codePoints(context)
	for i := range items {
		q := &items[i]
		r.settle(at, q.Plausible)
		r.settle(at, q.Answers)
		for k := range q.Answers {
			if g := &q.Answers[k]; context != "" && (g.Start < 0 || !strings.HasPrefix(context[g.Start:], g.Text)) {
				r.misplaced.add(q.place())
			}
		}
	}
}

// settle makes bytes of the code points at which labels start, and keeps as written those that are outside the text.
func (r *squadReader) settle(at func(n int) int, labels []Label) {
	for k := range labels {
		g := &labels[k]
		n := g.Start
		g.Start = at(n)
		if n >= 0 && g.Start < 0 {
			g.Extra = r.layouts.of(g.Extra.with("answer_start", strconv.Itoa(n)))
		}
	}
}

// codePoints gives a function from code points of a text to its bytes, -1 for what is outside.
func codePoints(text string) func(n int) int {
	ascii := true
	for i := 0; i < len(text) && ascii; i++ {
		ascii = text[i] < utf8.RuneSelf
	}
	var bytes []int
	return func(n int) int {
		switch {
		case n < 0 || n > len(text):
			return -1
		case ascii:
			return n
		}
		if bytes == nil {
			for i := range text {
				bytes = append(bytes, i)
			}
			bytes = append(bytes, len(text))
		}
		if n >= len(bytes) {
			return -1
		}
		return bytes[n]
	}
}
