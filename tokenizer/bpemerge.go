package tokenizer

import (
	"container/heap"
	"math/bits"
)

// pair notes what merging symbols i and j, its neighbour, would give.
func (m *bpe) pair(s []symbol, i, j int) {
	s[i].rank = noMerge
	if j >= 0 && j < len(s) {
		s[i].rank, s[i].merged = m.merges.get(s[i].id, s[j].id)
	}
}

// mergeShort looks for the best pair again after every merge.
func (m *bpe) mergeShort(s []symbol) []symbol {
	for {
		best, rank := 0, int32(noMerge)
		for i := range s {
			if s[i].rank < rank {
				best, rank = i, s[i].rank
			}
		}
		if rank == noMerge {
			return s
		}
		s[best].id = s[best].merged
		s[best].n += s[best+1].n
		s = append(s[:best+1], s[best+2:]...)
		m.pair(s, best, best+1)
		if best > 0 {
			m.pair(s, best-1, best)
		}
	}
}

// merge is a possible merge of symbol at with its neighbour.
type merge struct{ rank, at, merged int32 }

type mergeQueue []merge

func (q mergeQueue) Len() int { return len(q) }
func (q mergeQueue) Less(i, j int) bool {
	return q[i].rank < q[j].rank || q[i].rank == q[j].rank && q[i].at < q[j].at
}
func (q mergeQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *mergeQueue) Push(x any)   { *q = append(*q, x.(merge)) }
func (q *mergeQueue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// mergeLong is mergeShort for words of any length, with a queue of merges and links between symbols. A merged symbol has n 0.
func (m *bpe) mergeLong(t *text, s []symbol) []symbol {
	q := mergeQueue(t.queue[:0])
	for i := range s {
		s[i].prev, s[i].next = int32(i-1), int32(i+1)
		if s[i].rank != noMerge {
			q = append(q, merge{s[i].rank, int32(i), s[i].merged})
		}
	}
	heap.Init(&q)
	offer := func(i int32) {
		m.pair(s, int(i), int(s[i].next))
		if s[i].rank != noMerge {
			heap.Push(&q, merge{s[i].rank, i, s[i].merged})
		}
	}
	for len(q) > 0 {
		top := heap.Pop(&q).(merge)
		a := &s[top.at]
		if a.n == 0 || a.rank != top.rank {
			continue
		}
		b := &s[a.next]
		a.id, a.n, a.next = top.merged, a.n+b.n, b.next
		b.n = 0
		if int(a.next) < len(s) {
			s[a.next].prev = top.at
		}
		offer(top.at)
		if a.prev >= 0 {
			offer(a.prev)
		}
	}
	t.queue = q
	out := s[:0]
	for _, x := range s {
		if x.n > 0 {
			out = append(out, x)
		}
	}
	return out
}

// pairs maps pairs of ids to the merge of both: an open-addressing table.
type pairs struct {
	keys   []uint64 // first+1 in the high half, second in the low; 0 = free
	values [][2]int32
	shift  uint8
}

func (p *pairs) init(n int) {
	log2 := max(4, bits.Len(uint(2*n)))
	p.keys, p.values, p.shift = make([]uint64, 1<<log2), make([][2]int32, 1<<log2), uint8(64-log2)
}

func (p *pairs) slot(key uint64) int {
	i := int(key * 0x9e3779b97f4a7c15 >> p.shift)
	for p.keys[i] != key && p.keys[i] != 0 {
		i = (i + 1) & (len(p.keys) - 1)
	}
	return i
}

func (p *pairs) set(a, b, rank, id int32) {
	i := p.slot(uint64(a+1)<<32 | uint64(b))
	p.keys[i], p.values[i] = uint64(a+1)<<32|uint64(b), [2]int32{rank, id}
}

func (p *pairs) get(a, b int32) (rank, id int32) {
	i := p.slot(uint64(a+1)<<32 | uint64(b))
	if p.keys[i] == 0 {
		return noMerge, 0
	}
	return p.values[i][0], p.values[i][1]
}
