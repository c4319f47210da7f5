package tokenizer

import "unicode"

// preTokenizer cuts the pieces of a text into smaller ones, and may rewrite their characters first.
type preTokenizer interface{ preTokenize(t *text) }

type preTokenizers []preTokenizer

func (ps preTokenizers) preTokenize(t *text) {
	for _, p := range ps {
		p.preTokenize(t)
	}
}

// behavior is what becomes of the delimiters of a split.
type behavior uint8

const (
	removed behavior = iota
	isolated
	mergedWithPrevious
	mergedWithNext
	contiguous
)

var behaviors = map[string]behavior{"Removed": removed, "Isolated": isolated, "MergedWithPrevious": mergedWithPrevious,
	"MergedWithNext": mergedWithNext, "Contiguous": contiguous}

// part is a piece of a split, a delimiter or not.
type part struct {
	span
	delimiter bool
}

// cutParts cuts [lo, hi) as b says. parts cover it from left to right.
func (t *text) cutParts(parts []part, b behavior) {
	switch b {
	case removed:
		for _, p := range parts {
			if !p.delimiter {
				t.cut(p.lo, p.hi)
			}
		}
	case isolated:
		for _, p := range parts {
			t.cut(p.lo, p.hi)
		}
	case contiguous:
		t.cutJoined(parts, func(before, p bool) bool { return before == p })
	case mergedWithPrevious:
		t.cutJoined(parts, func(before, p bool) bool { return p && !before })
	case mergedWithNext:
		for i := 0; i < len(parts); i++ {
			p := parts[i]
			// Only the last of several delimiters joins what follows.
			if p.delimiter && i+1 < len(parts) && !parts[i+1].delimiter {
				i++
				p.hi = parts[i].hi
			}
			t.cut(p.lo, p.hi)
		}
	}
}

// cutJoined joins a part to the one before where join, given whether each is a delimiter, says so.
func (t *text) cutJoined(parts []part, join func(before, part bool) bool) {
	before := false // the reference begins with "no delimiter"
	var open span
	for i, p := range parts {
		if i > 0 && join(before, p.delimiter) {
			open.hi = p.hi
		} else {
			t.cut(open.lo, open.hi)
			open = p.span
		}
		before = p.delimiter
	}
	t.cut(open.lo, open.hi)
}

// charSplit cuts at single characters.
type charSplit struct {
	is       func(r rune) bool
	behavior behavior
}

func (s charSplit) preTokenize(t *text) {
	var parts []part
	t.each(func(p piece) {
		if s.behavior == removed || s.behavior == isolated {
			from := p.lo
			for i := p.lo; i < p.hi; i++ {
				if !s.is(t.chars[i].r) {
					continue
				}
				t.cut(from, i)
				if s.behavior == isolated {
					t.cut(i, i+1)
				}
				from = i + 1
			}
			t.cut(from, p.hi)
			return
		}
		parts = parts[:0]
		from := p.lo
		for i := p.lo; i < p.hi; i++ {
			if s.is(t.chars[i].r) {
				parts = appendPart(parts, from, i, false)
				parts = appendPart(parts, i, i+1, true)
				from = i + 1
			}
		}
		t.cutParts(appendPart(parts, from, p.hi, false), s.behavior)
	})
}

func appendPart(parts []part, lo, hi int, delimiter bool) []part {
	if lo < hi {
		parts = append(parts, part{span{lo, hi}, delimiter})
	}
	return parts
}

// patternSplit cuts at what a pattern matches, or, inverted, at everything else.
type patternSplit struct {
	pattern  pattern
	behavior behavior
	invert   bool
}

func (s patternSplit) preTokenize(t *text) {
	var parts []part
	t.each(func(p piece) {
		parts = parts[:0]
		from := p.lo
		for _, m := range s.pattern.matches(&t.line, t.chars[p.lo:p.hi]) {
			lo, hi := p.lo+m.lo, p.lo+m.hi
			parts = appendPart(parts, from, lo, s.invert)
			parts = append(parts, part{span{lo, hi}, !s.invert})
			from = hi
		}
		t.cutParts(appendPart(parts, from, p.hi, s.invert), s.behavior)
	})
}

// bertWords cuts at white space, which goes, and around punctuation, which stays.
type bertWords struct{}

func (bertWords) preTokenize(t *text) {
	t.each(func(p piece) {
		from := p.lo
		for i := p.lo; i < p.hi; i++ {
			switch r := t.chars[i].r; {
			case r < 0x80 && asciiKind[r] == kindOther || r >= 0x80 && !unicode.IsSpace(r) && !unicode.Is(punctuation, r):
			case unicode.IsSpace(r):
				t.cut(from, i)
				from = i + 1
			default:
				t.cut(from, i)
				t.cut(i, i+1)
				from = i + 1
			}
		}
		t.cut(from, p.hi)
	})
}

const (
	kindOther = iota
	kindSpace
	kindPunct
)

// asciiKind saves the table look-ups for most characters.
var asciiKind = func() (kinds [0x80]uint8) {
	for r := range kinds {
		switch {
		case unicode.IsSpace(rune(r)):
			kinds[r] = kindSpace
		case unicode.Is(punctuation, rune(r)):
			kinds[r] = kindPunct
		}
	}
	return kinds
}()

func isPunctuation(r rune) bool { return unicode.Is(punctuation, r) }

func isNumeric(r rune) bool { return unicode.Is(numeric, r) }

// words is the Whitespace pre-tokenizer: runs of word characters and runs of other characters, without white space.
type words struct{}

func (words) preTokenize(t *text) {
	kind := func(r rune) int {
		switch {
		case unicode.Is(wordChar, r):
			return kindOther
		case unicode.IsSpace(r):
			return kindSpace
		}
		return kindPunct
	}
	t.each(func(p piece) {
		for i := p.lo; i < p.hi; {
			lo, k := i, kind(t.chars[i].r)
			for i++; i < p.hi && kind(t.chars[i].r) == k; i++ {
			}
			if k != kindSpace {
				t.cut(lo, i)
			}
		}
	})
}

// metaspace is sentencepiece's way: spaces become a visible character and words begin with it.
type metaspace struct {
	replacement rune
	prepend     prependScheme
	split       bool
}

type prependScheme uint8

const (
	prependAlways prependScheme = iota
	prependFirst
	prependNever
)

func (m metaspace) preTokenize(t *text) {
	t.rewrite(func(l *line) {
		for i := range l.chars {
			if l.chars[i].r == ' ' {
				l.chars[i].r = m.replacement
			}
		}
		if m.prepend == prependAlways || m.prepend == prependFirst && l.start == 0 {
			if len(l.chars) > 0 && l.chars[0].r != m.replacement {
				l.prepend([]rune{m.replacement})
			}
		}
	})
	if !m.split {
		return
	}
	t.each(func(p piece) {
		from := p.lo
		for i := p.lo + 1; i < p.hi; i++ {
			if t.chars[i].r == m.replacement {
				t.cut(from, i)
				from = i
			}
		}
		t.cut(from, p.hi)
	})
}

// byteLevelWords is GPT-2's: cut into words with their leading space, then bytes as characters.
type byteLevelWords struct{ prefixSpace, split bool }

func (b byteLevelWords) preTokenize(t *text) {
	if b.prefixSpace {
		t.rewrite(func(l *line) {
			if len(l.chars) > 0 && l.chars[0].r != ' ' {
				l.prepend([]rune{' '})
			}
		})
	}
	if b.split {
		t.each(func(p piece) {
			for i := p.lo; i < p.hi; {
				n := gptWord(t.chars[i:p.hi])
				t.cut(i, i+n)
				i += n
			}
		})
	}
	t.toBytes()
}

// toBytes writes the characters of all pieces that are no added tokens as bytes.
func (t *text) toBytes() {
	dst := t.spareChars[:0]
	for i, p := range t.pieces {
		lo := len(dst)
		if p.id >= 0 {
			dst = append(dst, t.chars[p.lo:p.hi]...)
		} else {
			dst = appendBytes(dst, t.chars[p.lo:p.hi])
		}
		t.pieces[i].lo, t.pieces[i].hi = lo, len(dst)
	}
	t.chars, t.spareChars = dst, t.chars
}

// gptWord is the length of the word that chars begin with, by gptPattern.
func gptWord(chars []char) int {
	if chars[0].r == '\'' {
		if n := contraction(chars[1:]); n > 0 {
			return n + 1
		}
	}
	i := 0
	if chars[0].r == ' ' && len(chars) > 1 {
		i = 1
	}
	if kind := gptKind(chars[i].r); kind != gptSpace {
		for i++; i < len(chars) && gptKind(chars[i].r) == kind; i++ {
		}
		return i
	}
	n := 1
	for n < len(chars) && gptKind(chars[n].r) == gptSpace {
		n++
	}
	// The last space before a word belongs to the word, unless it is the only one.
	if n < len(chars) && n > 1 {
		n--
	}
	return n
}

// contraction is the length of s, t, re, ve, m, ll or d after an apostrophe.
func contraction(chars []char) int {
	if len(chars) == 0 {
		return 0
	}
	switch chars[0].r {
	case 's', 't', 'm', 'd':
		return 1
	case 'r', 'v':
		if len(chars) > 1 && chars[1].r == 'e' {
			return 2
		}
	case 'l':
		if len(chars) > 1 && chars[1].r == 'l' {
			return 2
		}
	}
	return 0
}

const (
	gptOther = iota
	gptLetter
	gptNumber
	gptSpace
)

func gptKind(r rune) int {
	switch {
	case r < 0x80:
		switch {
		case 'a' <= r|0x20 && r|0x20 <= 'z':
			return gptLetter
		case '0' <= r && r <= '9':
			return gptNumber
		case r == ' ' || r >= '\t' && r <= '\r':
			return gptSpace
		}
		return gptOther
	case unicode.Is(onigLetter, r):
		return gptLetter
	case unicode.Is(onigNumber, r):
		return gptNumber
	case unicode.IsSpace(r):
		return gptSpace
	}
	return gptOther
}
