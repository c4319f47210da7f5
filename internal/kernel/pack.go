package kernel

import (
	"encoding/binary"
	"math"
	"runtime"
	"sync"
)

// Packed is the right operand of Gemm and Multiply, a matrix of K rows and N columns laid out for the version in
// use: panels of columns one after the other, each stored row by row. The last panel is as narrow as a
// multiple of 16 allows and is filled up with zeros. Narrow types have two or four rows of a column in a word.
type Packed struct {
	K, N  int
	kind  Kind
	steps int  // words of a column
	half  bool // numbers of 16 bits, row by row, which are widened when they are used
	panel int
	data  []float32 // or words of something else
	add   []float32 // bias of N columns, filled up with zeros; nil for none
	scale []float32 // of bytes: the factor of each column
	sum   []int32   // and its sum, to take the zero of the left operand out
	free  func()
}

// NewPacked returns a zero matrix of k rows and n columns. Large ones lie outside the Go heap until
// Close or until the collector finds them unused.
func NewPacked(kind Kind, k, n int) *Packed {
	p := empty(kind, k, n)
	if kind == I8 {
		p.scale, p.sum = Floats(roundUp(n)), make([]int32, roundUp(n))
	}
	data, free := allocate(p.words(roundUp(n)))
	p.data = data
	if free != nil {
		stop := runtime.AddCleanup(p, func(f func()) { f() }, free)
		p.free = func() { stop.Stop(); free() }
	}
	return p
}

// empty is a matrix from NewPacked without its numbers.
func empty(kind Kind, k, n int) *Packed {
	p := &Packed{K: k, N: n, kind: kind, steps: words(kind, k), half: kind == F16 || kind == BF16 && current.pairs == nil}
	p.panel = p.panelFor(n)
	return p
}

// Kind is the type of the numbers.
func (p *Packed) Kind() Kind { return p.kind }

// Close gives the memory back. The matrix has no columns afterwards.
func (p *Packed) Close() {
	if p.free != nil {
		p.free()
	}
	*p = Packed{panel: p.panel}
}

// Reset makes p a matrix of k rows and n columns of kind F32 or BF16, without bias and with undefined contents (zero in
// the columns that fill up the last panel), reusing its memory where that is large enough.
// It is for scratch: p must not come from NewPacked.
func (p *Packed) Reset(kind Kind, k, n int) {
	next := Packed{K: k, N: n, kind: kind, steps: words(kind, k)}
	next.panel = next.panelFor(n)
	size := next.words(roundUp(n))
	if cap(p.data) < size {
		p.data = Floats(size)
	}
	next.data = p.data[:size]
	*p = next
	if n%16 != 0 {
		clear(p.panels(n / p.panel))
	}
}

// SetBias makes products add b, one value for each column; nil for none. It copies b.
func (p *Packed) SetBias(b []float32) {
	p.add = nil
	if b != nil {
		p.add = Floats(roundUp(p.N))
		copy(p.add, b[:p.N])
	}
}

// multiplier is what multiplies the type; nil where that is Gemm.
func (p *Packed) multiplier() *multiplier { return multiplierOf(p.kind) }

// panelFor is the width of the panels for n columns. For 64, the commonest size of a head, two halves are
// faster than 48 and 16, since tiles of one vector are slow.
func (p *Packed) panelFor(n int) int {
	width := current.panel
	if m := p.multiplier(); m != nil {
		width = m.panel
	}
	if width == 48 && roundUp(n) == 64 {
		return 32
	}
	return width
}

// Panels is the number of panels, the unit in which products can be split along columns.
func (p *Packed) Panels() int { return (p.N + p.panel - 1) / p.panel }

// Bytes is the memory that the matrix holds.
func (p *Packed) Bytes() int { return 4 * (len(p.data) + len(p.add) + len(p.scale) + len(p.sum)) }

// words is the size of n columns, a multiple of 16.
func (p *Packed) words(n int) int {
	if p.half {
		return p.K * n / 2
	}
	return p.steps * n
}

// panels returns the data of panel i and those behind it.
func (p *Packed) panels(i int) []float32 { return p.data[p.words(i*p.panel):] }

func (p *Packed) bias(column int) []float32 {
	if p.add == nil {
		return nil
	}
	return p.add[column:]
}

// PackT stores rows of src as columns: element (k0+i, n0+j) becomes src[j*ld+i] for i < k, j < n. For F32.
func (p *Packed) PackT(n0, k0 int, src []float32, ld, n, k int) {
	p.pieces(n0, n, func(panel []float32, width, at, j, m int) {
		if k > 0 {
			current.transpose(panel[k0*width+at:], width, src[j*ld:], ld, m, k)
		}
	})
}

// PackN stores src as it is: element (k0+i, n0+j) becomes src[i*ld+j] for i < k, j < n. For F32.
func (p *Packed) PackN(n0, k0 int, src []float32, ld, n, k int) {
	p.pieces(n0, n, func(panel []float32, width, at, j, m int) {
		if k > 0 {
			current.copyRows(panel[k0*width+at:], width, src[j:], ld, m, k)
		}
	})
}

// PackRows stores rows of the same type as columns from n0 on.
func (p *Packed) PackRows(n0 int, a *Rows, rows int) {
	by := p.multiplier()
	p.pieces(n0, rows, func(panel []float32, width, at, j, m int) {
		if by != nil && by.pair != nil {
			by.pair(panel[2*at:], width, a.words[j*a.ld:], a.ld, m, a.steps)
			return
		}
		current.transpose(panel[at:], width, a.words[j*a.ld:], a.ld, m, a.steps)
	})
}

// PackPairs stores src (K, N) as it is, rounded to bfloat16, in a matrix from Reset.
func (p *Packed) PackPairs(src []float32, ld int) {
	if current.pairs == nil {
		p.PackN(0, 0, src, ld, p.N, p.K)
		current.round(p.data, p.data)
		return
	}
	if current.pairs.four != nil {
		p.packFours(src, ld)
		return
	}
	p.pieces(0, p.N, func(panel []float32, width, _, j, m int) {
		var none [maxPanel]float32
		for i := 0; i < p.K; i += 2 {
			dst, low, high := panel[i/2*width:], src[i*ld+j:], none[:]
			if i+1 < p.K {
				high = src[(i+1)*ld+j:]
			}
			whole := m &^ 15
			if whole > 0 {
				current.pairs.join(dst[:whole], low, high)
			}
			for c := whole; c < m; c++ {
				dst[c] = joined(low[c], high[c])
			}
		}
	})
}

// packFours is PackPairs where words go by twos.
func (p *Packed) packFours(src []float32, ld int) {
	p.pieces(0, p.N, func(panel []float32, width, _, j, m int) {
		var none [maxPanel]float32
		for i := 0; i < p.K; i += 4 {
			rows := [4][]float32{none[:], none[:], none[:], none[:]}
			for r := range min(4, p.K-i) {
				rows[r] = src[(i+r)*ld+j:]
			}
			dst, whole := panel[i/2*width:], m&^15
			if whole > 0 {
				current.pairs.four(dst[:2*whole], rows[0], rows[1], rows[2], rows[3])
			}
			for c := whole; c < m; c++ {
				dst[2*c], dst[2*c+1] = joined(rows[0][c], rows[1][c]), joined(rows[2][c], rows[3][c])
			}
		}
	})
}

// PackAcross is PackPairs of rows that are bfloat16 already, where that is native.
func (p *Packed) PackAcross(a *Rows) {
	group := 2
	if current.pairs.four != nil {
		group = 4
	}
	number := func(i, j int) uint16 {
		if i >= p.K {
			return 0
		}
		return binary.LittleEndian.Uint16(bytesOf(a.words[i*a.ld:])[2*j:])
	}
	whole := p.K / group * group
	p.pieces(0, p.N, func(panel []float32, width, _, j, m int) {
		wide := m &^ 15
		if wide > 0 && whole > 0 {
			current.pairs.zip(panel, width, a.words[j/2:], a.ld, wide, whole)
		}
		out := bytesOf(panel)
		for i := range 2 * p.steps {
			c := 0
			if i < whole {
				c = wide
			}
			for ; c < m; c++ { // the numbers of a group and a column lie side by side
				binary.LittleEndian.PutUint16(out[2*(i/group*group*width+c*group+i%group):], number(i, j+c))
			}
		}
	})
}

// joined is a word of two numbers as bfloat16.
func joined(low, high float32) float32 {
	return math.Float32frombits(uint32(bfloat(low)) | uint32(bfloat(high))<<16)
}

// Store converts rows of src, n of K numbers with row stride ld, to columns from n0 on. Bytes get a factor for each
// column.
func (p *Packed) Store(n0 int, src []float32, ld, n int) {
	switch {
	case p.half:
		p.storeHalves(n0, src, ld, n)
		return
	case p.kind == F32:
		p.PackT(n0, 0, src, ld, n, p.K)
		return
	}
	rows := scratchRows.Get().(*Rows)
	defer scratchRows.Put(rows)
	rows.Reset(p.kind, n, p.K)
	for j := range n {
		x := src[j*ld:][:p.K]
		if p.kind == BF16 {
			rows.Set(j, x)
			continue
		}
		clear(rows.row(j))
		rows.setSigned(j, x)
		p.scale[n0+j] = rows.scale[j]
		for _, v := range bytesOf(rows.words[j*rows.ld:][:rows.ld])[:p.K] {
			p.sum[n0+j] += int32(int8(v))
		}
	}
	p.PackRows(n0, rows, n)
}

var scratchRows = sync.Pool{New: func() any { return new(Rows) }}

// storeHalves is Store for numbers of 16 bits.
func (p *Packed) storeHalves(n0 int, src []float32, ld, n int) {
	narrow := bfloat
	if p.kind == F16 {
		narrow = toHalf
	}
	p.pieces(n0, n, func(panel []float32, width, at, j, m int) {
		out := bytesOf(panel)
		for c := range m {
			for i, v := range src[(j+c)*ld:][:p.K] {
				binary.LittleEndian.PutUint16(out[2*(i*width+at+c):], narrow(v))
			}
		}
	})
}

// oneHalf is a panel of numbers of 16 bits, widened.
type oneHalf struct{ Packed }

var halves = sync.Pool{New: func() any { return new(oneHalf) }}

// gemmHalf is Gemm for numbers of 16 bits: it widens a panel, which then serves all rows.
func gemmHalf(c []float32, ldc int, a []float32, lda, rows int, b *Packed, p0, p1 int, act Act) {
	one := halves.Get().(*oneHalf)
	defer halves.Put(one)
	for p := p0; p < p1; p++ {
		at := p * b.panel
		n := min(b.panel, b.N-at)
		size := b.K * roundUp(n)
		if cap(one.data) < size {
			one.data = Floats(b.K * maxPanel)
		}
		one.Packed = Packed{K: b.K, N: n, steps: b.K, panel: b.panel, data: one.data[:size]}
		Widen(one.data, b.kind, bytesOf(b.panels(p)))
		if b.add != nil {
			one.add = b.add[at:]
		}
		Gemm(c[at:], ldc, a, lda, rows, &one.Packed, 0, 1, act)
	}
	runtime.KeepAlive(b)
}

// pieces cuts the n columns from n0 at the panels' edges: columns j to j+m of the n lie in panel, which
// is width wide, from at on.
func (p *Packed) pieces(n0, n int, f func(panel []float32, width, at, j, m int)) {
	for j := 0; j < n; {
		i, at := (n0+j)/p.panel, (n0+j)%p.panel
		width := min(p.panel, roundUp(p.N-i*p.panel))
		m := min(n-j, width-at)
		f(p.panels(i)[:p.words(width)], width, at, j, m)
		j += m
	}
}

// roundUp returns the multiple of 16 at or above n: the width at which all versions compute.
func roundUp(n int) int { return (n + 15) &^ 15 }
