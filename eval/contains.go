package eval

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// IsV2 says whether a data set's version, as its file gives it, is one of SQuAD 2.0: "v2.0", "2.0", "squad_v2".
func IsV2(version string) bool {
	return version2.MatchString(strings.ToLower(strings.TrimSpace(version)))
}

// Pieces are what texts are compared by across languages: the words of the official normal form (Normalize) without any Unicode
// punctuation, where each character of a script that is written without spaces is a piece of its own.
func Pieces(s string) []string { return pieces(s) }

// Golds are right answers that texts are searched for.
type Golds struct {
	texts  []string
	normal []string // pieces in a row, each between spaces
}

// FindGolds prepares the search for right answers; those that are empty are never found.
func FindGolds(texts []string) *Golds {
	g := &Golds{}
	for _, t := range texts {
		if t = strings.TrimSpace(t); t == "" {
			continue
		}
		g.texts = append(g.texts, strings.ToLower(t))
		if p := pieces(t); len(p) > 0 {
			g.normal = append(g.normal, row(p))
		}
	}
	return g
}

// In says whether a text holds one of the answers: its pieces stand there one after another, or, since the normal form joins what
// only punctuation parts ("1990-2000"), it stands there letter for letter but for case, between characters that belong to no word.
func (g *Golds) In(text string) bool {
	low := strings.ToLower(text)
	if slices.ContainsFunc(g.texts, func(t string) bool { return standsIn(low, t) }) {
		return true
	}
	if len(g.normal) == 0 {
		return false
	}
	all := row(pieces(text))
	return slices.ContainsFunc(g.normal, func(n string) bool { return strings.Contains(all, n) })
}

func row(pieces []string) string { return " " + strings.Join(pieces, " ") + " " }

// standsIn says whether t stands in text without cutting a word.
func standsIn(text, t string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], t)
		if i < 0 {
			return false
		}
		start := from + i
		if WholeWords(text, start, start+len(t)) {
			return true
		}
		_, n := utf8.DecodeRuneInString(text[start:])
		from = start + n
	}
}

// WholeWords says whether the bytes [start, end) of a text, which must not be empty, cut no word at either end.
func WholeWords(text string, start, end int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:start])
	first, _ := utf8.DecodeRuneInString(text[start:])
	last, _ := utf8.DecodeLastRuneInString(text[:end])
	after, _ := utf8.DecodeRuneInString(text[end:])
	return !sameWord(before, first) && !sameWord(last, after)
}

// sameWord says whether two neighbours belong to one word. Scripts that are written without spaces have no such.
func sameWord(a, b rune) bool {
	return partOfWord(a) && partOfWord(b) && !unicode.In(a, spaceless...) && !unicode.In(b, spaceless...)
}

// partOfWord is isWord with the marks that stand on letters.
func partOfWord(r rune) bool { return r != utf8.RuneError && (isWord(r) || unicode.IsMark(r)) }
