package eval

import (
	"strings"
	"unicode"
)

// spaceless are the scripts that are written without spaces between words.
var spaceless = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

// pieces are the words of the normal form without any Unicode punctuation, with every character of a
// spaceless script a piece of its own.
func pieces(s string) []string {
	var out []string
	for _, w := range words(strings.Map(dropPunctuation, s)) {
		from := 0
		for i, r := range w {
			if !unicode.In(r, spaceless...) {
				continue
			}
			if from < i {
				out = append(out, w[from:i])
			}
			from = i + len(string(r))
			out = append(out, w[i:from])
		}
		if from < len(w) {
			out = append(out, w[from:])
		}
	}
	return out
}

func dropPunctuation(r rune) rune {
	if unicode.IsPunct(r) {
		return -1
	}
	return r
}

func cjkExact(r *Result) (float64, bool) { e, _ := cjk(r); return 100 * e, true }
func cjkF1(r *Result) (float64, bool)    { _, f := cjk(r); return 100 * f, true }

func cjk(r *Result) (exact, f1 float64) {
	if r.Err != "" {
		return 0, 0
	}
	return judgeBy(pieces, r.Golds, r.Text, true)
}
