package index

import "unicode"

// kind says how a stretch of letters is made into terms.
type kind uint8

const (
	apart kind = iota // no letter: stands between words
	plain             // letters and digits of scripts that put spaces between words
	// The scripts that do not, and Hangul, whose words carry their particles, become overlapping grams.
	han    // Han, kana, bopomofo: two characters
	hangul // two syllables
	thai   // Thai, Lao, Khmer, Burmese: three characters with their marks
)

// grams is how many characters a term of this kind has.
func (k kind) grams() int {
	switch k {
	case han, hangul:
		return 2
	case thai:
		return 3
	}
	return 0
}

// stretch is a block of code points whose letters are of a kind.
type stretch struct {
	lo, hi rune
	kind   kind
}

var stretches = [...]stretch{
	{0x0e00, 0x0eff, thai},   // Thai, Lao
	{0x1000, 0x109f, thai},   // Myanmar
	{0x1100, 0x11ff, hangul}, // Jamo
	{0x1780, 0x17ff, thai},   // Khmer
	{0x2e80, 0x312f, han},    // radicals, kana, bopomofo
	{0x3130, 0x318f, hangul}, // compatibility Jamo
	{0x31a0, 0x31ff, han},    // bopomofo, small katakana
	{0x3400, 0x4dbf, han},
	{0x4e00, 0x9fff, han},
	{0xa960, 0xa97f, hangul},
	{0xa9e0, 0xa9ff, thai}, // Myanmar
	{0xaa60, 0xaa7f, thai}, // Myanmar
	{0xac00, 0xd7ff, hangul},
	{0xf900, 0xfaff, han},
	{0xff66, 0xff9f, han}, // half-width katakana
	{0xffa0, 0xffdc, hangul},
	{0x1b000, 0x1b16f, han}, // rare kana
	{0x20000, 0x3ffff, han},
}

// kindOf is the kind of a code point. Marks are of the kind of their block, and continue any word (see continues).
func kindOf(r rune) kind {
	switch {
	case r < 0x80:
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return plain
		}
		return apart
	case !unicode.In(r, unicode.L, unicode.N, unicode.M, unicode.Co):
		return apart
	case r >= 0x0e00 && !unicode.Is(unicode.Nd, r):
		for _, s := range stretches {
			if r < s.lo {
				break
			}
			if r <= s.hi {
				return s.kind
			}
		}
	}
	return plain
}

// continues says whether a code point belongs to the character before it: marks, the half-width voicing marks, and what is
// not seen (soft hyphen, joiners, variation selectors).
func continues(r rune) bool {
	if r < 0x80 {
		return false
	}
	return unseen(r) || r == 0xff9e || r == 0xff9f || unicode.Is(unicode.M, r)
}

// unseen says whether a code point is no part of a term although it may stand within a word.
func unseen(r rune) bool {
	switch r {
	case 0xad, 0x200c, 0x200d, 0x2060, 0xfeff, 0x640: // the last is the Arabic stretching stroke
		return true
	}
	return 0xfe00 <= r && r <= 0xfe0f
}
