package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/tryall/tryall/internal/guard"
)

// nearestOf rounds x to a number with so many bits behind the first and exponents from least on, ties to even.
func nearestOf(x float64, bits, least int) float64 {
	if x == 0 || math.IsInf(x, 0) || math.IsNaN(x) {
		return x
	}
	unit := math.Ldexp(1, max(math.Ilogb(x), least)-bits)
	return math.RoundToEven(x/unit) * unit
}

func nearestBF16(x float32) float64 { return below(nearestOf(float64(x), 7, -126), 0xff<<120) }

func nearestF16(x float32) float64 {
	return below(nearestOf(float64(x), 10, -14), 65504)
}

// below makes infinities of what is above the largest number.
func below(v, most float64) float64 {
	if math.Abs(v) > most {
		return math.Inf(int(math.Copysign(1, v)))
	}
	return v
}

// awkward are numbers at the edges of types.
func awkward(r *rand.Rand) []float32 {
	x := []float32{0, 1, -1, 65504, 65519.996, 65520, -65520, 1e-8, 5.9604645e-08, 2.9802322e-08, 2.9802326e-08, 6.1e-05, 6.103515625e-05,
		math.MaxFloat32, -math.MaxFloat32, float32(math.Inf(1)), float32(math.Inf(-1)), 1.00390625, 1.01171875, 1.0039063, 3.3895314e38, 3.3961775e38}
	for range 5000 {
		x = append(x, float32(math.Ldexp(r.NormFloat64(), r.IntN(60)-30)))
	}
	for i := range 1000 { // ties and their neighbours
		x = append(x, math.Float32frombits(0x3f808000+uint32(i)<<16), math.Float32frombits(0x3f807fff+uint32(i)<<16), math.Float32frombits(0x3f808001+uint32(i)<<16),
			math.Float32frombits(0x3f801000+uint32(i)<<13), math.Float32frombits(0x33000000+uint32(i)<<12))
	}
	return x
}

func TestToHalf(t *testing.T) {
	for _, v := range awkward(source(t)) {
		if got, want := float64(half(toHalf(v))), nearestF16(v); got != want {
			t.Fatalf("%g becomes %g, want %g", v, got, want)
		}
	}
	if v := half(toHalf(float32(math.NaN()))); v == v {
		t.Errorf("NaN becomes %g", v)
	}
}

func TestRound(t *testing.T) {
	each(t, func(t *testing.T) {
		for _, v := range append(awkward(source(t)), float32(math.NaN()), math.Float32frombits(0x7fffffff), math.Float32frombits(0xff800001)) {
			x, dst := []float32{v}, make([]float32, 16)
			current.round(dst, x)
			if got, want := float64(dst[0]), nearestBF16(v); got != want && (got == got || want == want) {
				t.Fatalf("%g (%08x) becomes %g, want %g", v, math.Float32bits(v), got, want)
			}
			if current.pairs == nil || math.Abs(float64(v)) < 0x1p-126 {
				continue
			}
			current.pairs.narrow(dst, 16, x, 1, 1, 1)
			if got, want := stored(BF16, uint16(math.Float32bits(dst[0]))), nearestBF16(v); got != want && (got == got || want == want) {
				t.Fatalf("%g (%08x) becomes %g in a pair, want %g", v, math.Float32bits(v), got, want)
			}
		}
	})
}

// narrowProduct is one case of Multiply, or of Gemm for F16, with a, c and the words against unreadable memory.
type narrowProduct struct {
	*product
	rows   Rows
	placed int // words of rows that lie against unreadable memory
	right  *Packed
}

func newNarrow(t *testing.T, r *rand.Rand, kind Kind, m, k, n int) *narrowProduct {
	p := &narrowProduct{product: newProduct(t, r, m, k, n), right: NewPacked(kind, k, n)}
	for j := range n { // columns of different sizes
		f := float32(math.Exp(r.NormFloat64()))
		for i := range k {
			p.b[j*k+i] *= f
		}
	}
	p.right.data = append(guard.After[float32](t, len(p.right.data))[:0], p.right.data...)
	for j := 0; j < n; { // in parts, as layers come
		part := min(n-j, 1+r.IntN(60))
		p.right.Store(j, p.b[j*k:], k, part)
		j += part
	}
	p.right.SetBias(p.bias)
	p.convert(t, kind)
	return p
}

func (p *narrowProduct) convert(t *testing.T, kind Kind) {
	if kind == F16 {
		return
	}
	p.rows.Reset(kind, p.m, p.k)
	if len(p.rows.words) != p.placed {
		p.placed = len(p.rows.words)
		p.rows.words = guard.After[float32](t, p.placed)
	}
	rubbish(p.rows.words)
	for i := range p.m {
		p.rows.Set(i, p.a[i*p.lda:][:p.k])
	}
}

func (p *narrowProduct) run(c []float32, r0, r1, p0, p1 int, act Act) {
	if p.right.kind == F16 {
		Gemm(c, p.ldc, p.a[r0*p.lda:], p.lda, r1-r0, p.right, p0, p1, act)
		return
	}
	Multiply(c, p.ldc, &p.rows, r0, r1, p.right, p0, p1, act)
}

// quantised is a row as bytes, by the definition: the extent of the row and 0 in 255 steps, or 127 steps of the largest.
func quantised(x []float32, signed bool) (q []float64, scale float64) {
	low, high := float32(0), float32(0)
	for _, v := range x {
		low, high = min(low, v), max(high, v)
	}
	steps, zero, least, most := float32(255), 0.0, 0.0, 255.0
	if signed {
		low, high, steps, least, most = 0, max(high, -low), 127, -127, 127
	}
	s := max((high-low)/steps, 1e-30)
	if !signed {
		zero = math.Floor(float64(-low*(1/s)) + 0.5)
	}
	for _, v := range x {
		q = append(q, min(max(math.RoundToEven(float64(v*(1/s)))+zero, least), most)-zero)
	}
	return q, float64(s)
}

func (p *narrowProduct) check(t *testing.T, w *worst) {
	t.Helper()
	kind := p.right.kind
	columns, scales := make([][]float64, p.n), make([]float64, p.n)
	for j := range columns {
		columns[j], scales[j] = values(kind, p.b[j*p.k:][:p.k], true)
	}
	for i := range p.m {
		row, scale := values(kind, p.a[i*p.lda:][:p.k], false)
		for j := range columns {
			sum, size := 0.0, math.Abs(float64(p.bias[j]))
			for x, v := range row {
				sum += v * columns[j][x]
				size += math.Abs(v * columns[j][x])
			}
			roundings := float64(p.k + 2)
			if kind == I8 { // sums of bytes are exact
				size, roundings = math.Abs(sum*scale*scales[j])+math.Abs(float64(p.bias[j])), 4
			}
			w.see(p.c[i*p.ldc+j], sum*scale*scales[j]+float64(p.bias[j]), roundings*eps*size+1e-30, "kind %d, (%d, %d, %d) at [%d, %d]", kind, p.m, p.k, p.n, i, j)
		}
		for _, v := range p.c[min(i*p.ldc+p.n, len(p.c)):min((i+1)*p.ldc, len(p.c))] {
			if v == v {
				t.Fatalf("kind %d, (%d, %d, %d): wrote %g beside row %d", kind, p.m, p.k, p.n, v, i)
			}
		}
	}
}

// values are the numbers that a row or column is taken for.
func values(kind Kind, x []float32, right bool) (v []float64, scale float64) {
	if kind == I8 {
		return quantised(x, right)
	}
	for _, f := range x {
		switch {
		case kind == BF16:
			v = append(v, nearestBF16(f))
		case right:
			v = append(v, nearestF16(f))
		default:
			v = append(v, float64(f))
		}
	}
	return v, 1
}

func TestNarrow(t *testing.T) {
	each(t, func(t *testing.T) {
		r, w := source(t), worst{}
		for _, kind := range []Kind{F16, BF16, I8} {
			run := func(m, k, n int) {
				p := newNarrow(t, r, kind, m, k, n)
				p.run(p.c, 0, m, 0, p.right.Panels(), None)
				p.check(t, &w)
			}
			for m := 1; m <= 17; m++ {
				for _, n := range []int{1, 2, 15, 16, 17, 31, 33, 48, 64, 65, 96, 100, 150} {
					run(m, 1+r.IntN(70), n)
				}
			}
			for k := 1; k <= 70; k++ { // past a vector of any type
				run(8, k, 48)
				run(7, k, 20)
			}
			run(3, 2*most+3, 50)
			run(5, 9001, 17)
			run(1, MaxBytes, 3)
			for range 30 {
				run(1+r.IntN(40), 1+r.IntN(200), 1+r.IntN(200))
			}
		}
		w.report(t)
	})
}

// The largest bytes of all signs: nothing saturates.
func TestBytesDoNotSaturate(t *testing.T) {
	each(t, func(t *testing.T) {
		r, w := source(t), worst{}
		for _, signs := range []func() float32{
			func() float32 { return 1 }, func() float32 { return -1 },
			func() float32 { return float32(2*r.IntN(2) - 1) },
		} {
			p := newNarrow(t, r, I8, 4, 1024, 48)
			for i := range p.a {
				p.a[i] = signs()
			}
			for i := range p.b {
				p.b[i] = float32(2*r.IntN(2) - 1)
			}
			copy(p.b, p.a[:p.k])          // a column that is a row
			for i, v := range p.a[:p.k] { // and one that is its opposite
				p.b[p.k+i] = -v
			}
			p.right = NewPacked(I8, p.k, p.n)
			p.right.Store(0, p.b, p.k, p.n)
			p.right.SetBias(p.bias)
			p.convert(t, I8)
			p.run(p.c, 0, p.m, 0, p.right.Panels(), None)
			p.check(t, &w)
		}
		w.report(t)
	})
}

// What bytes lose is what rounding by half a step on both sides can lose.
func TestBytesAreNear(t *testing.T) {
	each(t, func(t *testing.T) {
		r, w := source(t), worst{}
		p := newNarrow(t, r, I8, 20, 300, 70)
		p.run(p.c, 0, p.m, 0, p.right.Panels(), None)
		for i := range p.m {
			row := p.a[i*p.lda:][:p.k]
			_, sa := quantised(row, false)
			for j := range p.n {
				col := p.b[j*p.k:][:p.k]
				_, sb := quantised(col, true)
				want, lost := float64(p.bias[j]), 1e-5
				for x := range row {
					a, b := float64(row[x]), float64(col[x])
					want += a * b
					lost += sa*math.Abs(b) + sb/2*math.Abs(a) + sa*sb/2 // the zero is rounded too
				}
				w.see(p.c[i*p.ldc+j], want, lost, "[%d, %d]", i, j)
			}
		}
		w.report(t)
	})
}

// Whatever is computed together, every element has the same bits.
func TestNarrowSameBits(t *testing.T) {
	each(t, func(t *testing.T) {
		r := source(t)
		for _, kind := range []Kind{F16, BF16, I8} {
			for _, s := range [][3]int{{17, 100, 150}, {9, 33, 70}, {24, 2*most + 7, 64}, {1, 5, 3}} {
				m, n := s[0], s[2]
				p := newNarrow(t, r, kind, m, s[1], n)
				p.ldc = n
				for act := None; act < acts; act++ {
					whole, parts := make([]float32, m*n), rubbish(make([]float32, m*n))
					p.run(whole, 0, m, 0, p.right.Panels(), act)
					for i := 0; i < m; {
						rows := min(1+r.IntN(7), m-i)
						for j := 0; j < p.right.Panels(); {
							panels := min(1+r.IntN(2), p.right.Panels()-j)
							p.run(parts[i*n:], i, i+rows, j, j+panels, act)
							j += panels
						}
						i += rows
					}
					for i := range whole {
						if math.Float32bits(whole[i]) != math.Float32bits(parts[i]) {
							t.Fatalf("kind %d, %v: [%d, %d] is %g as a whole and %g in parts", kind, s, i/n, i%n, whole[i], parts[i])
						}
					}
				}
			}
		}
	})
}

// Infinities and NaN make their row no numbers, and no other.
func TestNarrowNaN(t *testing.T) {
	each(t, func(t *testing.T) {
		for _, kind := range []Kind{F16, BF16, I8} {
			p := newNarrow(t, source(t), kind, 9, 40, 20)
			p.a[4*p.lda+3] = float32(math.NaN())
			p.a[6*p.lda+33] = float32(math.Inf(1))
			p.convert(t, kind)
			p.run(p.c, 0, p.m, 0, p.right.Panels(), None)
			for i := range p.m {
				for _, v := range p.c[i*p.ldc:][:p.n] {
					if (v-v != 0) != (i == 4 || i == 6) {
						t.Fatalf("kind %d: row %d has %g", kind, i, v)
					}
				}
			}
			clear(p.a) // nothing but zeros is exact
			p.convert(t, kind)
			p.run(p.c, 0, p.m, 0, p.right.Panels(), None)
			for j, want := range p.bias {
				if p.c[j] != want {
					t.Fatalf("kind %d: zeros give %g, want the bias %g", kind, p.c[j], want)
				}
			}
		}
	})
}

// Scratch of attention: keys from rows, values in pairs.
func TestPackPairs(t *testing.T) {
	each(t, func(t *testing.T) {
		r, w := source(t), worst{}
		for range 100 {
			m, k, n := 1+r.IntN(10), 1+r.IntN(70), 1+r.IntN(70)
			p := newNarrow(t, r, BF16, m, k, n)
			ld := n + r.IntN(9)
			turned := guard.After[float32](t, (k-1)*ld+n)
			for i := range k {
				for j := range n {
					turned[i*ld+j] = p.b[j*k+i]
				}
			}
			var keys Rows
			keys.Reset(BF16, n, k)
			for j := range n {
				keys.Set(j, p.b[j*k:])
			}
			for name, pack := range map[string]func(b *Packed){
				"PackPairs": func(b *Packed) { b.PackPairs(turned, ld) },
				"PackRows":  func(b *Packed) { b.PackRows(0, &keys, n) },
				"PackAcross": func(b *Packed) {
					if current.pairs == nil {
						b.PackPairs(turned, ld)
						return
					}
					var values Rows
					values.Reset(BF16, k, n)
					values.words = append(guard.After[float32](t, len(values.words))[:0], rubbish(values.words)...)
					values.SetRows(0, turned, ld, k)
					b.PackAcross(&values)
				},
			} {
				p.right = &Packed{data: rubbish(make([]float32, 80*80))}
				p.right.Reset(BF16, k, n)
				pack(p.right)
				p.right.SetBias(p.bias)
				p.run(rubbish(p.c), 0, m, 0, p.right.Panels(), None)
				if p.check(t, &w); w.err > 1 {
					t.Errorf("%s of (%d, %d)", name, k, n)
				}
			}
		}
		w.report(t)
	})
}

// raceDetector is true where sync.Pool, on purpose, forgets some of what it is given.
var raceDetector bool

func TestMultiplyAllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("pools of scratch lose some of it under the race detector")
	}
	each(t, func(t *testing.T) {
		for _, kind := range []Kind{F16, BF16, I8} {
			p := newNarrow(t, source(t), kind, 20, 30, 64)
			run := func() {
				p.convert(t, kind)
				p.run(p.c, 0, p.m, 0, p.right.Panels(), GELU)
			}
			if n := testing.AllocsPerRun(20, run); n > 0 {
				t.Errorf("kind %d: %g allocations", kind, n)
			}
		}
	})
}

// Probabilities as bfloat16: exponentials rounded once, whose factor makes them sum to 1.
func TestSetSoftmax(t *testing.T) {
	each(t, func(t *testing.T) {
		r, w := source(t), worst{}
		for _, scale := range []float32{1, 0.125, 7} {
			for _, n := range lengths[1:] {
				x := fill(r, guard.After[float32](t, n))
				if n > 3 {
					x[n/2] = float32(math.Inf(-1)) // masked out
				}
				was := append([]float32(nil), x...)
				one := Packed{}
				one.Reset(BF16, n, n) // picks the probabilities
				identity := make([]float32, n*n)
				for i := range n {
					identity[i*n+i] = 1
				}
				if n > 1000 {
					continue
				}
				one.PackPairs(identity, n)
				var a Rows
				a.Reset(BF16, 1, n)
				a.words = append(guard.After[float32](t, len(a.words))[:0], rubbish(a.words)...)
				var factors [1]float32
				a.SetSoftmax(x, n, scale, factors[:])
				got := make([]float32, n)
				Multiply(got, n, &a, 0, 1, &one, 0, one.Panels(), None)
				Scale(got, n, n, factors[:])
				top, sum := math.Inf(-1), 0.0
				for _, v := range was {
					top = math.Max(top, float64(v))
				}
				for _, v := range was {
					sum += math.Exp((float64(v) - top) * float64(scale))
				}
				for i, v := range was {
					d := (float64(v) - top) * float64(scale)
					p := math.Exp(d) / sum
					size := math.Abs(float64(v)*float64(scale)) + math.Abs(top*float64(scale))
					if math.IsInf(size, 0) {
						size = 0
					}
					w.see(got[i], p, p*(0x1p-8+2*8e-5+(float64(n)+12+3*size)*eps)+0x1p-125, "element %d of %d, scale %g", i, n, scale)
				}
			}
		}
		w.report(t)
		nan, inf := float32(math.NaN()), float32(math.Inf(1))
		for _, x := range [][]float32{{1, nan, 2}, {1, inf}, {-inf, -inf}, append(make([]float32, 20), nan)} {
			var a Rows
			a.Reset(BF16, 1, len(x))
			first := float32(1)
			var factors [1]float32
			a.SetSoftmax(x, len(x), 1, factors[:])
			if current.pairs == nil {
				first = a.words[0]
			}
			if v := first * factors[0]; v == v {
				t.Errorf("the factor is %g, want NaN", v)
			}
		}
	})
}
