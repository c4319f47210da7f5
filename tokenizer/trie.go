package tokenizer

import "math/bits"

// trie maps strings to ids, walked rune by rune. Edges live in one open-addressing table keyed by node and rune, which builds in
// one pass over the vocabulary and costs one probe a step.
type trie struct {
	edges []edge // power of two; key 0 = free
	shift uint8
	count int
	ids   []int32 // by node; -1 where no string ends
}

type edge struct {
	key  uint64 // node+1 in the high bits, the rune in the low 21
	next uint32
}

const root = 0

func newTrie(strings int) *trie {
	t := &trie{ids: make([]int32, 1, 2*strings+1)}
	t.ids[root] = -1
	t.grow(max(6, bits.Len(uint(4*strings))))
	return t
}

func (t *trie) grow(log2 int) {
	old := t.edges
	t.edges, t.shift = make([]edge, 1<<log2), uint8(64-log2)
	for _, e := range old {
		if e.key != 0 {
			t.edges[t.slot(e.key)] = e
		}
	}
}

// slot is where key is, or the free place where it belongs.
func (t *trie) slot(key uint64) int {
	mask := len(t.edges) - 1
	i := int(key * 0x9e3779b97f4a7c15 >> t.shift)
	for t.edges[i].key != key && t.edges[i].key != 0 {
		i = (i + 1) & mask
	}
	return i
}

func edgeKey(node uint32, r rune) uint64 { return uint64(node+1)<<21 | uint64(r) }

// step follows r from node.
func (t *trie) step(node uint32, r rune) (uint32, bool) {
	key := edgeKey(node, r)
	mask := len(t.edges) - 1
	for i := int(key * 0x9e3779b97f4a7c15 >> t.shift); ; i = (i + 1) & mask {
		switch t.edges[i].key {
		case key:
			return t.edges[i].next, true
		case 0:
			return 0, false
		}
	}
}

// walk follows s from node.
func (t *trie) walk(node uint32, s string) (uint32, bool) {
	var ok bool
	for _, r := range s {
		if node, ok = t.step(node, r); !ok {
			return 0, false
		}
	}
	return node, true
}

// insert maps s to id; a later id replaces an earlier one.
func (t *trie) insert(s string, id int32) {
	node := uint32(root)
	for _, r := range s {
		key := edgeKey(node, r)
		i := t.slot(key)
		if t.edges[i].key == 0 {
			if t.count*3 >= len(t.edges)*2 {
				t.grow(65 - int(t.shift))
				i = t.slot(key)
			}
			t.count++
			t.edges[i] = edge{key, uint32(len(t.ids))}
			t.ids = append(t.ids, -1)
		}
		node = t.edges[i].next
	}
	t.ids[node] = id
}

// lookup is the id of s.
func (t *trie) lookup(s string) (int32, bool) {
	node, ok := t.walk(root, s)
	if !ok || t.ids[node] < 0 {
		return 0, false
	}
	return t.ids[node], true
}

// longest is the id of the longest string that chars begin with, going on from node, and its length; -1 if there is none.
func (t *trie) longest(node uint32, chars []char) (id int32, n int) {
	id = -1
	var ok bool
	for i, c := range chars {
		if node, ok = t.step(node, c.r); !ok {
			break
		}
		if t.ids[node] >= 0 {
			id, n = t.ids[node], i+1
		}
	}
	return id, n
}

// strings counts the distinct strings in the trie.
func (t *trie) strings() int {
	n := 0
	for _, id := range t.ids {
		if id >= 0 {
			n++
		}
	}
	return n
}
