//go:build unix

package kernel

import (
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

// cpuSeconds is the processor time that the process has used: the other measure of a rate, for
// machines that are busy with other things.
func cpuSeconds() float64 {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

func BenchmarkGemm(b *testing.B) {
	for _, s := range [][3]int{{384, 768, 768}, {384, 768, 3072}, {384, 3072, 768}, {384, 1024, 1024}, {384, 384, 1536}, {384, 64, 384}, {384, 384, 64}, {384, 32, 384}, {384, 384, 32}} {
		b.Run(fmt.Sprintf("%dx%dx%d", s[0], s[1], s[2]), func(b *testing.B) {
			m, k, n := s[0], s[1], s[2]
			lda, ldc := k+16, n+16
			x, y := Floats(m*lda), Floats(m*ldc)
			w := NewPacked(k, n)
			cpu := cpuSeconds()
			for b.Loop() {
				for p := range w.Panels() {
					Gemm(y, ldc, x, lda, m, w, p, p+1, None)
				}
			}
			flops := 2 * float64(m*n*k) * float64(b.N) / 1e9
			b.ReportMetric(flops/b.Elapsed().Seconds(), "GFLOP/s")
			b.ReportMetric(flops/(cpuSeconds()-cpu), "GFLOP/cpu-s")
		})
	}
}

func BenchmarkPeak(b *testing.B) {
	n, cpu := 0, cpuSeconds()
	for b.Loop() {
		n += Peak(10000)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
	b.ReportMetric(float64(n)/(cpuSeconds()-cpu)/1e9, "GFLOP/cpu-s")
}

func BenchmarkRows(b *testing.B) {
	x := Floats(768)
	for i := range x {
		x[i] = float32(i%17) - 8
	}
	y, g := Floats(768), Floats(768)
	run := func(name string, f func()) {
		b.Run(name, func(b *testing.B) {
			cpu := cpuSeconds()
			for b.Loop() {
				copy(y, x)
				f()
			}
			b.ReportMetric((cpuSeconds()-cpu)/float64(b.N)*1e9, "cpu-ns/op")
		})
	}
	run("softmax", func() { Softmax(y, 0.125) })
	run("layernorm", func() { LayerNorm(y, x, g, g, g, 1e-12) })
	for a := GELU; a < acts; a++ {
		run(fmt.Sprint("activation", a), func() { Activate(y, a) })
	}
}
