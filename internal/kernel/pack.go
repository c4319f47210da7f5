package kernel

import "runtime"

// Packed is the right operand of Gemm, a matrix of K rows and N columns laid out for the version in
// use: panels of columns one after the other, each stored row by row. The last panel is as narrow as a
// multiple of 16 allows and is filled up with zeros.
type Packed struct {
	K, N  int
	panel int
	data  []float32
	add   []float32 // bias of N columns, filled up with zeros; nil for none
	free  func()
}

// NewPacked returns a zero matrix of k rows and n columns. Large ones lie outside the Go heap until
// Close or until the collector finds them unused.
func NewPacked(k, n int) *Packed {
	p := &Packed{K: k, N: n, panel: panelFor(n)}
	data, free := allocate(k * roundUp(n))
	p.data = data
	if free != nil {
		stop := runtime.AddCleanup(p, func(f func()) { f() }, free)
		p.free = func() { stop.Stop(); free() }
	}
	return p
}

// Close gives the memory back. The matrix has no columns afterwards.
func (p *Packed) Close() {
	if p.free != nil {
		p.free()
	}
	*p = Packed{panel: p.panel}
}

// Reset makes p a matrix of k rows and n columns without bias and with undefined contents (zero in the
// columns that fill up the last panel), reusing its memory where that is large enough.
// It is for scratch: p must not come from NewPacked.
func (p *Packed) Reset(k, n int) {
	size := k * roundUp(n)
	if cap(p.data) < size {
		p.data = Floats(size)
	}
	*p = Packed{K: k, N: n, panel: panelFor(n), data: p.data[:size]}
	if n%16 != 0 {
		clear(p.panels(n / p.panel))
	}
}

// SetBias makes Gemm add b, one value for each column; nil for none. It copies b.
func (p *Packed) SetBias(b []float32) {
	p.add = nil
	if b != nil {
		p.add = Floats(roundUp(p.N))
		copy(p.add, b[:p.N])
	}
}

// panelFor is the width of the panels for n columns. For 64, the commonest size of a head, two halves are
// faster than 48 and 16, since tiles of one vector are slow.
func panelFor(n int) int {
	if current.panel == 48 && roundUp(n) == 64 {
		return 32
	}
	return current.panel
}

// Panels is the number of panels, the unit in which Gemm can be split along columns.
func (p *Packed) Panels() int { return (p.N + p.panel - 1) / p.panel }

// PanelWidth is the number of columns of all panels but the last.
func (p *Packed) PanelWidth() int { return p.panel }

// Bytes is the memory that the matrix holds.
func (p *Packed) Bytes() int { return 4 * (len(p.data) + len(p.add)) }

// panels returns the data of panel i and those behind it.
func (p *Packed) panels(i int) []float32 { return p.data[i*p.panel*p.K:] }

func (p *Packed) bias(column int) []float32 {
	if p.add == nil {
		return nil
	}
	return p.add[column:]
}

// PackT stores rows of src as columns: element (k0+i, n0+j) becomes src[j*ld+i] for i < k, j < n.
func (p *Packed) PackT(n0, k0 int, src []float32, ld, n, k int) {
	p.pieces(n0, n, func(panel []float32, width, at, j, m int) {
		if k > 0 {
			current.transpose(panel[k0*width+at:], width, src[j*ld:], ld, m, k)
		}
	})
}

// PackN stores src as it is: element (k0+i, n0+j) becomes src[i*ld+j] for i < k, j < n.
func (p *Packed) PackN(n0, k0 int, src []float32, ld, n, k int) {
	p.pieces(n0, n, func(panel []float32, width, at, j, m int) {
		if k > 0 {
			current.copyRows(panel[k0*width+at:], width, src[j:], ld, m, k)
		}
	})
}

// pieces cuts the n columns from n0 at the panels' edges: columns j to j+m of the n lie in panel, which
// is width wide, from at on.
func (p *Packed) pieces(n0, n int, f func(panel []float32, width, at, j, m int)) {
	for j := 0; j < n; {
		i, at := (n0+j)/p.panel, (n0+j)%p.panel
		width := min(p.panel, roundUp(p.N-i*p.panel))
		m := min(n-j, width-at)
		f(p.panels(i)[:p.K*width], width, at, j, m)
		j += m
	}
}

// roundUp returns the multiple of 16 at or above n: the width at which all versions compute.
func roundUp(n int) int { return (n + 15) &^ 15 }
