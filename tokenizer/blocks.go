package tokenizer

import (
	"strings"
	"unicode"
)

// blockSize is about how many bytes are tokenized at once where a text may be divided: on its way a character takes many times
// its bytes.
const blockSize = 1 << 16

// mostScratch is how many characters of scratch memory are kept for the next call.
const mostScratch = 1 << 20

// block is what a part of a text came to, packed: a long text has millions of tokens. Offsets and words count from the part's.
type block struct {
	at, word int // where the part begins: its byte, the index of its first word
	ids      []int32
	offsets  [][2]uint32
	words    []int32
	margins  []margin
}

// sequence is one text, tokenized.
type sequence struct {
	text   string
	blocks []block
	tokens int
}

// part is tokens lo to hi.
func (s *sequence) part(lo, hi int) Encoding {
	n := hi - lo
	e := Encoding{IDs: make([]int32, 0, n), Offsets: make([]Offset, 0, n), Words: make([]int32, 0, n), text: s.text}
	for i := range s.blocks {
		b := &s.blocks[i]
		from, to := max(lo, 0), min(hi, len(b.ids))
		lo, hi = lo-len(b.ids), hi-len(b.ids)
		if from >= to {
			continue
		}
		e.IDs = append(e.IDs, b.ids[from:to]...)
		for k := from; k < to; k++ {
			e.Offsets = append(e.Offsets, Offset{b.at + int(b.offsets[k][0]), b.at + int(b.offsets[k][1])})
			e.Words = append(e.Words, int32(b.word)+b.words[k])
		}
		if b.margins != nil {
			e.margins = append(e.margins, b.margins[from:to]...)
		}
	}
	return e
}

// sequence tokenizes a text, block by block where that changes nothing.
func (t *Tokenizer) sequence(s string) *sequence {
	x, _ := t.scratch.Get().(*text)
	if x == nil {
		x = new(text)
	}
	out := &sequence{text: s}
	for at, word := 0, 0; at < len(s); {
		size := len(s) - at
		if t.blockSize > 0 {
			size = division(s[at:], t.blockSize)
		}
		b, words := t.block(x, s[at:at+size])
		b.at, b.word = at, word
		out.blocks = append(out.blocks, b)
		out.tokens += len(b.ids)
		at, word = at+size, word+words
	}
	if cap(x.chars) <= mostScratch && cap(x.spareChars) <= mostScratch && cap(x.line.chars) <= mostScratch {
		t.scratch.Put(x)
	}
	return out
}

// block tokenizes a part of a text, and counts its words.
func (t *Tokenizer) block(x *text, s string) (b block, words int) {
	x.reset(s)
	t.added.extract(x, &t.added.raw)
	if t.normalizer != nil {
		x.rewrite(t.normalizer.normalize)
	}
	t.added.extract(x, &t.added.normalized)
	if t.preTokenizer != nil {
		t.preTokenizer.preTokenize(x)
	}
	for i, p := range x.pieces {
		first := len(x.tokens)
		if p.id >= 0 {
			x.emit(p.id, p.lo, p.hi)
		} else {
			t.model.tokenize(x, p)
		}
		for k := first; k < len(x.tokens); k++ {
			x.tokens[k].word = int32(i)
		}
	}
	n := len(x.tokens)
	b = block{ids: make([]int32, n), offsets: make([][2]uint32, n), words: make([]int32, n)}
	for i, k := range x.tokens {
		last := x.chars[k.hi-1]
		b.ids[i], b.words[i] = k.id, k.word
		b.offsets[i] = [2]uint32{uint32(x.chars[k.lo].at), uint32(last.at + int(last.size))}
	}
	if t.frames.trim != nil {
		b.margins = t.margins(x)
	}
	return b, len(x.pieces)
}

// division is how many bytes s may be cut to, from size on: the first place before a single space between two small letters of
// ASCII, or the end.
func division(s string, size int) int {
	small := func(c byte) bool { return 'a' <= c && c <= 'z' }
	for i := size; i+1 < len(s); i++ {
		next := strings.IndexByte(s[i:], ' ')
		if next < 0 {
			break
		}
		if i += next; i > 0 && i+1 < len(s) && small(s[i-1]) && small(s[i+1]) {
			return i
		}
	}
	return len(s)
}

// canDivide says whether a text may be tokenized in parts that begin with a single space between two small letters. What it
// names works on one character at a time, or on what stands on one side of such a space: BERT's words end there and GPT-2's begin
// there. An added token must not reach across it or touch it.
func (t *Tokenizer) canDivide() bool {
	switch t.normalizer.(type) {
	case nil, bertNormalizer, lowercase, stripAccents, form:
	default:
		return false
	}
	switch p := t.preTokenizer.(type) {
	case bertWords:
	case byteLevelWords:
		if !p.split {
			return false
		}
	default:
		return false
	}
	letter := func(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
	for _, a := range t.added.tokens {
		if s := a.Content; s == "" || letter(s[0]) || letter(s[len(s)-1]) || strings.ContainsFunc(s, unicode.IsSpace) {
			return false
		}
	}
	return true
}
