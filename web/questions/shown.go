package questions

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tryall/tryall/qa"
)

// shownWithin is a part of a text as a page has it to be marked in: as ui.Visible makes it, but so that each code point stays one of as
// many UTF-16 units, since browsers count those. What begins a new line is a line feed, because browsers leave no other sign for
// that alone.
func shownWithin(text string, r qa.Range) string {
	var b strings.Builder
	b.Grow(r.Len())
	for i, c := range text[r.Start:r.End] {
		b.WriteRune(shownAs(c, text[r.Start+i:]))
	}
	return b.String()
}

// shownAs is what a code point, with which rest begins, is shown as.
func shownAs(r rune, rest string) rune {
	switch {
	case r == '\r' && strings.HasPrefix(rest, "\r\n"):
		return ' '
	case r == '\r', r == '\v', r == '\f', r == '\u2028', r == '\u2029', r == '\u0085':
		return '\n'
	case r == '\n', r == '\t':
		return r
	case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\uFEFF':
		return '\uFFFD'
	}
	return r
}

// units is how many UTF-16 units a code point has.
func units(r rune) int {
	if r >= 0x10000 {
		return 2
	}
	return 1
}

// marked is what stands in a text from one UTF-16 unit to another, counted from a byte of it; without the white space around it. It must
// be shown as the browser says that it is.
func marked(text string, base, from, to int, as string) (qa.Range, error) {
	wrong := func(why string) (qa.Range, error) {
		return qa.Range{}, qa.Errorf(qa.Invalid, "what was marked %s; load the page again and mark it once more", why)
	}
	if base < 0 || base > len(text) || base < len(text) && !utf8.RuneStart(text[base]) || from < 0 || to < from {
		return wrong("does not lie in the text")
	}
	start, rest := bytesOf(text[base:], from)
	if start < 0 {
		return wrong("does not begin at a character of the text")
	}
	length, _ := bytesOf(rest, to-from)
	if length < 0 {
		return wrong("does not end at a character of the text")
	}
	r := qa.Range{Start: base + start, End: base + start + length}
	if shownWithin(text, r) != as {
		return wrong("is not what stands there, perhaps because the text has changed")
	}
	for r.Start < r.End {
		c, n := utf8.DecodeRuneInString(text[r.Start:r.End])
		if !unicode.IsSpace(c) {
			break
		}
		r.Start += n
	}
	r.End = r.Start + len(strings.TrimRightFunc(text[r.Start:r.End], unicode.IsSpace))
	if r.Len() == 0 {
		return wrong("is nothing but white space")
	}
	return r, nil
}

// bytesOf is how many bytes so many UTF-16 units have, and what follows them; -1 where they end within a character or behind the text.
func bytesOf(text string, wanted int) (n int, rest string) {
	for wanted > 0 {
		if n == len(text) {
			return -1, ""
		}
		r, size := utf8.DecodeRuneInString(text[n:])
		n += size
		if wanted -= units(r); wanted < 0 {
			return -1, ""
		}
	}
	return n, text[n:]
}
