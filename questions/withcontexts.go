package questions

import (
	"slices"
	"strings"

	"github.com/tryall/tryall/qa"
)

// WithContexts is a copy of the set in which questions that only name a document have a context: the passage that of gives them
// (Oracle chooses one). Those for which it gives none stay as they are.
func (s *Set) WithContexts(of func(q *Item) (p qa.Passage, ok bool, err error)) (*Set, error) {
	c := *s
	c.Items, c.Contexts, c.Articles = slices.Clone(s.Items), slices.Clone(s.Contexts), slices.Clone(s.Articles)
	type place struct {
		doc qa.DocumentID
		at  qa.Range
	}
	contexts, articles := map[place]int{}, map[qa.DocumentID]int{}
	for i := range c.Items {
		q := &c.Items[i]
		if q.Context >= 0 {
			continue
		}
		p, ok, err := of(q)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		n, known := contexts[place{p.Doc, p.Range}]
		if !known {
			a, known := articles[p.Doc]
			if !known {
				a = len(c.Articles)
				articles[p.Doc] = a
				title := p.Title
				if title == "" {
					title = q.Document
				}
				c.Articles = append(c.Articles, Article{Title: title})
			}
			n = len(c.Contexts)
			contexts[place{p.Doc, p.Range}] = n
			c.Contexts = append(c.Contexts, Context{Article: a, Text: p.Text})
		}
		q.Context = n
		q.Answers, q.Plausible = moved(q.Answers, p), moved(q.Plausible, p)
	}
	return &c, nil
}

// moved are labels whose places count in the passage instead of in its document; those outside have none any more.
func moved(labels []Label, p qa.Passage) []Label {
	out := slices.Clone(labels)
	for i := range out {
		g := &out[i]
		at := g.Start - p.Range.Start
		if g.Start < 0 || at < 0 || at > len(p.Text) || !strings.HasPrefix(p.Text[at:], g.Text) {
			at = -1
		}
		g.Start = at
	}
	return out
}
