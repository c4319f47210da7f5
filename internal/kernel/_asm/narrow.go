package main

// round writes the rounding of n numbers to the nearest that bfloat16 has, ties to even. NaN stays NaN. dst is filled
// up with zeros to whole vectors.
func (g *gen) round() {
	const x, t, nan, one, half, mask = 0, 1, 2, 3, 4, 5
	g.function("round", "dst, src *float32, n int", 24)
	g.p("MOVQ dst+0(FP), DI; MOVQ src+8(FP), SI; MOVQ n+16(FP), CX")
	g.tailMask()
	g.op("VPBROADCASTD", g.bits("one_bit", 1), one)
	g.op("VPBROADCASTD", g.bits("below_half", 0x7fff), half)
	g.op("VPBROADCASTD", g.bits("upper", 0xffff0000), mask)
	g.each("loop", 1, []string{"SI", "DI"}, func(masked bool, u int) {
		g.load(masked, g.at("SI", u), x)
		g.op("VPSRLD", "$16", x, t)
		g.and(one, t, t)
		g.op("VPADDD", half, t, t)
		if g.wide() {
			g.p("VCMPPS $3, Z%d, Z%d, K2", x, x)
			g.op("VPADDD", x, t, t)
			g.p("VMOVDQA32 Z%d, K2, Z%d", mask, t) // all ones above: NaN
		} else {
			g.op("VCMPPS", "$3", x, x, nan)
			g.op("VPADDD", x, t, t)
			g.op("VPOR", nan, t, t)
		}
		g.and(mask, t, t)
		g.op("VMOVUPS", t, g.at("DI", u))
	})
	g.ret()
}

func (g *gen) and(a, b, to int) {
	if g.wide() {
		g.op("VPANDD", a, b, to)
	} else {
		g.op("VPAND", a, b, to)
	}
}

// narrow writes the conversion of rows of n numbers to bfloat16, two to a word. Rows of dst are filled up with zeros to 16
// numbers; strides are in bytes.
func (g *gen) narrow() {
	g.function("narrow", "dst *float32, ldd int, src *float32, ld, rows, n int", 48)
	g.p("MOVQ dst+0(FP), R8; MOVQ ldd+8(FP), R10; MOVQ src+16(FP), R9; MOVQ ld+24(FP), R11; MOVQ rows+32(FP), R12; MOVQ n+40(FP), CX; MOVQ CX, BX")
	g.tailMask()
	g.p("%s_row:; MOVQ R8, DI; MOVQ R9, SI; MOVQ BX, CX", g.label)
	g.each("loop", 2, []string{"SI"}, func(masked bool, u int) {
		g.load(masked, g.at("SI", u), u)
		g.evex(0x72, "VCVTNEPS2BF16", u, 0, u)
		g.p("VMOVUPS Y%d, (DI); ADDQ $32, DI", u)
	})
	g.p("ADDQ R10, R8; ADDQ R11, R9; DECQ R12; JNE %s_row", g.label)
	g.ret()
}

// pairs writes words of two bfloat16, one of each of two rows, of which there are a number of vectors.
func (g *gen) pairs() {
	g.function("pairs", "dst, low, high *float32, vectors int", 32)
	g.p("MOVQ dst+0(FP), DI; MOVQ low+8(FP), SI; MOVQ high+16(FP), R8; MOVQ vectors+24(FP), CX; %s_loop:", g.label)
	for i, from := range []string{"SI", "R8"} {
		g.load(false, g.at(from, 0), i)
		g.evex(0x72, "VCVTNEPS2BF16", i, 0, i)
		g.p("VPMOVZXWD Y%d, Z%d", i, i)
	}
	g.p("VPSLLD $16, Z1, Z1; VPORD Z1, Z0, Z0; VMOVUPS Z0, (DI)")
	g.p("ADDQ $64, SI; ADDQ $64, R8; ADDQ $64, DI; DECQ CX; JNE %s_loop", g.label)
	g.ret()
}

// zip is pairs of rows that are bfloat16 already, for a number of pairs of rows; width, the distance of the words, and ld,
// that of the rows, are in bytes.
func (g *gen) zip() {
	g.function("zip", "dst *float32, width int, src *float32, ld, vectors, pairs int", 48)
	g.p("MOVQ dst+0(FP), R10; MOVQ width+8(FP), R11; MOVQ src+16(FP), R9; MOVQ ld+24(FP), DX; MOVQ vectors+32(FP), BX; MOVQ pairs+40(FP), R12")
	g.p("%s_pair:; MOVQ R10, DI; MOVQ R9, SI; MOVQ BX, CX; %s_loop:", g.label, g.label)
	g.p("VPMOVZXWD (SI), Z0; VPMOVZXWD (SI)(DX*1), Z1; VPSLLD $16, Z1, Z1; VPORD Z1, Z0, Z0; VMOVUPS Z0, (DI)")
	g.p("ADDQ $32, SI; ADDQ $64, DI; DECQ CX; JNE %s_loop", g.label)
	g.p("ADDQ R11, R10; LEAQ (R9)(DX*2), R9; DECQ R12; JNE %s_pair", g.label)
	g.ret()
}

// extent writes the least and the largest of n numbers and 0 into out, and a third number that is 0 if all are finite and
// else NaN.
func (g *gen) extent() {
	const x, low, high, poison, none, t = 0, 1, 2, 3, 4, 5
	g.function("extent", "out, x *float32, n int", 24)
	g.p("MOVQ out+0(FP), DI; MOVQ x+8(FP), SI; MOVQ n+16(FP), CX")
	g.tailMask()
	for i := low; i <= none; i++ {
		g.zero(i)
	}
	g.each("loop", 1, []string{"SI"}, func(masked bool, u int) {
		g.load(masked, g.at("SI", u), x)
		g.op("VMINPS", x, low, low)
		g.op("VMAXPS", x, high, high)
		g.op("VFMADD231PS", x, none, poison)
	})
	for i, op := range []string{"VMINPS", "VMAXPS", "VADDPS"} {
		g.fold(op, low+i, t)
		g.p("VMOVSS X%d, %d(DI)", low+i, 4*i)
	}
	g.ret()
}

// quantise writes n numbers, times inv and rounded to integers, plus zero, within low and high, as bytes. dst is filled
// up to 16 of them.
func (g *gen) quantise() {
	const x, inv, zero, low, high, order, t = 0, 1, 2, 3, 4, 5, 6
	g.function("quantise", "dst, src *float32, n int, inv float32, zero, low, high int32", 40)
	g.p("MOVQ dst+0(FP), DI; MOVQ src+8(FP), SI; MOVQ n+16(FP), CX")
	g.tailMask()
	g.op("VBROADCASTSS", "inv+24(FP)", inv)
	g.op("VBROADCASTSS", "zero+28(FP)", zero)
	g.op("VBROADCASTSS", "low+32(FP)", low)
	g.op("VBROADCASTSS", "high+36(FP)", high)
	if !g.wide() {
		g.op("VPBROADCASTD", g.bits("low_bytes", 0x0c080400), order)
	}
	g.each("loop", 1, []string{"SI"}, func(masked bool, u int) {
		g.load(masked, g.at("SI", u), x)
		g.op("VMULPS", inv, x, x)
		g.op("VCVTPS2DQ", x, x)
		g.op("VPADDD", zero, x, x)
		g.op("VPMAXSD", low, x, x)
		g.op("VPMINSD", high, x, x)
		if g.wide() {
			g.p("VPMOVDB Z%d, (DI); ADDQ $16, DI", x)
			return
		}
		g.op("VPSHUFB", order, x, x)
		g.p("VEXTRACTI128 $1, Y%d, X%d; VPUNPCKLDQ X%d, X%d, X%d; VMOVQ X%d, (DI); ADDQ $8, DI", x, t, t, x, x, x)
	})
	g.ret()
}

// exp2Short is 2^f to 1e-4 relative for 0 <= f <= 1, twenty times less than bfloat16 rounds.
var exp2Short = []float64{0.9999252185633095, 0.6958335404820818, 0.22606715546435108, 0.0780245226145729}

// softmaxBF16 writes exponentials of rows as bfloat16, and the sum of each. Rows of dst are filled up with zeros to 16
// numbers; strides are in bytes. It looks for the largest numbers of all rows first, which waits for less than to do so row
// by row.
func (g *gen) softmaxBF16() {
	const top, top2, x, f, e, scale, sum, sum2 = 0, 1, 2, 4, 6, 8, 9, 10 // 3, 5 and 7 are the next ones' second
	g.function("softmaxBF16", "dst *float32, ldd int, src *float32, ld int, sums *float32, rows, n int, scale float32", 60)
	g.p("MOVQ dst+0(FP), BX; MOVQ ldd+8(FP), R10; MOVQ src+16(FP), R8; MOVQ ld+24(FP), R11; MOVQ sums+32(FP), DX; MOVQ rows+40(FP), R12")
	g.p("MOVQ n+48(FP), CX; MOVQ CX, R9")
	g.tailMask()
	g.op("VBROADCASTSS", "scale+56(FP)", scale)
	g.opConst("VMULPS", g.float("log2e", log2e), scale, scale)
	g.hold(func() { g.poly("exp2Short_", exp2Short, f, e) })
	g.p("%s_largest:; MOVQ R8, SI; MOVQ R9, CX", g.label)
	g.op("VBROADCASTSS", g.bits("ninf", 0xff800000), top)
	g.op("VMOVAPS", top, top2)
	g.each("top", 2, []string{"SI"}, func(masked bool, u int) {
		if !masked {
			g.op("VMAXPS", g.at("SI", u), top+u, top+u)
			return
		}
		g.load(masked, g.at("SI", u), x)
		g.op("VMAXPS", x, top, "K1", top)
	})
	g.op("VMAXPS", top, top2, top)
	g.fold("VMAXPS", top, x)
	g.op("VMULPS", scale, top, top)
	g.p("VMOVSS X%d, (DX); ADDQ $4, DX; ADDQ R11, R8; DECQ R12; JNE %s_largest", top, g.label)
	g.p("MOVQ src+16(FP), R8; MOVQ sums+32(FP), DX; MOVQ rows+40(FP), R12; %s_row:; MOVQ R8, SI; MOVQ BX, DI; MOVQ R9, CX", g.label)
	g.op("VBROADCASTSS", "(DX)", top)
	g.zero(sum)
	g.zero(sum2)
	g.each("exp", 2, []string{"SI"}, func(masked bool, u int) {
		g.load(masked, g.at("SI", u), x+u)
		g.op("VFMSUB213PS", top, scale, x+u)
		g.op("VREDUCEPS", "$1", x+u, f+u) // 0 of -Inf, which makes 0 below
		g.poly("exp2Short_", exp2Short, f+u, e+u)
		g.op("VSCALEFPS", x+u, e+u, e+u) // by 2 to the whole number below
		g.zeroRest(masked, e+u)
		g.op("VADDPS", e+u, sum+u, sum+u)
		g.evex(0x72, "VCVTNEPS2BF16", e+u, 0, e+u)
		g.p("VMOVUPS Y%d, (DI); ADDQ $32, DI", e+u)
	})
	g.op("VADDPS", sum2, sum, sum)
	g.fold("VADDPS", sum, x)
	g.p("VMOVSS X%d, (DX); ADDQ $4, DX; ADDQ R10, BX; ADDQ R11, R8; DECQ R12; JNE %s_row", sum, g.label)
	g.ret()
}

// scale writes the multiplication of rows of n numbers with a factor each; the stride is in bytes.
func (g *gen) scale() {
	g.function("scale", "x *float32, ld int, factors *float32, rows, n int", 40)
	g.p("MOVQ x+0(FP), R8; MOVQ ld+8(FP), R10; MOVQ factors+16(FP), R11; MOVQ rows+24(FP), R12; MOVQ n+32(FP), CX; MOVQ CX, R9")
	g.tailMask()
	g.p("%s_row:; MOVQ R8, SI; MOVQ R9, CX", g.label)
	g.op("VBROADCASTSS", "(R11)", 1)
	g.each("loop", 1, []string{"SI"}, func(masked bool, u int) {
		g.load(masked, g.at("SI", u), 0)
		g.op("VMULPS", 1, 0, 0)
		g.store(masked, 0, g.at("SI", u))
	})
	g.p("ADDQ $4, R11; ADDQ R10, R8; DECQ R12; JNE %s_row", g.label)
	g.ret()
}
