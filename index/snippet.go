package index

import (
	"slices"
	"strings"
	"unicode"

	"github.com/tryall/tryall/qa"
)

// snippetBytes is how long a snippet becomes, unless one word is longer.
const snippetBytes = 240

// Snippet is the part of a passage that has most of what was looked for. Ranges are bytes of the document.
type Snippet struct {
	Text  string
	Range qa.Range
	Terms []qa.Range // the words that were found, in order; they do not overlap

	// Page and Heading are those under which the best words stand, of several pages the one with most of them: a passage may reach over many.
	// Where none was found in its text they are the passage's.
	Page, Heading string

	hits []hit // of the best words, in order
}

// hit is a word that was found: a term at a byte of the document.
type hit struct {
	at, term int
	weight   float64
}

// match is a term in a text.
type match struct {
	term int
	qa.Range
}

// snippet chooses the window with the greatest weight of different terms, the earliest of equals, and fills it up with what
// stands around it. It begins and ends between words.
func (f *finder) snippet(p qa.Passage) Snippet {
	var matches []match
	f.find(p.Text, func(i int, t token) { matches = append(matches, match{i, qa.Range{Start: t.start, End: t.end}}) })
	best := f.window(matches)
	r := widen(p.Text, best)
	at := p.Range.Start
	s := Snippet{Text: p.Text[r.Start:r.End], Range: qa.Range{Start: at + r.Start, End: at + r.End}, Page: p.Page, Heading: p.Heading}
	for _, m := range matches {
		if m.Start >= best.Start && m.End <= best.End {
			s.hits = append(s.hits, hit{at + m.Start, m.term, f.terms[m.term].weight})
		}
		if m.Start < r.Start || m.End > r.End {
			continue
		}
		if n := len(s.Terms); n > 0 && at+m.Start < s.Terms[n-1].End { // grams overlap
			s.Terms[n-1].End = max(s.Terms[n-1].End, at+m.End)
		} else {
			s.Terms = append(s.Terms, qa.Range{Start: at + m.Start, End: at + m.End})
		}
	}
	return s
}

// under notes the page and the heading that begin between the passage's first byte and the best words, if any do.
func (s *Snippet) under(p qa.Passage, marks []qa.Mark) {
	at := s.best(marks)
	for _, m := range marks {
		switch {
		case m.At <= p.Range.Start:
		case m.At > at:
			return // they are in order
		case m.Kind == qa.MarkPage:
			s.Page = m.Label
		case m.Kind == qa.MarkHeading:
			s.Heading = m.Label
		}
	}
}

// best is where the words begin on the page that has the greatest weight of different terms, the earliest of equals; -1 without any.
func (s *Snippet) best(marks []qa.Mark) int {
	at, most := -1, 0.0
	for i := 0; i < len(s.hits); {
		page, seen, sum, first := qa.Label(marks, qa.MarkPage, s.hits[i].at), map[int]bool{}, 0.0, s.hits[i].at
		for ; i < len(s.hits) && qa.Label(marks, qa.MarkPage, s.hits[i].at) == page; i++ {
			if h := s.hits[i]; !seen[h.term] {
				seen[h.term] = true
				sum += h.weight
			}
		}
		if at < 0 || sum > most+1e-9 {
			at, most = first, sum
		}
	}
	return at
}

func (f *finder) window(matches []match) qa.Range {
	var best qa.Range
	weight := 0.0
	for i, first := range matches {
		seen := map[int]bool{}
		sum, r := 0.0, first.Range
		for _, m := range matches[i:] {
			if m != first && m.End-first.Start > snippetBytes {
				break
			}
			if !seen[m.term] {
				seen[m.term] = true
				sum += f.terms[m.term].weight
				r.End = max(r.End, m.End)
			}
		}
		if sum > weight+1e-9 {
			best, weight = r, sum
		}
	}
	return best
}

// widen adds whole words on both sides of a window as long as the snippet does not become too long, and what belongs to the
// words at its own edges in any case.
func widen(text string, window qa.Range) qa.Range {
	cuts := cutsOf(text, false)
	lo, hi := around(cuts, window)
	if cuts[hi]-cuts[lo] > 2*snippetBytes { // no spaces here, as in the source of some page
		cuts = cutsOf(text, true)
		lo, hi = around(cuts, window)
	}
	room := snippetBytes - (cuts[hi] - cuts[lo])
	left := func(room int) {
		for from := cuts[lo]; lo > 0 && from-cuts[lo-1] <= room; {
			lo--
		}
	}
	left(room / 2)
	for hi+1 < len(cuts) && cuts[hi+1]-cuts[lo] <= snippetBytes {
		hi++
	}
	left(snippetBytes - (cuts[hi] - cuts[lo]))
	r := qa.Range{Start: cuts[lo], End: cuts[hi]}
	part := text[r.Start:r.End]
	r.Start += len(part) - len(strings.TrimLeftFunc(part, unicode.IsSpace))
	r.End = max(r.Start, r.End-(len(part)-len(strings.TrimRightFunc(part, unicode.IsSpace))))
	return r
}

// around is the places among the cuts that a window lies between.
func around(cuts []int, window qa.Range) (lo, hi int) {
	lo, _ = slices.BinarySearch(cuts, window.Start+1)
	hi, _ = slices.BinarySearch(cuts, window.End)
	return lo - 1, hi
}

// cutsOf is the bytes at which a text can be cut without cutting a word: the edges of white space, and the characters of
// scripts without spaces; all edges of words and signs when fine.
func cutsOf(text string, fine bool) []int {
	cuts := []int{0}
	before, spaced := plain, false
	for i, r := range text {
		k, space := kindOf(r), unicode.IsSpace(r)
		if i == 0 {
			before, spaced = k, space
			continue
		}
		if continues(r) {
			continue
		}
		written := k.grams() > 0 && (before.grams() > 0 || before == apart)
		if space != spaced || written || fine && (k != before || k == apart) {
			cuts = append(cuts, i)
		}
		before, spaced = k, space
	}
	return append(cuts, len(text))
}
