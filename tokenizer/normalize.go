package tokenizer

import (
	"unicode"
)

// normalizer rewrites a line in place.
type normalizer interface{ normalize(l *line) }

type normalizers []normalizer

func (ns normalizers) normalize(l *line) {
	for _, n := range ns {
		n.normalize(l)
	}
}

// filter drops the characters that drop names; what stays keeps its place.
func (l *line) filter(drop func(r rune) bool) {
	kept := l.chars[:0]
	for _, c := range l.chars {
		if !drop(c.r) {
			kept = append(kept, c)
		}
	}
	l.chars = kept
}

type stripAccents struct{}

func (stripAccents) normalize(l *line) {
	l.filter(func(r rune) bool { return r >= 0x300 && unicode.Is(combiningMark, r) })
}

// lowercase maps each character alone, as Rust's char does: no final sigma, and İ becomes two characters.
type lowercase struct{}

func (lowercase) normalize(l *line) {
	for i, c := range l.chars {
		if c.r >= 0x80 && lowerException[c.r] != "" {
			l.replace(func(dst []char) []char { return appendLower(append(dst, l.chars[:i]...), l.chars[i:]) })
			return
		}
		l.chars[i].r = lowerRune(c.r)
	}
}

func lowerRune(r rune) rune {
	if r < 0x80 {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	return unicode.ToLower(r)
}

func appendLower(dst, src []char) []char {
	for _, c := range src {
		if special := lowerException[c.r]; special != "" {
			for _, r := range special {
				dst = append(dst, char{r, c.size, c.at})
			}
			continue
		}
		c.r = lowerRune(c.r)
		dst = append(dst, c)
	}
	return dst
}

type strip struct{ left, right bool }

func (s strip) normalize(l *line) {
	cs := l.chars
	for s.left && len(cs) > 0 && unicode.IsSpace(cs[0].r) {
		cs = cs[1:]
	}
	for s.right && len(cs) > 0 && unicode.IsSpace(cs[len(cs)-1].r) {
		cs = cs[:len(cs)-1]
	}
	if len(cs) < len(l.chars) {
		l.chars = l.chars[:copy(l.chars, cs)]
	}
}

// prepend puts runes before the line; they stand for what its first character stands for.
func (l *line) prepend(runes []rune) {
	if len(l.chars) == 0 {
		return
	}
	l.replace(func(dst []char) []char {
		first := l.chars[0]
		for _, r := range runes {
			dst = append(dst, char{r, first.size, first.at})
		}
		return append(dst, l.chars...)
	})
}

type prepend []rune

func (p prepend) normalize(l *line) { l.prepend(p) }

// nmt is sentencepiece's clean-up for machine translation: control characters vanish, odd spaces become plain ones.
type nmt struct{}

func (nmt) normalize(l *line) {
	l.filter(func(r rune) bool {
		return r >= 0x1 && r <= 0x8 || r == 0xB || r >= 0xE && r <= 0x1F || r == 0x7F || r == 0x8F || r == 0x9F
	})
	for i, c := range l.chars {
		switch r := c.r; {
		case r == 0x9, r == 0xA, r == 0xC, r == 0xD, r == 0x1680, r >= 0x200B && r <= 0x200F,
			r == 0x2028, r == 0x2029, r == 0x2581, r == 0xFEFF, r == 0xFFFD:
			l.chars[i].r = ' '
		}
	}
}

// replacement is the Replace normalizer: what the pattern matches becomes content, which stands for the last character matched.
type replacement struct {
	pattern pattern
	content []rune
}

func (p replacement) normalize(l *line) {
	found := p.pattern.matches(l, l.chars)
	if len(found) == 0 {
		return
	}
	l.replace(func(dst []char) []char {
		from := 0
		for _, m := range found {
			dst = append(dst, l.chars[from:m.lo]...)
			c := char{at: l.start}
			if m.hi > 0 {
				c = l.chars[m.hi-1]
			}
			for _, r := range p.content {
				c.r = r
				dst = append(dst, c)
			}
			from = m.hi
		}
		return append(dst, l.chars[from:]...)
	})
}

// byteChars is GPT-2's printable character for every byte.
var byteChars = func() (table [256]rune) {
	next := rune(256)
	for b := range table {
		if b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE {
			table[b] = rune(b)
			continue
		}
		table[b] = next
		next++
	}
	return table
}()

// byteLevel writes every byte of a character as a character of its own; all of them stand for the same one.
type byteLevel struct{}

func (byteLevel) normalize(l *line) {
	l.replace(func(dst []char) []char { return appendBytes(dst, l.chars) })
}

func appendBytes(dst, src []char) []char {
	for _, c := range src {
		if c.r < 0x80 {
			c.r = byteChars[c.r]
			dst = append(dst, c)
			continue
		}
		for _, b := range []byte(string(c.r)) {
			dst = append(dst, char{byteChars[b], c.size, c.at})
		}
	}
	return dst
}
