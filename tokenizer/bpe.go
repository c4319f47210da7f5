package tokenizer

import (
	"fmt"
	"math"
	"unicode/utf8"
)

// bpe joins the characters of a piece, pair by pair, in the order the merges were learned.
type bpe struct {
	*vocabulary
	ids    map[string]int32
	chars  [0x180]int32 // ids of single characters, -1 for none; byte-level ones are all here
	merges pairs
	unk    int32 // -1 for none
	bpeOptions
	bytes [256]int32
}

// bpeOptions are the keys of a BPE model besides vocab, merges and unk_token.
type bpeOptions struct {
	prefix, suffix                      string // continuing_subword_prefix, end_of_word_suffix
	fuseUnk, byteFallback, ignoreMerges bool
}

// newBPE builds the model. With byteLevel only the characters of bytes come up; if the vocabulary has them all, the unknown token
// need not be in it.
func newBPE(entries []entry, merges [][2]string, unk *string, o bpeOptions, byteLevel bool) (model, error) {
	m := &bpe{ids: make(map[string]int32, len(entries)), unk: -1, bpeOptions: o}
	for _, e := range entries {
		m.ids[e.token] = int32(e.id)
	}
	if len(m.ids) < len(entries) {
		entries = unique(entries)
	}
	var err error
	if m.vocabulary, err = newVocabulary(entries); err != nil {
		return nil, err
	}
	for r := range m.chars {
		m.chars[r] = -1
		if id, ok := m.ids[string(rune(r))]; ok {
			m.chars[r] = id
		}
	}
	m.bytes = byteTokens(m.lookup)
	if unk != nil {
		if id, ok := m.ids[*unk]; ok {
			m.unk = id
		} else if !byteLevel || !m.coversBytes() {
			return nil, fmt.Errorf("the unknown token %q is not in the vocabulary", *unk)
		}
	}
	return m, m.learn(merges)
}

func (m *bpe) coversBytes() bool {
	for _, r := range byteChars {
		if m.chars[r] < 0 {
			return false
		}
	}
	return true
}

// learn resolves the merges to ids.
func (m *bpe) learn(merges [][2]string) error {
	m.merges.init(len(merges))
	var joined []byte
	for rank, pair := range merges {
		a, okA := m.ids[pair[0]]
		b, okB := m.ids[pair[1]]
		if !okA || !okB {
			return fmt.Errorf("the merge %q %q has a part that is not in the vocabulary", pair[0], pair[1])
		}
		if len(pair[1]) < len(m.prefix) {
			return fmt.Errorf("the merge %q %q lacks the prefix %q", pair[0], pair[1], m.prefix)
		}
		joined = append(append(joined[:0], pair[0]...), pair[1][len(m.prefix):]...)
		id, ok := m.ids[string(joined)]
		if !ok {
			return fmt.Errorf("the merge %q %q gives %q, which is not in the vocabulary", pair[0], pair[1], joined)
		}
		m.merges.set(a, b, int32(rank), id)
	}
	return nil
}

func (m *bpe) kind() string { return "bpe" }

func (m *bpe) lookup(token string) (int32, bool) {
	id, ok := m.ids[token]
	return id, ok
}

// symbol is a part of a word: its id, its length in bytes and the merge with the symbol after it.
type symbol struct {
	id, n        int32
	rank, merged int32
	prev, next   int32 // only while a heap is used
}

const noMerge = math.MaxInt32

func (m *bpe) tokenize(t *text, p piece) {
	chars := t.chars[p.lo:p.hi]
	if m.ignoreMerges {
		b := t.line.bytes[:0]
		for _, c := range chars {
			b = utf8.AppendRune(b, c.r)
		}
		t.line.bytes = b
		if id, ok := m.ids[string(b)]; ok {
			t.emit(id, p.lo, p.hi)
			return
		}
	}
	s := m.split(t.symbols[:0], chars)
	t.symbols = s
	for i := range s {
		m.pair(s, i, i+1)
	}
	if len(s) <= 32 {
		s = m.mergeShort(s)
	} else {
		s = m.mergeLong(t, s)
	}
	emitBytes(t, p, s)
}

// split makes a symbol of every character. One that is not in the vocabulary becomes bytes, or unknown, or nothing.
func (m *bpe) split(s []symbol, chars []char) []symbol {
	pending := int32(0) // bytes of an unknown symbol not yet appended
	flush := func() {
		if pending > 0 {
			s = append(s, symbol{id: m.unk, n: pending})
			pending = 0
		}
	}
	for i, c := range chars {
		n := int32(utf8.RuneLen(c.r))
		if id := m.char(chars, i); id >= 0 {
			flush()
			s = append(s, symbol{id: id, n: n})
			continue
		}
		if m.byteFallback {
			if done := m.appendBytes(s, chars, i); done != nil {
				s = done
				continue
			}
		}
		if m.unk >= 0 {
			if !m.fuseUnk {
				flush()
			}
			pending += n
		}
	}
	flush()
	return s
}

// char is the id of character i of a word, -1 if there is none.
func (m *bpe) char(chars []char, i int) int32 {
	if r := chars[i].r; m.prefix == "" && m.suffix == "" && int(r) < len(m.chars) {
		return m.chars[r]
	}
	if id, ok := m.ids[m.written(chars, i)]; ok {
		return id
	}
	return -1
}

// written is character i of a word as the vocabulary has it.
func (m *bpe) written(chars []char, i int) string {
	s := string(chars[i].r)
	if i > 0 {
		s = m.prefix + s
	}
	if i == len(chars)-1 {
		s += m.suffix
	}
	return s
}

func (m *bpe) appendBytes(s []symbol, chars []char, i int) []symbol {
	for _, b := range []byte(m.written(chars, i)) {
		if m.bytes[b] < 0 {
			return nil
		}
		s = append(s, symbol{id: m.bytes[b], n: 1})
	}
	return s
}

// emitBytes appends the symbols as tokens. Their lengths are counted in bytes from the beginning of the word, so that a character
// that gave no symbol shifts what follows: the reference does the same.
func emitBytes(t *text, p piece, s []symbol) {
	i, begin := p.lo, 0 // the character that holds byte at, and its first byte
	at := 0
	advance := func(to int) {
		for i < p.hi-1 && begin+utf8.RuneLen(t.chars[i].r) <= to {
			begin += utf8.RuneLen(t.chars[i].r)
			i++
		}
	}
	for _, x := range s {
		advance(at)
		lo := i
		at += int(x.n)
		advance(at - 1)
		t.emit(x.id, lo, i+1)
	}
}
