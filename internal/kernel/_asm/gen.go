package main

import (
	"fmt"
	"math"
	"strings"
)

// set is an instruction set, as far as the templates must know it.
type set struct {
	name  string // also ends the names of functions
	reg   string // letter of its vector registers
	bytes int    // of a vector
	rows  int    // of the largest tile
	vecs  int    // of the widest tile
}

var (
	// 12 accumulators, 2 registers for b and 2 for a.
	avx2 = set{name: "avx2", reg: "Y", bytes: 32, rows: 6, vecs: 2}
	// 24 accumulators, 3 registers for b and up to 5 for a.
	avx512 = set{name: "avx512", reg: "Z", bytes: 64, rows: 8, vecs: 3}
)

func (s set) lanes() int { return s.bytes / 4 }
func (s set) wide() bool { return s.bytes == 64 }

// gen collects the text of one set.
type gen struct {
	set
	text    strings.Builder
	protos  strings.Builder
	consts  []constant
	defined map[string]bool
	label   string         // of the function being written
	held    map[string]int // constants that a register of it has in all lanes
	wanted  []string       // constants that it used
}

type constant struct {
	name string
	bits uint32
}

// p writes a line; instructions are separated by semicolons.
func (g *gen) p(format string, args ...any) {
	for _, line := range strings.Split(fmt.Sprintf(format, args...), "; ") {
		if !strings.HasSuffix(line, ":") {
			line = "\t" + line
		}
		g.text.WriteString(line + "\n")
	}
}

// v names vector register i.
func (g *gen) v(i int) string { return fmt.Sprintf("%s%d", g.reg, i) }

// op writes an instruction whose operands are vector registers (int) or anything else (string).
func (g *gen) op(name string, operands ...any) {
	var s []string
	for _, o := range operands {
		if i, ok := o.(int); ok {
			o = g.v(i)
		}
		s = append(s, fmt.Sprint(o))
	}
	g.p("%s %s", name, strings.Join(s, ", "))
}

// opConst writes an instruction whose first operand is a constant in all lanes.
func (g *gen) opConst(name string, c string, rest ...any) {
	g.wanted = append(g.wanted, c)
	var operand any = c
	if v, ok := g.held[c]; ok {
		operand = v
	} else if g.wide() {
		name += ".BCST"
	}
	g.op(name, append([]any{operand}, rest...)...)
}

// constant fills register v with a constant.
func (g *gen) constant(c string, v int) {
	g.wanted = append(g.wanted, c)
	if held, ok := g.held[c]; ok {
		g.op("VMOVAPS", held, v)
	} else {
		g.op("VBROADCASTSS", c, v)
	}
}

// hold fills the upper half of 32 registers with the constants of a loop's body, as far as they go: reading them is half
// of its work. The body uses the lower half.
func (g *gen) hold(body func()) {
	if !g.wide() {
		return
	}
	text := g.text.String()
	g.wanted = nil
	body()
	g.text.Reset()
	g.text.WriteString(text)
	g.held = map[string]int{}
	for _, c := range g.wanted {
		if _, ok := g.held[c]; !ok && len(g.held) < 16 {
			g.op("VBROADCASTSS", c, 16+len(g.held))
			g.held[c] = 16 + len(g.held)
		}
	}
}

// float defines a constant and returns its operand.
func (g *gen) float(name string, value float64) string {
	return g.bits(name, math.Float32bits(float32(value)))
}

func (g *gen) bits(name string, bits uint32) string {
	if g.defined == nil {
		g.defined = map[string]bool{}
	}
	name += "_" + g.name
	if !g.defined[name] {
		g.defined[name] = true
		g.consts = append(g.consts, constant{name, bits})
	}
	return name + "<>(SB)"
}

// function begins a function with the given parameters, each of 8 bytes but "scale" and "eps".
func (g *gen) function(name, params string, size int) {
	g.held = nil
	g.label = name + "_" + g.name
	name = g.fn(name)
	fmt.Fprintf(&g.protos, "\n//go:noescape\nfunc %s(%s)\n", name, params)
	fmt.Fprintf(&g.text, "\n// func %s(%s)\nTEXT ·%s(SB), NOSPLIT, $0-%d\n", name, params, name, size)
}

// fn is the Go name of a function of this set: tile8x3 of avx2 is avx2Tile8x3.
func (g *gen) fn(name string) string {
	return g.name + strings.ToUpper(name[:1]) + name[1:]
}

func (g *gen) ret() { g.p("VZEROUPPER; RET") }

// tailMask makes the mask of the lanes that a loop over CX elements leaves over, in K1 or register 15.
// It uses AX and R13.
func (g *gen) tailMask() {
	g.p("MOVQ CX, AX; ANDQ $%d, AX", g.lanes()-1)
	if g.wide() {
		g.p("XCHGQ AX, CX; MOVL $1, R13; SHLL CX, R13; DECL R13; KMOVW R13, K1; XCHGQ AX, CX")
		return
	}
	g.p("LEAQ lanes_avx2<>+32(SB), R13; SHLQ $2, AX; SUBQ AX, R13; VMOVUPS (R13), Y15")
}

// load and store move a vector, or the masked lanes of one.
func (g *gen) load(masked bool, mem string, v int) {
	switch {
	case !masked:
		g.op("VMOVUPS", mem, v)
	case g.wide():
		g.op("VMOVUPS.Z", mem, "K1", v)
	default:
		g.op("VMASKMOVPS", mem, 15, v)
	}
}

func (g *gen) store(masked bool, v int, mem string) {
	switch {
	case !masked:
		g.op("VMOVUPS", v, mem)
	case g.wide():
		g.op("VMOVUPS", v, "K1", mem)
	default:
		g.op("VMASKMOVPS", v, 15, mem)
	}
}

// zeroRest clears the lanes of v that are not in the mask.
func (g *gen) zeroRest(masked bool, v int) {
	switch {
	case !masked:
	case g.wide():
		g.op("VMOVAPS.Z", v, "K1", v)
	default:
		g.op("VANDPS", 15, v, v)
	}
}

// each writes a loop of body over CX elements: unroll whole vectors at a time, then single ones, then the
// rest under the mask. body finds vector u at at(pointer, u); afterwards the pointers move on.
func (g *gen) each(suffix string, unroll int, pointers []string, body func(masked bool, u int)) {
	l := g.label + "_" + suffix
	if unroll > 1 {
		g.whole(l+"_wide", unroll, pointers, body)
	}
	g.whole(l, 1, pointers, body)
	g.p("TESTQ CX, CX; JEQ %s_done", l)
	body(true, 0)
	g.p("%s_done:", l)
}

// whole writes the part of each that does n vectors at a time, as long as there are so many.
func (g *gen) whole(label string, n int, pointers []string, body func(masked bool, u int)) {
	g.p("SUBQ $%d, CX; JLT %s_end; PCALIGN $32; %s:", n*g.lanes(), label, label)
	for u := range n {
		body(false, u)
	}
	for _, r := range pointers {
		g.p("ADDQ $%d, %s", n*g.bytes, r)
	}
	g.p("SUBQ $%d, CX; JGE %s; %s_end:; ADDQ $%d, CX", n*g.lanes(), label, label, n*g.lanes())
}

// at is the operand of vector u behind a pointer.
func (g *gen) at(pointer string, u int) string { return fmt.Sprintf("%d(%s)", u*g.bytes, pointer) }

// fold reduces the lanes of v with op to the first one and repeats that in all lanes. It overwrites t.
func (g *gen) fold(op string, v, t int) {
	if g.wide() {
		g.p("VEXTRACTF64X4 $1, Z%d, Y%d; %s Y%d, Y%d, Y%d", v, t, op, t, v, v)
	}
	g.p("VEXTRACTF128 $1, Y%d, X%d; %s X%d, X%d, X%d", v, t, op, t, v, v)
	g.p("VPERMILPS $0x4E, X%d, X%d; %s X%d, X%d, X%d", v, t, op, t, v, v)
	g.p("VPERMILPS $0xB1, X%d, X%d; %s X%d, X%d, X%d", v, t, op, t, v, v)
	g.p("VBROADCASTSS X%d, %s", v, g.v(v))
}

func (g *gen) zero(v int) {
	if g.wide() {
		g.op("VPXORD", v, v, v)
	} else {
		g.op("VXORPS", v, v, v)
	}
}

// assembly is the whole .s file.
func (g *gen) assembly() string {
	var b strings.Builder
	b.WriteString("// Code generated by internal/kernel/_asm. DO NOT EDIT.\n\n//go:build !purego\n\n#include \"go_asm.h\"\n#include \"textflag.h\"\n\n")
	for _, c := range g.consts {
		n := 1
		if !g.wide() {
			n = 8 // no broadcast from memory within an instruction
		}
		for i := range n {
			fmt.Fprintf(&b, "DATA %s<>+%d(SB)/4, $0x%08x\n", c.name, 4*i, c.bits)
		}
		fmt.Fprintf(&b, "GLOBL %s<>(SB), RODATA|NOPTR, $%d\n", c.name, 4*n)
	}
	if !g.wide() {
		for i := range 16 {
			fmt.Fprintf(&b, "DATA lanes_avx2<>+%d(SB)/4, $0x%08x\n", 4*i, map[bool]uint32{true: 0xffffffff}[i < 8])
		}
		b.WriteString("GLOBL lanes_avx2<>(SB), RODATA|NOPTR, $64\n")
	}
	return b.String() + g.text.String()
}

// declarations is the whole .go file.
func (g *gen) declarations() string {
	return "// Code generated by internal/kernel/_asm. DO NOT EDIT.\n\n//go:build !purego\n\npackage kernel\n\nimport \"unsafe\"\n" +
		g.protos.String() + "\n" + strings.NewReplacer("$", g.name, "PANEL", fmt.Sprint(g.vecs*g.lanes()), "ROWS", fmt.Sprint(g.rows)).Replace(table)
}

const table = `var $ = version{
	name: "$", panel: PANEL,
	gemm: func(c []float32, ldc int, a []float32, lda, r0, rows, k int, b []float32, width, panels int, bias []float32) {
		simdGemm($Tile, ROWS, c, ldc, a, lda, r0, rows, k, b, width, panels, bias)
	},
	transpose: func(dst []float32, width int, src []float32, ld, n, k int) {
		simdTranspose($Transpose, dst, width, src, ld, n, k)
	},
	copyRows: func(dst []float32, width int, src []float32, ld, n, k int) {
		simdCopyRows($CopyRows, dst, width, src, ld, n, k)
	},
	activate: func(x []float32, ld, rows, n int, act Act) {
		switch act {
		case GELU:
			$Gelu(&x[0], 4*ld, rows, n)
		case GELUTanh:
			$GeluTanh(&x[0], 4*ld, rows, n)
		case ReLU:
			$Relu(&x[0], 4*ld, rows, n)
		case Tanh:
			$Tanh(&x[0], 4*ld, rows, n)
		case SiLU:
			$Silu(&x[0], 4*ld, rows, n)
		}
	},
	softmax: func(x []float32, ld, rows, n int, scale float32) { $Softmax(&x[0], 4*ld, rows, n, scale) },
	layerNorm: func(dst, x, residual, gamma, beta []float32, eps float32) {
		$LayerNorm(&dst[0], &x[0], unsafe.SliceData(residual), &gamma[0], &beta[0], len(dst), eps)
	},
	widen: func(dst []float32, kind Kind, src []byte) {
		simdWiden($WidenF16, $WidenBF16, dst, kind, src)
	},
	round: func(dst, x []float32) { $Round(&dst[0], &x[0], len(x)) },
	extent: func(x []float32) (low, high, poison float32) {
		var out [3]float32
		$Extent(&out[0], &x[0], len(x))
		return out[0], out[1], out[2]
	},
	quantise: func(dst, x []float32, inv float32, zero, low, high int32) {
		$Quantise(&dst[0], &x[0], len(x), inv, zero, low, high)
	},
	peak: func(n int) (flops int) {
		$Peak(n)
		return n * $PeakFlops
	},
}
`
