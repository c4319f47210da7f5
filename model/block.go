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

// apply runs the layer on x (tokens, hidden), in place. add is nil where positions are in the embeddings. started tells that
// the layer before this one has computed the queries, keys and values; next, which may be nil, is the layer whose are
// computed here, as Halves, if apply reports so.
func (l *block) apply(e *nn.Exec, bounds []int, x nn.Matrix, add biases, started bool, next *block) (startedNext bool) {
	defer e.Rewind(e.Mark())
	d := x.Cols
	y := e.Matrix(x.Rows, d)
	l.attend(e, bounds, x, y, add, started)
	if l.act.plain == nil && l.up.ByRows(e, x.Rows) {
		ahead := next != nil && next.halves(d)
		var qkv *nn.Halves
		if ahead {
			qkv = e.Halves(x.Rows, 3*d)
		}
		e.Chunks(x.Rows, func(r0, r1 int) {
			part := x.Slice(r0, r1)
			if l.rest(part, y.Slice(r0, r1)); ahead {
				next.qkv.Halve(part, qkv, r0)
			}
		})
		return ahead
	}
	projected := e.Matrix(x.Rows, d)
	l.out.Apply(e, y, projected, nn.None)
	l.attnNorm.Apply(e, projected, x, x)
	l.act.feedForward(e, x, l.up, l.down, y)
	l.ffnNorm.Apply(e, y, x, x)
	return false
}

// halves tells whether attention takes its operands as nn.Halves.
func (l *block) halves(hidden int) bool { return l.qkv.CanHalve(l.precision, hidden/l.heads) }

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
func (l *block) attend(e *nn.Exec, bounds []int, x, y nn.Matrix, add biases, started bool) {
	defer e.Rewind(e.Mark())
	d := x.Cols
	a := nn.Attention{Out: y, Heads: l.heads, Bounds: bounds, Scale: scoreScale(d / l.heads), Precision: l.precision}
	if add == nil && l.halves(d) {
		a.QKV = e.Halves(x.Rows, 3*d)
		if !started {
			e.Chunks(x.Rows, func(r0, r1 int) { l.qkv.Halve(x.Slice(r0, r1), a.QKV, r0) })
		}
		e.Attend(a)
		return
	}
	qkv := e.Matrix(x.Rows, 3*d)
	l.qkv.Apply(e, x, qkv, nn.None)
	a.Q, a.K, a.V = qkv.Columns(0, d), qkv.Columns(d, 2*d), qkv.Columns(2*d, 3*d)
	if add != nil {
		a.Bias = add(a.Q, a.K)
	}
	e.Attend(a)
}

// scoreScale is what attention scores of heads of that size are multiplied with.
func scoreScale(size int) float32 { return float32(1 / math.Sqrt(float64(size))) }
