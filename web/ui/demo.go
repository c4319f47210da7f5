package ui

import (
	"context"
	"net/url"
)

// Demo is what others are shown: the screens that ask, with the models that were chosen.
type Demo struct {
	Title      string
	Logo       string // its address; empty: none
	LogoType   string // of its contents
	CorpusOnly bool   // no text is asked but the project's
}

// Query is what an address or a form asks. In a demonstration the corpus is asked where nothing else is said, or where nothing else may.
func (e *Env) Query(ctx context.Context, v url.Values) Query {
	q := ParseQuery(v)
	switch {
	case e.Demo == nil:
	case e.Demo.CorpusOnly:
		q.Corpus, q.Text, q.TextID = true, "", ""
	case !v.Has("from") && !q.HasText():
		q.Corpus = e.hasCorpus(ctx)
	}
	return q
}

func (e *Env) hasCorpus(ctx context.Context) bool {
	p, err := e.Project(ctx, false)
	if err != nil || p == nil {
		return false
	}
	stats, err := p.Index.Stats(ctx)
	return err == nil && stats.Passages > 0
}

// shown are the models of a demonstration, in the order in which they were named.
func (e *Env) shown(ctx context.Context) ([]Choosable, error) {
	labels := map[string]int{}
	for _, name := range e.Named {
		labels[ModelLabel(name)]++
	}
	var out []Choosable
	for _, name := range e.Named {
		m, err := e.Bench.Find(name, "")
		if err != nil {
			return nil, err
		}
		d, err := e.Bench.Describe(ctx, m)
		if err != nil {
			return nil, err
		}
		c := Choosable{Entry: d.Entry, Name: name, Label: ModelLabel(name)}
		if labels[c.Label] > 1 {
			c.Label = Visible(name)
		}
		out = append(out, c)
	}
	return out, nil
}
