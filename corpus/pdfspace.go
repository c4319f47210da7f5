package corpus

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// Some programs write no spaces but begin each word at its place. The engine sees most of these gaps, not all. To look for them costs ten
// times what the text costs, so that it is done where a sample of lines shows one.

const (
	sampledLines = 6
	sampledChars = 60
	wordGap      = 0.12 // of the font's height: the least gap that parts words
)

// missesSpaces says whether a line of the sample has a gap between letters and no space.
func missesSpaces(s *pdfSession, page references.FPDF_TEXTPAGE, units []uint16, found []pdfLine) bool {
	for k := range min(sampledLines, len(found)) {
		l := found[(2*k+1)*len(found)/(2*min(sampledLines, len(found)))]
		l.last = min(l.last, l.first+sampledChars)
		if gaps, least := gapsIn(s, page, units, l); len(gaps) > 0 && slices.Max(gaps) > least {
			return true
		}
	}
	return false
}

// gapsIn measures the gap before each character of a line after its first, from where the one before ends by its font; 0 where a gap
// means nothing. least is the width from which one parts words: letters that are spaced out on purpose stay together.
func gapsIn(s *pdfSession, page references.FPDF_TEXTPAGE, units []uint16, l pdfLine) (gaps []float64, least float64) {
	right := 0.0
	var letters []float64
	for i := l.first; i <= l.last; i++ {
		gap := 0.0
		if !lettered(units[i]) {
			right = 0
		} else if box, err := s.instance.FPDFText_GetLooseCharBox(&requests.FPDFText_GetLooseCharBox{TextPage: page, Index: i}); err != nil {
			right = 0
		} else {
			if right != 0 {
				gap = float64(box.Rect.Left) - right
				if ligature(units, i) && gap < 2*wordGap*l.height {
					gap = 0 // its parts are said to be of one width, which is not so
				}
				letters = append(letters, gap)
			}
			right = float64(box.Rect.Right)
		}
		if i > l.first {
			gaps = append(gaps, gap)
		}
	}
	least = wordGap * l.height
	if len(letters) > 0 {
		slices.Sort(letters)
		least = max(least, 2.5*letters[len(letters)/2])
	}
	return gaps, least
}

// ligature says whether the characters before one may be shown by one sign: fi, fl, ff.
func ligature(units []uint16, i int) bool {
	return i >= 2 && units[i-2] == 'f' && (units[i-1] == 'i' || units[i-1] == 'l' || units[i-1] == 'f')
}

// lettered says whether a character is one between which a gap means a space: a letter or sign of a script that writes from left
// to right with spaces.
func lettered(unit uint16) bool {
	r := rune(unit)
	return r > ' ' && !unbroken(r) && !unicode.In(r, unicode.M, unicode.Hebrew, unicode.Arabic, unicode.Hangul, unicode.Cs, unicode.Cc, unicode.Cf, unicode.Zs)
}

// respace puts spaces into the gaps of all lines of a page.
func respace(ctx context.Context, s *pdfSession, page references.FPDF_TEXTPAGE, units []uint16, found []pdfLine) error {
	for k := range found {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		l := &found[k]
		gaps, least := gapsIn(s, page, units, *l)
		var text strings.Builder
		start := l.first
		for j, gap := range gaps {
			if i := l.first + 1 + j; gap > least {
				text.WriteString(string(utf16.Decode(units[start:i])) + " ")
				start = i
			}
		}
		l.text = text.String() + string(utf16.Decode(units[start:l.last+1]))
	}
	return nil
}
