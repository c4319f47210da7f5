package kernel

import "runtime"

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
		current.pairs.narrow(dst, x)
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
	full := min(p1, b.N/b.panel)
	for p, n := p0, 0; p < p1; p += n {
		n = min(max(1, fewWords/b.steps), max(1, full-p)) // short products are not worth a call each
		at := p * b.panel
		cols := min(n*b.panel, b.N-at)
		m.columns(c[at:], ldc, a, r0, r1, b, p, n, cols)
		if act != None {
			current.activate(c[at:], ldc, r1-r0, cols, act)
		}
	}
	runtime.KeepAlive(b)
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

// SetSoftmax makes row i, of kind BF16, the exponentials of scale*x, less the largest, and returns what their products
// are to be multiplied with, by Scale, to be those of the softmax of scale*x.
func (a *Rows) SetSoftmax(i int, x []float32, scale float32) (factor float32) {
	dst, x := a.words[i*a.ld:(i+1)*a.ld], x[:a.k]
	if current.pairs == nil {
		Softmax(x, 0, 1, len(x), scale)
		current.round(dst, x)
		return 1
	}
	return 1 / current.pairs.softmax(dst, x, scale)
}

// Scale multiplies x with the factor of SetSoftmax.
func Scale(x []float32, factor float32) {
	if current.pairs != nil && len(x) > 0 {
		current.pairs.scale(x, factor)
	}
}
