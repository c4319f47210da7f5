package tokenizer

import (
	"fmt"
	"unicode/utf8"
)

// scored is a token of a unigram model with its log probability.
type scored struct {
	token string
	score float64
}

// unigram takes the most probable way to cut a piece. Characters that no token covers cost as much as the least probable token
// and ten more; neighbours among them become one unknown token.
type unigram struct {
	*vocabulary
	trie     *trie
	scores   []float64
	unk      int32
	unkScore float64
	bytes    *[256]int32 // byte fallback; nil without
}

// unkPenalty is how much less probable an unknown character is than the least probable token.
const unkPenalty = 10

func newUnigram(pieces []scored, unk int64, byteFallback bool) (model, error) {
	if unk < 0 || unk >= int64(len(pieces)) {
		return nil, fmt.Errorf("the unknown token's id %d is out of range for a vocabulary of %d", unk, len(pieces))
	}
	m := &unigram{
		vocabulary: &vocabulary{strings: make([]string, len(pieces)), entries: len(pieces)},
		trie:       newTrie(len(pieces)), scores: make([]float64, len(pieces)), unk: int32(unk),
	}
	least := pieces[0].score
	for i, p := range pieces {
		m.strings[i], m.scores[i] = p.token, p.score
		least = min(least, p.score)
		if p.token != "" {
			m.trie.insert(p.token, int32(i))
		}
	}
	m.unkScore = least - unkPenalty
	if byteFallback {
		ids := byteTokens(m.lookup)
		m.bytes = &ids
	}
	return m, nil
}

func (m *unigram) kind() string { return "unigram" }

func (m *unigram) lookup(token string) (int32, bool) { return m.trie.lookup(token) }

// node is the best way to cover the characters up to some place.
type node struct {
	score float64
	from  int32 // where its last token begins; -1 while there is no way
	id    int32
}

func (m *unigram) tokenize(t *text, p piece) {
	chars := t.chars[p.lo:p.hi]
	best := t.viterbi[:0]
	best = append(best, node{from: -1})
	for range chars {
		best = append(best, node{from: -1})
	}
	t.viterbi = best
	for i := range chars {
		here := best[i].score
		single, at := false, uint32(root)
		var ok bool
		for j := i; j < len(chars); j++ {
			if at, ok = m.trie.step(at, chars[j].r); !ok {
				break
			}
			id := m.trie.ids[at]
			if id < 0 {
				continue
			}
			single = single || j == i
			best[j+1].offer(here+m.scores[id], i, id)
		}
		if !single {
			best[i+1].offer(here+m.unkScore, i, m.unk)
		}
	}
	m.emit(t, p, best)
}

func (n *node) offer(score float64, from int, id int32) {
	if n.from < 0 || score > n.score {
		*n = node{score, int32(from), id}
	}
}

// emit appends the tokens of the best way, which is linked from the end.
func (m *unigram) emit(t *text, p piece, best []node) {
	first := len(t.tokens)
	for end := p.hi - p.lo; end > 0; {
		n := best[end]
		from := int(n.from)
		if n.id == m.unk {
			for from > 0 && best[from].id == m.unk {
				from = int(best[from].from)
			}
		}
		t.emit(n.id, p.lo+from, p.lo+end)
		end = from
	}
	for i, j := first, len(t.tokens)-1; i < j; i, j = i+1, j-1 {
		t.tokens[i], t.tokens[j] = t.tokens[j], t.tokens[i]
	}
	m.resolve(t, first)
}

// resolve looks joined unknown characters up once more, and falls back to bytes for what is still unknown.
func (m *unigram) resolve(t *text, first int) {
	unknown := false
	for i := first; i < len(t.tokens); i++ {
		k := &t.tokens[i]
		if k.id != m.unk {
			continue
		}
		if id, n := m.trie.longest(root, t.chars[k.lo:k.hi]); n == k.hi-k.lo {
			k.id = id
		} else if m.bytes != nil {
			k.id, unknown = -1, true
		}
	}
	if !unknown {
		return
	}
	old := append([]token(nil), t.tokens[first:]...)
	t.tokens = t.tokens[:first]
	for _, k := range old {
		if k.id >= 0 {
			t.tokens = append(t.tokens, k)
		} else if !m.fallBack(t, k) {
			t.emit(m.unk, k.lo, k.hi)
		}
	}
}

func (m *unigram) fallBack(t *text, k token) bool {
	first := len(t.tokens)
	var buf [utf8.UTFMax]byte
	for _, c := range t.chars[k.lo:k.hi] {
		for _, b := range utf8.AppendRune(buf[:0], c.r) {
			if m.bytes[b] < 0 {
				t.tokens = t.tokens[:first]
				return false
			}
			t.emit(m.bytes[b], k.lo, k.hi)
		}
	}
	return true
}
