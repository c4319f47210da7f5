// Package kernel holds the numeric kernels of the engine and is the only place with assembly.
//
// Its functions are few and coarse, run on the calling goroutine, and hide the instruction set:
// which version runs is chosen once, from the CPU or from TRYALL_KERNEL. Every result depends only on
// the operands and the version, never on which rows or columns are computed together, so work may be
// split in any way without changing a bit.
package kernel

//go:generate go run -C _asm . -out ..

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
)

// version is one implementation of the kernels. The slices it is given are already checked by the
// exported functions.
type version struct {
	name  string
	panel int // columns of a full panel of a Packed; a multiple of 16

	// gemm computes rows of c = a·b + bias for consecutive panels of the same width, several only if k is small.
	// a is (rows, k), b is (panels, k, width), c is (rows, panels*width); bias may be nil. r0 rows went through the same
	// panels before.
	gemm func(c []float32, ldc int, a []float32, lda, r0, rows, k int, b []float32, width, panels int, bias []float32)
	// transpose writes dst[i*width+j] = src[j*ld+i] for i < k, j < n.
	transpose func(dst []float32, width int, src []float32, ld, n, k int)
	// copyRows writes dst[i*width+j] = src[i*ld+j] for i < k, j < n.
	copyRows  func(dst []float32, width int, src []float32, ld, n, k int)
	activate  func(x []float32, ld, rows, n int, act Act)
	softmax   func(x []float32, ld, rows, n int, scale float32)
	layerNorm func(dst, x, residual, gamma, beta []float32, eps float32)
	widen     func(dst []float32, kind Kind, src []byte)
	// round writes x rounded to bfloat16, as float32.
	round func(dst, x []float32)
	// extent returns the least and the largest of x and 0, and a number that is 0 if all are finite, else NaN.
	extent func(x []float32) (low, high, poison float32)
	// quantise writes round(x*inv) + zero, kept within low and high, as bytes.
	quantise func(dst, x []float32, inv float32, zero, low, high int32)
	// peak does n rounds of independent multiply-adds and returns how many operations they were.
	peak func(n int) (flops int)

	bytes multiplier
	pairs *pairs // nil where bfloat16 is emulated
}

// multiplier multiplies Rows with a Packed of the same narrow type.
type multiplier struct {
	panel   int   // as version.panel
	heights []int // numbers of rows that multiply takes, descending to 1
	signed  bool  // bytes of the left operand are signed
	// pair is not nil where words go by twos, of which a row or column has whole ones, and those of a column lie side by
	// side: dst[i*width+2*j] and the next are src[j*ld+i] and the next for i < steps, j < n.
	pair func(dst []float32, width int, src []float32, ld, n, steps int)
	// multiply computes rows r0 to r0+rows*blocks of c = a·b + bias, c beginning with the first of them, for some panels
	// from p on. It takes several panels only if the words of a row are few.
	multiply func(c []float32, ldc int, a *Rows, r0, rows, blocks int, b *Packed, p, panels, width int)
	peak     func(n int) (flops int)
}

// pairs is arithmetic with bfloat16, two of them to a word.
type pairs struct {
	multiplier
	// narrow writes rows of n numbers x, each filled up with zeros to 16 numbers.
	narrow func(dst []float32, ldd int, x []float32, ld, rows, n int)
	// softmax writes exp(scale*(x - max x)) of rows as narrow does, one for each of the sums, which are those before
	// rounding.
	softmax func(dst []float32, ldd int, x []float32, ld, n int, sums []float32, scale float32)
	// scale multiplies rows of n numbers x with a factor each.
	scale func(x []float32, ld, n int, factors []float32)
	// join writes words of which one half is of low, the other of high; the length is a multiple of 16.
	join func(dst, low, high []float32)
	// four writes two words for each of four numbers from a, b, c and d, in the place of join where words go by twos.
	four func(dst, a, b, c, d []float32)
	// zip is join, or four, of n numbers, a multiple of 16, of rows that are bfloat16 already, an even number or a multiple
	// of four. What it makes of two rows of numbers lies width words behind the two before.
	zip func(dst []float32, width int, src []float32, ld, n, rows int)
}

// multiplierOf is what multiplies a type; nil where that is gemm.
func multiplierOf(kind Kind) *multiplier {
	switch {
	case kind == I8:
		return &current.bytes
	case kind == BF16 && current.pairs != nil:
		return &current.pairs.multiplier
	}
	return nil
}

// Environment names the variable that forces a version.
const Environment = "TRYALL_KERNEL"

var (
	versions      = available() // best first, the plain one last
	current, errC = choose(os.Getenv(Environment))
)

func choose(name string) (*version, error) {
	for i := range versions {
		if versions[i].name == name || name == "" {
			return &versions[i], nil
		}
	}
	return &versions[0], fmt.Errorf("%s=%s: this CPU and build have %s", Environment, name, strings.Join(Versions(), ", "))
}

// Versions lists the names of the versions that can run here, best first.
func Versions() []string {
	var names []string
	for _, v := range versions {
		names = append(names, v.name)
	}
	return names
}

// Name returns the version in use, one of Versions.
func Name() string { return current.name }

// Native tells whether products of the type are computed by instructions for it. Those of other types are computed
// in float32, from the same rounded numbers.
func Native(kind Kind) bool {
	switch kind {
	case BF16:
		return current.pairs != nil
	case F16:
		return false
	}
	return true
}

// Err returns an error if the environment asks for a version that this CPU or build does not have.
// The kernels work nevertheless, with the best version there is.
func Err() error { return errC }

// Act is an activation function.
type Act uint8

// The activations. GELU is the exact form, with erf; GELUTanh its tanh approximation.
const (
	None Act = iota
	GELU
	GELUTanh
	ReLU
	Tanh
	SiLU
	acts
)

// Gemm computes c = act(a·b + b.Bias) for all rows and for the columns of panels p0 to p1. b is of a type that is
// computed in float32: F32, F16, or BF16 where that is emulated.
//
// a is (rows, b.K) with row stride lda and b.K at least 1, c is (rows, b.N) with row stride ldc; columns of c that belong
// to other panels are left alone. c must not overlap a. Each element is one sum over ascending k,
// rounded at each step (fused multiply-add in the vector versions, separate in the plain one).
func Gemm(c []float32, ldc int, a []float32, lda, rows int, b *Packed, p0, p1 int, act Act) {
	if rows == 0 || p0 >= p1 || b.N == 0 {
		return
	}
	_ = c[(rows-1)*ldc+min(p1*b.panel, b.N)-1]
	_ = a[:(rows-1)*lda+b.K]
	if b.half {
		gemmHalf(c, ldc, a, lda, rows, b, p0, p1, act)
		return
	}
	for p, n := p0, 0; p < p1; p += n {
		var cols int
		n, cols = b.run(p, p1, deep)
		at := p * b.panel
		for r, m := 0, 0; r < rows; r += m {
			if m = rows - r; act != None {
				m = min(nearRows, m)
			}
			gemmPanels(c[r*ldc+at:], ldc, a[r*lda:], lda, r, m, b, p, n, cols)
			if act != None {
				current.activate(c[r*ldc+at:], ldc, m, cols, act)
			}
		}
	}
	runtime.KeepAlive(b) // its memory may be outside the heap
}

// gemmPanels computes some rows of n panels from p on, of which the last may be narrow if it is alone, filled up with zeros to
// a multiple of 16 columns.
func gemmPanels(c []float32, ldc int, a []float32, lda, r0, rows int, b *Packed, p, n, cols int) {
	width, bias := min(b.panel, roundUp(cols)), b.bias(p*b.panel)
	if cols >= width {
		current.gemm(c, ldc, a, lda, r0, rows, b.K, b.panels(p), width, n, bias)
		return
	}
	wide := wides.Get().(*[maxRows * maxPanel]float32)
	defer wides.Put(wide)
	for r, m := 0, 0; r < rows; r += m {
		m = min(maxRows, rows-r)
		current.gemm(wide[:], width, a[r*lda:], lda, r0+r, m, b.K, b.panels(p), width, 1, bias)
		for i := range m {
			copy(c[(r+i)*ldc:][:cols], wide[i*width:])
		}
	}
}

var wides = sync.Pool{New: func() any { return new([maxRows * maxPanel]float32) }}

// Bounds of all versions.
const (
	maxRows  = 8
	maxPanel = 48
)

// deep is how many k steps of a product go through all rows before the next come: their part of a panel, and of the rows,
// stays in the second cache.
const deep = 1024

// most is the number of k steps in one call of assembly, which the Go scheduler cannot interrupt: about
// 30 microseconds.
const most = 4096

// Activate applies act to every element of rows of n, in place; ld is the row stride.
func Activate(x []float32, ld, rows, n int, act Act) {
	if act == None || rows == 0 || n == 0 {
		return
	}
	_ = x[(rows-1)*ld+n-1]
	for run := short(n); rows > 0; rows -= run {
		current.activate(x, ld, min(run, rows), n, act)
		x = x[min(run*ld, len(x)):]
	}
}

// Softmax replaces each of rows of n elements x by exp(scale*x) divided by its sum; ld is the row
// stride. scale must be positive. A row of -Inf only, or with a NaN or +Inf, becomes NaN, as it does
// elsewhere.
func Softmax(x []float32, ld, rows, n int, scale float32) {
	if rows == 0 || n == 0 {
		return
	}
	_ = x[(rows-1)*ld+n-1]
	for run := short(n); rows > 0; rows -= run {
		current.softmax(x, ld, min(run, rows), n, scale)
		x = x[min(run*ld, len(x)):]
	}
}

// short is the number of rows of n elements that take some microseconds.
func short(n int) int { return max(1, 1<<13/n) }

// LayerNorm computes dst = (s - mean(s)) / sqrt(var(s) + eps) * gamma + beta of one row, where
// s = x + residual, or x alone if residual is nil. All lengths are that of dst. dst may be x or residual.
func LayerNorm(dst, x, residual, gamma, beta []float32, eps float32) {
	if len(dst) == 0 {
		return
	}
	n := len(dst)
	if residual != nil {
		residual = residual[:n]
	}
	current.layerNorm(dst, x[:n], residual, gamma[:n], beta[:n], eps)
}

// Peak does n rounds of multiply-adds of a type that touch no memory, as fast as the version in use can, and
// returns the number of operations. It is for measuring.
func Peak(kind Kind, n int) (flops int) {
	switch {
	case kind == I8:
		return current.bytes.peak(n)
	case kind == BF16 && current.pairs != nil:
		return current.pairs.peak(n)
	}
	return current.peak(n)
}
