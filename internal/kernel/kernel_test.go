package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tryall/tryall/internal/guard"
)

// each runs f with every version that this machine has.
func each(t *testing.T, f func(t *testing.T)) {
	was := current
	defer func() { current = was }()
	for i := range versions {
		current = &versions[i]
		t.Run(current.name, f)
	}
}

const seed = 20240607

func source(t *testing.T) *rand.Rand {
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, uint64(len(t.Name()))))
}

func fill(r *rand.Rand, x []float32) []float32 {
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

func rubbish(x []float32) []float32 {
	for i := range x {
		x[i] = float32(math.NaN())
	}
	return x
}

// placed runs f with slices of n elements that end, or begin, at unreadable memory, and with all sixteen
// alignments to a cache line.
func placed(t *testing.T, n int, f func(x []float32)) {
	f(guard.After[float32](t, n))
	begin := guard.Before[float32](t, n+16)
	f(begin[:n])
	for a := 1; a < 16; a++ {
		f(rubbish(begin)[a : a+n])
	}
}

// worst keeps the element with the largest error, in tolerances.
type worst struct {
	err  float64
	what string
}

func (w *worst) see(got float32, want, tolerance float64, format string, args ...any) {
	e := math.Abs(float64(got)-want) / tolerance
	if float64(got) == want || math.IsNaN(want) && math.IsNaN(float64(got)) {
		e = 0
	}
	if !(e <= w.err) || w.what == "" {
		w.err, w.what = e, fmt.Sprintf(format, args...)+fmt.Sprintf(": %g, want %g (tolerance %.3g)", got, want, tolerance)
	}
}

func (w *worst) report(t *testing.T) {
	t.Helper()
	if !(w.err <= 1) {
		t.Errorf("worst error %.3g tolerances: %s", w.err, w.what)
	} else {
		t.Logf("worst error %.3g tolerances: %s", w.err, w.what)
	}
}

const eps = 0x1p-24 // half a unit in the last place of 1

var lengths = func() []int {
	var n []int
	for i := range 36 { // past two vectors of the longest kind
		n = append(n, i)
	}
	return append(n, 47, 48, 100, 384, 768, 1000, 4099)
}()

func TestActivate(t *testing.T) {
	each(t, func(t *testing.T) {
		r, w := source(t), worst{}
		for act := None; act < acts; act++ {
			for _, n := range lengths {
				placed(t, n, func(x []float32) {
					was := append([]float32(nil), fill(r, x)...)
					for i := range was {
						was[i] *= 4
						x[i] = was[i]
					}
					Activate(x, 0, 1, len(x), act)
					for i, v := range was {
						want := activations[act](float64(v))
						w.see(x[i], want, activationTolerance(act, float64(v), want), "activation %d of %g", act, v)
					}
				})
			}
		}
		for act := None; act < acts; act++ {
			for x := -120.0; x < 120; x += 0.0037 {
				v := []float32{float32(x)}
				want := activations[act](float64(v[0]))
				tol := activationTolerance(act, float64(v[0]), want)
				Activate(v, 0, 1, len(v), act)
				w.see(v[0], want, tol, "activation %d of %g", act, x)
			}
			inf := float32(math.Inf(1))
			for _, v := range []float32{0, float32(math.NaN()), inf, math.MaxFloat32, math.SmallestNonzeroFloat32} {
				x := []float32{v}
				Activate(x, 0, 1, len(x), act)
				w.see(x[0], activations[act](float64(v)), 1e-30, "activation %d of %g", act, v)
			}
		}
		w.report(t)
	})
}

// The erf form loses what 1 + erf(x/√2) loses in float32, wherever it is computed; the others are
// accurate relative to the result, but for the roundings of the exponent and exponentials below 2^-126, which are 0.
func activationTolerance(act Act, x, y float64) float64 {
	switch act {
	case GELU:
		return 5*eps*math.Abs(x) + 0x1p-119
	case GELUTanh:
		return (10+5*math.Abs(1.6*x+0.0714*x*x*x))*eps*math.Abs(y) + 0x1p-119
	}
	return 10*eps*math.Abs(y) + 0x1p-119
}

func TestSoftmax(t *testing.T) {
	each(t, func(t *testing.T) {
		r, w := source(t), worst{}
		for _, scale := range []float32{1, 0.125, 7} {
			for _, n := range lengths {
				placed(t, n, func(x []float32) {
					fill(r, x)
					if n > 3 {
						x[n/2] = float32(math.Inf(-1)) // masked out
					}
					was := append([]float32(nil), x...)
					Softmax(x, 0, 1, len(x), scale)
					checkSoftmax(&w, x, was, float64(scale))
				})
			}
		}
		w.report(t)
		nan, inf := float32(math.NaN()), float32(math.Inf(1))
		for _, x := range [][]float32{{1, nan, 2}, {1, inf}, {-inf, -inf}, append(make([]float32, 20), nan)} {
			if Softmax(x, 0, 1, len(x), 1); x[0] == x[0] && x[len(x)-1] == x[len(x)-1] {
				t.Errorf("softmax is %v, want NaN", x)
			}
		}
		if x := []float32{1e30, 1e30, -1e30}; true {
			if Softmax(x, 0, 1, len(x), 1); x[0] != 0.5 || x[1] != 0.5 || x[2] != 0 {
				t.Errorf("softmax of large numbers is %v", x)
			}
		}
	})
}

func checkSoftmax(w *worst, got, x []float32, scale float64) {
	top, sum := math.Inf(-1), 0.0
	for _, v := range x {
		top = math.Max(top, float64(v))
	}
	for _, v := range x {
		sum += math.Exp((float64(v) - top) * scale)
	}
	for i, v := range x {
		d := (float64(v) - top) * scale
		p := math.Exp(d) / sum
		roundings := float64(len(x)) + 10 - 2*math.Max(d, -1000)
		w.see(got[i], p, p*roundings*eps+0x1p-126, "element %d of %d, scale %g", i, len(x), scale)
	}
}

func TestLayerNorm(t *testing.T) {
	each(t, func(t *testing.T) {
		r, w := source(t), worst{}
		for _, n := range lengths {
			gamma, beta := fill(r, guard.After[float32](t, n)), fill(r, guard.After[float32](t, n))
			other := fill(r, guard.After[float32](t, n))
			for _, residual := range [][]float32{nil, other} {
				placed(t, n, func(dst []float32) {
					x := fill(r, make([]float32, n))
					LayerNorm(rubbish(dst), x, residual, gamma, beta, 1e-5)
					checkLayerNorm(&w, dst, x, residual, gamma, beta, 1e-5)
					// In place gives the same bits.
					LayerNorm(x, x, residual, gamma, beta, 1e-5)
					for i := range x {
						if x[i] != dst[i] {
							t.Fatalf("in place: element %d is %g, want %g", i, x[i], dst[i])
						}
					}
				})
			}
		}
		w.report(t)
		x := []float32{1, float32(math.NaN()), 3}
		if LayerNorm(x, x, nil, x, x, 1e-5); x[0] == x[0] {
			t.Errorf("a row with NaN becomes %v", x)
		}
	})
}

func checkLayerNorm(w *worst, got, x, residual, gamma, beta []float32, eps64 float64) {
	n := float64(len(x))
	s, mean, size, variance := make([]float64, len(x)), 0.0, 0.0, 0.0
	for i, v := range x {
		s[i] = float64(v)
		if residual != nil {
			s[i] += float64(residual[i])
		}
		mean += s[i] / n
		size += math.Abs(s[i]) / n
	}
	for _, v := range s {
		variance += (v - mean) * (v - mean) / n
	}
	inv := 1 / math.Sqrt(variance+eps64)
	for i, v := range s {
		y := (v - mean) * inv * float64(gamma[i])
		off := (n + 4) * eps * (size + math.Abs(v)) * inv * math.Abs(float64(gamma[i]))
		w.see(got[i], y+float64(beta[i]), off+math.Abs(y)*(n+8)*eps+2*eps*math.Abs(float64(beta[i]))+1e-30, "element %d of %d", i, len(x))
	}
}

func TestWiden(t *testing.T) {
	all := guard.After[byte](t, 2<<16)
	for i := range 1 << 16 {
		all[2*i], all[2*i+1] = byte(i), byte(i>>8)
	}
	each(t, func(t *testing.T) {
		for _, kind := range []Kind{F16, BF16} {
			got := rubbish(guard.After[float32](t, 1<<16))
			Widen(got, kind, all)
			for i, v := range got {
				if want := stored(kind, uint16(i)); float64(v) != want && (v == v || want == want) || math.Signbit(float64(v)) != (i>>15 == 1) {
					t.Fatalf("kind %d: %04x is %g, want %g", kind, i, v, want)
				}
			}
			for _, n := range lengths {
				raw := guard.After[byte](t, 2*n)
				copy(raw, all[5000:])
				placed(t, n, func(x []float32) {
					Widen(rubbish(x), kind, raw)
					for i, v := range x {
						if want := stored(kind, uint16(2500+i)); float64(v) != want {
							t.Fatalf("kind %d, element %d of %d: %g, want %g", kind, i, n, v, want)
						}
					}
				})
			}
		}
		x := make([]float32, 2)
		if Widen(x, F32, []byte{9, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}[1:]); x[0] != 1 || x[1] != -2 {
			t.Errorf("F32 from odd addresses: %v", x)
		}
	})
}

// stored is the value of a number by the definition of its type.
func stored(kind Kind, h uint16) float64 {
	exponent, bits, bias := 5, 10, 15
	if kind == BF16 {
		exponent, bits, bias = 8, 7, 127
	}
	e, m := int(h>>bits)&(1<<exponent-1), float64(h&(1<<bits-1))
	v := math.Ldexp(m, 1-bias-bits)
	if e > 0 {
		v = math.Ldexp(m+math.Ldexp(1, bits), e-bias-bits)
	}
	if e == 1<<exponent-1 {
		v = math.Inf(1)
		if m > 0 {
			v = math.NaN()
		}
	}
	if h>>15 == 1 {
		v = -v
	}
	return v
}

func TestChoose(t *testing.T) {
	for i := range versions {
		v, err := choose(versions[i].name)
		if v != &versions[i] || err != nil {
			t.Errorf("choose(%q) = %s, %v", versions[i].name, v.name, err)
		}
	}
	if v, err := choose(""); v != &versions[0] || err != nil {
		t.Errorf("the default is %s, %v", v.name, err)
	}
	v, err := choose("mmx")
	if v != &versions[0] || err == nil || !strings.Contains(err.Error(), "TRYALL_KERNEL=mmx") || !strings.Contains(err.Error(), "generic") {
		t.Errorf("an unknown version gives %s, %v", v.name, err)
	}
	t.Logf("versions here: %v", Versions())
}
