package tokenizer

import (
	"fmt"
	"math"
	"unicode/utf8"
)

// model turns the characters [p.lo, p.hi) of a piece into tokens, appended to t.tokens.
type model interface {
	tokenize(t *text, p piece)
	// lookup is the id of a token.
	lookup(token string) (int32, bool)
	// token is the string of an id, "" when there is none.
	token(id int32) string
	// size is how many tokens there are.
	size() int
	kind() string
}

func (t *text) emit(id int32, lo, hi int) { t.tokens = append(t.tokens, token{id: id, lo: lo, hi: hi}) }

// vocabulary is the strings of all ids, with "" where an id has none.
type vocabulary struct {
	strings []string
	entries int
}

func (v *vocabulary) token(id int32) string {
	if id < 0 || int(id) >= len(v.strings) {
		return ""
	}
	return v.strings[id]
}

func (v *vocabulary) size() int { return v.entries }

// entry is a token as a file lists it.
type entry struct {
	token string
	id    int64
}

// newVocabulary checks that ids are distinct and dense enough to be indexed by.
func newVocabulary(entries []entry) (*vocabulary, error) {
	limit := int64(4*len(entries) + 1024)
	v := &vocabulary{entries: len(entries)}
	top := int64(-1)
	for _, e := range entries {
		if e.id < 0 || e.id >= limit || e.id > math.MaxInt32 {
			return nil, fmt.Errorf("the id %d of %q is out of range for a vocabulary of %d", e.id, e.token, len(entries))
		}
		top = max(top, e.id)
	}
	v.strings = make([]string, top+1)
	used := make([]bool, top+1)
	for _, e := range entries {
		if used[e.id] {
			return nil, fmt.Errorf("%q and %q have the same id %d", v.strings[e.id], e.token, e.id)
		}
		used[e.id] = true
		v.strings[e.id] = e.token
	}
	return v, nil
}

// unique keeps the last of several entries for the same token, as a map read from a file does.
func unique(entries []entry) []entry {
	at := make(map[string]int, len(entries))
	out := entries[:0]
	for _, e := range entries {
		if i, ok := at[e.token]; ok {
			out[i].id = e.id
			continue
		}
		at[e.token] = len(out)
		out = append(out, e)
	}
	return out
}

// newTrieOf maps the tokens of a vocabulary to their ids.
func newTrieOf(entries []entry) *trie {
	t := newTrie(len(entries))
	for _, e := range entries {
		t.insert(e.token, int32(e.id))
	}
	return t
}

// byteToken is how byte fallback writes a byte.
func byteToken(b int) string { return fmt.Sprintf("<0x%02X>", b) }

// byteTokens are the ids of the 256 byte tokens, -1 where there is none.
func byteTokens(lookup func(string) (int32, bool)) (ids [256]int32) {
	for b := range ids {
		ids[b] = -1
		if id, ok := lookup(byteToken(b)); ok {
			ids[b] = id
		}
	}
	return ids
}

// wordLevel takes every piece for a token.
type wordLevel struct {
	*vocabulary
	ids map[string]int32
	unk int32
}

func newWordLevel(entries []entry, unk string) (model, error) {
	entries = unique(entries)
	v, err := newVocabulary(entries)
	if err != nil {
		return nil, err
	}
	m := &wordLevel{vocabulary: v, ids: make(map[string]int32, len(entries))}
	for _, e := range entries {
		m.ids[e.token] = int32(e.id)
	}
	var ok bool
	if m.unk, ok = m.ids[unk]; !ok {
		return nil, fmt.Errorf("the unknown token %q is not in the vocabulary", unk)
	}
	return m, nil
}

func (m *wordLevel) kind() string { return "wordlevel" }

func (m *wordLevel) lookup(token string) (int32, bool) {
	id, ok := m.ids[token]
	return id, ok
}

func (m *wordLevel) tokenize(t *text, p piece) {
	b := t.line.bytes[:0]
	for _, c := range t.chars[p.lo:p.hi] {
		b = utf8.AppendRune(b, c.r)
	}
	t.line.bytes = b
	id, ok := m.ids[string(b)]
	if !ok {
		id = m.unk
	}
	t.emit(id, p.lo, p.hi)
}
