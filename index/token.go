package index

import (
	"unicode/utf8"
)

// token is a word of a text, or a gram of a stretch without spaces: bytes start to end. Grams overlap; the last ones of a
// stretch are shorter than the others, so that each character begins one.
type token struct {
	start, end int
	kind       kind
	chars      int  // characters of a gram
	tail       bool // a gram at the end of a stretch that is shorter than the others, which have all of it
}

// tokens calls yield for the words and grams of a text, in order, until it returns false. Bytes that are no UTF-8 stand
// between words.
func tokens(text string, yield func(token) bool) {
	var starts []int // of the characters of a stretch
	for i := 0; i < len(text); {
		k, n := next(text, i)
		if k == apart {
			i += n
			continue
		}
		start := i
		if k == plain {
			if i = word(text, i+n); !yield(token{start: start, end: i, kind: plain}) {
				return
			}
			continue
		}
		starts = starts[:0]
		for i < len(text) {
			same, n := next(text, i)
			if same != k {
				break
			}
			starts = append(starts, i)
			i = marks(text, i+n)
		}
		starts = append(starts, i)
		for c := range len(starts) - 1 {
			last := min(c+k.grams(), len(starts)-1)
			if !yield(token{starts[c], starts[last], k, last - c, c > 0 && last-c < k.grams()}) {
				return
			}
		}
	}
}

// next is the kind and length of the code point at byte i.
func next(text string, i int) (kind, int) {
	if c := text[i]; c < utf8.RuneSelf {
		return kindOf(rune(c)), 1
	}
	r, n := utf8.DecodeRuneInString(text[i:])
	if r == utf8.RuneError && n == 1 || unseen(r) {
		return apart, n
	}
	return kindOf(r), n
}

// marks is the end of the marks that follow byte i.
func marks(text string, i int) int {
	for i < len(text) && text[i] >= utf8.RuneSelf {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && n == 1 || !continues(r) {
			break
		}
		i += n
	}
	return i
}

// word is the end of the word that goes on at byte i.
func word(text string, i int) int {
	for {
		for i < len(text) && text[i] < utf8.RuneSelf && kindOf(rune(text[i])) == plain {
			i++
		}
		if i = marks(text, i); i == len(text) {
			return i
		}
		k, n := next(text, i)
		if k != plain {
			return i
		}
		i += n
	}
}

// firsts is the part of a gram that has its first characters.
func (t token) firsts(text string, chars int) token {
	end := t.start
	for range min(chars, t.chars) {
		_, n := next(text, end)
		end = marks(text, end+n)
	}
	t.end = end
	return t
}
