package tokenizer

import "unicode/utf8"

// char is a character on its way through normalization, together with the one character of the original that it stands for.
// The reference keeps a range of the original for every normalized byte; all bytes of a character share it, and it always is
// one original character or nothing, so position and size per character hold the same.
type char struct {
	r    rune
	size int32 // bytes of the original; 0 when it stands for none of them
	at   int   // byte offset in the original
}

// piece is a part of the text: some characters, or an added token found among them.
type piece struct {
	lo, hi int   // characters of text.chars
	start  int   // byte offset in the original where the piece was cut
	id     int32 // id of the added token, or -1
}

// text is one sequence while it is tokenized. It is scratch memory, reused from call to call.
type text struct {
	chars  []char
	pieces []piece
	tokens []token

	spareChars  []char
	sparePieces []piece
	line        line
	viterbi     []node
	symbols     []symbol
	queue       []merge
}

// token is a result of a model: the id and the characters it covers.
type token struct {
	id     int32
	lo, hi int
	word   int32 // index of the piece
}

// reset begins with the characters of s. A byte that is no valid UTF-8 stands for U+FFFD.
func (t *text) reset(s string) {
	t.chars, t.pieces, t.tokens = t.chars[:0], t.pieces[:0], t.tokens[:0]
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			t.chars = append(t.chars, char{rune(c), 1, i})
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		t.chars = append(t.chars, char{r, int32(n), i})
		i += n
	}
	t.cut(0, len(t.chars))
}

// cut appends the piece of characters [lo, hi), if there are any.
func (t *text) cut(lo, hi int) { t.cutToken(lo, hi, -1) }

func (t *text) cutToken(lo, hi int, id int32) {
	if lo < hi {
		t.pieces = append(t.pieces, piece{lo, hi, t.chars[lo].at, id})
	}
}

// each replaces every piece that is no added token by what f cuts.
func (t *text) each(f func(p piece)) {
	old := t.pieces
	t.pieces = t.sparePieces[:0]
	for _, p := range old {
		if p.id >= 0 {
			t.pieces = append(t.pieces, p)
			continue
		}
		f(p)
	}
	t.sparePieces = old
}

// rewrite rewrites the characters of every piece that is no added token. Pieces that end up empty vanish.
func (t *text) rewrite(f func(l *line)) {
	old, chars := t.pieces, t.chars
	t.pieces, t.chars = t.sparePieces[:0], t.spareChars[:0]
	for _, p := range old {
		lo := len(t.chars)
		if p.id >= 0 {
			t.chars = append(t.chars, chars[p.lo:p.hi]...)
		} else {
			t.line.chars = append(t.line.chars[:0], chars[p.lo:p.hi]...)
			t.line.start = p.start
			f(&t.line)
			t.chars = append(t.chars, t.line.chars...)
		}
		if hi := len(t.chars); hi > lo {
			t.pieces = append(t.pieces, piece{lo, hi, p.start, p.id})
		}
	}
	t.sparePieces, t.spareChars = old, chars
}

// line is the part of a text that a normalizer works on.
type line struct {
	chars []char
	start int // byte offset in the original where the part begins
	spare []char
	edits []edit
	marks []mark
	bytes []byte
	at    []int
}

// replace makes the characters that f appends to dst the line's.
func (l *line) replace(f func(dst []char) []char) {
	out := f(l.spare[:0])
	l.chars, l.spare = out, l.chars
}

// edit is one character of a rewritten line: change 0 replaces a character, -n replaces one and drops the n after it, and a
// positive change inserts.
type edit struct {
	r      rune
	change int
}

// apply rewrites the line by its edits. An inserted character stands for what the character before it stood for, and one at
// the very beginning for nothing.
func (l *line) apply() {
	l.replace(func(dst []char) []char {
		i := 0
		for _, e := range l.edits {
			c := char{r: e.r, at: l.start}
			switch {
			case e.change > 0:
				if i > 0 {
					c.size, c.at = l.chars[min(i, len(l.chars))-1].size, l.chars[min(i, len(l.chars))-1].at
				}
			case i < len(l.chars):
				c.size, c.at = l.chars[i].size, l.chars[i].at
			case len(l.chars) > 0:
				c.at = l.chars[len(l.chars)-1].at + int(l.chars[len(l.chars)-1].size)
			}
			if e.change <= 0 {
				i += 1 - e.change
			}
			dst = append(dst, c)
		}
		return dst
	})
}

// string writes the characters as UTF-8 into the line's buffer and, in at, where each begins; at has one entry more than there
// are characters.
func (l *line) string(chars []char) string {
	l.bytes, l.at = l.bytes[:0], l.at[:0]
	for _, c := range chars {
		l.at = append(l.at, len(l.bytes))
		l.bytes = utf8.AppendRune(l.bytes, c.r)
	}
	l.at = append(l.at, len(l.bytes))
	return string(l.bytes)
}
