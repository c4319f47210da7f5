// Package questions reads and writes files of questions: SQuAD, JSON lines, JSON lists, CSV, TSV and plain lists. It finds where
// right answers stand in their documents, tells by line what it cannot find, and makes of a set what evaluations take. It
// keeps nothing and asks no model.
package questions

import (
	"time"

	"github.com/tryall/tryall/qa"
)

// Set is a file of questions, with all that is needed to write it again.
type Set struct {
	Name    string `json:"name"`
	Format  string `json:"format"` // a row of Formats
	Version string `json:"version,omitempty"`
	// V2 says that questions may have no answer: by the version that a SQuAD file gives, or because one is marked so.
	V2       bool      `json:"v2"`
	Digest   string    `json:"digest"` // "sha256:..." of the file, unpacked
	Articles []Article `json:"articles,omitempty"`
	Contexts []Context `json:"contexts,omitempty"`
	Items    []Item    `json:"items"`
	Warnings []string  `json:"warnings,omitempty"`
	Extra    Extra     `json:"extra,omitempty"`
}

// Article is what contexts belong to: an article of a SQuAD file, elsewhere a document or a title that rows name.
type Article struct {
	Title string `json:"title"`
	Extra Extra  `json:"extra,omitempty"`
}

// Context is a text that questions come with.
type Context struct {
	Article int    `json:"article"` // index in Set.Articles
	Text    string `json:"text"`
	Extra   Extra  `json:"extra,omitempty"`
}

// Item is one question with what is known to answer it.
type Item struct {
	// ID is the file's own, else made of the question and its text or document, so that it stays when rows move.
	ID       string  `json:"id"`
	Text     string  `json:"text"`
	Line     int     `json:"line,omitempty"`     // of the file, from 1
	Context  int     `json:"context"`            // index in Set.Contexts; -1: the question comes without one
	Document string  `json:"document,omitempty"` // the document of the corpus that the file names
	Answers  []Label `json:"answers,omitempty"`
	// Plausible are what a careless reader might answer.
	Plausible  []Label `json:"plausible,omitempty"`
	Impossible bool    `json:"impossible,omitempty"` // marked as having no answer; scoring goes by Answers
	Labelled   bool    `json:"labelled"`             // false: nobody has said yet what is right, or that nothing is
	NoAnswer   Origin  `json:"no_answer,omitzero"`   // who said that there is no answer, where that was said by hand
	Extra      Extra   `json:"extra,omitempty"`

	// Doc is the document that Document names, once Locate has found it. It is not kept: corpora change.
	Doc qa.DocumentID `json:"-"`
}

// Label is one right answer.
type Label struct {
	Text  string `json:"text"`
	Start int    `json:"start"` // byte of the context, without one of the document; -1: not known
	Origin
	Extra Extra `json:"extra,omitempty"`
}

// Origin says where a label is from.
type Origin struct {
	Who  string    `json:"who,omitempty"` // empty: the file
	When time.Time `json:"when,omitzero"`
	How  string    `json:"how,omitempty"` // "import", or as the program that labels says: "label", "suggestion"
}

// Imported is the How of what was in a file.
const Imported = "import"

// Texts are the right answers' texts.
func (q *Item) Texts() []string {
	out := make([]string, len(q.Answers))
	for i := range q.Answers {
		out[i] = q.Answers[i].Text
	}
	return out
}

// Counts are the sizes of a set.
type Counts struct {
	Questions  int `json:"questions"`
	Labelled   int `json:"labelled"`
	NoAnswer   int `json:"no_answer"` // of the labelled, those that have none
	WithText   int `json:"with_context"`
	NamingDocs int `json:"with_document"` // that name a document and have no context of their own
	Contexts   int `json:"contexts"`
	// Missing are, of those that name a document, the ones whose document the corpus does not have now, or has several that the name may mean.
	// Who knows the corpus counts them; Count does not.
	Missing int `json:"missing_document,omitempty"`
}

// Count counts.
func (s *Set) Count() Counts {
	c := Counts{Questions: len(s.Items), Contexts: len(s.Contexts)}
	for i := range s.Items {
		q := &s.Items[i]
		if q.Labelled {
			c.Labelled++
			if len(q.Answers) == 0 {
				c.NoAnswer++
			}
		}
		if q.Context >= 0 {
			c.WithText++
		} else if q.Document != "" {
			c.NamingDocs++
		}
	}
	return c
}
