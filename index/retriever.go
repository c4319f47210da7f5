package index

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/tryall/tryall/qa"
)

// RetrieverOptions is how passages are ranked. The zero value stands for DefaultRanking.
type RetrieverOptions struct {
	K1, B          float64 // BM25's saturation and length parameters
	Title, Heading float64 // how much a word in the title or heading counts, in words of the text
	Terms          int     // most words of a question, the rarest
	Postings       int     // words of a question are used to find passages, rarest first, while they are in at most so many together
	Pool           int     // least passages that are found so, and then ranked by all words
}

// DefaultRanking did best where it was measured; BenchmarkRecall has the numbers.
func DefaultRanking() RetrieverOptions {
	return RetrieverOptions{K1: 0.9, B: 0.4, Title: 1, Heading: 1, Terms: 32, Postings: 10_000, Pool: 64}
}

func (o RetrieverOptions) orDefault() RetrieverOptions {
	if o == (RetrieverOptions{}) {
		return DefaultRanking()
	}
	return o
}

// field is one option by name.
type field struct {
	name   string
	number *float64
	count  *int
}

func (o *RetrieverOptions) fields() []field {
	return []field{
		{"k1", &o.K1, nil}, {"b", &o.B, nil}, {"title", &o.Title, nil}, {"heading", &o.Heading, nil},
		{"terms", nil, &o.Terms}, {"postings", nil, &o.Postings}, {"pool", nil, &o.Pool},
	}
}

func (o RetrieverOptions) check() error {
	for _, f := range o.fields() {
		switch {
		case f.count != nil && (*f.count < 1 || *f.count > 1_000_000):
			return qa.Errorf(qa.Invalid, "%s: %s is to be between 1 and 1000000", o, f.name)
		case f.number != nil && (math.IsNaN(*f.number) || *f.number < 0 || *f.number > 1000):
			return qa.Errorf(qa.Invalid, "%s: %s is to be between 0 and 1000", o, f.name)
		}
	}
	if o.B > 1 {
		return qa.Errorf(qa.Invalid, "%s: b is to be between 0 and 1", o)
	}
	return nil
}

// String is as reports have it, all of it; ParseRanking reads it back.
func (o RetrieverOptions) String() string {
	o = o.orDefault()
	var s []string
	for _, f := range o.fields() {
		if f.count != nil {
			s = append(s, fmt.Sprintf("%s=%d", f.name, *f.count))
		} else {
			s = append(s, f.name+"="+strconv.FormatFloat(*f.number, 'g', -1, 64))
		}
	}
	return "bm25(" + strings.Join(s, ",") + ")"
}

// ParseRanking reads what String writes: "bm25(k1=0.9,b=0.4)". What is not named is as in DefaultRanking, so "bm25" is that.
func ParseRanking(text string) (RetrieverOptions, error) {
	o := DefaultRanking()
	list, ok := strings.CutPrefix(strings.TrimSpace(text), "bm25")
	if list != "" && ok {
		inner, open := strings.CutPrefix(list, "(")
		inner, closed := strings.CutSuffix(inner, ")")
		list, ok = inner, open && closed
	}
	if !ok {
		return o, qa.Errorf(qa.Invalid, "read the retriever %q: it is to look like bm25(k1=0.9,b=0.4)", text)
	}
	if strings.TrimSpace(list) == "" {
		return o, nil
	}
	for _, setting := range strings.Split(list, ",") {
		name, value, _ := strings.Cut(setting, "=")
		if err := o.set(strings.TrimSpace(name), strings.TrimSpace(value)); err != nil {
			return o, qa.Errorf(qa.Invalid, "read the retriever %q: %w", text, err)
		}
	}
	return o, o.check()
}

func (o *RetrieverOptions) set(name, value string) (err error) {
	var known []string
	for _, f := range o.fields() {
		known = append(known, f.name)
		switch {
		case f.name != name:
		case f.count != nil:
			*f.count, err = strconv.Atoi(value)
			return err
		default:
			*f.number, err = strconv.ParseFloat(value, 64)
			return err
		}
	}
	return fmt.Errorf("%q is none of %s", name, strings.Join(known, ", "))
}

// Retriever ranks passages by the question's text, over the whole corpus.
func (x *Index) Retriever(o RetrieverOptions) qa.Retriever { return retriever{x, o} }

type retriever struct {
	x *Index
	o RetrieverOptions
}

func (r retriever) String() string { return r.o.String() }

func (r retriever) Retrieve(ctx context.Context, q qa.Question, k int) ([]qa.Hit, error) {
	if k <= 0 {
		return nil, nil
	}
	found, err := r.x.Search(ctx, Query{Text: q.Text, K: k, Ranking: r.o})
	if err != nil {
		return nil, err
	}
	hits := make([]qa.Hit, len(found))
	for i, f := range found {
		hits[i] = f.Hit
	}
	return hits, nil
}
