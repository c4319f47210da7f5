package tokenizer

import "fmt"

// wordPiece cuts a word into the longest tokens from left to right; a word with a rest that is no token is unknown as a whole.
type wordPiece struct {
	*vocabulary
	trie     *trie
	inner    uint32 // node of the trie after the prefix of tokens inside a word
	hasInner bool
	unk      int32
	maxChars int
}

func newWordPiece(entries []entry, unk, prefix string, maxChars int) (model, error) {
	t := newTrieOf(entries)
	distinct := entries
	if t.strings() < len(entries) {
		distinct = unique(entries)
	}
	v, err := newVocabulary(distinct)
	if err != nil {
		return nil, err
	}
	m := &wordPiece{vocabulary: v, trie: t, maxChars: maxChars}
	var ok bool
	if m.unk, ok = t.lookup(unk); !ok {
		return nil, fmt.Errorf("the unknown token %q is not in the vocabulary", unk)
	}
	m.inner, m.hasInner = t.walk(root, prefix)
	return m, nil
}

func (m *wordPiece) kind() string { return "wordpiece" }

func (m *wordPiece) lookup(token string) (int32, bool) { return m.trie.lookup(token) }

func (m *wordPiece) tokenize(t *text, p piece) {
	if p.hi-p.lo > m.maxChars {
		t.emit(m.unk, p.lo, p.hi)
		return
	}
	first := len(t.tokens)
	node, ok := uint32(root), true
	for i := p.lo; i < p.hi; node, ok = m.inner, m.hasInner {
		id, n := int32(-1), 0
		if ok {
			id, n = m.trie.longest(node, t.chars[i:p.hi])
		}
		if n == 0 {
			t.tokens = t.tokens[:first]
			t.emit(m.unk, p.lo, p.hi)
			return
		}
		t.emit(id, i, i+n)
		i += n
	}
}
