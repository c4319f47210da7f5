package model

import (
	"math"

	"github.com/tryall/tryall/nn"
)

// block is one transformer layer with the norms behind the sums, as "Attention Is All You Need" has it
// (https://arxiv.org/abs/1706.03762). Every encoder here is made of it; they differ in names, in how layers are shared
// and in what is added to the attention scores.
type block struct {
	heads    int
	qkv, out *nn.Linear // (3 hidden, hidden): queries, keys and values side by side; (hidden, hidden)
	attnNorm *nn.LayerNorm
	up, down *nn.Linear // (intermediate, hidden), (hidden, intermediate)
	act      activation
	ffnNorm  *nn.LayerNorm

	precision nn.Precision
}

// bias adds to the scaled attention scores of one head: for the rows [row0, row1) of window seg, against all its keys.
type bias = func(seg, head, row0, row1 int, scores nn.Matrix)

// biases makes a layer's bias from its queries and keys (tokens, hidden).
type biases = func(q, k nn.Matrix) bias

// apply runs the layer on x (tokens, hidden), in place. add is nil where positions are in the embeddings.
func (l *block) apply(e *nn.Exec, bounds []int, x nn.Matrix, add biases) {
	defer e.Rewind(e.Mark())
	d := x.Cols
	y := e.Matrix(x.Rows, d)
	l.attend(e, bounds, x, y, add)
	if l.up.Narrow() && l.act.plain == nil {
		e.Chunks(x.Rows, func(r0, r1 int) { l.rest(x.Slice(r0, r1), y.Slice(r0, r1)) })
		return
	}
	projected := e.Matrix(x.Rows, d)
	l.out.Apply(e, y, projected, nn.None)
	l.attnNorm.Apply(e, projected, x, x)
	l.act.feedForward(e, x, l.up, l.down, y)
	l.ffnNorm.Apply(e, y, x, x)
}

// rest runs what comes behind attention on some rows; y is what the heads gathered. It overwrites y.
func (l *block) rest(x, y nn.Matrix) {
	projected, giveBack := nn.Borrow(x.Rows, x.Cols)
	defer giveBack()
	l.out.ApplyInline(y, projected, nn.None)
	l.attnNorm.ApplyInline(projected, x, x)
	nn.FeedForwardInline(x, l.up, l.act.fast, l.down, y)
	l.ffnNorm.ApplyInline(y, x, x)
}

// attend writes what the heads gather to y (tokens, hidden).
func (l *block) attend(e *nn.Exec, bounds []int, x, y nn.Matrix, add biases) {
	defer e.Rewind(e.Mark())
	d := x.Cols
	qkv := e.Matrix(x.Rows, 3*d)
	l.qkv.Apply(e, x, qkv, nn.None)
	a := nn.Attention{
		Q: qkv.Columns(0, d), K: qkv.Columns(d, 2*d), V: qkv.Columns(2*d, 3*d), Out: y,
		Heads: l.heads, Bounds: bounds, Scale: scoreScale(d / l.heads), Precision: l.precision,
	}
	if add != nil {
		a.Bias = add(a.Q, a.K)
	}
	e.Attend(a)
}

// scoreScale is what attention scores of heads of that size are multiplied with.
func scoreScale(size int) float32 { return float32(1 / math.Sqrt(float64(size))) }
