package index

import (
	"slices"
	"strings"
)

// mostWords is how many different words of a question are looked up; of a longer one (a whole page pasted in) the longest
// words are taken, which are rarely the common ones.
const mostWords = 200

// term is what is looked for: a term of the index or, where a question has fewer characters of a script than make a gram, all
// terms that begin with it.
type term struct {
	text     string
	prefix   bool
	chars    int     // of a gram or prefix
	passages int     // that have it
	weight   float64 // inverse document frequency
}

// match is the term as FTS5 syntax. It consists of letters, digits and marks alone, so nothing in it needs escaping.
func (t term) match() string {
	if t.prefix {
		return `"` + t.text + `" *`
	}
	return `"` + t.text + `"`
}

func anyOf(terms []term) string { return joined(terms, " OR ") }

func allOf(terms []term) string { return joined(terms, " AND ") }

func joined(terms []term, op string) string {
	var s []string
	for _, t := range terms {
		s = append(s, t.match())
	}
	return strings.Join(s, op)
}

// questionTerms are the different terms of a question in the order in which they come, without the words that say nothing
// unless there are no others.
func questionTerms(question string) []term {
	var content, stopped []term
	seen := map[term]bool{}
	tokens(question, func(t token) bool {
		if t.tail {
			return true
		}
		c := term{text: t.term(question), prefix: t.chars < t.kind.grams(), chars: t.chars}
		if c.text == "" || seen[c] {
			return true
		}
		seen[c] = true
		if word, ok := lowerASCII(question[t.start:t.end]); ok && stops[word] {
			stopped = append(stopped, c)
		} else {
			content = append(content, c)
		}
		return true
	})
	if len(content) == 0 {
		content = stopped
	}
	if len(content) > mostWords {
		slices.SortStableFunc(content, func(a, b term) int { return len(b.text) - len(a.text) })
		content = content[:mostWords]
	}
	return content
}
