package eval

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Normalize is the normal form in which the official SQuAD scripts compare answers: lower case, without ASCII
// punctuation, without the words a, an and the, single spaces. It follows Python's str where Go differs:
// full case mapping, Unicode word characters, and the four control characters that Python counts as spaces.
func Normalize(s string) string { return strings.Join(words(s), " ") }

// words are the white-space separated words of the normal form.
func words(s string) []string {
	s = removePunctuation(lower(s))
	var b strings.Builder
	for len(s) > 0 {
		n := prefix(s, isWord)
		if run := s[:n]; run == "a" || run == "an" || run == "the" {
			b.WriteByte(' ')
		} else {
			b.WriteString(run)
		}
		m := n + prefix(s[n:], func(r rune) bool { return !isWord(r) })
		b.WriteString(s[n:m])
		s = s[m:]
	}
	return strings.FieldsFunc(b.String(), isSpace)
}

// prefix is the number of bytes at the start of s whose characters all are as f says.
func prefix(s string, f func(rune) bool) int {
	for i, r := range s {
		if !f(r) {
			return i
		}
	}
	return len(s)
}

// isWord is \w of Python's re. Combining marks do not belong.
func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) }

// isSpace is where Python's str.split() splits.
func isSpace(r rune) bool { return unicode.IsSpace(r) || 0x1C <= r && r <= 0x1F }

// removePunctuation deletes the 32 punctuation characters of ASCII and no others.
func removePunctuation(s string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (unicode.IsPunct(r) || unicode.IsSymbol(r)) {
			return -1
		}
		return r
	}, s)
}

// lower is Python's str.lower(): İ becomes two characters, and a sigma at the end of a word its final form.
func lower(s string) string {
	if !strings.ContainsAny(s, "İΣ") {
		return strings.ToLower(s)
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == 'İ':
			b.WriteString("i\u0307")
		case r == 'Σ' && finalSigma(s[:i], s[i+len("Σ"):]):
			b.WriteRune('ς')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// finalSigma is the condition Final_Sigma of the Unicode standard, table 3-17: a cased letter before and none
// after, whatever characters that case ignores lie between.
func finalSigma(before, after string) bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(before, caseIgnorable))
	first, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(after, caseIgnorable))
	return isCased(last) && !isCased(first)
}

// isCased is the property Cased.
func isCased(r rune) bool {
	return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Uppercase, unicode.Other_Lowercase)
}

// caseIgnorable is the property Case_Ignorable: marks, modifiers, format characters, and the punctuation that
// may stand inside a word.
func caseIgnorable(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk) ||
		strings.ContainsRune("'.:·\u0387\u055f\u05f4‘’․‧︓﹒﹕＇．：", r)
}
