package workbench

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tryall/tryall/qa"
)

// Place is where an answer stands in its text, for showing it: the span, the sentence around it, and what is shown around that. All
// are bytes of the text, and each lies within the next.
type Place struct{ Span, Sentence, Shown qa.Range }

// PlaceOf finds the sentence of a span and about so many bytes on either side of it, cut between words.
func PlaceOf(text string, span qa.Range, around int) Place {
	span.Start = min(span.Start, len(text))
	span.End = min(max(span.End, span.Start), len(text))
	sentence := qa.Range{Start: sentenceStart(text, span.Start), End: sentenceEnd(text, span.End)}
	from := wordBoundary(text, max(0, sentence.Start-around), +1)
	to := wordBoundary(text, min(len(text), sentence.End+around), -1)
	return Place{span, sentence, qa.Range{Start: min(from, sentence.Start), End: max(to, sentence.End)}}
}

// sentenceReach is how many bytes are looked at for a sentence's end.
const sentenceReach = 600

func isTerminator(r rune) bool { return strings.ContainsRune(".!?。！？", r) }

// sentenceStart is where the sentence that byte at stands in begins: after a terminator with space behind it, or a blank line.
func sentenceStart(text string, at int) int {
	low := max(0, at-sentenceReach)
	start, i := at, at
	for i > low {
		r, size := utf8.DecodeLastRuneInString(text[:i])
		before, _ := utf8.DecodeLastRuneInString(text[:i-size])
		switch {
		case isTerminator(r) && r >= utf8.RuneSelf:
			return start
		case r == '\n' && before == '\n', unicode.IsSpace(r) && isTerminator(before) && start < at:
			return start
		}
		if i -= size; !unicode.IsSpace(r) {
			start = i
		}
	}
	if i > 0 && i <= low {
		return wordBoundary(text, i, +1)
	}
	return start
}

// sentenceEnd is where the sentence that ends the span ends, its terminator included.
func sentenceEnd(text string, at int) int {
	high := min(len(text), at+sentenceReach)
	for i := at; i < high; {
		r, size := utf8.DecodeRuneInString(text[i:])
		next, _ := utf8.DecodeRuneInString(text[min(len(text), i+size):])
		switch {
		case isTerminator(r) && (r >= utf8.RuneSelf || i+size >= len(text) || unicode.IsSpace(next)):
			return i + size
		case r == '\n' && next == '\n':
			return i
		}
		i += size
	}
	if high < len(text) {
		return max(at, wordBoundary(text, high, -1))
	}
	return high
}

// wordBoundary moves from byte at to the next space in a direction, but not far: text without spaces is cut at a rune.
func wordBoundary(text string, at, direction int) int {
	for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		at--
	}
	if at == 0 || at == len(text) {
		return at
	}
	for i, n := at, 0; n < 40 && i > 0 && i < len(text); n++ {
		if text[i] == ' ' || text[i] == '\n' {
			return i
		}
		i += direction
	}
	return at
}
