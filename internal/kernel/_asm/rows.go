package main

import "fmt"

// softmax writes the softmax of rows: for each the largest element, then exponentials and their sum, then
// the division.
func (g *gen) softmax() {
	const top, top2, x, n, e, scale, low, sum, sum2, ninf = 0, 1, 2, 4, 5, 6, 7, 8, 9, 10 // 3 is x+1
	g.function("softmax", "x *float32, ld, rows, n int, scale float32", 36)
	g.p("MOVQ x+0(FP), R8; MOVQ ld+8(FP), R10; MOVQ rows+16(FP), R11; MOVQ n+24(FP), R9; MOVQ R9, CX")
	g.tailMask()
	g.op("VBROADCASTSS", g.bits("ninf", 0xff800000), ninf)
	g.op("VBROADCASTSS", "scale+32(FP)", scale)
	g.opConst("VMULPS", g.float("log2e", log2e), scale, scale)
	g.op("VBROADCASTSS", g.float("least", -151), low) // everything below is 0; keeps -Inf from becoming NaN
	g.hold(func() { g.exp2(x, n, e) })
	g.p("%s_row:; MOVQ R8, SI; MOVQ R9, CX", g.label)
	g.op("VMOVAPS", ninf, top)
	g.op("VMOVAPS", ninf, top2)
	g.each("top", 2, []string{"SI"}, func(masked bool, u int) {
		g.load(masked, g.at("SI", u), x)
		if masked && !g.wide() {
			g.op("VBLENDVPS", 15, x, ninf, x)
		}
		if masked && g.wide() {
			g.op("VMAXPS", x, top, "K1", top)
		} else {
			g.op("VMAXPS", x, top+u, top+u)
		}
	})
	g.op("VMAXPS", top, top2, top)
	g.fold("VMAXPS", top, x)
	g.zero(sum)
	g.zero(sum2)
	g.p("MOVQ R8, SI; MOVQ R9, CX")
	g.each("exp", 2, []string{"SI"}, func(masked bool, u int) {
		g.load(masked, g.at("SI", u), x)
		g.op("VSUBPS", top, x, x)
		g.op("VMULPS", scale, x, x)
		g.op("VMAXPS", x, low, x) // NaN is in the operand that survives
		g.roundTo(x, n)
		g.op("VSUBPS", n, x, x)
		g.exp2(x, n, e)
		g.zeroRest(masked, e)
		g.op("VADDPS", e, sum+u, sum+u)
		g.store(masked, e, g.at("SI", u))
	})
	g.op("VADDPS", sum2, sum, sum)
	g.fold("VADDPS", sum, x)
	g.op("VBROADCASTSS", g.float("one", 1), x)
	g.op("VDIVPS", sum, x, sum)
	g.p("MOVQ R8, SI; MOVQ R9, CX")
	g.each("div", 2, []string{"SI"}, func(masked bool, u int) {
		g.load(masked, g.at("SI", u), x+u)
		g.op("VMULPS", sum, x+u, x+u)
		g.store(masked, x+u, g.at("SI", u))
	})
	g.p("ADDQ R10, R8; DECQ R11; JNE %s_row", g.label)
	g.ret()
}

// layerNorm writes the normalisation of one row: sum with the residual, variance around the mean, result.
func (g *gen) layerNorm() {
	const sum, sum2, x, t, n, squares, squares2 = 0, 1, 2, 3, 4, 5, 6
	g.function("layerNorm", "dst, x, residual, gamma, beta *float32, n int, eps float32", 52)
	g.p("MOVQ dst+0(FP), DI; MOVQ x+8(FP), SI; MOVQ residual+16(FP), DX; MOVQ gamma+24(FP), R8; MOVQ beta+32(FP), R9")
	g.p("MOVQ n+40(FP), CX; MOVQ DI, R10; MOVQ CX, R11")
	g.tailMask()
	g.zero(sum)
	g.zero(sum2)
	g.p("TESTQ DX, DX; JEQ %s_alone", g.label)
	g.each("add", 2, []string{"SI", "DX", "DI"}, func(masked bool, u int) {
		g.load(masked, g.at("SI", u), x)
		g.load(masked, g.at("DX", u), t)
		g.op("VADDPS", t, x, x)
		g.store(masked, x, g.at("DI", u))
		g.op("VADDPS", x, sum+u, sum+u)
	})
	g.p("JMP %s_mean; %s_alone:", g.label, g.label)
	g.each("copy", 2, []string{"SI", "DI"}, func(masked bool, u int) {
		g.load(masked, g.at("SI", u), x)
		g.store(masked, x, g.at("DI", u))
		g.op("VADDPS", x, sum+u, sum+u)
	})
	g.p("%s_mean:", g.label)
	g.op("VADDPS", sum2, sum, sum)
	g.fold("VADDPS", sum, x)
	g.p("VCVTSI2SSQ R11, X%d, X%d; VBROADCASTSS X%d, %s", n, n, n, g.v(n))
	g.op("VDIVPS", n, sum, sum)
	g.zero(squares)
	g.zero(squares2)
	g.p("MOVQ R10, DI; MOVQ R11, CX")
	g.each("var", 2, []string{"DI"}, func(masked bool, u int) {
		g.load(masked, g.at("DI", u), x)
		g.op("VSUBPS", sum, x, x)
		g.zeroRest(masked, x)
		g.op("VFMADD231PS", x, x, squares+u)
	})
	g.op("VADDPS", squares2, squares, squares)
	g.fold("VADDPS", squares, x)
	g.op("VDIVPS", n, squares, squares)
	g.op("VBROADCASTSS", "eps+48(FP)", t)
	g.op("VADDPS", t, squares, squares)
	g.op("VSQRTPS", squares, squares)
	g.op("VBROADCASTSS", g.float("one", 1), t)
	g.op("VDIVPS", squares, t, squares)
	g.p("MOVQ R10, DI; MOVQ R11, CX")
	g.each("out", 1, []string{"DI", "R8", "R9"}, func(masked bool, u int) {
		g.load(masked, g.at("DI", u), x)
		g.load(masked, g.at("R8", u), t)
		g.load(masked, g.at("R9", u), n)
		g.op("VSUBPS", sum, x, x)
		g.op("VMULPS", squares, x, x)
		g.op("VFMADD213PS", n, t, x)
		g.store(masked, x, g.at("DI", u))
	})
	g.ret()
}

// transpose writes dst[i*width+j] = src[j*ld+i] for 8 j and 8*blocks i; strides are in bytes.
func (g *gen) transpose() {
	g.function("transpose", "dst *float32, width int, src *float32, ld, blocks int", 40)
	g.p("MOVQ dst+0(FP), DI; MOVQ width+8(FP), R10; MOVQ src+16(FP), SI; MOVQ ld+24(FP), DX; MOVQ blocks+32(FP), CX")
	g.p("LEAQ (SI)(DX*2), R8; ADDQ DX, R8; LEAQ (R8)(DX*2), R9; ADDQ DX, R9; LEAQ (R10)(R10*2), R11")
	g.p("LEAQ (SI)(DX*8), R12; LEAQ (R8)(DX*8), R13; LEAQ (R9)(DX*8), AX; %s_loop:", g.label)
	for j := range 8 { // the next eight rows are far away
		g.p("PREFETCHT0 (%s)%s", []string{"R12", "R13", "AX"}[j/3], []string{"", "(DX*1)", "(DX*2)"}[j%3])
	}
	for j := range 8 {
		g.p("VMOVUPS (%s)%s, Y%d", aBase[j/3], []string{"", "(DX*1)", "(DX*2)"}[j%3], j)
	}
	for j := 0; j < 8; j += 2 { // pairs of rows
		g.p("VUNPCKLPS Y%d, Y%d, Y%d; VUNPCKHPS Y%d, Y%d, Y%d", j+1, j, 8+j, j+1, j, 9+j)
	}
	for h := 0; h < 8; h += 4 { // fours
		for i := range 2 {
			lo, hi := 8+h+i, 10+h+i
			g.p("VSHUFPS $0x44, Y%d, Y%d, Y%d; VSHUFPS $0xEE, Y%d, Y%d, Y%d", hi, lo, h+2*i, hi, lo, h+2*i+1)
		}
	}
	for i := range 8 { // eights: column i takes one half of two fours
		half := 0x20 + 0x11*(i/4)
		g.p("VPERM2F128 $0x%x, Y%d, Y%d, Y%d", half, 4+i%4, i%4, 8+i)
	}
	for i := range 8 {
		g.p("VMOVUPS Y%d, (DI)%s", 8+i, []string{"", "(R10*1)", "(R10*2)", "(R11*1)"}[i%4])
		if i == 3 {
			g.p("LEAQ (DI)(R10*4), DI")
		}
	}
	g.p("LEAQ (DI)(R10*4), DI; ADDQ $32, SI; ADDQ $32, R8; ADDQ $32, R9; ADDQ $32, R12; ADDQ $32, R13; ADDQ $32, AX; DECQ CX; JNE %s_loop", g.label)
	g.ret()
}

// copyRows writes dst[i*width+j] = src[i*ld+j] for i < k and j < 16*vectors; strides are in bytes.
func (g *gen) copyRows() {
	g.function("copyRows", "dst *float32, width int, src *float32, ld, vectors, k int", 48)
	g.p("MOVQ dst+0(FP), DI; MOVQ width+8(FP), R10; MOVQ src+16(FP), SI; MOVQ ld+24(FP), DX; MOVQ vectors+32(FP), R11; MOVQ k+40(FP), CX")
	g.p("LEAQ (SI)(DX*8), R12; %s_row:; MOVQ SI, R8; MOVQ DI, R9; MOVQ R12, R13; MOVQ R11, AX; %s_vector:; PREFETCHT0 (R13)", g.label, g.label)
	for i := range 16 / g.lanes() {
		g.op("VMOVUPS", g.at("R8", i), i)
	}
	for i := range 16 / g.lanes() {
		g.op("VMOVUPS", i, g.at("R9", i))
	}
	g.p("ADDQ $64, R8; ADDQ $64, R9; ADDQ $64, R13; DECQ AX; JNE %s_vector", g.label)
	g.p("ADDQ DX, SI; ADDQ DX, R12; ADDQ R10, DI; DECQ CX; JNE %s_row", g.label)
	g.ret()
}

// widen writes the conversions of n 16-bit numbers, a positive multiple of 16.
func (g *gen) widen() {
	for _, kind := range []string{"F16", "BF16"} {
		g.function("widen"+kind, "dst *float32, src *byte, n int", 24)
		g.p("MOVQ dst+0(FP), DI; MOVQ src+8(FP), SI; MOVQ n+16(FP), CX; %s_loop:", g.label)
		for i := range 16 / g.lanes() {
			from, to := fmt.Sprintf("%d(SI)", i*g.bytes/2), fmt.Sprintf("%d(DI)", i*g.bytes)
			if kind == "F16" {
				g.op("VCVTPH2PS", from, i)
			} else {
				g.op("VPMOVZXWD", from, i)
				g.op("VPSLLD", "$16", i, i)
			}
			g.op("VMOVUPS", i, to)
		}
		g.p("ADDQ $32, SI; ADDQ $64, DI; SUBQ $16, CX; JNE %s_loop", g.label)
		g.ret()
	}
}
