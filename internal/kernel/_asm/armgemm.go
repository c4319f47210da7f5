package main

import (
	"fmt"
	"strings"
)

// armProduct is a type of numbers that tiles multiply, as product is for amd64: words of 32 bits, of which a step takes
// one of each row of a and a row of vectors of b.
type armProduct struct {
	name    string
	heights []int // how many rows its tiles have
	whole   bool  // the sums are integers, to be scaled at the end
	perWord int   // products of a word
	// byWord adds the products of vector b with word i of register a.
	byWord instruction
	// matrix adds those of two rows of a with two columns of b, of two words each, to the two by two sums in a register.
	// A step is of two words then, and what lies side by side in b are the two words of a column.
	matrix instruction
	// A product with neither multiplies as apartSteps does.
}

var (
	armSingle = armProduct{heights: []int{1, 2, 3, 4, 5, 6}, byWord: fmlaWord, perWord: 1}
	armDot    = armProduct{name: "Dot", heights: []int{1, 2, 4, 6}, byWord: sdotWord, whole: true, perWord: 4}
	armBF16   = armProduct{name: "BF16", heights: []int{1, 2, 4, 6}, byWord: bfdotWord, perWord: 2}

	armMatrix     = armProduct{name: "Matrix", heights: []int{1, 2, 4, 6}, matrix: smmla, whole: true, perWord: 8}
	armMatrixBF16 = armProduct{name: "MatrixBF16", heights: []int{1, 2, 4, 6}, matrix: bfmmla, perWord: 4}

	// armBytes multiplies fours of signed bytes without an instruction for it. No product is above 128*127, so that the
	// sum of two fits in 16 bits.
	armBytes = armProduct{name: "I8", heights: []int{1, 2, 4}, whole: true, perWord: 4}
)

func (p armProduct) paired() bool { return p.matrix.name != "" }

func (p armProduct) apart() bool { return p.byWord.name == "" && !p.paired() }

// sum is the accumulator of row r, vector v, at the end and the beginning of a product.
func (p armProduct) sum(r, v int) int {
	if p.paired() {
		return r/2*8 + 2*v + r%2
	}
	return 4*r + v
}

func (g *arm) tiles(p armProduct) {
	var cases strings.Builder
	for _, rows := range p.heights {
		g.tile(p, rows)
		fmt.Fprintf(&cases, "\tcase %d<<8 | %d:\n\t\t%s(&t)\n", rows, 4*g.vecs, g.fn(p.tileName(rows)))
	}
	g.choice(p.name, cases.String())
}

func (p armProduct) tileName(rows int) string { return fmt.Sprintf("tile%dx4%s", rows, p.name) }

// tile writes one product, for some rows and then for as many behind them, as often as the tile says.
//
// Registers: R0 the tile, R1 the steps left, R2 the panel, R3 c, R4 the distance of its rows, R5 bias, R6 the panels left,
// R7 the distance of rows of a, R8 to R13 the rows.
func (g *arm) tile(p armProduct, rows int) {
	g.function(p.tileName(rows), "t *tile", 8)
	g.p("MOVD t+0(FP), R0; MOVD tile_lda(R0), R7; MOVD tile_ldc(R0), R4; %s_rows:", g.label)
	g.p("MOVD tile_b(R0), R2; MOVD tile_c(R0), R3; MOVD tile_bias(R0), R5; MOVD tile_panels(R0), R6; %s_panel:", g.label)
	g.p("MOVD tile_a(R0), R8; MOVD tile_k(R0), R1")
	for r := 1; r < rows; r++ {
		g.p("ADD R7, R%d, R%d", 7+r, 8+r)
	}
	g.begin(p, rows)
	if p.paired() {
		g.p("PCALIGN $16; %s_k:", g.label)
		g.matrixStep(p, rows)
		g.p("SUBS $2, R1, R1; BNE %s_k", g.label)
		g.turn(rows)
	} else {
		g.p("SUBS $4, R1, R1; BLT %s_few; PCALIGN $16; %s_k:", g.label, g.label)
		g.steps(p, rows, 4)
		g.p("SUBS $4, R1, R1; BGE %s_k; %s_few:; ADDS $4, R1, R1; BEQ %s_done; %s_one:", g.label, g.label, g.label, g.label)
		g.steps(p, rows, 1)
		g.p("SUBS $1, R1, R1; BNE %s_one; %s_done:", g.label, g.label)
	}
	if p.whole {
		g.rescale(p, rows)
		for _, field := range []string{"scales", "sums"} {
			g.p("MOVD tile_%s(R0), R14; ADD $64, R14; MOVD R14, tile_%s(R0)", field, field)
		}
	} else {
		g.finish(p, rows)
	}
	g.p("MOVD tile_biasStep(R0), R14; ADD R14, R5; ADD $64, R3; SUBS $1, R6, R6; BNE %s_panel", g.label)
	g.again(p, rows)
	g.p("RET")
}

// again goes on with as many rows behind those that are done, as often as the tile says.
func (g *arm) again(p armProduct, rows int) {
	g.p("MOVD tile_blocks(R0), R14; SUBS $1, R14, R14; BEQ %s_end; MOVD R14, tile_blocks(R0); MOVD $%d, R1", g.label, rows)
	add := func(field string) { g.p("MOVD tile_%s(R0), R15; ADD R14, R15; MOVD R15, tile_%s(R0)", field, field) }
	g.p("MUL R1, R7, R14")
	add("a")
	g.p("MUL R1, R4, R14")
	add("c")
	if p.whole {
		g.p("MOVD $%d, R14", 4*rows)
		add("rowScale")
		add("rowZero")
		g.p("MOVD tile_panels(R0), R14; LSL $6, R14; NEG R14, R14")
		add("scales")
		add("sums")
	}
	g.p("JMP %s_rows; %s_end:", g.label, g.label)
}

// begin sets the accumulators to zero, or to c if the tile continues a sum.
func (g *arm) begin(p armProduct, rows int) {
	sums := 4 * rows
	if p.paired() {
		sums = (rows + 1) / 2 * 8
	}
	for i := range sums {
		g.zero(i)
	}
	if p.whole {
		return
	}
	g.p("MOVD tile_add(R0), R14; CBZ R14, %s_begin; MOVD R3, R14", g.label)
	for r := range rows {
		for v := range 4 {
			g.p("FMOVQ %d(R14), F%d", 16*v, p.sum(r, v))
		}
		g.p("ADD R4, R14")
	}
	if p.paired() {
		g.turn(rows)
	}
	g.p("%s_begin:", g.label)
}

// matrixStep adds the products of two words of each row and column. The only row of a tile is its own neighbour.
func (g *arm) matrixStep(p armProduct, rows int) {
	const a, b = 24, 30
	for i := range (rows + 1) / 2 {
		if rows == 1 {
			g.p("FMOVD (R8), F%d; VLD1.P 8(R8), V%d.D[1]", a, a)
		} else {
			g.p("FMOVD.P 8(R%d), F%d; VLD1.P 8(R%d), V%d.D[1]", 8+2*i, a+i, 9+2*i, a+i)
		}
	}
	g.p("FMOVQ (R2), F%d", b)
	for v := range 8 {
		if v < 7 {
			g.p("FMOVQ %d(R2), F%d", 16*(v+1), b+(v+1)%2)
		}
		for i := range (rows + 1) / 2 {
			g.do(p.matrix, 8*i+v, a+i, b+v%2)
		}
	}
	g.p("ADD $128, R2")
}

// turn makes rows of the sums of two by two elements, and the other way round.
func (g *arm) turn(rows int) {
	for i := 0; i < (rows+1)/2*8; i += 2 {
		g.do(trn1D, 30, i, i+1)
		g.do(trn2D, i+1, i, i+1)
		g.move(i, 30)
	}
}

// steps adds the products of 4 steps, or of one. a is loaded for all of them at once.
func (g *arm) steps(p armProduct, rows, n int) {
	a := 4 * rows
	for r := range rows {
		if n == 4 {
			g.p("FMOVQ.P 16(R%d), F%d", 8+r, a+r)
		} else {
			g.p("FMOVS.P 4(R%d), F%d", 8+r, a+r)
		}
	}
	if p.apart() {
		g.apartSteps(rows, n)
	} else {
		g.wordSteps(p, rows, n)
	}
	g.p("ADD $%d, R2", 64*n)
}

// wordSteps takes vectors of b through two registers by turns, one ahead of where they are needed.
func (g *arm) wordSteps(p armProduct, rows, n int) {
	const b = 30
	load := func(i int) {
		if i < 4*n {
			g.p("FMOVQ %d(R2), F%d", 16*i, b+i%2)
		}
	}
	load(0)
	for i := range 4 * n {
		load(i + 1)
		for r := range rows {
			g.byWord(p.byWord, 4*r+i%4, b+i%2, 4*rows+r, i/4)
		}
	}
}

func (g *arm) apartSteps(rows, n int) {
	a, b := 4*rows, 20
	for i := range n {
		for v := range 4 {
			g.p("FMOVQ %d(R2), F%d", 64*i+16*v, b+v)
		}
		for r := range rows {
			word := 24 + r%2
			g.spread(word, a+r, i)
			for v := range 4 {
				g.bytes(b+v, word, 4*r+v, 26+2*(v%3))
			}
		}
	}
}

// bytes adds the products of fours of bytes to words: neighbouring products first, in 16 bits.
func (g *arm) bytes(b, a, sum, t int) {
	g.do(smull, t, b, a)
	g.do(smull2, t+1, b, a)
	g.do(addp, t, t, t+1)
	g.do(sadalp, sum, t)
}

// finish adds the bias and stores.
func (g *arm) finish(p armProduct, rows int) {
	g.p("FLDPQ (R5), (F28, F29); FLDPQ 32(R5), (F30, F31); MOVD R3, R14")
	for r := range rows {
		for v := range 4 {
			g.do(fadd, p.sum(r, v), p.sum(r, v), 28+v)
		}
		g.p("FSTPQ (F%d, F%d), (R14); FSTPQ (F%d, F%d), 32(R14); ADD R4, R14", p.sum(r, 0), p.sum(r, 1), p.sum(r, 2), p.sum(r, 3))
	}
}

// rescale turns sums of bytes into numbers: (sum - zero*columnSum)*rowScale*columnScale + bias, the first factor in
// integers, and stores them.
func (g *arm) rescale(p armProduct, rows int) {
	const zero, scale, sums, scales, out = 24, 25, 26, 27, 28
	g.p("MOVD R3, R14; MOVD tile_rowScale(R0), R8; MOVD tile_rowZero(R0), R9; MOVD tile_scales(R0), R10; MOVD tile_sums(R0), R11")
	for r := range rows {
		g.p("FMOVS %d(R8), F%d; FMOVS %d(R9), F%d", 4*r, scale, 4*r, zero)
		g.spread(scale, scale, 0)
		g.spread(zero, zero, 0)
		for v := range 4 {
			sum := p.sum(r, v)
			g.p("FMOVQ %d(R11), F%d; FMOVQ %d(R10), F%d; FMOVQ %d(R5), F%d", 16*v, sums, 16*v, scales, 16*v, out)
			g.do(mls, sum, sums, zero)
			g.do(scvtf, sum, sum)
			g.do(fmul, sum, sum, scale)
			g.do(fmla, out, sum, scales)
			g.p("FMOVQ F%d, %d(R14)", out, 16*v)
		}
		g.p("ADD R4, R14")
	}
}

// peak writes a loop of independent multiply-adds, which shows what the processor can do at most.
func (g *arm) peak(p armProduct) {
	g.function("peak"+p.name, "n int", 8)
	n := 24
	if p.apart() {
		n = 16
	}
	for i := range 32 {
		g.zero(i)
	}
	fmt.Fprintf(&g.protos, "\nconst %sFlops = %d // in one round\n", g.fn("peak"+p.name), n*4*2*p.perWord)
	g.p("MOVD n+0(FP), R1; PCALIGN $16; %s_loop:", g.label)
	for i := range n {
		switch {
		case p.apart():
			g.bytes(20, 21, i, 22+2*(i%5))
		case p.paired():
			g.do(p.matrix, i, 24, 30)
		default:
			g.byWord(p.byWord, i, 30, 24, 0)
		}
	}
	g.p("SUBS $1, R1, R1; BNE %s_loop; RET", g.label)
}
