package workbench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
)

// Material is what a bake-off asks, by mode. Passages and documents of the data sets are what questions are clustered by.
type Material struct {
	// Oracle are the labelled questions whose right passage is known, with it; Retrieved all labelled questions, to be asked of the
	// corpus. Unlabelled ones say only where contestants disagree.
	Oracle, Retrieved, Unlabelled *eval.Dataset
	// Right judges passages for question i of Retrieved; known says whether that can be done.
	Right    func(i int) (relevance *questions.Relevance, known bool)
	Sources  []eval.Source
	Warnings []string

	origins map[string]origin // of questions, by the ids that they have here
}

// origin is the set that a question is of, by its number, and its id there.
type origin struct {
	set  int
	item string
}

// MaterialOf is that of a single data set, each question with its own passage.
func MaterialOf(name string, d *eval.Dataset) *Material {
	return &Material{Oracle: d, Sources: []eval.Source{{Name: name, Digest: d.Digest, Questions: len(d.Examples)}}, Warnings: d.Warnings}
}

// gatherer puts sets together.
type gatherer struct {
	m         *Material
	p         *Project // nil: no corpus
	sets      []*questions.Set
	items     []*questions.Item // of Retrieved
	itemSets  []*questions.Set
	ids       map[string]int
	v2        bool
	documents map[qa.DocumentID]int // article of Retrieved for documents of the corpus
	passages  map[passageKey]int    // of Oracle
	texts     map[qa.DocumentID][]qa.Passage
	noPassage int
}

type passageKey struct {
	set     int
	passage eval.Passage
}

// Gather makes of question sets what a bake-off asks: the first limit labelled questions of all sets together (0: all). Questions that
// name a document of the corpus get the passage of it that holds their answer. What cannot be used is said in Warnings.
func (p *Project) Gather(ctx context.Context, sets []*questions.Set, limit int) (*Material, error) {
	g := &gatherer{m: &Material{origins: map[string]origin{}}, p: p, sets: sets, ids: map[string]int{}, documents: map[qa.DocumentID]int{},
		passages: map[passageKey]int{}, texts: map[qa.DocumentID][]qa.Passage{}}
	digest := sha256.New()
	for _, s := range sets {
		g.v2 = g.v2 || s.V2 || s.Count().NoAnswer > 0
		fmt.Fprintln(digest, s.Digest)
		g.m.Sources = append(g.m.Sources, eval.Source{Name: s.Name, Digest: s.Digest, Questions: len(s.Items)})
		for _, w := range s.Warnings {
			g.m.Warnings = append(g.m.Warnings, s.Name+": "+w)
		}
	}
	sum := "sha256:" + hex.EncodeToString(digest.Sum(nil))
	if len(sets) == 1 {
		sum = sets[0].Digest
	}
	for _, d := range []**eval.Dataset{&g.m.Oracle, &g.m.Retrieved, &g.m.Unlabelled} {
		*d = &eval.Dataset{V2: g.v2, Digest: sum}
	}
	g.m.Unlabelled.V2 = true // nothing is known, so nothing is required
	for n, s := range sets {
		if err := g.locate(ctx, s); err != nil {
			return nil, err
		}
		for i := range s.Items {
			if limit > 0 && len(g.m.Retrieved.Examples) >= limit {
				break
			}
			if err := g.item(ctx, n, &s.Items[i]); err != nil {
				return nil, err
			}
		}
	}
	if g.noPassage > 0 {
		g.m.Warnings = append(g.m.Warnings, withoutPassage(g.noPassage, len(g.m.Retrieved.Examples)))
	}
	g.m.Right = g.right
	return g.m, nil
}

// withoutPassage says why fewer questions are asked with the right passage than are labelled.
func withoutPassage(n, labelled int) string {
	switch {
	case labelled == 1:
		return "the only labelled question has no passage of which we know that it holds the answer, so it is asked of the corpus only"
	case n == labelled:
		return fmt.Sprintf("for none of the %d labelled questions do we know which passage holds the answer, so they are asked of the corpus only", labelled)
	case n == 1:
		return fmt.Sprintf("1 of the %d labelled questions is asked of the corpus only, because we do not know which passage holds its answer", labelled)
	}
	return fmt.Sprintf("%d of the %d labelled questions are asked of the corpus only, because we do not know which passages hold their answers", n, labelled)
}

// mostProblems is how many questions' troubles are told one by one.
const mostProblems = 5

// locate finds the documents that questions name.
func (g *gatherer) locate(ctx context.Context, s *questions.Set) error {
	if g.p == nil {
		return nil
	}
	problems, err := g.p.Locate(ctx, s)
	problems = slices.DeleteFunc(problems, func(p questions.Problem) bool { return p.Note })
	for i, problem := range problems {
		if i == mostProblems {
			g.m.Warnings = append(g.m.Warnings, fmt.Sprintf("%s: and %d more; tryall questions check lists them", s.Name, len(problems)-i))
			break
		}
		g.m.Warnings = append(g.m.Warnings, s.Name+": "+problem.String())
	}
	return err
}

func (g *gatherer) item(ctx context.Context, set int, q *questions.Item) error {
	id := g.unique(set, q.ID)
	g.m.origins[id] = origin{set, q.ID}
	e := eval.Example{ID: id, Text: q.Text, Impossible: q.Impossible, Answers: golds(q.Answers), Plausible: golds(q.Plausible)}
	passage, known, err := g.passage(ctx, set, q)
	if err != nil {
		return err
	}
	if !q.Labelled {
		if known {
			add(g.m.Unlabelled, e, passage)
		} else {
			add(g.m.Unlabelled, e, eval.Passage{Article: -1})
		}
		return nil
	}
	if known {
		key := passageKey{set, passage}
		at, there := g.passages[key]
		if !there {
			g.m.Oracle.Passages = append(g.m.Oracle.Passages, passage)
			at = len(g.m.Oracle.Passages) - 1
			g.passages[key] = at
		}
		e.Passage = at
		g.m.Oracle.Examples = append(g.m.Oracle.Examples, e)
	} else {
		g.noPassage++
	}
	add(g.m.Retrieved, e, passage)
	g.items, g.itemSets = append(g.items, q), append(g.itemSets, g.sets[set])
	return nil
}

// unique is an id that no other question has: scores go by id, and those of two questions must not be one.
func (g *gatherer) unique(set int, id string) string {
	first, seen := g.ids[id]
	if seen && first != set {
		id = g.sets[set].Name + ":" + id
		_, seen = g.ids[id]
	}
	for n := 2; seen; n++ {
		next := fmt.Sprintf("%s#%d", id, n)
		if _, seen = g.ids[next]; !seen {
			id = next
		}
	}
	g.ids[id] = set
	return id
}

// add adds an example with a passage of its own unless the last one had the same.
func add(d *eval.Dataset, e eval.Example, p eval.Passage) {
	if n := len(d.Passages); n == 0 || p.Text == "" || d.Passages[n-1] != p {
		d.Passages = append(d.Passages, p)
	}
	e.Passage = len(d.Passages) - 1
	d.Examples = append(d.Examples, e)
}

func golds(labels []questions.Label) []eval.Gold {
	var out []eval.Gold
	for _, l := range labels {
		out = append(out, eval.Gold{Text: l.Text, Start: -1})
	}
	return out
}

// passage is the one that is known to hold the answer, with the number of the document that it belongs to.
func (g *gatherer) passage(ctx context.Context, set int, q *questions.Item) (eval.Passage, bool, error) {
	if q.Context >= 0 {
		c := g.sets[set].Contexts[q.Context]
		return eval.Passage{Article: g.article(qa.DocumentID(fmt.Sprintf("%d/%d", set, c.Article))), Text: c.Text}, true, nil
	}
	if q.Doc == "" {
		return eval.Passage{Article: g.article(qa.DocumentID(fmt.Sprintf("%d/%s", set, q.ID)))}, false, nil
	}
	article := g.article(q.Doc)
	list, known := g.texts[q.Doc]
	if !known {
		var err error
		if list, err = g.p.Index.Passages(ctx, q.Doc); err != nil {
			return eval.Passage{}, false, err
		}
		g.texts[q.Doc] = list
	}
	i := questions.Oracle(q, list)
	if i < 0 {
		return eval.Passage{Article: article}, false, nil
	}
	return eval.Passage{Article: article, Text: list[i].Text}, true, nil
}

// article numbers documents.
func (g *gatherer) article(doc qa.DocumentID) int {
	n, ok := g.documents[doc]
	if !ok {
		n = len(g.documents)
		g.documents[doc] = n
	}
	return n
}

// right prepares the judgement of passages for question i of Retrieved.
func (g *gatherer) right(i int) (*questions.Relevance, bool) {
	return g.itemSets[i].Relevance(g.items[i])
}
