package main

import "math"

// poly writes r = c[0] + c[1]*u + c[2]*u² + ... by way of t.
func (g *arm) poly(c []float64, u, t, r int) {
	last := len(c) - 1
	if last%2 == 1 {
		t, r = r, t // so that it ends in r
	}
	g.float(c[last], r)
	for i := last - 1; i >= 0; i-- {
		g.float(c[i], t)
		g.do(fmla, t, r, u)
		t, r = r, t
	}
}

// exp2 writes e = 2^(n+f) for whole n of -151 to 128, by polynomial c for 2^f. It overwrites n and t, and gives 0 below 2^-126.
func (g *arm) exp2(c []float64, f, n, t, e int) {
	g.poly(c, f, t, e)
	g.float(-127, t)
	g.do(fmax, n, n, t)
	g.do(fcvtns, n, n)
	g.bits(127, t)
	g.do(add, n, n, t)
	g.do(shl23, n, n)
	g.do(fmul, e, e, n)
}

// ratio writes r = x P(x²)/Q(x²) with x within the bounds in registers low and high.
func (g *arm) ratio(p, q []float64, x, low, high, t, u, v, r int) {
	g.do(fmax, t, x, low)
	g.do(fmin, t, t, high)
	g.do(fmul, u, t, t)
	g.poly(p, u, v, r)
	g.do(fmul, r, r, t)
	g.poly(q, u, v, t)
	g.do(fdiv, r, r, t)
}

// logistic writes r = x / (1 + exp(t)), overwriting t, n and v. low and high hold bounds for t.
func (g *arm) logistic(x, t, low, high, n, v, r int) {
	g.do(fmax, t, t, low)
	g.do(fmin, t, t, high)
	g.float(log2e, v)
	g.do(fmul, n, t, v)
	g.do(frintn, n, n)
	g.do(fneg, r, n)
	g.do(fmla, r, t, v) // t*log2e - n
	g.float(log2e-float64(float32(log2e)), v)
	g.do(fmla, r, t, v)
	g.exp2(exp2P, r, n, v, t)
	g.float(1, v)
	g.do(fadd, t, t, v)
	g.do(fdiv, r, x, t)
}

// activations writes one function for each activation, of rows of n elements in place.
func (g *arm) activations() {
	const x, t, u, v, r, low, high = 0, 1, 2, 3, 4, 5, 6
	for _, a := range []struct {
		name  string
		bound [2]float64
		body  func()
	}{
		{"gelu", [2]float64{-5.65, 5.65}, func() {
			g.ratio(erfP, erfQ, x, low, high, t, u, v, r)
			g.float(0.5, t)
			g.do(fmul, u, x, t)
			g.do(fmul, x, x, t)
			g.do(fmla, x, u, r)
			g.move(r, x)
		}},
		{"geluTanh", [2]float64{-88, 89}, func() {
			c := -2 * math.Sqrt(2/math.Pi)
			g.do(fmul, t, x, x)
			g.float(c*0.044715, v)
			g.float(c, u)
			g.do(fmla, u, t, v)
			g.do(fmul, t, x, u)
			g.logistic(x, t, low, high, u, v, r)
		}},
		{"silu", [2]float64{-88, 89}, func() {
			g.do(fneg, t, x)
			g.logistic(x, t, low, high, u, v, r)
		}},
		{"tanh", [2]float64{-9.02, 9.02}, func() { g.ratio(tanhP, tanhQ, x, low, high, t, u, v, r) }},
		{"relu", [2]float64{0, 0}, func() { g.do(fmax, r, x, low) }},
	} {
		g.function(a.name, "x *float32, ld, rows, n int", 32)
		g.p("MOVD x+0(FP), R0; MOVD ld+8(FP), R1; MOVD rows+16(FP), R2; MOVD n+24(FP), R3")
		g.constants()
		g.float(a.bound[0], low)
		g.float(a.bound[1], high)
		g.p("%s_row:; MOVD R0, R4; MOVD R3, R5", g.label)
		g.each("loop", 1, []string{"R4"}, func(tail bool, at int) {
			g.load(tail, "R4", at, x)
			a.body()
			g.store(tail, r, "R4", at)
		})
		g.p("ADD R1, R0; SUBS $1, R2, R2; BNE %s_row; RET", g.label)
	}
}

// softmax writes the softmax of rows: for each the largest element, then exponentials and their sum, then the division.
func (g *arm) softmax() {
	const top, top2, x, n, t, e, scale, low, sum, sum2, ninf = 0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11 // 3 is x+1
	g.function("softmax", "x *float32, ld, rows, n int, scale float32", 36)
	g.p("MOVD x+0(FP), R0; MOVD ld+8(FP), R1; MOVD rows+16(FP), R2; MOVD n+24(FP), R3; MOVD R3, R5")
	g.constants()
	g.tailMask()
	g.bits(0xff800000, ninf)
	g.argument("scale+32", scale)
	g.float(log2e, t)
	g.do(fmul, scale, scale, t)
	g.float(-151, low) // everything below is 0; keeps -Inf from becoming NaN
	g.p("%s_row:; MOVD R0, R4; MOVD R3, R5", g.label)
	g.largest("R4", top, top2, x, ninf)
	g.zero(sum)
	g.zero(sum2)
	g.p("MOVD R0, R4; MOVD R3, R5")
	g.each("exp", 2, []string{"R4"}, func(tail bool, u int) {
		g.load(tail, "R4", u, x)
		g.do(fsub, x, x, top)
		g.do(fmul, x, x, scale)
		g.do(fmax, x, x, low)
		g.do(frintn, n, x)
		g.do(fsub, x, x, n)
		g.exp2(exp2P, x, n, t, e)
		g.zeroRest(tail, e)
		g.do(fadd, sum+u, sum+u, e)
		g.store(tail, e, "R4", u)
	})
	g.do(fadd, sum, sum, sum2)
	g.fold(faddp, sum)
	g.float(1, x)
	g.do(fdiv, sum, x, sum)
	g.p("MOVD R0, R4; MOVD R3, R5")
	g.each("div", 2, []string{"R4"}, func(tail bool, u int) {
		g.load(tail, "R4", u, x+u)
		g.do(fmul, x+u, x+u, sum)
		g.store(tail, x+u, "R4", u)
	})
	g.p("ADD R1, R0; SUBS $1, R2, R2; BNE %s_row; RET", g.label)
}

// largest finds the largest of R5 numbers at a pointer, in all lanes of top.
func (g *arm) largest(pointer string, top, top2, x, ninf int) {
	g.move(top, ninf)
	g.move(top2, ninf)
	g.each("top", 2, []string{pointer}, func(tail bool, u int) {
		g.load(tail, pointer, u, x)
		if tail {
			g.do(bif, x, ninf, 31)
		}
		g.do(fmax, top+u, top+u, x)
	})
	g.do(fmax, top, top, top2)
	g.fold(fmaxp, top)
}

// softmaxBF16 writes exponentials of one row as bfloat16, and their sum. dst is filled up with zeros to 4 numbers.
func (g *arm) softmaxBF16() {
	const top, top2, x, n, t, e, scale, low, sum, sum2, ninf = 0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11
	g.function("softmaxBF16", "dst, src, sum *float32, n int, scale float32", 36)
	g.p("MOVD dst+0(FP), R0; MOVD src+8(FP), R1; MOVD n+24(FP), R3; MOVD R3, R5; MOVD R1, R4")
	g.constants()
	g.tailMask()
	g.bits(0xff800000, ninf)
	g.argument("scale+32", scale)
	g.float(log2e, t)
	g.do(fmul, scale, scale, t)
	g.float(-151, low) // everything below is 0; keeps -Inf from becoming NaN
	g.largest("R4", top, top2, x, ninf)
	g.do(fmul, top, top, scale)
	g.do(fneg, top, top)
	g.zero(sum)
	g.zero(sum2)
	g.p("MOVD R1, R4; MOVD R3, R5")
	g.each("exp", 2, []string{"R4"}, func(tail bool, u int) {
		g.load(tail, "R4", u, t)
		g.move(x, top)
		g.do(fmla, x, t, scale)
		g.do(fmax, x, x, low)
		g.do(frintm, n, x)
		g.do(fsub, x, x, n)
		g.exp2(exp2Short, x, n, t, e)
		g.zeroRest(tail, e)
		g.do(fadd, sum+u, sum+u, e)
		g.do(bfcvtn, e, e)
		g.p("FMOVD.P F%d, 8(R0)", e)
	})
	g.do(fadd, sum, sum, sum2)
	g.fold(faddp, sum)
	g.p("MOVD sum+16(FP), R0; FMOVS F%d, (R0); RET", sum)
}
