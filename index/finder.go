package index

import (
	"strings"
	"unicode/utf8"
)

// finder finds the terms of a question in texts.
type finder struct {
	terms    []term
	exact    map[string]int
	prefixes []term
	place    []int     // of the prefixes among all terms
	first    [256]bool // bytes that terms begin with
}

func newFinder(terms []term) *finder {
	f := &finder{terms: terms, exact: map[string]int{}}
	for i, t := range terms {
		f.first[t.text[0]] = true
		if t.prefix {
			f.prefixes, f.place = append(f.prefixes, t), append(f.place, i)
		} else {
			f.exact[t.text] = i
		}
	}
	return f
}

// find calls yield with each term of the question in a text, by its place among the terms, and where it is.
func (f *finder) find(text string, yield func(i int, t token)) {
	tokens(text, func(t token) bool {
		// Most words begin unlike any that is looked for. What begins with ASCII is a term that begins with it.
		if c := text[t.start]; c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			if !f.first[c] {
				return true
			}
		}
		term := t.term(text)
		if i, ok := f.exact[term]; ok {
			yield(i, t)
		}
		if t.kind != plain {
			for j, p := range f.prefixes {
				if strings.HasPrefix(term, p.text) {
					yield(f.place[j], t.firsts(text, p.chars))
				}
			}
		}
		return true
	})
}
