package model

import "github.com/tryall/tryall/nn"

// embeddings are the sum of a token's word, type and position vectors, then a layer norm. A table that is nil is left
// out.
type embeddings struct {
	word, types, position *nn.Table // (vocabulary, width), (types, width), (positions, width)
	norm                  *nn.LayerNorm
	// number gives the positions of one window's tokens; nil counts from 0.
	number func(positions, ids []int32)
}

// embedChunk is how many tokens are embedded at a time: enough that claiming them costs nothing.
const embedChunk = 32

// apply fills x (tokens, width).
func (m *embeddings) apply(e *nn.Exec, b *Batch, x nn.Matrix) {
	var positions []int32
	if m.position != nil {
		positions = make([]int32, x.Rows)
		for i := range len(b.Bounds) - 1 {
			m.count(positions[b.Bounds[i]:b.Bounds[i+1]], b.IDs[b.Bounds[i]:b.Bounds[i+1]])
		}
	}
	e.For((x.Rows+embedChunk-1)/embedChunk, func(chunk, _ int) {
		other, giveBack := nn.Borrow(1, x.Cols)
		defer giveBack()
		add := func(row []float32, table *nn.Table, id int32) {
			table.Row(other.Row(0), int(id))
			nn.AddTo(row, other.Row(0))
		}
		for t := chunk * embedChunk; t < min(x.Rows, (chunk+1)*embedChunk); t++ {
			row := x.Row(t)
			m.word.Row(row, int(b.IDs[t]))
			switch {
			case m.types != nil && b.Types != nil:
				add(row, m.types, b.Types[t])
			case m.types != nil:
				add(row, m.types, 0)
			}
			if positions != nil {
				add(row, m.position, positions[t])
			}
		}
	})
	if m.norm != nil {
		m.norm.Apply(e, x, nn.Matrix{}, x)
	}
}

func (m *embeddings) count(positions, ids []int32) {
	if m.number != nil {
		m.number(positions, ids)
		return
	}
	for i := range positions {
		positions[i] = int32(i)
	}
}
