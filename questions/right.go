package questions

import (
	"math"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
)

// Relevance says of passages whether they answer a question: whether they are of the right place, and hold one of its right answers
// (eval.Golds says what that means).
type Relevance struct {
	golds  *eval.Golds
	doc    qa.DocumentID
	shared map[[shingle]string]bool // of the question's own context
	// Placed: the right document or the right context is known. Else any passage that holds an answer counts.
	Placed bool
}

// shingle is how many pieces in a row tell texts apart, and sameText the share of them that two texts have in common, of those of
// the shorter one, when one is a part of the other or they overlap.
const (
	shingle  = 3
	sameText = 0.5
)

// Relevance prepares the judgement of passages for a question; ok is false where it has no answer, or names a document that was not
// found. The right place is the document that it names (after Locate), else its own context, wherever that lies in the
// corpus and however it is cut there.
func (s *Set) Relevance(q *Item) (r *Relevance, ok bool) {
	if len(q.Answers) == 0 {
		return nil, false
	}
	r = &Relevance{golds: eval.FindGolds(q.Texts()), doc: q.Doc, Placed: true}
	switch {
	case q.Doc != "":
	case q.Context >= 0:
		r.shared = shingles(s.Contexts[q.Context].Text)
	case q.Document != "":
		return nil, false
	default:
		r.Placed = false
	}
	return r, true
}

// Right says whether a passage answers the question.
func (r *Relevance) Right(p qa.Passage) bool {
	if r.doc != "" && p.Doc != r.doc || !r.golds.In(p.Text) {
		return false
	}
	if r.shared == nil {
		return true
	}
	other := shingles(p.Text)
	both := 0
	for k := range other {
		if r.shared[k] {
			both++
		}
	}
	return float64(both) >= sameText*float64(min(len(other), len(r.shared)))
}

// shingles are all rows of three pieces of a text, and a shorter text itself.
func shingles(text string) map[[shingle]string]bool {
	p := eval.Pieces(text)
	out := make(map[[shingle]string]bool, len(p))
	for i := 0; i == 0 || i+shingle <= len(p); i++ {
		var k [shingle]string
		copy(k[:], p[i:])
		out[k] = true
	}
	return out
}

// Oracle chooses the passage that a reader is given when it is given the right one: among those of the question's document (all,
// where it has none), the one in whose middle the answer stands, if its place is known; else, of those that hold a right answer,
// the one that shares the most pieces with the question. For a question without an answer that is sought among all of them. It
// gives an index, -1 where no passage is right.
func Oracle(q *Item, passages []qa.Passage) int {
	golds := eval.FindGolds(q.Texts())
	asked := map[string]bool{}
	for _, p := range eval.Pieces(q.Text) {
		asked[p] = true
	}
	best, most := -1, math.MinInt
	for i := range passages {
		p := &passages[i]
		if q.Doc != "" && p.Doc != q.Doc {
			continue
		}
		if inside := insideness(q, p); inside >= 0 {
			// A known place outweighs any number of words.
			if score := math.MaxInt/2 + inside; score > most {
				best, most = i, score
			}
			continue
		}
		if most >= math.MaxInt/2 || len(q.Answers) > 0 && !golds.In(p.Text) {
			continue
		}
		if n := sharedPieces(asked, p.Text); n > most {
			best, most = i, n
		}
	}
	return best
}

// insideness is the number of bytes between an answer whose place is known and the nearer end of the passage; -1 if none is inside.
func insideness(q *Item, p *qa.Passage) int {
	best := -1
	for i := range q.Answers {
		g := &q.Answers[i]
		if end := g.Start + len(g.Text); g.Start >= 0 && g.Start >= p.Range.Start && end <= p.Range.End {
			best = max(best, min(g.Start-p.Range.Start, p.Range.End-end))
		}
	}
	return best
}

func sharedPieces(asked map[string]bool, text string) int {
	found := map[string]bool{}
	for _, p := range eval.Pieces(text) {
		if asked[p] {
			found[p] = true
		}
	}
	return len(found)
}
