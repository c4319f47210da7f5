package nn

import (
	"fmt"
	"sync"

	"github.com/tryall/tryall/internal/kernel"
)

// Attention is multi-head attention within segments: Out = softmax(Q·Kᵀ*Scale + Bias)·V for each
// segment and head. https://arxiv.org/abs/1706.03762
type Attention struct {
	Q, K, V, Out Matrix  // (tokens, Heads*dim), head h in columns [h*dim, (h+1)*dim); Out overlaps none
	QKV          *Halves // if not nil, Q, K and V side by side, each of as many columns as Out, in their place; see CanHalve
	Heads        int
	Bounds       []int // segment s is rows [Bounds[s], Bounds[s+1])
	Scale        float32
	Precision    Precision

	// Bias, if not nil, adds to the scaled scores of some rows of one head before the softmax. scores is
	// (row1-row0, length of the segment); rows count from the segment's start. Workers call it at the same time.
	Bias func(seg, head, row0, row1 int, scores Matrix)
}

// Attend computes a. There are no masks: what belongs to no segment is not attended to, nor written.
func (e *Exec) Attend(a Attention) {
	segments := len(a.Bounds) - 1
	if segments < 1 {
		return
	}
	if a.QKV != nil {
		a.Q.Cols, a.K.Cols, a.V.Cols = a.Out.Cols, a.Out.Cols, a.Out.Cols
	}
	if a.Heads < 1 || a.Q.Cols%a.Heads != 0 || a.K.Cols != a.Q.Cols || a.V.Cols != a.Out.Cols || a.V.Cols%a.Heads != 0 {
		panic(fmt.Sprintf("nn: attention of %d heads over Q, K, V, Out with %d, %d, %d, %d columns",
			a.Heads, a.Q.Cols, a.K.Cols, a.V.Cols, a.Out.Cols))
	}
	parts := 1 // parts of a segment, where heads alone are too few for the threads
	if items := segments * a.Heads; items < 4*e.Threads() {
		parts = (4*e.Threads() + items - 1) / items
	}
	e.For(segments*a.Heads*parts, func(i, _ int) {
		seg, head, part := i/parts/a.Heads, i/parts%a.Heads, i%parts
		n := a.Bounds[seg+1] - a.Bounds[seg]
		run := max(48, (n+parts*8-1)/(parts*8)*8)
		if r0 := part * run; r0 < n {
			a.head(seg, head, r0, min(n, r0+run))
		}
	})
}

// headScratch is what one head needs: keys and values in the kernels' layout, queries, keys and probabilities in a
// narrow type, and a block of scores.
type headScratch struct {
	k, v            kernel.Packed
	queries, narrow kernel.Rows
	view            kernel.Rows // of somebody else's
	scores          []float32
	factors         [64]float32 // of the rows of a block
}

var headScratches = sync.Pool{New: func() any { return new(headScratch) }}

// head computes rows r0 to r1 of a segment for one head.
func (a *Attention) head(seg, head, r0, r1 int) {
	s := headScratches.Get().(*headScratch)
	defer headScratches.Put(s)
	from, to := a.Bounds[seg], a.Bounds[seg+1]
	dk, dv, n := a.Q.Cols/a.Heads, a.V.Cols/a.Heads, to-from
	var q Matrix
	var queries *kernel.Rows // or q, in float32
	if a.QKV != nil {
		queries = s.cut(a.QKV, from, to, r0, r1, head*dk, (head+1)*dk, a.Out.Cols)
	} else {
		narrow := a.Precision.attention() != kernel.F32
		q = a.Q.Slice(from+r0, from+r1).Columns(head*dk, (head+1)*dk)
		s.pack(a.K.Slice(from, to).Columns(head*dk, (head+1)*dk), a.V.Slice(from, to).Columns(head*dv, (head+1)*dv), narrow)
		if narrow {
			set(&s.queries, q)
			queries = &s.queries
		}
	}
	out := a.Out.Slice(from+r0, from+r1).Columns(head*dv, (head+1)*dv)

	run := 8 // rows whose scores stay in the nearest cache
	if a.Bias != nil {
		run = 64 // what the bias has to prepare should pay
	}
	ld := stride(n)
	if cap(s.scores) < run*ld {
		s.scores = kernel.Floats(run * ld)
	}
	for r := 0; r < out.Rows; r += run {
		m := min(run, out.Rows-r)
		scores := Matrix{s.scores[:(m-1)*ld+n], m, n, ld}
		if queries != nil {
			kernel.Multiply(scores.Data, ld, queries, r, r+m, &s.k, 0, s.k.Panels(), kernel.None)
		} else {
			kernel.Gemm(scores.Data, ld, q.Data[r*q.Stride:], q.Stride, m, &s.k, 0, s.k.Panels(), kernel.None)
		}
		scale := a.Scale
		if a.Bias != nil || scale <= 0 {
			scores.Scale(scale)
			scale = 1
			if a.Bias != nil {
				a.Bias(seg, head, r0+r, r0+r+m, scores)
			}
		}
		if queries != nil {
			s.gather(out.Slice(r, r+m), scores, scale)
		} else {
			kernel.Softmax(scores.Data, ld, m, n, scale)
			kernel.Gemm(out.Data[r*out.Stride:], out.Stride, scores.Data, ld, m, &s.v, 0, s.v.Panels(), kernel.None)
		}
	}
}

// cut takes the queries of rows r0 to r1 of a segment, and packs its keys and values, for the head in columns c0 to c1 of
// each of three parts of d columns.
func (s *headScratch) cut(qkv *Halves, from, to, r0, r1, c0, c1, d int) *kernel.Rows {
	n, size := to-from, c1-c0
	s.view = qkv.Columns(from, to, d+c0, d+c1)
	s.k.Reset(kernel.BF16, size, n)
	s.k.PackRows(0, &s.view, n)
	s.view = qkv.Columns(from, to, 2*d+c0, 2*d+c1)
	s.v.Reset(kernel.BF16, n, size)
	s.v.PackAcross(&s.view)
	s.view = qkv.Columns(from+r0, from+r1, c0, c1)
	return &s.view
}

// pack lays out the keys and values of one head and segment.
func (s *headScratch) pack(k, v Matrix, narrow bool) {
	if !narrow {
		s.k.Reset(kernel.F32, k.Cols, k.Rows)
		s.k.PackT(0, 0, k.Data, k.Stride, k.Rows, k.Cols)
		s.v.Reset(kernel.F32, v.Rows, v.Cols)
		s.v.PackN(0, 0, v.Data, v.Stride, v.Cols, v.Rows)
		return
	}
	set(&s.narrow, k)
	s.k.Reset(kernel.BF16, k.Cols, k.Rows)
	s.k.PackRows(0, &s.narrow, k.Rows)
	s.v.Reset(kernel.BF16, v.Rows, v.Cols)
	s.v.PackPairs(v.Data, v.Stride)
}

// gather computes out = softmax(scale*scores)·V in a narrow type.
func (s *headScratch) gather(out, scores Matrix, scale float32) {
	s.narrow.Reset(kernel.BF16, scores.Rows, scores.Cols)
	factors := s.factors[:scores.Rows]
	s.narrow.SetSoftmax(scores.Data, scores.Stride, scale, factors)
	kernel.Multiply(out.Data, out.Stride, &s.narrow, 0, out.Rows, &s.v, 0, s.v.Panels(), kernel.None)
	kernel.Scale(out.Data, out.Stride, out.Cols, factors)
}

// set converts x to bfloat16.
func set(rows *kernel.Rows, x Matrix) {
	rows.Reset(kernel.BF16, x.Rows, x.Cols)
	rows.SetRows(0, x.Data, x.Stride, x.Rows)
}
