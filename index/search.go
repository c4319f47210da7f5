package index

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tryall/tryall/qa"
)

// Query is one search.
type Query struct {
	Text      string
	K         int    // most passages to return; 0 means 10
	Offset    int    // passages to leave out before
	Documents string // glob on the document's id or its file's path: "*.pdf", "contracts/**", "contracts"; empty for all
	Titles    string // glob on the document's title
	Snippets  bool
	Why       bool             // Hit.Why explains the score
	Ranking   RetrieverOptions // zero for the usual one
}

// Found is a passage that was found. Snippet is set when it was asked for.
type Found struct {
	qa.Hit
	Snippet Snippet
}

// Placed is the passage with the page and the heading that its snippet has, where there is one.
func (f Found) Placed() qa.Passage {
	p := f.Passage
	if f.Snippet.Text != "" {
		p.Page, p.Heading = f.Snippet.Page, f.Snippet.Heading
	}
	return p
}

// Search finds the passages that fit a question best, best first; equal ones by document and place. Nothing in the text has a
// meaning of its own: it is words that are looked for, any of them. A text without words finds nothing. Passages that have only
// words of it that are very common are left out where enough others are found (see RetrieverOptions.Postings).
func (x *Index) Search(ctx context.Context, q Query) ([]Found, error) {
	o := q.Ranking.orDefault()
	if err := o.check(); err != nil {
		return nil, err
	}
	if q.K < 0 || q.Offset < 0 {
		return nil, qa.Errorf(qa.Invalid, "search the corpus: %d passages from %d on cannot be had", q.K, q.Offset)
	}
	if q.K == 0 {
		q.K = 10
	}
	var found []Found
	err := x.db.View(ctx, func(tx *sql.Tx) (err error) {
		s := search{Query: q, o: o, ctx: ctx, tx: tx, known: &x.known}
		found, err = s.run()
		return err
	})
	return found, err
}

// search is one search at work. Everything it reads is of one state of the database.
type search struct {
	Query
	o   RetrieverOptions
	ctx context.Context // of the call that made it, which it does not outlive
	tx  *sql.Tx

	known  *frequencies
	corpus state
	terms  []term // rarest first
	finder *finder
	within string // JSON list of the documents to search; empty for all
}

func (s *search) run() ([]Found, error) {
	words := questionTerms(s.Text)
	if len(words) == 0 {
		return nil, nil
	}
	var err error
	if s.corpus, err = readState(s.ctx, s.tx); err != nil {
		return nil, err
	}
	if err := s.rarestFirst(words); err != nil || len(s.terms) == 0 {
		return nil, err
	}
	s.finder = newFinder(s.terms)
	if s.within, err = s.filter(); err != nil || s.within == "[]" {
		return nil, err
	}
	ids, err := s.propose()
	if err != nil {
		return nil, err
	}
	ranked, err := s.rank(ids)
	if err != nil {
		return nil, err
	}
	ranked = ranked[min(s.Offset, len(ranked)):]
	ranked = ranked[:min(s.K, len(ranked))]
	found := make([]Found, len(ranked))
	for i, c := range ranked {
		found[i] = s.found(c)
	}
	if s.Snippets {
		err = s.place(found)
	}
	return found, err
}

// place has snippets tell where their words stand, by the marks of the documents.
func (s *search) place(found []Found) error {
	known := map[qa.DocumentID][]qa.Mark{}
	for i := range found {
		id := found[i].Passage.Doc
		marks, there := known[id]
		if !there {
			var raw string
			if err := s.tx.QueryRowContext(s.ctx, "select marks from index_documents where name = ?", string(id)).Scan(&raw); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(raw), &marks); err != nil {
				return fmt.Errorf("read the marks of %q: %w", id, err)
			}
			known[id] = marks
		}
		found[i].Snippet.under(found[i].Passage, marks)
	}
	return nil
}

// filter is the list of documents to search.
func (s *search) filter() (string, error) {
	documents, err := newGlob(s.Documents)
	if err != nil {
		return "", err
	}
	titles, err := newGlob(s.Titles)
	if err != nil {
		return "", err
	}
	if documents.all() && titles.all() {
		return "", nil
	}
	rows, err := s.tx.QueryContext(s.ctx, "select d.id, d.name, d.title, f.path from index_documents d join index_files f on f.id = d.file")
	if err != nil {
		return "", err
	}
	defer rows.Close()
	ids := []int64{}
	for rows.Next() {
		var id int64
		var name, title, path string
		if err := rows.Scan(&id, &name, &title, &path); err != nil {
			return "", err
		}
		if documents.document(name, path) && titles.title(title) {
			ids = append(ids, id)
		}
	}
	if err := rows.Err(); err != nil {
		return "", err
	}
	return writeJSON(ids)
}

// found makes the result of a candidate.
func (s *search) found(c candidate) Found {
	f := Found{Hit: qa.Hit{Passage: c.Passage, Score: c.score}}
	if s.Why {
		f.Why = s.why(c)
	}
	if s.Snippets {
		f.Snippet = s.finder.snippet(c.Passage)
	}
	return f
}

// byScore is the order of results.
func byScore(a, b candidate) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.Doc, b.Doc), cmp.Compare(a.Range.Start, b.Range.Start), cmp.Compare(a.Range.End, b.Range.End))
}

// rank scores the proposed passages and sorts them.
func (s *search) rank(ids []int64) ([]candidate, error) {
	some, err := s.load(ids)
	if err != nil {
		return nil, err
	}
	for i := range some {
		if err := s.ctx.Err(); err != nil {
			return nil, err
		}
		s.score(&some[i])
	}
	slices.SortFunc(some, byScore)
	return some, nil
}
