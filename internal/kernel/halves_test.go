package kernel

import (
	"math"
	"slices"
	"testing"

	"github.com/tryall/tryall/internal/guard"
)

// sameBits tells whether two rows of numbers are the same to the bit.
func sameBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

// native runs f for the versions with instructions for bfloat16, of which a machine may have none.
func native(t *testing.T, f func(t *testing.T)) {
	each(t, func(t *testing.T) {
		if Native(BF16) {
			f(t)
		}
	})
}

// Rows that are converted together, or are the result of a product, are those converted one by one.
func TestRowsTogether(t *testing.T) {
	native(t, func(t *testing.T) {
		r := source(t)
		for range 100 {
			m, k, n, kind := 1+r.IntN(20), 1+r.IntN(90), 1+r.IntN(130), []Kind{BF16, I8}[r.IntN(2)]
			p := newNarrow(t, r, kind, m, k, n)
			act := Act(r.IntN(int(acts)))
			p.run(p.c, 0, m, 0, p.right.Panels(), act)
			var want, got, set Rows
			for _, a := range []*Rows{&want, &got, &set} {
				a.Reset(BF16, m+2, n)
				a.words = append(guard.After[float32](t, len(a.words))[:0], rubbish(a.words)...)
			}
			for i := range m {
				want.Set(2+i, p.c[i*p.ldc:][:n])
			}
			set.SetRows(2, p.c, p.ldc, m)
			MultiplyRows(&got, 2, &p.rows, m, p.right, act)
			for i := range m {
				if !sameBits(set.row(2+i), want.row(2+i)) {
					t.Fatalf("row %d of (%d, %d) together differs", i, m, n)
				}
				if !sameBits(got.row(2+i), want.row(2+i)) {
					t.Fatalf("row %d of a product (%d, %d, %d) of kind %d, activation %d, differs", i, m, k, n, kind, act)
				}
			}
			if first := got.row(1); !sameBits(first, rubbish(slices.Clone(first))) {
				t.Fatal("a row before the first was written")
			}
		}
	})
}

// The softmax of several rows is that of each; so is what their products are multiplied with.
func TestSoftmaxTogether(t *testing.T) {
	each(t, func(t *testing.T) {
		r := source(t)
		for _, n := range lengths[1:] {
			m := 1 + r.IntN(9)
			ld := n + r.IntN(20)
			x := fill(r, guard.After[float32](t, (m-1)*ld+n))
			alone, together := slices.Clone(x), x
			var a, b Rows
			a.Reset(BF16, m, n)
			b.Reset(BF16, m, n)
			b.words = append(guard.After[float32](t, len(b.words))[:0], rubbish(b.words)...)
			want, got := make([]float32, m), make([]float32, m)
			for i := range m {
				var one Rows
				one.Reset(BF16, 1, n)
				one.SetSoftmax(alone[i*ld:], ld, 0.5, want[i:i+1])
				copy(a.words[i*a.ld:(i+1)*a.ld], one.words)
			}
			b.SetSoftmax(together, ld, 0.5, got)
			if !sameBits(got, want) {
				t.Fatalf("factors of (%d, %d): %g, alone %g", m, n, got, want)
			}
			for i := range m {
				if !sameBits(a.row(i), b.row(i)) {
					t.Fatalf("row %d of (%d, %d) differs", i, m, n)
				}
			}
			y := fill(r, guard.After[float32](t, (m-1)*ld+n))
			was := slices.Clone(y)
			Scale(y, ld, n, got)
			for i := range m {
				for j := range ld {
					at := i*ld + j
					if at >= len(y) {
						break
					}
					product := was[at]
					if j < n {
						product *= got[i]
					}
					if math.Float32bits(y[at]) != math.Float32bits(product) {
						t.Fatalf("number %d of row %d is %g, want %g", j, i, y[at], product)
					}
				}
			}
		}
	})
}

// A part of rows multiplies as rows of their own do.
func TestColumnsOfRows(t *testing.T) {
	native(t, func(t *testing.T) {
		r := source(t)
		for range 50 {
			m, size, n := 1+r.IntN(20), 4*(1+r.IntN(20)), 1+r.IntN(60)
			x := fill(r, make([]float32, m*3*size))
			var all, part Rows
			all.Reset(BF16, m, 3*size)
			all.SetRows(0, x, 3*size, m)
			r0 := r.IntN(m)
			part.Reset(BF16, m-r0, size)
			part.SetRows(0, x[r0*3*size+size:], 3*size, m-r0)
			view := all.Columns(r0, m, size, 2*size)
			right := NewPacked(BF16, size, n)
			right.Store(0, fill(r, make([]float32, n*size)), size, n)
			want, got := make([]float32, m*n), make([]float32, m*n)
			Multiply(want, n, &part, 0, m-r0, right, 0, right.Panels(), None)
			Multiply(got, n, &view, 0, m-r0, right, 0, right.Panels(), None)
			if !sameBits(want, got) {
				t.Fatalf("columns of (%d, %d)", m, size)
			}
		}
	})
}
