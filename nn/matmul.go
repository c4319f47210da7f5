package nn

import (
	"fmt"
	"sync"

	"github.com/tryall/tryall/internal/kernel"
)

// MatMulNT computes out = x·yᵀ on the calling goroutine; x is (m, k), y is (n, k), out is (m, n) and
// overlaps neither. For use inside For. If y is used again and again, make it a Linear.
func MatMulNT(x, y, out Matrix) {
	matmul(x, y, out, x.Cols == y.Cols && out.Cols == y.Rows, "ᵀ", func(b *kernel.Packed) {
		b.Reset(kernel.F32, y.Cols, y.Rows)
		b.PackT(0, 0, y.Data, y.Stride, y.Rows, y.Cols)
	})
}

// MatMul computes out = x·y on the calling goroutine; x is (m, k), y is (k, n), out is (m, n) and
// overlaps neither.
func MatMul(x, y, out Matrix) {
	matmul(x, y, out, x.Cols == y.Rows && out.Cols == y.Cols, "", func(b *kernel.Packed) {
		b.Reset(kernel.F32, y.Rows, y.Cols)
		b.PackN(0, 0, y.Data, y.Stride, y.Cols, y.Rows)
	})
}

var packs = sync.Pool{New: func() any { return new(kernel.Packed) }}

func matmul(x, y, out Matrix, fits bool, t string, pack func(b *kernel.Packed)) {
	if !fits || x.Rows != out.Rows {
		panic(fmt.Sprintf("nn: (%d, %d) = (%d, %d)·(%d, %d)%s", out.Rows, out.Cols, x.Rows, x.Cols, y.Rows, y.Cols, t))
	}
	if x.Rows == 0 || out.Cols == 0 {
		return
	}
	b := packs.Get().(*kernel.Packed)
	defer packs.Put(b)
	pack(b)
	kernel.Gemm(out.Data, out.Stride, x.Data, x.Stride, x.Rows, b, 0, b.Panels(), kernel.None)
}

// Borrow returns scratch with undefined contents for use inside For, and a function to give it back.
func Borrow(rows, cols int) (Matrix, func()) {
	s := stride(cols)
	p := loans.Get().(*[]float32)
	if cap(*p) < rows*s {
		*p = kernel.Floats(rows * s)
	}
	return Matrix{(*p)[:rows*s], rows, cols, s}, func() { loans.Put(p) }
}

var loans = sync.Pool{New: func() any { return new([]float32) }}
