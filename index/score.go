package index

import (
	"fmt"
	"math"
	"strings"

	"github.com/tryall/tryall/qa"
)

// candidate is a passage on its way to being ranked.
type candidate struct {
	qa.Passage
	words int
	score float64
	part  part
}

// idf is what a term weighs that some of all passages have: never below zero.
func idf(all, some int) float64 {
	return math.Log1p((float64(all-some) + 0.5) / (float64(some) + 0.5))
}

// load reads the passages, with their texts.
func (s *search) load(ids []int64) ([]candidate, error) {
	list, err := writeJSON(ids)
	if err != nil {
		return nil, err
	}
	rows, err := s.tx.QueryContext(s.ctx, `select p.document, p.start, p."end", p.words, coalesce(p.title, d.title), p.page, p.heading, d.name
		from json_each(?) j join index_passages p on p.id = j.value join index_documents d on d.id = p.document`, list)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var some []candidate
	var parts []part
	for rows.Next() {
		var c candidate
		if err := rows.Scan(&c.part.document, &c.Range.Start, &c.Range.End, &c.words, &c.Title, &c.Page, &c.Heading, &c.Doc); err != nil {
			return nil, err
		}
		c.part.Range = c.Range
		some, parts = append(some, c), append(parts, c.part)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	t := texts{s.tx, map[int64][]byte{}}
	if err := t.load(s.ctx, parts); err != nil {
		return nil, err
	}
	for i := range some {
		if some[i].Text, err = t.of(some[i].part); err != nil {
			return nil, err
		}
	}
	return some, nil
}

// score is BM25 (Robertson and Zaragoza, "The probabilistic relevance framework", 2009) with terms in title and heading
// counted into the frequency with their weights; the length is that of the text.
func (s *search) score(c *candidate) {
	c.score = 0
	for i, n := range s.counts(*c) {
		c.score += s.terms[i].weight * s.saturated(n.of(s.o), c.words)
	}
}

// count is how often a term is in the fields of a passage.
type count struct{ title, heading, text int }

func (n count) of(o RetrieverOptions) float64 {
	return o.Title*float64(n.title) + o.Heading*float64(n.heading) + float64(n.text)
}

func (s *search) saturated(frequency float64, words int) float64 {
	if frequency == 0 {
		return 0
	}
	usual := float64(max(s.corpus.words, 1)) / float64(s.corpus.passages)
	return frequency * (s.o.K1 + 1) / (frequency + s.o.K1*(1-s.o.B+s.o.B*float64(words)/usual))
}

func (s *search) counts(c candidate) []count {
	counts := make([]count, len(s.terms))
	s.finder.find(c.Title, func(i int, _ token) { counts[i].title++ })
	s.finder.find(c.Heading, func(i int, _ token) { counts[i].heading++ })
	s.finder.find(c.Text, func(i int, _ token) { counts[i].text++ })
	return counts
}

// why tells what each word brought.
func (s *search) why(c candidate) string {
	var words []string
	for i, n := range s.counts(c) {
		if n == (count{}) {
			continue
		}
		t := s.terms[i]
		var where []string
		for _, w := range []struct {
			n    int
			name string
		}{{n.text, "text"}, {n.heading, "heading"}, {n.title, "title"}} {
			if w.n > 0 {
				where = append(where, fmt.Sprintf("%d in %s", w.n, w.name))
			}
		}
		words = append(words, fmt.Sprintf("%s %.2f (%s; %d of %d passages)", t.text, t.weight*s.saturated(n.of(s.o), c.words), strings.Join(where, ", "), t.passages, s.corpus.passages))
	}
	return strings.Join(words, " + ")
}
