package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/tryall/tryall/internal/kernel"
)

func sameBits(t *testing.T, what string, got, want Matrix) {
	t.Helper()
	for i := range want.Rows {
		for j, v := range want.Row(i) {
			if g := got.Row(i)[j]; math.Float32bits(g) != math.Float32bits(v) {
				t.Fatalf("%s: element (%d, %d) is %g, want %g", what, i, j, g, v)
			}
		}
	}
}

// Attention over Halves is that over matrices of the same numbers, to the bit.
func TestAttendHalves(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for _, c := range []struct{ heads, size, threads int }{{2, 32, 1}, {3, 64, 2}, {2, 20, 2}, {1, 4, 1}} {
		for _, p := range []Precision{BF16, INT8} {
			d := c.heads * c.size
			qkv, err := Fuse(p, Dense{Out: 3 * d, In: d, Kind: "F32", W: bytesOf(random(r, 3*d*d)), Bias: random(r, 3*d)})
			if err != nil {
				t.Fatal(err)
			}
			if !qkv.CanHalve(p, c.size) {
				if kernel.Native(kernel.BF16) {
					t.Fatalf("no halves for heads of %d", c.size)
				}
				continue
			}
			e := newExec(t, c.threads)
			x := randomMatrix(r, 101, d)
			a := Attention{Heads: c.heads, Bounds: []int{0, 1, 60, 101}, Scale: 0.2, Precision: p}
			m := NewMatrix(x.Rows, 3*d)
			qkv.Apply(e, x, m, None)
			a.Q, a.K, a.V, a.Out = m.Columns(0, d), m.Columns(d, 2*d), m.Columns(2*d, 3*d), NewMatrix(x.Rows, d)
			e.Attend(a)
			h := e.Halves(x.Rows, 3*d)
			e.Chunks(x.Rows, func(r0, r1 int) { qkv.Halve(x.Slice(r0, r1), h, r0) })
			b := a
			b.Q, b.K, b.V, b.QKV, b.Out = Matrix{}, Matrix{}, Matrix{}, h, NewMatrix(x.Rows, d)
			e.Attend(b)
			sameBits(t, "attention", b.Out, a.Out)
		}
	}
}

// A feed-forward network whose middle is narrow at once is the two layers one after the other, to the bit.
func TestFeedForwardInline(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	for i := range 16 { // the two may differ, as where the loss of one layer is measured
		const in, inner, rows = 50, 130, 37
		first, second := Precision(i/4), Precision(i%4)
		up, err := Fuse(first, Dense{Out: inner, In: in, Kind: "F32", W: bytesOf(random(r, in*inner)), Bias: random(r, inner)})
		if err != nil {
			t.Fatal(err)
		}
		down, err := Fuse(second, Dense{Out: in, In: inner, Kind: "F32", W: bytesOf(random(r, in*inner)), Bias: random(r, in)})
		if err != nil {
			t.Fatal(err)
		}
		x, middle, want, got := randomMatrix(r, rows, in), NewMatrix(rows, inner), NewMatrix(rows, in), NewMatrix(rows, in)
		up.ApplyInline(x, middle, GELU)
		down.ApplyInline(middle, want, None)
		FeedForwardInline(x, up, GELU, down, got)
		sameBits(t, fmt.Sprint(first, " ", second), got, want)
	}
}

// Every row is in one chunk, and no thread is without one where there are enough rows.
func TestChunks(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 7} {
		e := newExec(t, threads)
		for _, n := range []int{0, 1, 23, 24, 25, 170, 384, 385, 2048, 5000} {
			seen, calls := make([]atomic.Int32, n), atomic.Int32{}
			e.Chunks(n, func(r0, r1 int) {
				calls.Add(1)
				for i := r0; i < r1; i++ {
					seen[i].Add(1)
				}
			})
			for i := range seen {
				if s := seen[i].Load(); s != 1 {
					t.Fatalf("row %d of %d went through %d times", i, n, s)
				}
			}
			if n >= 48*threads && calls.Load() < int32(threads) {
				t.Errorf("%d rows in %d chunks for %d threads", n, calls.Load(), threads)
			}
		}
	}
}
