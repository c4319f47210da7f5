package kernel

import (
	"fmt"
	"testing"
)

func BenchmarkGemm(b *testing.B) {
	for _, s := range [][3]int{{384, 768, 768}, {384, 768, 3072}, {384, 3072, 768}, {384, 384, 1536}, {384, 64, 384}, {384, 384, 64}, {384, 32, 384}, {384, 384, 32}} {
		b.Run(fmt.Sprintf("%dx%dx%d", s[0], s[1], s[2]), func(b *testing.B) {
			m, k, n := s[0], s[1], s[2]
			lda, ldc := k+16, n+16
			x, y := Floats(m*lda), Floats(m*ldc)
			w := NewPacked(k, n)
			for i := 0; b.Loop(); i++ {
				for p := range w.Panels() {
					Gemm(y, ldc, x, lda, m, w, p, p+1, None)
				}
			}
			b.ReportMetric(2*float64(m*n*k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

func BenchmarkRows(b *testing.B) {
	x := Floats(768)
	for i := range x {
		x[i] = float32(i%17) - 8
	}
	y, g := Floats(768), Floats(768)
	b.Run("softmax", func(b *testing.B) {
		for b.Loop() {
			copy(y, x)
			Softmax(y, 0.125)
		}
	})
	b.Run("layernorm", func(b *testing.B) {
		for b.Loop() {
			LayerNorm(y, x, g, g, g, 1e-12)
		}
	})
	for a := GELU; a < acts; a++ {
		b.Run(fmt.Sprint("act", a), func(b *testing.B) {
			for b.Loop() {
				copy(y, x)
				Activate(y, a)
			}
		})
	}
	b.Run("peak", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n += Peak(10000)
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
	})
}
