package workbench

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/tryall/tryall/corpus"
	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/index"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
)

// LabelPassage is a text that somebody looks for the answer in.
type LabelPassage struct {
	// Document is the document of the corpus that Start counts in; empty: the question's own context.
	Document string `json:"document,omitempty"`
	Start    int    `json:"start"` // byte
	Text     string `json:"text"`
	Title    string `json:"title,omitempty"`
	// Page and Heading are those under which what it is shown for stands, a right answer or the words of the question: a passage may
	// reach over many. Where nothing of that stands in it they are those where it begins.
	Page    string `json:"page,omitempty"`
	Heading string `json:"heading,omitempty"`
}

// End is the byte after it.
func (p LabelPassage) End() int { return p.Start + len(p.Text) }

// wholeContext is how many bytes of a question's own context are shown in one piece.
const wholeContext = 20_000

// asker finds what questions are asked of. It is for questions of one set, in one go.
type asker struct {
	p    *Project
	v    *labelView
	docs map[string]qa.DocumentID // by the names that questions give
}

func (p *Project) asker(v *labelView) *asker {
	return &asker{p: p, v: v, docs: map[string]qa.DocumentID{}}
}

// hits are the passages that models are asked of: the question's own context, or the most passages that fit it in the document that it
// names, or in the whole corpus.
func (a *asker) hits(ctx context.Context, q *questions.Item, most int) ([]qa.Hit, error) {
	if q.Context >= 0 {
		text := a.v.set.Contexts[q.Context].Text
		return []qa.Hit{{Passage: qa.Passage{Range: qa.Range{End: len(text)}, Text: text}}}, nil
	}
	found, err := a.found(ctx, q, index.Query{Text: q.Text, K: most})
	if err != nil {
		return nil, err
	}
	var hits []qa.Hit
	for i := range found {
		hits = append(hits, found[i].Hit)
	}
	return hits, nil
}

// found is what a search gives for a question without a context, in the document that it names if it names one. Where that has no word
// of the question, it gives the passages that are closest.
func (a *asker) found(ctx context.Context, q *questions.Item, search index.Query) ([]index.Found, error) {
	doc, err := a.document(ctx, a.v.document(q))
	if err != nil {
		return nil, err
	}
	if doc == "" {
		return a.p.Index.Search(ctx, search)
	}
	search.Documents = literal.Replace(string(doc))
	found, err := a.p.Index.Search(ctx, search)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(f index.Found) bool { return f.Passage.Doc != doc }) // a name may be the end of another's path
	if len(found) > 0 {
		return found, nil
	}
	all, err := a.p.Index.Passages(ctx, doc)
	if err != nil {
		return nil, err
	}
	for _, p := range closest(q.Text, all, search.K) {
		found = append(found, index.Found{Hit: qa.Hit{Passage: p}})
	}
	return found, nil
}

// literal takes their meaning from the signs of patterns.
var literal = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`, `{`, `\{`, `}`, `\}`)

// document finds the one document of the corpus that a name means; an unknown or unclear one leaves the whole corpus.
func (a *asker) document(ctx context.Context, name string) (qa.DocumentID, error) {
	if name == "" {
		return "", nil
	}
	id, known := a.docs[name]
	if known {
		return id, nil
	}
	s := questions.Set{Items: []questions.Item{{Context: -1, Document: name}}}
	if _, err := a.p.Locate(ctx, &s); err != nil {
		return "", err
	}
	a.docs[name] = s.Items[0].Doc
	return s.Items[0].Doc, nil
}

// shown are the passages that somebody is to look at, at most as many as are asked for, and whether there are more. A long context
// is cut; of its parts those are shown that hold what models answered, and those that share the most words with the question.
func (a *asker) shown(ctx context.Context, q *questions.Item, most int, answers []qa.Range) (out []LabelPassage, more bool, err error) {
	if q.Context < 0 {
		found, err := a.found(ctx, q, index.Query{Text: q.Text, K: most + 1, Snippets: true})
		if err != nil {
			return nil, false, err
		}
		for _, f := range found[:min(most, len(found))] {
			p := labelPassage(f.Placed())
			if err := a.placeByAnswer(ctx, q, &p); err != nil {
				return nil, false, err
			}
			out = append(out, p)
		}
		return out, len(found) > most, nil
	}
	c := &a.v.set.Contexts[q.Context]
	if len(c.Text) <= wholeContext {
		return []LabelPassage{{Text: c.Text, Title: a.title(c)}}, false, nil
	}
	all := corpus.Passages(qa.Document{Text: c.Text, Title: a.title(c)}, corpus.PassageOptions{})
	chosen := closest(q.Text, all, most)
	for _, p := range all {
		if slices.ContainsFunc(answers, func(r qa.Range) bool { return r.Start >= p.Range.Start && r.Start < p.Range.End }) &&
			!slices.ContainsFunc(chosen, func(c qa.Passage) bool { return c.Range == p.Range }) {
			chosen = append(chosen, p)
		}
	}
	slices.SortFunc(chosen, func(a, b qa.Passage) int { return cmp.Compare(a.Range.Start, b.Range.Start) })
	for _, p := range chosen {
		out = append(out, labelPassage(p))
	}
	return out, len(chosen) < len(all), nil
}

// placeByAnswer has a passage in which a right answer of its question stands name the page and the heading of that.
func (a *asker) placeByAnswer(ctx context.Context, q *questions.Item, p *LabelPassage) error {
	for _, l := range q.Answers {
		if q.Document != p.Document || l.Start < p.Start || l.Start+len(l.Text) > p.End() {
			continue
		}
		d, err := a.p.Index.Document(ctx, qa.DocumentID(p.Document))
		if err == nil {
			p.place(d.Marks, l.Start)
		}
		return err
	}
	return nil
}

// place notes the page and the heading at a byte of the document.
func (p *LabelPassage) place(marks []qa.Mark, at int) {
	p.Page, p.Heading = qa.Label(marks, qa.MarkPage, at), qa.Label(marks, qa.MarkHeading, at)
}

func (a *asker) title(c *questions.Context) string {
	if c.Article < 0 || c.Article >= len(a.v.set.Articles) {
		return ""
	}
	return a.v.set.Articles[c.Article].Title
}

func labelPassage(p qa.Passage) LabelPassage {
	return LabelPassage{Document: string(p.Doc), Start: p.Range.Start, Text: p.Text, Title: p.Title, Page: p.Page, Heading: p.Heading}
}

// closest are the passages that share the most words with a question, in their order among those with as many.
func closest(question string, all []qa.Passage, most int) []qa.Passage {
	asked := map[string]bool{}
	for _, w := range eval.Pieces(question) {
		asked[w] = true
	}
	shared := func(p qa.Passage) int {
		seen := map[string]bool{}
		for _, w := range eval.Pieces(p.Text) {
			if asked[w] {
				seen[w] = true
			}
		}
		return len(seen)
	}
	type ranked struct {
		passage qa.Passage
		shared  int
	}
	list := make([]ranked, len(all))
	for i, p := range all {
		list[i] = ranked{p, shared(p)}
	}
	slices.SortStableFunc(list, func(a, b ranked) int { return cmp.Compare(b.shared, a.shared) })
	var out []qa.Passage
	for _, r := range list[:min(most, len(list))] {
		out = append(out, r.passage)
	}
	return out
}
