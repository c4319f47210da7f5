package kernel

import (
	"runtime"
	"sync"
)

// Rows is the left operand of Multiply: rows of numbers of a narrow type, each converted once and multiplied with
// many columns. It is scratch, to be used again and again.
type Rows struct {
	kind  Kind
	k     int       // numbers of a row
	steps int       // words of a row
	ld    int       // words from row to row
	words []float32 // not numbers but what Multiply reads, 32 bits at a time
	scale []float32 // a number is (byte - zero) * scale
	zero  []int32
}

// MaxBytes is the largest K of products of bytes: their sums fit in 32 bits.
const MaxBytes = 1 << 16

// Reset makes room for rows of k numbers of kind BF16 or I8.
func (a *Rows) Reset(kind Kind, rows, k int) {
	a.kind, a.k, a.steps = kind, k, words(kind, k)
	a.ld = roundUp(a.steps) | 16
	if cap(a.words) < rows*a.ld {
		a.words = Floats(rows * a.ld)
	}
	a.words = a.words[:rows*a.ld]
	if kind == I8 && len(a.scale) < rows {
		a.scale, a.zero = make([]float32, rows), make([]int32, rows)
	}
}

// words is how many 32-bit words k numbers of a kind take in Rows.
func words(kind Kind, k int) int {
	n := k
	switch {
	case kind == I8:
		n = (k + 3) / 4
	case kind == BF16 && current.pairs != nil:
		n = (k + 1) / 2
	}
	if m := multiplierOf(kind); m != nil && m.pair != nil {
		n += n & 1
	}
	return n
}

// row is what Multiply reads of row i.
func (a *Rows) row(i int) []float32 { return a.words[i*a.ld:][:a.steps] }

// Set converts row i. bfloat16 is rounded to the nearest. Bytes divide the extent of the row and 0 evenly, so that 0 is
// exact; a row that is not finite has no finite products.
func (a *Rows) Set(i int, x []float32) {
	dst, x := a.words[i*a.ld:(i+1)*a.ld], x[:a.k]
	switch {
	case a.kind == BF16 && current.pairs != nil:
		current.pairs.narrow(dst, a.ld, x, 0, 1, a.k)
	case a.kind == BF16:
		current.round(dst, x)
	default:
		low, high, poison := current.extent(x)
		scale := max((high-low)/255, 1e-30)
		inv := 1 / scale
		zero := nearest(-low * inv)
		if a.scale[i] = scale + poison; !current.bytes.signed {
			a.zero[i] = zero
			current.quantise(dst, x, inv, zero, 0, 255)
			return
		}
		a.zero[i] = zero - 128
		current.quantise(dst, x, inv, zero-128, -128, 127)
	}
}

// SetRows is Set of rows from i on, whose distance in x is ld.
func (a *Rows) SetRows(i int, x []float32, ld, rows int) {
	if rows == 0 || a.k == 0 {
		return
	}
	if a.kind != BF16 || current.pairs == nil {
		for r := range rows {
			a.Set(i+r, x[r*ld:][:a.k])
		}
		return
	}
	_, _ = x[(rows-1)*ld+a.k-1], a.words[(i+rows)*a.ld-1]
	for run := short(a.k); rows > 0; rows -= run {
		n := min(run, rows)
		current.pairs.narrow(a.words[i*a.ld:], a.ld, x, ld, n, a.k)
		i += n
		x = x[min(n*ld, len(x)):]
	}
}

// Columns is a view of the numbers c0 to c1 of rows r0 to r1, of kind BF16, which is native. Both columns are multiples of
// four.
func (a *Rows) Columns(r0, r1, c0, c1 int) Rows {
	if a.kind != BF16 || current.pairs == nil || c0%4 != 0 || c1%4 != 0 || c1 > a.k {
		panic("kernel: rows that cannot be cut so")
	}
	v := Rows{kind: BF16, k: c1 - c0, steps: (c1 - c0) / 2, ld: a.ld}
	if r0 < r1 {
		v.words = a.words[r0*a.ld+c0/2 : (r1-1)*a.ld+c1/2]
	}
	return v
}

// setSigned converts row i to bytes of -127 to 127 around zero: what the right operand is made of.
func (a *Rows) setSigned(i int, x []float32) {
	low, high, poison := current.extent(x)
	scale := max(max(high, -low)/127, 1e-30)
	a.scale[i] = scale + poison
	current.quantise(a.words[i*a.ld:(i+1)*a.ld], x[:a.k], 1/scale, 0, -127, 127)
}

// nearest rounds numbers of 0 to 255; what is no number becomes 0.
func nearest(x float32) int32 {
	if x == x {
		return int32(x + 0.5)
	}
	return 0
}

// Multiply computes c = act(a·b + bias) of rows r0 to r1 of a, for the columns of panels p0 to p1. b has the type of a.
// c begins with row r0 and has row stride ldc; columns of other panels are left alone.
//
// Products of bfloat16 are exact, their sum is rounded to float32 at each step. Sums of bytes are exact.
func Multiply(c []float32, ldc int, a *Rows, r0, r1 int, b *Packed, p0, p1 int, act Act) {
	if r0 >= r1 || p0 >= p1 || b.N == 0 {
		return
	}
	if a.k != b.K || a.kind != b.kind {
		panic("kernel: the operands of a product do not fit together")
	}
	if b.multiplier() == nil {
		Gemm(c, ldc, a.words[r0*a.ld:], a.ld, r1-r0, b, p0, p1, act)
		return
	}
	_ = c[(r1-r0-1)*ldc+min(p1*b.panel, b.N)-1]
	m := b.multiplier()
	for p, n := p0, 0; p < p1; p += n {
		var cols int
		n, cols = b.run(p, p1, fewWords)
		at := p * b.panel
		for r, end := r0, 0; r < r1; r = end {
			if end = r1; act != None {
				end = min(r+nearRows, r1)
			}
			m.columns(c[(r-r0)*ldc+at:], ldc, a, r, end, b, p, n, cols)
			if act != None {
				current.activate(c[(r-r0)*ldc+at:], ldc, end-r, cols, act)
			}
		}
	}
	runtime.KeepAlive(b)
}

// nearRows is how many rows of a product stay in the nearest cache, with the panel that they come from, until something
// else is done with them.
const nearRows = 48

// MultiplyRows is Multiply of the first rows of a with all columns, where the result becomes rows of dst from at on, of
// kind BF16, which is native. Each part of it is rounded while it is in the nearest cache.
func MultiplyRows(dst *Rows, at int, a *Rows, rows int, b *Packed, act Act) {
	if rows == 0 || b.N == 0 {
		return
	}
	if a.k != b.K || a.kind != b.kind || dst.kind != BF16 || dst.k != b.N {
		panic("kernel: the operands of a product do not fit together")
	}
	_ = dst.words[(at+rows)*dst.ld-1]
	part := parts.Get().(*[]float32)
	defer parts.Put(part)
	m := b.multiplier()
	for p, n := 0, 0; p < b.Panels(); p += n {
		var cols int
		n, cols = b.run(p, b.Panels(), fewWords)
		ld := n*b.panel | 16
		if len(*part) < nearRows*ld {
			*part = Floats(nearRows * ld)
		}
		c := *part
		for r := 0; r < rows; r += nearRows {
			end := min(r+nearRows, rows)
			m.columns(c, ld, a, r, end, b, p, n, cols)
			if act != None {
				current.activate(c, ld, end-r, cols, act)
			}
			current.pairs.narrow(dst.words[(at+r)*dst.ld+p*b.panel/2:], dst.ld, c, ld, end-r, cols)
		}
	}
	runtime.KeepAlive(b)
}

var parts = sync.Pool{New: func() any { return new([]float32) }}

// run is how many panels from p on to compute at once, and how many columns they have: products of few words are not worth
// a call for each panel, as long as a row goes through few words in all.
func (p *Packed) run(from, to, few int) (panels, cols int) {
	full := min(to, p.N/p.panel)
	panels = min(max(1, few/p.steps), max(1, full-from))
	return panels, min(panels*p.panel, p.N-from*p.panel)
}

// fewWords is how many words of a row may go through some panels in one call: their part of b stays in the nearest
// cache.
const fewWords = 128

// columns computes the columns of some panels, of which the last may be narrow if it is alone.
func (m *multiplier) columns(c []float32, ldc int, a *Rows, r0, r1 int, b *Packed, p, panels, cols int) {
	width := min(b.panel, roundUp(cols))
	var wide *[maxRows * maxPanel]float32
	if cols < width {
		wide = wides.Get().(*[maxRows * maxPanel]float32)
		defer wides.Put(wide)
	}
	for r, h := r0, 0; r < r1; {
		for m.heights[h] > r1-r {
			h++
		}
		rows, dst := m.heights[h], c[(r-r0)*ldc:]
		if wide == nil {
			blocks := min((r1-r)/rows, max(1, mostSteps/(rows*panels*b.steps)))
			m.multiply(dst, ldc, a, r, rows, blocks, b, p, panels, width)
			r += rows * blocks
			continue
		}
		m.multiply(wide[:], width, a, r, rows, 1, b, p, 1, width)
		for i := range rows {
			copy(dst[i*ldc:i*ldc+cols], wide[i*width:])
		}
		r += rows
	}
}

// mostSteps is how many words of rows, each times a panel, go through one call of assembly, which the Go scheduler cannot
// interrupt: about 30 microseconds.
const mostSteps = 1 << 16

// SetSoftmax makes rows from 0 on, of kind BF16, one for each factor, the exponentials of scale*x, less the largest of a
// row, and the factors what their products are to be multiplied with, by Scale, to be those of the softmax of scale*x.
// x has row stride ld.
func (a *Rows) SetSoftmax(x []float32, ld int, scale float32, factors []float32) {
	if current.pairs == nil {
		for i := range factors {
			row := x[i*ld:][:a.k]
			Softmax(row, 0, 1, a.k, scale)
			current.round(a.words[i*a.ld:(i+1)*a.ld], row)
			factors[i] = 1
		}
		return
	}
	if len(factors) == 0 || a.k == 0 {
		return
	}
	_, _ = x[(len(factors)-1)*ld+a.k-1], a.words[len(factors)*a.ld-1]
	for i, run := 0, short(a.k); i < len(factors); i += run {
		current.pairs.softmax(a.words[i*a.ld:], a.ld, x[i*ld:], ld, a.k, factors[i:min(i+run, len(factors))], scale)
	}
	for i, sum := range factors {
		factors[i] = 1 / sum
	}
}

// Scale multiplies rows of n numbers with the factors of SetSoftmax.
func Scale(x []float32, ld, n int, factors []float32) {
	if current.pairs != nil && len(factors) > 0 && n > 0 {
		_ = x[(len(factors)-1)*ld+n-1]
		current.pairs.scale(x, ld, n, factors)
	}
}
