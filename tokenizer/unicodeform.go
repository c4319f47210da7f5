package tokenizer

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// form is one of NFD, NFC, NFKD and NFKC. golang.org/x/text has the data; the order of marks, and what each character stands for
// afterwards, is worked out here. Characters younger than the reference's Unicode 9 are left alone.
type form struct{ compatible, compose bool }

// mark is an edit waiting for canonical ordering.
type mark struct {
	class uint8
	edit  edit
}

func (f form) normalize(l *line) {
	if ascii(l.chars) {
		return
	}
	l.edits, l.marks = l.edits[:0], l.marks[:0]
	var buf [24]rune
	for _, c := range l.chars {
		for i, r := range appendDecomposed(buf[:0], c.r, f.compatible) {
			e := edit{r: r}
			if i > 0 {
				e.change = 1
			}
			class := combiningClass(r)
			if class == 0 {
				l.flushMarks()
				l.edits = append(l.edits, e)
				continue
			}
			l.marks = append(l.marks, mark{class, e})
		}
	}
	l.flushMarks()
	if f.compose {
		l.edits = composed(l.edits)
	}
	l.apply()
}

func ascii(cs []char) bool {
	for _, c := range cs {
		if c.r >= 0x80 {
			return false
		}
	}
	return true
}

// flushMarks appends the waiting marks in canonical order.
func (l *line) flushMarks() {
	if len(l.marks) > 1 {
		slices.SortStableFunc(l.marks, func(a, b mark) int { return int(a.class) - int(b.class) })
	}
	for _, m := range l.marks {
		l.edits = append(l.edits, m.edit)
	}
	l.marks = l.marks[:0]
}

const (
	hangulBase, hangulEnd                          = 0xAC00, 0xAC00 + 11172
	hangulL, hangulV, hangulT                      = 0x1100, 0x1161, 0x11A7
	hangulLCount, hangulVCount, hangulTCount, hang = 19, 21, 28, 21 * 28
)

// appendDecomposed appends the full decomposition of r.
func appendDecomposed(dst []rune, r rune, compatible bool) []rune {
	if r < 0xA0 {
		return append(dst, r)
	}
	if r >= hangulBase && r < hangulEnd {
		s := r - hangulBase
		dst = append(dst, hangulL+s/hang, hangulV+s%hang/hangulTCount)
		if t := s % hangulTCount; t != 0 {
			dst = append(dst, hangulT+t)
		}
		return dst
	}
	if !unicode.Is(decomposes, r) {
		return append(dst, r)
	}
	f := norm.NFD
	if compatible {
		f = norm.NFKD
	}
	var buf [utf8.UTFMax]byte
	d := f.Properties(utf8.AppendRune(buf[:0], r)).Decomposition()
	if d == nil {
		return append(dst, r)
	}
	for len(d) > 0 {
		r, n := utf8.DecodeRune(d)
		dst, d = append(dst, r), d[n:]
	}
	return dst
}

// combiningClass is the canonical combining class.
func combiningClass(r rune) uint8 {
	if r < 0x300 || !unicode.Is(nonstarter, r) {
		return 0
	}
	var buf [utf8.UTFMax]byte
	return norm.NFD.Properties(utf8.AppendRune(buf[:0], r)).CCC()
}

// composed joins starters with the marks and vowels behind them, in place.
func composed(edits []edit) []edit {
	out := edits[:0]
	starter, last := -1, -1 // index of the starter in out; class of the last mark kept behind it, -1 if none
	for _, e := range edits {
		class := int(combiningClass(e.r))
		if starter >= 0 && (last < 0 || last < class) {
			if r, ok := composePair(out[starter].r, e.r); ok {
				out[starter].r = r
				out[starter].change += e.change - 1
				continue
			}
		}
		out = append(out, e)
		switch {
		case class == 0:
			starter, last = len(out)-1, -1
		case starter >= 0:
			last = class
		}
	}
	return out
}

// composePair is the primary composite of two characters.
func composePair(a, b rune) (rune, bool) {
	switch {
	case a < 0x80 && b < 0x300:
		return 0, false
	case a >= hangulL && a < hangulL+hangulLCount && b >= hangulV && b < hangulV+hangulVCount:
		return hangulBase + (a-hangulL)*hang + (b-hangulV)*hangulTCount, true
	case a >= hangulBase && a < hangulEnd && (a-hangulBase)%hangulTCount == 0 && b > hangulT && b < hangulT+hangulTCount:
		return a + b - hangulT, true
	}
	var buf [4 * utf8.UTFMax]byte
	second := utf8.AppendRune(buf[:0], b)
	if norm.NFC.Properties(second).BoundaryBefore() {
		return 0, false
	}
	pair := norm.NFC.AppendString(buf[:0], string(a)+string(b))
	r, n := utf8.DecodeRune(pair)
	if n < len(pair) || !unicode.Is(decomposes, r) {
		return 0, false
	}
	return r, true
}
