package index

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"sync"
)

// state tells one state of the corpus from all others: every change moves the next id on or the number of passages down.
type state struct{ passages, words, next int }

func readState(ctx context.Context, tx *sql.Tx) (s state, err error) {
	err = tx.QueryRowContext(ctx, "select passages, words, next_passage from index_totals").Scan(&s.passages, &s.words, &s.next)
	return s, err
}

// frequencies remembers in how many passages terms are, as long as the corpus stays as it is. Counting a common word takes
// milliseconds, and a thousand questions have the same common words.
type frequencies struct {
	mu     sync.Mutex
	of     state
	counts map[string]int
}

const mostKnown = 50_000

func (f *frequencies) get(of state, match string) (n int, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of == of {
		n, ok = f.counts[match]
	}
	return n, ok
}

func (f *frequencies) set(of state, match string, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of != of || f.counts == nil || len(f.counts) >= mostKnown {
		f.of, f.counts = of, map[string]int{}
	}
	f.counts[match] = n
}

// rarestFirst drops the terms that are in no passage, and sorts the others by how many they are in.
func (s *search) rarestFirst(terms []term) error {
	for _, t := range terms {
		n, ok := s.known.get(s.corpus, t.match())
		if !ok {
			var err error
			if n, err = s.count(t.match()); err != nil {
				return err
			}
			s.known.set(s.corpus, t.match(), n)
		}
		if n > 0 {
			t.passages, t.weight = n, idf(s.corpus.passages, n)
			s.terms = append(s.terms, t)
		}
	}
	slices.SortStableFunc(s.terms, func(a, b term) int {
		if a.passages != b.passages {
			return a.passages - b.passages
		}
		return strings.Compare(a.match(), b.match())
	})
	s.terms = s.terms[:min(len(s.terms), s.o.Terms)]
	return nil
}

// count is in how many passages an FTS5 expression is.
func (s *search) count(match string) (n int, err error) {
	err = s.tx.QueryRowContext(s.ctx, "select count(*) from index_terms where index_terms match ?", match).Scan(&n)
	return n, err
}
