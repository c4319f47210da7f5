package main

// The same functions as for amd64, under the same names.

// round writes the rounding of n numbers to the nearest that bfloat16 has, ties to even. NaN stays NaN.
func (g *arm) round() {
	const x, t, number, one, half, upper = 0, 1, 2, 3, 4, 5
	g.function("round", "dst, src *float32, n int", 24)
	g.p("MOVD dst+0(FP), R0; MOVD src+8(FP), R1; MOVD n+16(FP), R5")
	g.constants()
	g.bits(1, one)
	g.bits(0x7fff, half)
	g.bits(0xffff0000, upper)
	g.each("loop", 1, []string{"R0", "R1"}, func(tail bool, u int) {
		g.load(tail, "R1", u, x)
		g.do(ushr16, t, x)
		g.do(and, t, t, one)
		g.do(add, t, t, half)
		g.do(add, t, t, x)
		g.do(fcmeq, number, x, x)
		g.do(orn, t, t, number) // all ones where it is none
		g.do(and, t, t, upper)
		g.store(tail, t, "R0", u)
	})
	g.p("RET")
}

// extent writes the least and the largest of n numbers and 0 into out, and a third number that is 0 if all are finite and
// else NaN.
func (g *arm) extent() {
	const x, low, high, poison, none = 0, 1, 2, 3, 4
	g.function("extent", "out, x *float32, n int", 24)
	g.p("MOVD out+0(FP), R0; MOVD x+8(FP), R1; MOVD n+16(FP), R5")
	for i := low; i <= none; i++ {
		g.zero(i)
	}
	g.each("loop", 1, []string{"R1"}, func(tail bool, u int) {
		g.load(tail, "R1", u, x)
		g.do(fmin, low, low, x)
		g.do(fmax, high, high, x)
		g.do(fmla, poison, x, none)
	})
	for i, pairwise := range []instruction{fminp, fmaxp, faddp} {
		g.fold(pairwise, low+i)
		g.p("FMOVS F%d, %d(R0)", low+i, 4*i)
	}
	g.p("RET")
}

// quantise writes n numbers, times inv and rounded to integers, plus zero, within low and high, as bytes. dst is filled
// up to 4 of them.
func (g *arm) quantise() {
	const inv, zero, low, high = 4, 5, 6, 7
	g.function("quantise", "dst, src *float32, n int, inv float32, zero, low, high int32", 40)
	g.p("MOVD dst+0(FP), R0; MOVD src+8(FP), R1; MOVD n+16(FP), R5")
	for i, param := range []string{"inv+24", "zero+28", "low+32", "high+36"} {
		g.argument(param, inv+i)
	}
	convert := func(tail bool, u, x int) {
		g.load(tail, "R1", u, x)
		g.do(fmul, x, x, inv)
		g.do(fcvtns, x, x)
		g.do(add, x, x, zero)
		g.do(smax, x, x, low)
		g.do(smin, x, x, high)
	}
	g.whole(g.label+"_wide", 4, []string{"R1"}, func(_ bool, u int) {
		if convert(false, u, u); u == 3 {
			g.do(xtnH, 0, 0)
			g.do(xtnH2, 0, 1)
			g.do(xtnH, 2, 2)
			g.do(xtnH2, 2, 3)
			g.do(xtnB, 0, 0)
			g.do(xtnB2, 0, 2)
			g.p("FMOVQ.P F0, 16(R0)")
		}
	})
	g.each("loop", 1, []string{"R1"}, func(tail bool, u int) {
		convert(tail, u, 0)
		g.do(xtnH, 0, 0)
		g.do(xtnB, 0, 0)
		g.p("FMOVS.P F0, 4(R0)")
	})
	g.p("RET")
}

// narrow writes the conversion of n numbers to bfloat16, two to a word. dst is filled up with zeros to 4 numbers.
func (g *arm) narrow() {
	g.function("narrow", "dst, src *float32, n int", 24)
	g.p("MOVD dst+0(FP), R0; MOVD src+8(FP), R1; MOVD n+16(FP), R5")
	g.each("loop", 1, []string{"R1"}, func(tail bool, u int) {
		g.load(tail, "R1", u, 0)
		g.do(bfcvtn, 0, 0)
		g.p("FMOVD.P F0, 8(R0)")
	})
	g.p("RET")
}

// pairs writes words of two bfloat16, one of each of two rows, of which there are a number of sixteens.
func (g *arm) pairs() {
	g.function("pairs", "dst, low, high *float32, vectors int", 32)
	g.p("MOVD dst+0(FP), R0; MOVD low+8(FP), R1; MOVD high+16(FP), R2; MOVD vectors+24(FP), R5; %s_loop:", g.label)
	for range 2 {
		for i, from := range []string{"R1", "R2"} {
			g.p("FLDPQ.P 32(%s), (F2, F3)", from)
			g.do(bfcvtn, i, 2)
			g.do(bfcvtn2, i, 3)
		}
		g.do(zip1H, 2, 0, 1)
		g.do(zip2H, 3, 0, 1)
		g.p("FSTPQ.P (F2, F3), 32(R0)")
	}
	g.p("SUBS $1, R5, R5; BNE %s_loop; RET", g.label)
}

// fours writes fours of bfloat16, one of each of four rows, of which there are a number of sixteens; zipFours is the same of
// rows that are bfloat16 already.
func (g *arm) fours() {
	for _, f := range []struct {
		name string
		load func(i int) // eight numbers of row i, to register i
	}{
		{"fours", func(i int) {
			g.p("FLDPQ.P 32(R%d), (F16, F17)", 1+i)
			g.do(bfcvtn, i, 16)
			g.do(bfcvtn2, i, 17)
		}},
		{"zipFours", func(i int) { g.p("FMOVQ.P 16(R%d), F%d", 1+i, i) }},
	} {
		g.function(f.name, "dst, a, b, c, d *float32, vectors int", 48)
		g.p("MOVD dst+0(FP), R0; MOVD a+8(FP), R1; MOVD b+16(FP), R2; MOVD c+24(FP), R3; MOVD d+32(FP), R4; MOVD vectors+40(FP), R5; %s_loop:", g.label)
		for range 2 {
			for i := range 4 {
				f.load(i)
			}
			for i := range 2 { // words of a and b in 4 and 6, of c and d in 5 and 7
				g.do(zip1H, 4+i, 2*i, 2*i+1)
				g.do(zip2H, 6+i, 2*i, 2*i+1)
			}
			for i := range 2 {
				g.do(zip1S, 2*i, 4+2*i, 5+2*i)
				g.do(zip2S, 2*i+1, 4+2*i, 5+2*i)
				g.p("FSTPQ.P (F%d, F%d), 32(R0)", 2*i, 2*i+1)
			}
		}
		g.p("SUBS $1, R5, R5; BNE %s_loop; RET", g.label)
	}
}

// zip is pairs of rows that are bfloat16 already.
func (g *arm) zip() {
	g.function("zip", "dst, low, high *float32, vectors int", 32)
	g.p("MOVD dst+0(FP), R0; MOVD low+8(FP), R1; MOVD high+16(FP), R2; MOVD vectors+24(FP), R5; %s_loop:", g.label)
	g.p("FLDPQ.P 32(R1), (F0, F1); FLDPQ.P 32(R2), (F2, F3)")
	for i := range 2 {
		g.do(zip1H, 4, i, 2+i)
		g.do(zip2H, 5, i, 2+i)
		g.p("FSTPQ.P (F4, F5), 32(R0)")
	}
	g.p("SUBS $1, R5, R5; BNE %s_loop; RET", g.label)
}

// scale writes the multiplication of n numbers with one.
func (g *arm) scale() {
	g.function("scale", "x *float32, n int, scale float32", 20)
	g.p("MOVD x+0(FP), R0; MOVD n+8(FP), R5")
	g.argument("scale+16", 1)
	g.each("loop", 1, []string{"R0"}, func(tail bool, u int) {
		g.load(tail, "R0", u, 0)
		g.do(fmul, 0, 0, 1)
		g.store(tail, 0, "R0", u)
	})
	g.p("RET")
}

// transpose writes dst[i*width+j] = src[j*ld+i] for 8 j and 8*blocks i; strides are in bytes.
func (g *arm) transpose() {
	g.function("transpose", "dst *float32, width int, src *float32, ld, blocks int", 40)
	g.p("MOVD dst+0(FP), R0; MOVD width+8(FP), R1; MOVD src+16(FP), R8; MOVD ld+24(FP), R3; MOVD blocks+32(FP), R5")
	rows := []string{"R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"}
	for j := 1; j < 8; j++ {
		g.p("ADD R3, %s, %s", rows[j-1], rows[j])
	}
	g.p("%s_loop:", g.label)
	for j, r := range rows {
		g.p("FLDPQ.P 32(%s), (F%d, F%d)", r, j, 8+j)
	}
	for half := 0; half < 16; half += 8 { // 4 i of 8 rows, in registers half to half+7
		for j := 0; j < 8; j += 4 { // four by four
			a := half + j
			g.do(trn1, 16, a, a+1)
			g.do(trn2, 17, a, a+1)
			g.do(trn1, 18, a+2, a+3)
			g.do(trn2, 19, a+2, a+3)
			g.do(trn1D, a, 16, 18)
			g.do(trn1D, a+1, 17, 19)
			g.do(trn2D, a+2, 16, 18)
			g.do(trn2D, a+3, 17, 19)
		}
		for i := range 4 {
			g.p("FSTPQ (F%d, F%d), (R0); ADD R1, R0", half+i, half+4+i)
		}
	}
	g.p("SUBS $1, R5, R5; BNE %s_loop; RET", g.label)
}

// transposePairs is transpose for pairs of words: two columns of which have a number of fours; strides are in bytes.
func (g *arm) transposePairs() {
	g.function("transposePairs", "dst *float32, width int, src *float32, ld, fours int", 40)
	g.p("MOVD dst+0(FP), R0; MOVD width+8(FP), R1; MOVD src+16(FP), R2; MOVD ld+24(FP), R3; MOVD fours+32(FP), R5; ADD R2, R3, R3; %s_loop:", g.label)
	g.p("FMOVQ.P 16(R2), F0; FMOVQ.P 16(R3), F1")
	g.do(trn1D, 2, 0, 1)
	g.do(trn2D, 3, 0, 1)
	g.p("FMOVQ F2, (R0); ADD R1, R0; FMOVQ F3, (R0); ADD R1, R0; SUBS $1, R5, R5; BNE %s_loop; RET", g.label)
}

// copyRows writes dst[i*width+j] = src[i*ld+j] for i < k and j < 16*vectors; strides are in bytes.
func (g *arm) copyRows() {
	g.function("copyRows", "dst *float32, width int, src *float32, ld, vectors, k int", 48)
	g.p("MOVD dst+0(FP), R0; MOVD width+8(FP), R1; MOVD src+16(FP), R2; MOVD ld+24(FP), R3; MOVD vectors+32(FP), R4; MOVD k+40(FP), R5")
	g.p("%s_row:; MOVD R0, R8; MOVD R2, R9; MOVD R4, R10; %s_vector:", g.label, g.label)
	g.p("FLDPQ.P 32(R9), (F0, F1); FLDPQ.P 32(R9), (F2, F3); FSTPQ.P (F0, F1), 32(R8); FSTPQ.P (F2, F3), 32(R8)")
	g.p("SUBS $1, R10, R10; BNE %s_vector; ADD R1, R0; ADD R3, R2; SUBS $1, R5, R5; BNE %s_row; RET", g.label, g.label)
}

// widen writes the conversions of n 16-bit numbers, a positive multiple of 16.
func (g *arm) widen() {
	for _, kind := range []struct {
		name   string
		halves [2]instruction
	}{{"F16", [2]instruction{fcvtl, fcvtl2}}, {"BF16", [2]instruction{shll, shll2}}} {
		g.function("widen"+kind.name, "dst *float32, src *byte, n int", 24)
		g.p("MOVD dst+0(FP), R0; MOVD src+8(FP), R1; MOVD n+16(FP), R5; %s_loop:; FLDPQ.P 32(R1), (F0, F1)", g.label)
		for i := range 2 {
			g.do(kind.halves[0], 2, i)
			g.do(kind.halves[1], 3, i)
			g.p("FSTPQ.P (F2, F3), 32(R0)")
		}
		g.p("SUBS $16, R5, R5; BNE %s_loop; RET", g.label)
	}
}

// layerNorm writes the normalisation of one row: sum with the residual, variance around the mean, result.
func (g *arm) layerNorm() {
	const sum, sum2, x, t, n, squares, squares2 = 0, 1, 2, 3, 4, 5, 6
	g.function("layerNorm", "dst, x, residual, gamma, beta *float32, n int, eps float32", 52)
	g.p("MOVD dst+0(FP), R0; MOVD x+8(FP), R1; MOVD residual+16(FP), R2; MOVD gamma+24(FP), R3; MOVD beta+32(FP), R4")
	g.p("MOVD n+40(FP), R5; MOVD R0, R8; MOVD R5, R9")
	g.constants()
	g.tailMask()
	g.zero(sum)
	g.zero(sum2)
	g.p("CBZ R2, %s_alone", g.label)
	g.each("add", 2, []string{"R1", "R2", "R0"}, func(tail bool, u int) {
		g.load(tail, "R1", u, x)
		g.load(tail, "R2", u, t)
		g.do(fadd, x, x, t)
		g.store(tail, x, "R0", u)
		g.do(fadd, sum+u, sum+u, x)
	})
	g.p("JMP %s_mean; %s_alone:", g.label, g.label)
	g.each("copy", 2, []string{"R1", "R0"}, func(tail bool, u int) {
		g.load(tail, "R1", u, x)
		g.store(tail, x, "R0", u)
		g.do(fadd, sum+u, sum+u, x)
	})
	g.p("%s_mean:", g.label)
	g.do(fadd, sum, sum, sum2)
	g.fold(faddp, sum)
	g.p("SCVTFS R9, F%d", n)
	g.spread(n, n, 0)
	g.do(fdiv, sum, sum, n)
	g.zero(squares)
	g.zero(squares2)
	g.p("MOVD R8, R0; MOVD R9, R5")
	g.each("var", 2, []string{"R0"}, func(tail bool, u int) {
		g.load(tail, "R0", u, x)
		g.do(fsub, x, x, sum)
		g.zeroRest(tail, x)
		g.do(fmla, squares+u, x, x)
	})
	g.do(fadd, squares, squares, squares2)
	g.fold(faddp, squares)
	g.do(fdiv, squares, squares, n)
	g.argument("eps+48", t)
	g.do(fadd, squares, squares, t)
	g.do(fsqrt, squares, squares)
	g.float(1, t)
	g.do(fdiv, squares, t, squares)
	g.p("MOVD R8, R0; MOVD R9, R5")
	g.each("out", 1, []string{"R0", "R3", "R4"}, func(tail bool, u int) {
		g.load(tail, "R0", u, x)
		g.load(tail, "R3", u, t)
		g.load(tail, "R4", u, n)
		g.do(fsub, x, x, sum)
		g.do(fmul, x, x, squares)
		g.do(fmla, n, x, t)
		g.store(tail, n, "R0", u)
	})
	g.p("RET")
}
