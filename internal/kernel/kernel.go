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
	rows  int // most rows that gemm takes

	// gemm computes rows of c = a·b + bias for consecutive panels of the same width.
	// a is (rows, k), b is (panels, k, width), c is (rows, panels*width); bias may be nil.
	gemm func(c []float32, ldc int, a []float32, lda, rows, k int, b []float32, width, panels int, bias []float32)
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
	first, last := p0*b.panel, min(p1*b.panel, b.N)
	_ = c[(rows-1)*ldc+last-1]
	_ = a[:(rows-1)*lda+b.K]
	if b.half {
		gemmHalf(c, ldc, a, lda, rows, b, p0, p1, act)
		return
	}
	full := min(p1, b.N/b.panel) // panels of whole width
	for r := 0; r < rows; r += current.rows {
		n := min(current.rows, rows-r)
		ar, cr := a[r*lda:], c[r*ldc:]
		if full > p0 {
			current.gemm(cr[first:], ldc, ar, lda, n, b.K, b.panels(p0), b.panel, full-p0, b.bias(first))
		}
		if rest := last - max(full, p0)*b.panel; rest > 0 {
			narrow(cr[last-rest:], ldc, ar, lda, n, b, rest)
		}
		if act != None {
			current.activate(cr[first:], ldc, n, last-first, act)
		}
	}
	runtime.KeepAlive(b) // its memory may be outside the heap
}

// narrow computes the last panel, which holds rest columns and zeros up to a multiple of 16.
func narrow(c []float32, ldc int, a []float32, lda, rows int, b *Packed, rest int) {
	last := b.N - rest
	width := roundUp(rest)
	panel := b.panels(last / b.panel)
	if width == rest {
		current.gemm(c, ldc, a, lda, rows, b.K, panel, width, 1, b.bias(last))
		return
	}
	wide := wides.Get().(*[maxRows * maxPanel]float32)
	defer wides.Put(wide)
	current.gemm(wide[:], width, a, lda, rows, b.K, panel, width, 1, b.bias(last))
	for i := range rows {
		copy(c[i*ldc:i*ldc+rest], wide[i*width:])
	}
}

var wides = sync.Pool{New: func() any { return new([maxRows * maxPanel]float32) }}

// Bounds of all versions.
const (
	maxRows  = 8
	maxPanel = 48
)

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
