// Package qa is the vocabulary of tryall: what is asked, what is read, what is answered.
//
// Everything else speaks in these words; this package knows nothing of models, files or pages,
// and imports none of the other packages.
package qa

import "context"

// Range is a half-open interval of bytes of the original UTF-8 text.
// Edges that count otherwise (code points, UTF-16) convert and say so.
type Range struct{ Start, End int }

// Len is the number of bytes in the range. It is negative only where transformers itself returns an
// end before the start (left-padded XLNet under the hf decoder).
func (r Range) Len() int { return r.End - r.Start }

// Of returns the text that the range names, as a Python slice would: empty when the end lies before the start, and without
// what lies behind the text.
func (r Range) Of(text string) string {
	start, end := min(r.Start, len(text)), min(r.End, len(text))
	if end <= start {
		return ""
	}
	return text[start:end]
}

// DocumentID names a document within a corpus.
type DocumentID string

// QuestionID names a question within a set.
type QuestionID string

// Document is one text with its source. Everything that points into it counts bytes of Text, which is kept as it was read.
type Document struct {
	ID                  DocumentID
	Source, Title, Text string
	Marks               []Mark // pages and headings, sorted by At
}

// Passage is a part of a document. Text is Range of the document's text. Page and Heading are those that the passage begins
// under; empty where the document has none.
type Passage struct {
	Doc                  DocumentID
	Range                Range
	Text                 string
	Title, Page, Heading string
}

// Question is what is asked.
type Question struct {
	ID   QuestionID
	Text string
}

// Hit is a passage that a retriever found. Why explains the score where that was asked for.
type Hit struct {
	Passage Passage
	Score   float64
	Why     string
}

// Task is one question with the passages to read for it.
type Task struct {
	Question Question
	Hits     []Hit
}

// Retriever finds passages for a question, best first, at most k.
type Retriever interface {
	Retrieve(ctx context.Context, q Question, k int) ([]Hit, error)
	String() string
}

// Reader answers tasks: one prediction per task, in order. A prediction that could not be made carries its Err;
// the error of Read itself is for what stopped the whole call.
type Reader interface {
	Read(ctx context.Context, tasks []Task) ([]Prediction, error)
	String() string
}
