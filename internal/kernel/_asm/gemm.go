package main

import (
	"fmt"
	"strings"
)

// product is a type of numbers that tiles multiply. Its numbers come in words of 32 bits: a k step is a word of each
// row of a and a vector of words of b.
type product struct {
	name    string // ends the names of its tiles
	heights []int  // how many rows its tiles have
	// spread fills the registers from a on with a word of a in all lanes, and multiply adds its products with vector b.
	spread   func(g *gen, mem string, a int)
	multiply func(g *gen, b, a, sum int)
	regs     int  // that spread and multiply use, from a on
	whole    bool // the sums are integers, to be scaled at the end
}

var single = product{
	spread:   func(g *gen, mem string, a int) { g.op("VBROADCASTSS", mem, a) },
	multiply: func(g *gen, b, a, sum int) { g.op("VFMADD231PS", b, a, sum) },
	regs:     1,
}

func spreadWord(g *gen, mem string, a int) { g.op("VPBROADCASTD", mem, a) }

// bf16 multiplies pairs of bfloat16.
var bf16 = product{
	name: "BF16", heights: []int{1, 2, 4, 8}, regs: 1,
	spread: spreadWord, multiply: func(g *gen, b, a, sum int) { g.evex(0x52, "VDPBF16PS", sum, a, b) },
}

// vnni multiplies fours of unsigned (a) and signed (b) bytes.
var vnni = product{
	name: "I8", heights: []int{1, 2, 4, 8}, regs: 1, whole: true,
	spread: spreadWord, multiply: func(g *gen, b, a, sum int) { g.op("VPDPBUSD", b, a, sum) },
}

// avxVNNI is the same with the older encoding, which the assembler does not know.
var avxVNNI = product{
	name: "VNNI", heights: []int{1, 2, 4, 6}, regs: 1, whole: true,
	spread: spreadWord, multiply: func(g *gen, b, a, sum int) { g.vex(0x50, "VPDPBUSD", sum, a, b) },
}

// bytes multiplies fours of signed bytes. The instruction for it wants one factor unsigned and saturates sums of two
// products: with the sign of a given to b, no product is above 128*127 and no sum saturates.
var bytes = product{
	name: "I8", heights: []int{1, 2, 4}, regs: 3, whole: true,
	spread: func(g *gen, mem string, a int) {
		g.op("VPBROADCASTD", mem, a)
		g.op("VPABSB", a, a+1)
	},
	multiply: func(g *gen, b, a, sum int) {
		g.op("VPSIGNB", a, b, a+2)
		g.op("VPMADDUBSW", a+2, a+1, a+2)
		g.opConst("VPMADDWD", g.bits("ones", 0x00010001), a+2, a+2)
		g.op("VPADDD", a+2, sum, sum)
	},
}

// tiles writes the products of up to g.rows rows of a with panels of up to g.vecs vectors, and a Go
// function that chooses among them.
func (g *gen) tiles(p product) {
	if p.heights == nil {
		for rows := 1; rows <= g.rows; rows++ {
			p.heights = append(p.heights, rows)
		}
	}
	var cases strings.Builder
	for _, rows := range p.heights {
		for vecs := 16 / g.lanes(); vecs <= g.vecs; vecs++ {
			g.tile(p, rows, vecs)
			fmt.Fprintf(&cases, "\tcase %d<<8 | %d:\n\t\t%s(&t)\n", rows, vecs*g.lanes(), g.fn(p.tileName(rows, vecs)))
		}
	}
	g.choice(p.name, cases.String())
}

// choice writes the Go function that calls the tile for some rows.
func (g *gen) choice(product, cases string) {
	name := g.fn("tile") + product
	fmt.Fprintf(&g.protos, "\n// %s computes some rows with panels of one width. It takes t by value to keep it off the heap.\nfunc %s(t tile, rows, width int) {\n\tswitch rows<<8 | width {\n%s\t}\n}\n",
		name, name, cases)
}

func (p product) tileName(rows, vecs int) string {
	return fmt.Sprintf("tile%dx%d%s", rows, vecs, p.name)
}

// tile writes one product. Each k step loads a row of the panel and adds its multiples by the rows'
// elements; accumulator r*vecs+v is row r, vector v.
//
// It goes through the panels for some rows, then for as many rows behind them, as often as the tile says.
//
// Registers: AX the tile, SI R8 R9 the rows of a three by three, DX their distance, DI the panel,
// CX the k steps left, BX c, R10 the distance of its rows, R12 bias, R13 the panels left, R15 what to ask for next.
func (g *gen) tile(p product, rows, vecs int) {
	g.function(p.tileName(rows, vecs), "t *tile", 8)
	unroll := 4
	if rows < p.heights[len(p.heights)-1] {
		unroll = 2
	}
	g.p("MOVQ t+0(FP), AX; MOVQ tile_lda(AX), DX; MOVQ tile_ldc(AX), R10; MOVQ tile_next(AX), R15; %s_rows:", g.label)
	g.p("MOVQ tile_b(AX), DI; MOVQ tile_c(AX), BX; MOVQ tile_bias(AX), R12; MOVQ tile_panels(AX), R13; %s_panel:", g.label)
	g.p("MOVQ tile_a(AX), SI; MOVQ tile_k(AX), CX")
	for i := 1; i < (rows+2)/3; i++ {
		g.p("LEAQ (%s)(DX*2), %s; ADDQ DX, %s", aBase[i-1], aBase[i], aBase[i])
	}
	g.begin(p, rows, vecs)
	g.prefetch(rows, vecs)
	g.p("SUBQ $%d, CX; JLT %s_few; PCALIGN $64; %s_k:; PREFETCHT1 (R15); ADDQ $64, R15", unroll, g.label, g.label)
	for u := range unroll {
		g.step(p, rows, vecs, u)
	}
	g.advance(rows, vecs, unroll)
	g.p("SUBQ $%d, CX; JGE %s_k; %s_few:", unroll, g.label, g.label)
	g.p("ADDQ $%d, CX; JEQ %s_done; %s_one:", unroll, g.label, g.label)
	g.step(p, rows, vecs, 0)
	g.advance(rows, vecs, 1)
	g.p("DECQ CX; JNE %s_one; %s_done:", g.label, g.label)
	if p.whole {
		g.rescale(rows, vecs)
	} else {
		g.finish(rows, vecs)
	}
	if p.whole {
		g.p("ADDQ $%d, tile_scales(AX); ADDQ $%d, tile_sums(AX)", vecs*g.bytes, vecs*g.bytes)
	}
	g.p("ADDQ tile_biasStep(AX), R12; ADDQ $%d, BX; DECQ R13; JNE %s_panel", vecs*g.bytes, g.label)
	g.p("DECQ tile_blocks(AX); JEQ %s_end", g.label)
	g.p("IMUL3Q $%d, DX, R11; ADDQ R11, tile_a(AX); IMUL3Q $%d, R10, R11; ADDQ R11, tile_c(AX)", rows, rows)
	if p.whole {
		g.p("ADDQ $%d, tile_rowScale(AX); ADDQ $%d, tile_rowZero(AX)", 4*rows, 4*rows)
		g.p("MOVQ tile_panels(AX), R11; IMUL3Q $%d, R11, R11; SUBQ R11, tile_scales(AX); SUBQ R11, tile_sums(AX)", vecs*g.bytes)
	}
	g.p("JMP %s_rows; %s_end:", g.label, g.label)
	g.ret()
}

var aBase = []string{"SI", "R8", "R9"}

// begin sets the accumulators to zero, or to c if the tile continues a sum.
func (g *gen) begin(p product, rows, vecs int) {
	for i := range rows * vecs {
		g.zero(i)
	}
	if p.whole {
		return
	}
	g.p("CMPQ tile_add(AX), $0; JEQ %s_begin; MOVQ BX, R11", g.label)
	for r := range rows {
		for v := range vecs {
			g.op("VMOVUPS", fmt.Sprintf("%d(R11)", v*g.bytes), r*vecs+v)
		}
		if r < rows-1 {
			g.p("ADDQ R10, R11")
		}
	}
	g.p("%s_begin:", g.label)
}

// prefetch asks for the lines of c, which are as a rule in a far cache, unless the sum is too short for that
// to pay.
func (g *gen) prefetch(rows, vecs int) {
	g.p("CMPQ CX, $128; JLT %s_near; MOVQ BX, R11", g.label)
	for r := range rows {
		for v := 0; v < vecs*g.bytes; v += 64 {
			g.p("PREFETCHT0 %d(R11)", v)
		}
		if r < rows-1 {
			g.p("ADDQ R10, R11")
		}
	}
	g.p("%s_near:", g.label)
}

// step adds the products of k step u from here.
func (g *gen) step(p product, rows, vecs, u int) {
	b := rows * vecs
	for v := range vecs {
		g.op("VMOVUPS", fmt.Sprintf("%d(DI)", (u*vecs+v)*g.bytes), b+v)
	}
	a := b + vecs
	free := min(4, (16*g.bytes/32-a)/p.regs)
	for r := range rows {
		scale := []string{"", "(DX*1)", "(DX*2)"}[r%3]
		use := a + r%free*p.regs
		p.spread(g, fmt.Sprintf("%d(%s)%s", u*4, aBase[r/3], scale), use)
		for v := range vecs {
			p.multiply(g, b+v, use, r*vecs+v)
		}
	}
}

func (g *gen) advance(rows, vecs, n int) {
	g.p("ADDQ $%d, DI", n*vecs*g.bytes)
	for i := range (rows + 2) / 3 {
		g.p("ADDQ $%d, %s", n*4, aBase[i])
	}
}

// finish adds the bias and stores.
func (g *gen) finish(rows, vecs int) {
	g.p("MOVQ BX, R11")
	for r := range rows {
		for v := range vecs {
			g.op("VADDPS", fmt.Sprintf("%d(R12)", v*g.bytes), r*vecs+v, r*vecs+v)
			g.op("VMOVUPS", r*vecs+v, fmt.Sprintf("%d(R11)", v*g.bytes))
		}
		if r < rows-1 {
			g.p("ADDQ R10, R11")
		}
	}
}

// rescale turns sums of bytes into numbers: (sum - zero*columnSum)*rowScale*columnScale + bias, the first factor in
// integers, and stores them.
func (g *gen) rescale(rows, vecs int) {
	zero := rows * vecs
	scale, t := zero+1, zero+2
	g.p("MOVQ BX, R11; MOVQ tile_rowScale(AX), R8; MOVQ tile_rowZero(AX), R9; MOVQ tile_scales(AX), SI; MOVQ tile_sums(AX), CX")
	for r := range rows {
		g.op("VBROADCASTSS", fmt.Sprintf("%d(R8)", 4*r), scale)
		g.op("VPBROADCASTD", fmt.Sprintf("%d(R9)", 4*r), zero)
		for v := range vecs {
			at, sum := v*g.bytes, r*vecs+v
			g.op("VPMULLD", fmt.Sprintf("%d(CX)", at), zero, t)
			g.op("VPSUBD", t, sum, sum)
			g.op("VCVTDQ2PS", sum, sum)
			g.op("VMULPS", scale, sum, sum)
			g.op("VMOVUPS", fmt.Sprintf("%d(SI)", at), t)
			g.op("VFMADD213PS", fmt.Sprintf("%d(R12)", at), t, sum)
			g.op("VMOVUPS", sum, fmt.Sprintf("%d(R11)", at))
		}
		if r < rows-1 {
			g.p("ADDQ R10, R11")
		}
	}
}

// peak writes a loop of independent multiply-adds, which shows what the processor can do at most. perWord is how many
// products a lane takes at once.
func (g *gen) peak(p product, perWord int) {
	g.function("peak"+p.name, "n int", 8)
	n := 12 * g.bytes / 32
	for i := range n + 1 + p.regs {
		g.zero(i)
	}
	fmt.Fprintf(&g.protos, "\nconst %sFlops = %d // in one round\n", g.fn("peak"+p.name), n*g.lanes()*2*perWord)
	g.p("MOVQ n+0(FP), CX; PCALIGN $64; %s_loop:", g.label)
	for i := range n {
		p.multiply(g, n, n+1, i)
	}
	g.p("DECQ CX; JNE %s_loop", g.label)
	g.ret()
}
