package index

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// longest is the most bytes of a term; of longer words (keys, encoded pictures) the beginning stands for the whole, in
// passages and in questions.
const longest = 96

var folder = cases.Fold()

// term is what a token is searched by: without case, without the accents of alphabets, in one form of the several that
// Unicode may have for it, and with English endings cut. Empty when nothing is left.
func (t token) term(text string) string {
	s := text[t.start:t.end]
	if t.kind == plain {
		if lower, ok := lowerASCII(s); ok {
			return clip(stem(lower))
		}
	}
	return clip(fold(s))
}

// lowerASCII is s in lower case, if it is ASCII.
func lowerASCII(s string) (string, bool) {
	upper := false
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf {
			return "", false
		}
		upper = upper || 'A' <= c && c <= 'Z'
	}
	if !upper {
		return s, true
	}
	return strings.ToLower(s), true
}

// fold brings what is not ASCII into its simplest form. A word that is ASCII then (résumé) is cut as English ones are, so that
// both spellings meet.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		if unseen(r) {
			return -1
		}
		return r
	}, s)
	s = folder.String(norm.NFKD.String(s))
	s = strings.Map(func(r rune) rune {
		if accent(r) || kindOf(r) == apart { // a compatibility form may have brought spaces and signs
			return -1
		}
		return r
	}, s)
	if lower, ok := lowerASCII(s); ok {
		return stem(lower)
	}
	return norm.NFC.String(s)
}

// accent says whether a mark is one that readers of its script leave out or may leave out: those of Latin, Greek and Cyrillic,
// the vowel points of Hebrew and Arabic. The vowel signs of Indic scripts and the voicing marks of kana are not.
func accent(r rune) bool {
	return 0x300 <= r && r <= 0x36f || 0x483 <= r && r <= 0x487 || 0x591 <= r && r <= 0x5bd || r == 0x5bf || 0x5c1 <= r && r <= 0x5c2 ||
		0x5c4 <= r && r <= 0x5c5 || r == 0x5c7 || 0x610 <= r && r <= 0x61a || 0x64b <= r && r <= 0x65f || r == 0x670 ||
		0x1ab0 <= r && r <= 0x1aff || 0x1dc0 <= r && r <= 0x1dff || 0x20d0 <= r && r <= 0x20ff || 0xfe20 <= r && r <= 0xfe2f
}

func clip(s string) string {
	if len(s) <= longest {
		return s
	}
	end := longest
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}
