package corpus

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// skipSpace finds the next character that is not white space, and counts the line ends on the way.
func skipSpace(text string, at int) (end, newlines int) {
	for at < len(text) {
		switch c := text[at]; {
		case c == '\n':
			newlines++
			at++
		case c == '\r':
			if at++; at >= len(text) || text[at] != '\n' {
				newlines++
			}
		case c == '\f':
			newlines += 2
			at++
		case c == ' ' || c == '\t' || c == '\v':
			at++
		case c < utf8.RuneSelf:
			return at, newlines
		default:
			r, size := utf8.DecodeRuneInString(text[at:])
			if !unicode.IsSpace(r) {
				return at, newlines
			}
			switch r {
			case '\u0085', '\u2028':
				newlines++
			case '\u2029':
				newlines += 2
			}
			at += size
		}
	}
	return at, newlines
}

func tokenEnd(text string, at int) int {
	for at < len(text) {
		c := text[at]
		if c < utf8.RuneSelf {
			if c == ' ' || c >= '\t' && c <= '\r' {
				return at
			}
			at++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[at:])
		if unicode.IsSpace(r) {
			return at
		}
		at += size
	}
	return at
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// joinsBefore says whether the character at a place belongs to one grapheme cluster with the one before it.
func joinsBefore(text string, at int) bool {
	if text[at] < utf8.RuneSelf && text[at-1] < utf8.RuneSelf {
		return text[at] == '\n' && text[at-1] == '\r'
	}
	from := at
	for range 32 { // far enough back to see what the cluster begins with
		if from == 0 {
			break
		}
		_, size := utf8.DecodeLastRuneInString(text[:from])
		from -= size
		if c := text[from]; c < utf8.RuneSelf && c > ' ' && size == 1 {
			break
		}
	}
	for it := graphemes.FromString(text[from:min(len(text), at+64)]); it.Next(); {
		if from += len(it.Value()); from >= at {
			return from > at
		}
	}
	return false
}

// endsHere says whether a sentence ends with the token that ends at a place: it ends with a stop, and what follows does not
// go on in small letters.
func endsHere(text string, end int) bool {
	i := end
	for i > 0 {
		r, size := lastRune(text, i)
		if closes(r) {
			i -= size
			continue
		}
		if !stops(r) {
			return false
		}
		break
	}
	if i == 0 {
		return false
	}
	if text[i-1] == '.' && abbreviated(text[:i-1]) {
		return false
	}
	next, _ := skipSpace(text, end)
	for next < len(text) {
		r, size := utf8.DecodeRuneInString(text[next:])
		if unicode.IsLower(r) {
			return false
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsSpace(r) {
			return true
		}
		next += size
	}
	return true
}

func lastRune(text string, end int) (rune, int) {
	if c := text[end-1]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeLastRuneInString(text[:end])
}

// stops says whether a character ends sentences.
func stops(r rune) bool {
	if r < utf8.RuneSelf {
		return r == '.' || r == '!' || r == '?'
	}
	return strings.ContainsRune("…‼⁇⁈⁉。！？．｡؟۔।॥։።៕။᙮", r)
}

// closes says whether a character may stand between a sentence's stop and its end.
func closes(r rune) bool {
	if r < utf8.RuneSelf {
		return r == '"' || r == '\'' || r == ')' || r == ']' || r == '}'
	}
	return strings.ContainsRune("”’»›」』】）》〉〗〕", r)
}

// abbreviations are words whose full stop does not end a sentence although a capital or number may follow.
var abbreviations = map[string]bool{
	"mr": true, "mrs": true, "ms": true, "dr": true, "prof": true, "st": true, "gen": true, "col": true, "capt": true, "sen": true, "rep": true, "gov": true, "rev": true,
	"no": true, "nos": true, "vol": true, "fig": true, "figs": true, "eq": true, "sec": true, "ch": true, "pp": true, "al": true, "vs": true, "cf": true, "etc": true, "e.g": true, "i.e": true,
	"jan": true, "feb": true, "mar": true, "apr": true, "jun": true, "jul": true, "aug": true, "sep": true, "sept": true, "oct": true, "nov": true, "dec": true,
	"bzw": true, "nr": true, "abs": true, "art": true, "ca": true, "approx": true, "inc": true, "ltd": true, "co": true, "corp": true, "z.b": true, "d.h": true, "u.a": true,
}

// abbreviated says whether a text ends with an abbreviation or an initial.
func abbreviated(text string) bool {
	start := len(text)
	for start > 0 && len(text)-start < 8 {
		c := text[start-1]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '.') {
			break
		}
		start--
	}
	word := text[start:]
	if len(word) == 1 && word[0] <= 'Z' && word[0] >= 'A' {
		return start == 0 || text[start-1] == ' ' || text[start-1] == '\n' || text[start-1] == '('
	}
	return len(word) > 0 && len(word) < 7 && abbreviations[strings.ToLower(word)]
}

// unbroken says whether a character is of a script that does not part words by spaces.
func unbroken(r rune) bool {
	if r < 0x0e00 {
		return false
	}
	return r < 0x0f00 || // Thai, Lao
		r >= 0x1000 && r < 0x10a0 || r >= 0x1780 && r < 0x1800 || // Myanmar, Khmer
		r >= 0x3001 && r < 0x3100 || r >= 0x31f0 && r < 0x3200 || r >= 0x3400 && r < 0xa000 || // kana, ideographs
		r >= 0xf900 && r < 0xfb00 || r >= 0xff01 && r < 0xffa0 || r >= 0x20000 && r < 0x32000
}
