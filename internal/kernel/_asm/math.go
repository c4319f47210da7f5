package main

import (
	"fmt"
	"math"
)

const log2e = math.Log2E

// Coefficients of minimax approximations, found by least squares with Lawson's weights.
var (
	// erf(x/√2) = x P(x²)/Q(x²) to 2.4e-8 relative for |x| <= 5.65, where it rounds to 1.
	erfP = []float64{0.7978845238685608, 0.06835837662220001, 0.009383122436702251, 0.0003425768227316439, 1.2576174412970431e-05, 4.3984513808936754e-08}
	erfQ = []float64{1, 0.25234079360961914, 0.028817787766456604, 0.001898998860269785, 7.400404138024896e-05, 1.1705903943948215e-06}
	// tanh(x) = x P(x²)/Q(x²) to 1.3e-9 relative for |x| <= 9.02, where it rounds to 1.
	tanhP = []float64{1, 0.1367991715669632, 0.0038683305028826, 2.800751281029079e-05, 3.058514508325061e-08, -1.2203550669998009e-11}
	tanhQ = []float64{1, 0.4701324999332428, 0.02724584937095642, 0.00039386359276250005, 1.2873701962234918e-06}
	// 2^f to 2e-9 relative for |f| <= 1/2.
	exp2P = []float64{1, 0.6931471824645996, 0.24022647738456726, 0.055503323674201965, 0.00961843691766262, 0.0013398873852565885, 0.00015353361959569156}
)

// poly writes r = c[0] + c[1]*u + c[2]*u² + ...
func (g *gen) poly(name string, c []float64, u, r int) {
	last := len(c) - 1
	g.constant(g.float(fmt.Sprint(name, last), c[last]), r)
	for i := last - 1; i >= 0; i-- {
		g.opConst("VFMADD213PS", g.float(fmt.Sprint(name, i), c[i]), u, r)
	}
}

func (g *gen) roundTo(from, to int) {
	if g.wide() {
		g.op("VRNDSCALEPS", "$0", from, to)
	} else {
		g.op("VROUNDPS", "$0", from, to)
	}
}

// exp2 writes e = 2^(n+f) for whole n of -151 to 128 and |f| <= 1/2. It overwrites n. AVX2 gives 0 below 2^-126.
func (g *gen) exp2(f, n, e int) {
	g.poly("exp2_", exp2P, f, e)
	if g.wide() {
		g.op("VSCALEFPS", n, e, e)
		return
	}
	g.opConst("VMAXPS", g.float("flush", -127), n, n)
	g.op("VCVTPS2DQ", n, n)
	g.opConst("VPADDD", g.bits("exponent", 127), n, n)
	g.op("VPSLLD", "$23", n, n)
	g.op("VMULPS", n, e, e)
}

// ratio writes r = x P(x²)/Q(x²) with x within ±bound, which is in registers low and high.
func (g *gen) ratio(name string, p, q []float64, x, low, high, t, u, r int) {
	g.op("VMAXPS", x, low, t) // of two operands with a NaN the first here survives
	g.op("VMINPS", t, high, t)
	g.op("VMULPS", t, t, u)
	g.poly(name+"P", p, u, r)
	g.op("VMULPS", t, r, r)
	g.poly(name+"Q", q, u, t)
	g.op("VDIVPS", t, r, r)
}

// logistic writes r = x / (1 + exp(t)), overwriting t and n. low and high hold bounds for t.
func (g *gen) logistic(x, t, low, high, n, r int) {
	g.op("VMAXPS", t, low, t)
	g.op("VMINPS", t, high, t)
	g.constant(g.float("log2e", log2e), r)
	g.op("VMULPS", r, t, n)
	g.roundTo(n, n)
	g.op("VFMSUB213PS", n, t, r) // t*log2e - n
	rest := log2e - float64(float32(log2e))
	g.opConst("VMULPS", g.float("log2e_rest", rest), t, t)
	g.op("VADDPS", t, r, t)
	g.exp2(t, n, r)
	g.opConst("VADDPS", g.float("one", 1), r, r)
	g.op("VDIVPS", r, x, r)
}

// activations writes one function for each activation, of rows of n elements in place.
func (g *gen) activations() {
	const x, t, u, r, low, high = 0, 1, 2, 3, 4, 5
	for _, a := range []struct {
		name  string
		bound [2]float64
		body  func()
	}{
		{"gelu", [2]float64{-5.65, 5.65}, func() {
			g.ratio("erf", erfP, erfQ, x, low, high, t, u, r)
			g.opConst("VMULPS", g.float("half", 0.5), x, x)
			g.op("VFMADD213PS", x, x, r)
		}},
		{"geluTanh", [2]float64{-88, 89}, func() {
			c := -2 * math.Sqrt(2/math.Pi)
			g.op("VMULPS", x, x, t)
			g.op("VBROADCASTSS", g.float("gelu3", c*0.044715), r)
			g.opConst("VFMADD213PS", g.float("gelu1", c), r, t)
			g.op("VMULPS", x, t, t)
			g.logistic(x, t, low, high, u, r)
		}},
		{"silu", [2]float64{-88, 89}, func() {
			g.zero(t)
			g.op("VSUBPS", x, t, t)
			g.logistic(x, t, low, high, u, r)
		}},
		{"tanh", [2]float64{-9.02, 9.02}, func() { g.ratio("tanh", tanhP, tanhQ, x, low, high, t, u, r) }},
		{"relu", [2]float64{0, 0}, func() { g.op("VMAXPS", x, low, r) }},
	} {
		g.function(a.name, "x *float32, ld, rows, n int", 32)
		g.p("MOVQ x+0(FP), R8; MOVQ ld+8(FP), R10; MOVQ rows+16(FP), R11; MOVQ n+24(FP), R9; MOVQ R9, CX")
		g.tailMask()
		g.op("VBROADCASTSS", g.float(a.name+"_low", a.bound[0]), low)
		g.op("VBROADCASTSS", g.float(a.name+"_high", a.bound[1]), high)
		g.hold(a.body)
		g.p("%s_row:; MOVQ R8, SI; MOVQ R9, CX", g.label)
		g.each("loop", 2, []string{"SI"}, func(masked bool, u int) {
			g.load(masked, g.at("SI", u), x)
			a.body()
			g.store(masked, r, g.at("SI", u))
		})
		g.p("ADDQ R10, R8; DECQ R11; JNE %s_row", g.label)
		g.ret()
	}
}
