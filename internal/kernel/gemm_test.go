package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/tryall/tryall/internal/guard"
)

// product is one case: c = a·b + bias, with a and c against unreadable memory on one side or the other.
type product struct {
	m, k, n, lda, ldc int
	a, b, c, bias     []float32 // b is (n, k)
	packed            *Packed
}

func newProduct(t *testing.T, r *rand.Rand, m, k, n int) *product {
	p := &product{m: m, k: k, n: n, lda: k + r.IntN(20), ldc: n + r.IntN(20)}
	place := guard.After[float32]
	if r.IntN(2) == 0 {
		place = guard.Before[float32]
	}
	p.a = fill(r, place(t, (m-1)*p.lda+k))
	p.c = rubbish(place(t, (m-1)*p.ldc+n))
	p.b, p.bias = fill(r, place(t, n*k)), fill(r, make([]float32, n))
	p.packed = &Packed{data: rubbish(guard.After[float32](t, k*roundUp(n)))}
	p.packed.Reset(F32, k, n)
	p.packed.PackT(0, 0, p.b, k, n, k)
	p.packed.SetBias(p.bias)
	return p
}

func (p *product) check(t *testing.T, w *worst) {
	t.Helper()
	for i := range p.m {
		row := p.c[i*p.ldc:]
		for j := range min(p.ldc, len(row)) {
			if j >= p.n {
				if row[j] == row[j] {
					t.Fatalf("(%d, %d, %d): wrote %g beside row %d", p.m, p.k, p.n, row[j], i)
				}
				continue
			}
			sum, size := float64(p.bias[j]), math.Abs(float64(p.bias[j]))
			for x := range p.k {
				v := float64(p.a[i*p.lda+x]) * float64(p.b[j*p.k+x])
				sum += v
				size += math.Abs(v)
			}
			w.see(row[j], sum, float64(p.k+2)*eps*size+1e-30, "(%d, %d, %d) at [%d, %d]", p.m, p.k, p.n, i, j)
		}
	}
}

func TestGemm(t *testing.T) {
	each(t, func(t *testing.T) {
		r, w := source(t), worst{}
		run := func(m, k, n int) {
			p := newProduct(t, r, m, k, n)
			Gemm(p.c, p.ldc, p.a, p.lda, m, p.packed, 0, p.packed.Panels(), None)
			p.check(t, &w)
		}
		for m := 1; m <= 17; m++ { // past two tiles of rows
			for n := 1; n <= 35; n++ { // past two vectors
				run(m, 1+r.IntN(12), n)
			}
			for _, n := range []int{48, 64, 96, 100, 112, 144, 150} {
				run(m, 1+r.IntN(70), n)
			}
		}
		for k := 1; k <= 20; k++ {
			run(8, k, 48)
			run(6, k, 16)
		}
		run(3, most+most/2+3, 50) // longer than a call
		run(9, most+1, 5)
		for range 60 {
			run(1+r.IntN(40), 1+r.IntN(200), 1+r.IntN(200))
		}
		Gemm(nil, 0, nil, 0, 0, NewPacked(F32, 3, 3), 0, 1, None)
		w.report(t)
	})
}

// However the work is cut, every element has the same bits.
func TestGemmSameBits(t *testing.T) {
	each(t, func(t *testing.T) {
		r := source(t)
		for _, s := range [][3]int{{17, 100, 150}, {9, 33, 70}, {24, most + 7, 64}, {1, 5, 3}} {
			m, k, n := s[0], s[1], s[2]
			p := newProduct(t, r, m, k, n)
			for act := None; act < acts; act++ {
				whole, parts := make([]float32, m*n), rubbish(make([]float32, m*n))
				Gemm(whole, n, p.a, p.lda, m, p.packed, 0, p.packed.Panels(), act)
				for i := 0; i < m; {
					rows := min(1+r.IntN(5), m-i)
					for j := 0; j < p.packed.Panels(); {
						panels := min(1+r.IntN(2), p.packed.Panels()-j)
						Gemm(parts[i*n:], n, p.a[i*p.lda:], p.lda, rows, p.packed, j, j+panels, act)
						j += panels
					}
					i += rows
				}
				for i := range whole {
					if math.Float32bits(whole[i]) != math.Float32bits(parts[i]) {
						t.Fatalf("%v: [%d, %d] is %g as a whole and %g in parts", s, i/n, i%n, whole[i], parts[i])
					}
				}
			}
		}
	})
}

func TestGemmActivates(t *testing.T) {
	each(t, func(t *testing.T) {
		r := source(t)
		p := newProduct(t, r, 10, 20, 70)
		plain := make([]float32, 10*70)
		Gemm(plain, 70, p.a, p.lda, 10, p.packed, 0, p.packed.Panels(), None)
		for act := GELU; act < acts; act++ {
			got, want := make([]float32, 10*70), append([]float32(nil), plain...)
			Gemm(got, 70, p.a, p.lda, 10, p.packed, 0, p.packed.Panels(), act)
			Activate(want, 0, 1, len(want), act)
			for i := range got {
				if got[i] != want[i] {
					t.Fatalf("activation %d at %d: %g, want %g", act, i, got[i], want[i])
				}
			}
		}
	})
}

// Infinities and NaN in one row stay in that row.
func TestGemmNaN(t *testing.T) {
	each(t, func(t *testing.T) {
		p := newProduct(t, source(t), 9, 10, 20)
		p.a[4*p.lda+3] = float32(math.NaN())
		p.a[6*p.lda+3] = float32(math.Inf(1))
		Gemm(p.c, p.ldc, p.a, p.lda, p.m, p.packed, 0, p.packed.Panels(), None)
		for i := range p.m {
			for _, v := range p.c[i*p.ldc:][:p.n] {
				v := float64(v)
				if math.IsNaN(v) != (i == 4) || math.IsInf(v, 0) != (i == 6) {
					t.Fatalf("row %d has %g", i, v)
				}
			}
		}
	})
}

func TestPack(t *testing.T) {
	each(t, func(t *testing.T) {
		r := source(t)
		for range 300 {
			n0, k0, n, k := r.IntN(60), r.IntN(5), 1+r.IntN(110), 1+r.IntN(40)
			cols, rows := n0+n+r.IntN(20), k0+k+r.IntN(3)
			byT, byN := NewPacked(F32, rows, cols), NewPacked(F32, rows, cols)
			ldT, ldN := k+r.IntN(9), n+r.IntN(9)
			src := fill(r, guard.After[float32](t, (n-1)*ldT+k))
			turned := guard.After[float32](t, (k-1)*ldN+n)
			for i := range k {
				for j := range n {
					turned[i*ldN+j] = src[j*ldT+i]
				}
			}
			byT.PackT(n0, k0, src, ldT, n, k)
			byN.PackN(n0, k0, turned, ldN, n, k)
			one := make([]float32, rows) // a row that picks one row of b
			got, want := make([]float32, cols), make([]float32, cols)
			for i := range rows {
				clear(one)
				one[i] = 1
				for j := range want {
					want[j] = 0
					if i >= k0 && i < k0+k && j >= n0 && j < n0+n {
						want[j] = src[(j-n0)*ldT+i-k0]
					}
				}
				for name, b := range map[string]*Packed{"PackT": byT, "PackN": byN} {
					Gemm(rubbish(got), cols, one, rows, 1, b, 0, b.Panels(), None)
					for j := range want {
						if got[j] != want[j] {
							t.Fatalf("%s of (%d, %d) at [%d, %d]: [%d, %d] is %g, want %g", name, k, n, k0, n0, i, j, got[j], want[j])
						}
					}
				}
			}
			byT.Close()
			if byT.N != 0 || byT.Bytes() != 0 {
				t.Fatal("a closed matrix is not empty")
			}
		}
		big := NewPacked(F32, 1000, 1000)
		for range 2 { // Close more than once is harmless
			big.Close()
		}
	})
}

func TestGemmAllocatesNothing(t *testing.T) {
	each(t, func(t *testing.T) {
		p := newProduct(t, source(t), 20, 30, 64)
		run := func() { Gemm(p.c, p.ldc, p.a, p.lda, p.m, p.packed, 0, p.packed.Panels(), GELU) }
		if n := testing.AllocsPerRun(20, run); n > 0 {
			t.Errorf("%g allocations", n)
		}
	})
}
