package nn

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// best reports the rate of the fastest round too: what is possible when nothing else disturbs the machine.
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

func BenchmarkAttend(b *testing.B) {
	for _, threads := range []int{1, 2} {
		for _, s := range [][3]int{{384, 12, 32}, {384, 12, 64}, {389, 12, 64}, {128, 12, 64}} {
			n, heads, d := s[0], s[1], s[2]
			e := newExec(b, threads)
			x := randomMatrix(rand.New(rand.NewPCG(1, 1)), n, 3*heads*d)
			a := Attention{Q: x.Columns(0, heads*d), K: x.Columns(heads*d, 2*heads*d), V: x.Columns(2*heads*d, 3*heads*d),
				Out: NewMatrix(n, heads*d), Heads: heads, Bounds: []int{0, n}, Scale: 0.125}
			b.Run(fmt.Sprintf("threads=%d/%dx%dx%d", threads, n, heads, d), func(b *testing.B) {
				best(b, 4*float64(n*n*heads*d), func() { e.Attend(a) })
			})
		}
	}
}

func BenchmarkLinear(b *testing.B) {
	for _, threads := range []int{1, 2} {
		for _, s := range [][3]int{{384, 384, 1152}, {384, 384, 384}, {384, 384, 1536}, {384, 1536, 384}, {384, 768, 2304}, {384, 768, 768}, {384, 768, 3072}, {384, 3072, 768}, {4096, 768, 3072}} {
			e := newExec(b, threads)
			r := rand.New(rand.NewPCG(1, 1))
			x, y := randomMatrix(r, s[0], s[1]), NewMatrix(s[0], s[2])
			l := NewLinear(s[2], s[1], random(r, s[1]*s[2]), random(r, s[2]))
			act := None
			if s[2] == 4*s[1] {
				act = GELU
			}
			b.Run(fmt.Sprintf("threads=%d/%dx%dx%d", threads, s[0], s[1], s[2]), func(b *testing.B) {
				best(b, 2*float64(s[0]*s[1]*s[2]), func() { l.Apply(e, x, y, act) })
			})
		}
	}
}

// BenchmarkFor is what a loop costs by itself.
func BenchmarkFor(b *testing.B) {
	e := newExec(b, 2)
	for b.Loop() {
		e.For(2, func(int, int) {})
	}
}
