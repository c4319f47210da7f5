package eval

import (
	"fmt"
	"strconv"
)

// datasetReader knows where it is: article, paragraph and question count from 1, 0 is outside.
type datasetReader struct {
	s                            *scanner
	d                            *Dataset
	article, paragraph, question int // stay where an error happened
	seenData                     bool
	misplaced                    int // golds that do not stand at their answer_start
	firstMisplaced               string
}

func (r *datasetReader) place() string {
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

func (r *datasetReader) read() error {
	err := r.s.object(func(key string) (err error) {
		switch key {
		case "version":
			r.d.Version, err = r.s.label()
		case "data":
			if r.seenData {
				return fmt.Errorf(`there is a second "data"`)
			}
			r.seenData = true
			err = r.each(&r.article, r.readArticle)
		default:
			err = r.s.skip()
		}
		return in(key, err)
	})
	if err != nil {
		return err
	}
	if !r.seenData {
		return fmt.Errorf(`not SQuAD JSON: there is no "data"`)
	}
	return r.s.end()
}

// each reads the elements of a list and keeps count of them.
func (r *datasetReader) each(count *int, f func(i int) error) error {
	err := r.s.array(func(i int) error {
		*count = i + 1
		return f(i)
	})
	if err == nil {
		*count = 0
	}
	return err
}

func (r *datasetReader) readArticle(i int) error {
	r.d.Titles = append(r.d.Titles, "")
	seen := false
	err := r.s.object(func(key string) (err error) {
		switch key {
		case "title":
			r.d.Titles[i], err = r.s.label()
		case "paragraphs":
			seen = true
			err = r.each(&r.paragraph, r.readParagraph)
		default:
			err = r.s.skip()
		}
		return in(key, err)
	})
	if err == nil && !seen {
		err = fmt.Errorf(`no "paragraphs"`)
	}
	return err
}

func (r *datasetReader) readParagraph(int) error {
	r.d.Passages = append(r.d.Passages, Passage{Article: r.article - 1})
	p := &r.d.Passages[len(r.d.Passages)-1]
	first, seen := len(r.d.Examples), false
	err := r.s.object(func(key string) (err error) {
		switch key {
		case "context":
			p.Text, err = r.s.text()
		case "qas":
			seen = true
			err = r.each(&r.question, r.readExample)
		default:
			err = r.s.skip()
		}
		return in(key, err)
	})
	if err == nil && !seen {
		err = fmt.Errorf(`no "qas"`)
	}
	if err == nil && p.Text != "" {
		r.checkStarts(p.Text, r.d.Examples[first:])
	}
	return err
}

func (r *datasetReader) readExample(int) error {
	e := Example{Passage: len(r.d.Passages) - 1}
	hasID, hasAnswers := false, false
	err := r.s.object(func(key string) (err error) {
		switch key {
		case "id":
			hasID = true
			e.ID, err = r.s.textOrNumber()
		case "question":
			e.Text, err = r.s.text()
		case "is_impossible":
			e.Impossible, err = r.s.boolean()
		case "answers":
			hasAnswers = true
			e.Answers, err = r.readGolds()
		case "plausible_answers":
			e.Plausible, err = r.readGolds()
		default:
			err = r.s.skip()
		}
		return in(key, err)
	})
	switch {
	case err != nil:
		return err
	case !hasID:
		return fmt.Errorf(`no "id"`)
	case !hasAnswers && !e.Impossible:
		return fmt.Errorf(`no "answers" (a question without an answer has an empty list of them)`)
	}
	r.d.V2 = r.d.V2 || e.Impossible
	r.d.Examples = append(r.d.Examples, e)
	return nil
}

func (r *datasetReader) readGolds() (golds []Gold, err error) {
	err = r.s.array(func(i int) error {
		g, hasText := Gold{Start: -1}, false
		err := r.s.object(func(key string) (err error) {
			switch key {
			case "text":
				hasText = true
				g.Text, err = r.s.text()
			case "answer_start":
				g.Start, err = r.readStart()
			default:
				err = r.s.skip()
			}
			return in(key, err)
		})
		if err == nil && !hasText {
			err = fmt.Errorf(`no "text"`)
		}
		golds = append(golds, g)
		if err != nil {
			return fmt.Errorf("answer %d: %w", i+1, err)
		}
		return nil
	})
	return golds, err
}

// readStart is lenient, because scoring does not need it: what is no position becomes -1 and is warned of later.
func (r *datasetReader) readStart() (int, error) {
	c, err := r.s.peek()
	if err != nil {
		return 0, err
	}
	if c != '-' && (c < '0' || c > '9') {
		return -1, r.s.skip()
	}
	w, err := r.s.word()
	if n, bad := strconv.Atoi(w); bad == nil && n >= 0 {
		return n, err
	}
	return -1, err
}

// in adds the key under which an error happened, where the place does not say so.
func in(key string, err error) error {
	switch {
	case err == nil:
		return nil
	case key == "data", key == "paragraphs", key == "qas":
		return err
	}
	return fmt.Errorf("%s: %w", key, err)
}
