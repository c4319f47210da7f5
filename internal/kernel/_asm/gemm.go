package main

import (
	"fmt"
	"strings"
)

// tiles writes the products of up to g.rows rows of a with panels of up to g.vecs vectors, and a Go
// function that chooses among them.
func (g *gen) tiles() {
	var cases strings.Builder
	for rows := 1; rows <= g.rows; rows++ {
		for vecs := 16 / g.lanes(); vecs <= g.vecs; vecs++ {
			g.tile(rows, vecs)
			fmt.Fprintf(&cases, "\tcase %d<<8 | %d:\n\t\t%s(&t)\n", rows, vecs*g.lanes(), g.fn(tileName(rows, vecs)))
		}
	}
	fmt.Fprintf(&g.protos, "\n// %s computes some rows with panels of one width. It takes t by value to keep it off the heap.\nfunc %s(t tile, rows, width int) {\n\tswitch rows<<8 | width {\n%s\t}\n}\n",
		g.fn("tile"), g.fn("tile"), &cases)
}

func tileName(rows, vecs int) string { return fmt.Sprintf("tile%dx%d", rows, vecs) }

// tile writes one product. Each k step loads a row of the panel and adds its multiples by the rows'
// elements; accumulator r*vecs+v is row r, vector v.
//
// Registers: AX the tile, SI R8 R9 the rows of a three by three, DX their distance, DI the panel,
// CX the k steps left, BX c, R10 the distance of its rows, R12 bias, R13 the panels left.
func (g *gen) tile(rows, vecs int) {
	g.function(tileName(rows, vecs), "t *tile", 8)
	unroll := 4
	if rows < g.rows {
		unroll = 2
	}
	g.p("MOVQ t+0(FP), AX; MOVQ tile_b(AX), DI; MOVQ tile_c(AX), BX; MOVQ tile_bias(AX), R12")
	g.p("MOVQ tile_lda(AX), DX; MOVQ tile_ldc(AX), R10; MOVQ tile_panels(AX), R13; %s_panel:", g.label)
	g.p("MOVQ tile_a(AX), SI; MOVQ tile_k(AX), CX")
	for i := 1; i < (rows+2)/3; i++ {
		g.p("LEAQ (%s)(DX*2), %s; ADDQ DX, %s", aBase[i-1], aBase[i], aBase[i])
	}
	g.begin(rows, vecs)
	g.prefetch(rows, vecs)
	g.p("SUBQ $%d, CX; JLT %s_few; PCALIGN $64; %s_k:", unroll, g.label, g.label)
	for u := range unroll {
		g.step(rows, vecs, u)
	}
	g.advance(rows, vecs, unroll)
	g.p("SUBQ $%d, CX; JGE %s_k; %s_few:", unroll, g.label, g.label)
	g.p("ADDQ $%d, CX; JEQ %s_done; %s_one:", unroll, g.label, g.label)
	g.step(rows, vecs, 0)
	g.advance(rows, vecs, 1)
	g.p("DECQ CX; JNE %s_one; %s_done:", g.label, g.label)
	g.finish(rows, vecs)
	g.p("ADDQ tile_biasStep(AX), R12; ADDQ $%d, BX; DECQ R13; JNE %s_panel", vecs*g.bytes, g.label)
	g.ret()
}

var aBase = []string{"SI", "R8", "R9"}

// begin sets the accumulators to zero, or to c if the tile continues a sum.
func (g *gen) begin(rows, vecs int) {
	for i := range rows * vecs {
		g.zero(i)
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
func (g *gen) step(rows, vecs, u int) {
	b := rows * vecs
	for v := range vecs {
		g.op("VMOVUPS", fmt.Sprintf("%d(DI)", (u*vecs+v)*g.bytes), b+v)
	}
	a := b + vecs
	free := min(4, 16*g.bytes/32-a)
	for r := range rows {
		scale := []string{"", "(DX*1)", "(DX*2)"}[r%3]
		g.op("VBROADCASTSS", fmt.Sprintf("%d(%s)%s", u*4, aBase[r/3], scale), a+r%free)
		for v := range vecs {
			g.op("VFMADD231PS", b+v, a+r%free, r*vecs+v)
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

// peak writes a loop of independent multiply-adds, which shows what the processor can do at most.
func (g *gen) peak() {
	g.function("peak", "n int", 8)
	n := g.rows * g.vecs
	fmt.Fprintf(&g.protos, "\nconst %sFlops = %d // in one round\n", g.fn("peak"), n*g.lanes()*2)
	for i := range n + 2 {
		g.zero(i)
	}
	g.p("MOVQ n+0(FP), CX; PCALIGN $64; %s_loop:", g.label)
	for i := range n {
		g.op("VFMADD231PS", n, n+1, i)
	}
	g.p("DECQ CX; JNE %s_loop", g.label)
	g.ret()
}
