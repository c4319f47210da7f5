package workbench

import (
	"context"
	"io"

	"github.com/tryall/tryall/corpus"
	"github.com/tryall/tryall/qa"
)

// Text is a context with what has to be said about how it was read.
type Text struct {
	Text     string
	Marks    []qa.Mark // pages and headings
	Warnings []string
}

// ReadTextFile reads a context from a file of any format that a corpus takes. Of a file with several documents all are read, one
// after the other.
func ReadTextFile(ctx context.Context, path string) (Text, error) {
	r, err := corpus.ReadFile(ctx, path, "", corpus.Limits{})
	return textOf(r, err)
}

// ReadText reads a context from a stream. name is for messages.
func ReadText(ctx context.Context, r io.Reader, name string) (Text, error) {
	limits := corpus.DefaultLimits
	raw, err := io.ReadAll(io.LimitReader(r, limits.Bytes+1))
	if err != nil {
		return Text{}, qa.Errorf(qa.Invalid, "read %s: %w", name, err)
	}
	return textOf(corpus.Read(ctx, corpus.Input{Name: name, Data: raw, Limits: limits}))
}

func textOf(r *corpus.Result, err error) (Text, error) {
	if err != nil {
		return Text{}, err
	}
	d := corpus.Join(r.Documents)
	return Text{Text: d.Text, Marks: d.Marks, Warnings: r.Warnings}, nil
}
