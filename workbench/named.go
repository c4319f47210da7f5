package workbench

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tryall/tryall/index"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/store"
)

// documentNames finds the documents of the corpus that a name in a file of questions may mean: an id, a file, the end of its path, a title.
type documentNames struct {
	all []index.DocumentInfo
	by  map[string][]int // of all, in order, by the last parts of what they are called, with and without the ending
}

func (p *Project) documentNames(ctx context.Context) (*documentNames, error) {
	all, _, err := p.Index.Documents(ctx, index.DocumentQuery{})
	if err != nil {
		return nil, err
	}
	n := &documentNames{by: map[string][]int{}}
	for _, d := range all {
		n.enter(d)
	}
	return n, nil
}

func (n *documentNames) enter(d index.DocumentInfo) {
	n.all = append(n.all, d)
	for _, s := range []string{string(d.ID), d.Path, d.Source, d.Title} {
		s = strings.ToLower(filepath.ToSlash(s))
		n.add(s, len(n.all)-1)
		for k := range s {
			if s[k] == '#' { // what follows names a part of the file
				n.add(s[:k], len(n.all)-1)
			}
		}
	}
}

func (n *documentNames) add(name string, i int) {
	base := path.Base(name)
	for _, key := range []string{base, strings.TrimSuffix(base, path.Ext(base))} {
		if list := n.by[key]; len(list) == 0 || list[len(list)-1] != i {
			n.by[key] = append(list, i)
		}
	}
}

// of are those that a name may mean. Package questions decides.
func (n *documentNames) of(name string) (out []index.DocumentInfo) {
	base := path.Base(strings.ToLower(strings.TrimSpace(strings.ReplaceAll(name, `\`, "/"))))
	some := slices.Concat(n.by[base], n.by[strings.TrimSuffix(base, path.Ext(base))])
	slices.Sort(some)
	for _, i := range slices.Compact(some) {
		if mayMean(n.all[i], name) {
			out = append(out, n.all[i])
		}
	}
	return out
}

// Sets are the question sets, with how many of their questions name a document that the corpus does not have now.
func (p *Project) Sets(ctx context.Context) ([]store.SetInfo, error) {
	sets, err := p.Store.Sets(ctx)
	if err == nil {
		err = p.countMissing(ctx, sets)
	}
	return sets, err
}

// countMissing counts questions about documents that are not in the corpus.
func (p *Project) countMissing(ctx context.Context, sets []store.SetInfo) error {
	var names *documentNames
	for i := range sets {
		if sets[i].Counts.NamingDocs == 0 {
			continue
		}
		var err error
		if names == nil {
			if names, err = p.documentNames(ctx); err != nil {
				return err
			}
		}
		s, err := p.Store.Questions(ctx, sets[i].Name)
		if err != nil {
			return err
		}
		if sets[i].Counts.Missing, err = names.missing(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// Count is what a set counts, with how many of its questions name a document that the corpus does not have now.
func (p *Project) Count(ctx context.Context, s *questions.Set) (questions.Counts, error) {
	c := s.Count()
	if c.NamingDocs == 0 {
		return c, nil
	}
	names, err := p.documentNames(ctx)
	if err == nil {
		c.Missing, err = names.missing(ctx, s)
	}
	return c, err
}

// missing is how many questions of a set have no text and name a document that is not found, or that may be one of several.
func (n *documentNames) missing(ctx context.Context, s *questions.Set) (missing int, err error) {
	var only questions.Set // no answers, which are not looked for
	for i := range s.Items {
		if q := &s.Items[i]; q.Context < 0 && q.Document != "" {
			only.Items = append(only.Items, questions.Item{ID: q.ID, Context: -1, Document: q.Document})
		}
	}
	_, err = only.Locate(ctx, func(name string) (docs []qa.Document, _ error) {
		for _, d := range n.of(name) {
			docs = append(docs, qa.Document{ID: d.ID, Source: d.Source, Title: d.Title})
		}
		return docs, nil
	})
	for i := range only.Items {
		if only.Items[i].Doc == "" {
			missing++
		}
	}
	return missing, err
}
