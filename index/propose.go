package index

import (
	"database/sql"
	"math"
	"slices"
)

// propose finds the passages to be ranked: those that FTS5's bm25 puts first among the passages that have the rarest words.
//
// FTS5 looks at every passage that has one of the words, so common words make it slow and tell little. Words are taken rarest
// first while all of them together stay within o.Postings passages. If fewer passages than wanted have these, more words are
// taken. If even the rarest word is in too many, passages that have the next ones too are enough, as long as there are any.
func (s *search) propose() ([]int64, error) {
	pool := s.o.Pool
	for pool < 2*(s.K+s.Offset) {
		pool *= 2 // in steps, so that one page of results follows from the other
	}
	if s.terms[0].passages > s.o.Postings {
		match, n, err := s.narrowed()
		if err != nil {
			return nil, err
		}
		if n >= pool {
			if ids, err := s.best(match, pool); err != nil || len(ids) >= s.K+s.Offset {
				return ids, err
			}
		}
	}
	for budget := s.o.Postings; ; budget *= 4 {
		terms := s.rarest(budget)
		ids, err := s.best(anyOf(terms), pool)
		if err != nil || len(ids) >= s.K+s.Offset || len(terms) == len(s.terms) {
			return ids, err
		}
	}
}

// rarest is the rarest words that are in at most that many passages together, but at least one.
func (s *search) rarest(budget int) []term {
	n, sum := 0, 0
	for n < len(s.terms) && (n == 0 || sum+s.terms[n].passages <= budget) {
		sum += s.terms[n].passages
		n++
	}
	return s.terms[:n]
}

// narrowed asks for more and more of the words at once until few enough passages have them all.
func (s *search) narrowed() (match string, passages int, err error) {
	for n := 2; n <= len(s.terms); n++ {
		next := allOf(s.terms[:n])
		count, err := s.count(next)
		if err != nil {
			return "", 0, err
		}
		if match != "" && count < s.o.Pool {
			break
		}
		if match, passages = next, count; count <= s.o.Postings {
			break
		}
	}
	return match, passages, nil
}

const ofDocuments = ` and +rowid in (select p.id from json_each(?) j join index_documents d on d.id = j.value
	join index_passages p on p.id >= d.first and p.id < d.first + d.passages)`

// best is the n passages that FTS5 puts first, and with them all that are as good as the last, up to 64 times as many:
// which of equal ones come first is not for it to say.
func (s *search) best(match string, n int) ([]int64, error) {
	for most := n; ; most *= 8 {
		ids, scores, err := s.first(match, most+1)
		if err != nil || len(ids) <= most {
			return ids, err
		}
		last := slices.IndexFunc(scores, func(score float64) bool { return same(score, scores[n-1]) })
		end := last
		for end < len(ids) && same(scores[end], scores[n-1]) {
			end++
		}
		if end < len(ids) || most >= 64*n {
			return ids[:end], nil
		}
	}
}

// same allows for rounding.
func same(a, b float64) bool { return math.Abs(a-b) <= 1e-12*math.Abs(a) }

func (s *search) first(match string, n int) (ids []int64, scores []float64, err error) {
	query, args := "select rowid, bm25(index_terms, ?, ?, 1.0) as score from index_terms where index_terms match ?", []any{s.o.Title, s.o.Heading, match}
	if s.within != "" {
		query += ofDocuments
		args = append(args, s.within)
	}
	rows, err := s.tx.QueryContext(s.ctx, query+" order by score, rowid limit ?", append(args, n)...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var score sql.NullFloat64
		if err := rows.Scan(&id, &score); err != nil {
			return nil, nil, err
		}
		ids, scores = append(ids, id), append(scores, score.Float64)
	}
	return ids, scores, rows.Err()
}
