package kernel

import (
	"fmt"
	"testing"
	"time"
)

// best runs f in a loop and reports the rate of the fastest round too: what the kernel can do when
// nothing else disturbs the machine.
func best(b *testing.B, flops float64, f func()) {
	least := time.Duration(1 << 62)
	for b.Loop() {
		start := time.Now()
		f()
		least = min(least, time.Since(start))
	}
	b.ReportMetric(flops/float64(b.Elapsed().Nanoseconds())*float64(b.N), "GFLOP/s")
	b.ReportMetric(flops/float64(least.Nanoseconds()), "best-GFLOP/s")
}

func BenchmarkGemm(b *testing.B) {
	for _, s := range [][3]int{
		{96, 768, 48}, {384, 768, 768}, {384, 768, 3072}, {384, 3072, 768}, {384, 1024, 1024}, {384, 384, 1536}, // linear layers
		{384, 64, 384}, {384, 384, 64}, {384, 32, 384}, {384, 384, 32}, // attention
	} {
		b.Run(fmt.Sprintf("%dx%dx%d", s[0], s[1], s[2]), func(b *testing.B) {
			m, k, n := s[0], s[1], s[2]
			lda, ldc := k+16, n+16
			x, y := Floats(m*lda), Floats(m*ldc)
			w := NewPacked(F32, k, n)
			best(b, 2*float64(m*n*k), func() {
				for p := range w.Panels() {
					Gemm(y, ldc, x, lda, m, w, p, p+1, None)
				}
			})
		})
	}
}

func BenchmarkMultiply(b *testing.B) {
	for _, kind := range []Kind{BF16, I8} {
		for _, s := range [][3]int{{48, 384, 384}, {48, 384, 1536}, {48, 1536, 384}, {48, 768, 3072}, {48, 3072, 768}, {48, 32, 384}, {48, 384, 32}, {48, 384, 64}} {
			b.Run(fmt.Sprintf("%d/%dx%dx%d", kind, s[0], s[1], s[2]), func(b *testing.B) {
				m, k, n := s[0], s[1], s[2]
				var x Rows
				x.Reset(kind, m, k)
				for i := range m {
					x.Set(i, make([]float32, k))
				}
				y, w := Floats(m*(n+16)), NewPacked(kind, k, n)
				best(b, 2*float64(m*n*k), func() { Multiply(y, n+16, &x, 0, m, w, 0, w.Panels(), None) })
			})
		}
	}
}

func BenchmarkPeak(b *testing.B) {
	for _, kind := range []Kind{F32, BF16, I8} {
		b.Run(fmt.Sprint(kind), func(b *testing.B) {
			best(b, float64(Peak(kind, 1000)), func() { Peak(kind, 1000) })
		})
	}
}

func BenchmarkRows(b *testing.B) {
	const rows, n = 64, 384
	x, y, g := Floats(rows*n), Floats(rows*n), Floats(n)
	for i := range x {
		x[i] = float32(i%17) - 8
	}
	run := func(name string, f func(y []float32)) {
		b.Run(name, func(b *testing.B) { // "FLOP" are elements here
			best(b, rows*n, func() {
				copy(y, x)
				for i := range rows {
					f(y[i*n : (i+1)*n])
				}
			})
		})
	}
	run("copy", func([]float32) {})
	run("softmax", func(y []float32) { Softmax(y, 0, 1, len(y), 0.125) })
	run("layernorm", func(y []float32) { LayerNorm(y, y, y, g, g, 1e-12) })
	for a := GELU; a < acts; a++ {
		run(fmt.Sprint("activation", a), func(y []float32) { Activate(y, 0, 1, len(y), a) })
	}
	var narrow Rows
	for _, kind := range []Kind{BF16, I8} {
		narrow.Reset(kind, 1, n)
		run(fmt.Sprint("narrow", kind), func(y []float32) { narrow.Set(0, y) })
	}
	p := NewPacked(F32, n, rows)
	run("transpose", func(y []float32) { p.PackT(0, 0, y, n, 1, n) })
	b.Run("pack", func(b *testing.B) { best(b, rows*n, func() { p.PackT(0, 0, x, n, rows, n) }) })
}
