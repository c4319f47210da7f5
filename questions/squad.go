package questions

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tryall/tryall/eval"
)

// squadReader reads SQuAD 1.1 and 2.0 so that WriteSQuAD writes the same again.
type squadReader struct {
	*scan
	ctx     context.Context
	set     *Set
	layouts interner
	// listed says of each question whether it has a list of answers, even an empty one.
	listed []bool

	article, paragraph, question int // count from 1; 0 is outside; they stay where an error happened
	misplaced                    places
}

// readSQuAD is the Read of SQuAD files.
//
// A question without answers is one without an answer if the file is of version 2.0, or if it is marked impossible. Elsewhere
// nobody has said anything: it is unlabelled, and so is one that has no list of answers at all.
func readSQuAD(ctx context.Context, text []byte, set *Set) error {
	r := &squadReader{scan: &scan{b: text}, ctx: ctx, set: set, layouts: interner{}}
	extra, err := r.object(r.rootKey)
	if err == nil && !extra.has("data") {
		err = fmt.Errorf(`not SQuAD JSON: there is no "data"`)
	}
	if err == nil {
		err = r.end()
	}
	if err != nil {
		return fmt.Errorf("%s%w", r.place(), err)
	}
	set.Extra = extra
	set.V2 = set.V2 || eval.IsV2(set.Version)
	for i := range set.Items {
		q := &set.Items[i]
		q.Labelled = len(q.Answers) > 0 || q.Impossible || set.V2 && r.listed[i]
	}
	r.misplaced.warn(set, "answers that do not stand in the context at their answer_start, which scores do not need")
	return nil
}

func (r *squadReader) place() string {
	switch {
	case r.question > 0:
		return fmt.Sprintf("article %d, paragraph %d, question %d: ", r.article, r.paragraph, r.question)
	case r.paragraph > 0:
		return fmt.Sprintf("article %d, paragraph %d: ", r.article, r.paragraph)
	case r.article > 0:
		return fmt.Sprintf("article %d: ", r.article)
	}
	return ""
}

// reading says what a function that was given a key has done with it: whether it knows the key, and whether the value is to be
// kept as it is written besides.
type reading struct{ known, keep bool }

// object reads an object with the help of f, which reads the values of the keys that it knows, and gives its layout.
func (r *squadReader) object(f func(key string) (reading, error)) (Extra, error) {
	var l layout
	err := r.scan.object(func(key, written string) error {
		r.peek()
		start := r.at
		did, err := f(key)
		if err == nil && !did.known {
			_, err = r.value()
		}
		if err != nil {
			return r.in(key, err)
		}
		m := member{key: key, written: written}
		if did.keep || !did.known {
			m.value = compact(string(r.b[start:r.at]))
		}
		l.set(m)
		return nil
	})
	return r.layouts.of(l.extra()), err
}

// in adds the key under which an error happened, where the place does not say so.
func (r *squadReader) in(key string, err error) error {
	switch key {
	case "data", "paragraphs", "qas":
		return err
	}
	return fmt.Errorf("%s: %w", key, err)
}

// each reads the elements of a list and keeps count of them.
func (r *squadReader) each(count *int, f func() error) (reading, error) {
	err := r.array(func(i int) error {
		*count = i + 1
		if err := r.ctx.Err(); err != nil {
			return err
		}
		return f()
	})
	if err == nil {
		*count = 0
	}
	return reading{known: true}, err
}

// string reads text.
func (r *squadReader) string(to *string) (reading, error) {
	return r.as(to, r.text)
}

// as reads text or what may stand for it, and keeps it as it is written if that is not the usual way.
func (r *squadReader) as(to *string, read func() (string, error)) (did reading, err error) {
	c := r.peek()
	start := r.at
	*to, err = read()
	written := r.b[start:r.at]
	half := strings.ContainsRune(*to, utf8.RuneError) && strings.Contains(strings.ToLower(string(written)), `\ud`)
	return reading{known: true, keep: c != '"' || half}, err
}

// name reads a label: of what is neither text nor a number nothing is taken.
func (r *squadReader) name() (string, error) {
	written, err := r.value()
	if err != nil {
		return "", err
	}
	return label(written), nil
}

func (r *squadReader) rootKey(key string) (reading, error) {
	switch key {
	case "version":
		return r.as(&r.set.Version, r.name)
	case "data":
		if len(r.set.Articles) > 0 {
			return reading{}, r.errorf(`there is a second "data"`)
		}
		return r.each(&r.article, r.readArticle)
	}
	return reading{}, nil
}

func (r *squadReader) readArticle() error {
	n, seen := len(r.set.Articles), false
	r.set.Articles = append(r.set.Articles, Article{})
	extra, err := r.object(func(key string) (reading, error) {
		switch key {
		case "title":
			return r.as(&r.set.Articles[n].Title, r.name)
		case "paragraphs":
			if seen {
				return reading{}, r.errorf(`there are second "paragraphs"`)
			}
			seen = true
			return r.each(&r.paragraph, r.readParagraph)
		}
		return reading{}, nil
	})
	if err == nil && !seen {
		err = r.errorf(`no "paragraphs"`)
	}
	r.set.Articles[n].Extra = extra
	return err
}

func (r *squadReader) readParagraph() error {
	r.set.Contexts = append(r.set.Contexts, Context{Article: len(r.set.Articles) - 1})
	c := &r.set.Contexts[len(r.set.Contexts)-1]
	first, seen := len(r.set.Items), false
	extra, err := r.object(func(key string) (reading, error) {
		switch key {
		case "context":
			return r.string(&c.Text)
		case "qas":
			if seen {
				return reading{}, r.errorf(`there are second "qas"`)
			}
			seen = true
			return r.each(&r.question, r.readItem)
		}
		return reading{}, nil
	})
	if err == nil && !seen {
		err = r.errorf(`no "qas"`)
	}
	c.Extra = extra
	if err == nil {
		r.settleStarts(c.Text, r.set.Items[first:])
	}
	return err
}

func (r *squadReader) readItem() error {
	r.peek()
	q := Item{Context: len(r.set.Contexts) - 1, Line: r.line()}
	listed := false
	extra, err := r.object(func(key string) (did reading, err error) {
		did = reading{known: true}
		switch key {
		case "id":
			return r.as(&q.ID, r.textOrNumber)
		case "question":
			return r.string(&q.Text)
		case "is_impossible":
			q.Impossible, err = r.boolean()
		case "answers":
			listed = true
			q.Answers, err = r.readLabels()
		case "plausible_answers":
			q.Plausible, err = r.readLabels()
		case "labelled_by", "labelled_at", "labelled_how":
			return r.origin(&q.NoAnswer, key)
		default:
			did.known = false
		}
		return did, err
	})
	if err == nil && !extra.has("id") {
		err = r.errorf(`no "id"`)
	}
	if err != nil {
		return err
	}
	q.Extra = extra
	r.set.V2 = r.set.V2 || q.Impossible
	r.set.Items, r.listed = append(r.set.Items, q), append(r.listed, listed)
	return nil
}
