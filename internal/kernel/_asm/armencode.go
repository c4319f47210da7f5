package main

import (
	"fmt"
	"strings"
)

// instruction is a vector instruction of arm64, of which Go's assembler knows few: its bits without registers, its name
// and the shapes of its operands, destination first, as GNU tools spell them.
type instruction struct {
	name, shapes string
	bits         uint32
}

var (
	fadd   = instruction{"fadd", "4s 4s 4s", 0x4e20d400}
	fsub   = instruction{"fsub", "4s 4s 4s", 0x4ea0d400}
	fmul   = instruction{"fmul", "4s 4s 4s", 0x6e20dc00}
	fdiv   = instruction{"fdiv", "4s 4s 4s", 0x6e20fc00}
	fmax   = instruction{"fmax", "4s 4s 4s", 0x4e20f400} // NaN if any operand is
	fmin   = instruction{"fmin", "4s 4s 4s", 0x4ea0f400}
	fmla   = instruction{"fmla", "4s 4s 4s", 0x4e20cc00} // adds to the destination, with one rounding
	faddp  = instruction{"faddp", "4s 4s 4s", 0x6e20d400}
	fmaxp  = instruction{"fmaxp", "4s 4s 4s", 0x6e20f400}
	fminp  = instruction{"fminp", "4s 4s 4s", 0x6ea0f400}
	fcmeq  = instruction{"fcmeq", "4s 4s 4s", 0x4e20e400}
	fneg   = instruction{"fneg", "4s 4s", 0x6ea0f800}
	fsqrt  = instruction{"fsqrt", "4s 4s", 0x6ea1f800}
	frintn = instruction{"frintn", "4s 4s", 0x4e218800} // to the nearest, ties to even
	frintm = instruction{"frintm", "4s 4s", 0x4e219800} // down
	fcvtns = instruction{"fcvtns", "4s 4s", 0x4e21a800}
	scvtf  = instruction{"scvtf", "4s 4s", 0x4e21d800}
	fcvtl  = instruction{"fcvtl", "4s 4h", 0x0e217800}
	fcvtl2 = instruction{"fcvtl2", "4s 8h", 0x4e217800}

	add     = instruction{"add", "4s 4s 4s", 0x4ea08400}
	mls     = instruction{"mls", "4s 4s 4s", 0x6ea09400}
	smax    = instruction{"smax", "4s 4s 4s", 0x4ea06400}
	smin    = instruction{"smin", "4s 4s 4s", 0x4ea06c00}
	smull   = instruction{"smull", "8h 8b 8b", 0x0e20c000}
	smull2  = instruction{"smull2", "8h 16b 16b", 0x4e20c000}
	addp    = instruction{"addp", "8h 8h 8h", 0x4e60bc00}
	sadalp  = instruction{"sadalp", "4s 8h", 0x4e606800}
	shll    = instruction{"shll", "4s 4h #16", 0x2e613800}
	shll2   = instruction{"shll2", "4s 8h #16", 0x6e613800}
	xtnH    = instruction{"xtn", "4h 4s", 0x0e612800}
	xtnH2   = instruction{"xtn2", "8h 4s", 0x4e612800}
	xtnB    = instruction{"xtn", "8b 8h", 0x0e212800}
	xtnB2   = instruction{"xtn2", "16b 8h", 0x4e212800}
	bfcvtn  = instruction{"bfcvtn", "4h 4s", 0x0ea16800}
	bfcvtn2 = instruction{"bfcvtn2", "8h 4s", 0x4ea16800}

	and    = instruction{"and", "16b 16b 16b", 0x4e201c00}
	orn    = instruction{"orn", "16b 16b 16b", 0x4ee01c00}
	orr    = instruction{"orr", "16b 16b 16b", 0x4ea01c00}
	bif    = instruction{"bif", "16b 16b 16b", 0x6ee01c00} // takes the bits that are 0 in the last operand
	eor    = instruction{"eor", "16b 16b 16b", 0x6e201c00}
	trn1   = instruction{"trn1", "4s 4s 4s", 0x4e802800}
	trn2   = instruction{"trn2", "4s 4s 4s", 0x4e806800}
	trn1D  = instruction{"trn1", "2d 2d 2d", 0x4ec02800}
	trn2D  = instruction{"trn2", "2d 2d 2d", 0x4ec06800}
	zip1S  = instruction{"zip1", "4s 4s 4s", 0x4e803800}
	zip2S  = instruction{"zip2", "4s 4s 4s", 0x4e807800}
	zip1H  = instruction{"zip1", "8h 8h 8h", 0x4e403800}
	zip2H  = instruction{"zip2", "8h 8h 8h", 0x4e407800}
	ushr16 = instruction{"ushr", "4s 4s #16", 0x6f300400}
	shl23  = instruction{"shl", "4s 4s #23", 0x4f375400}

	// These multiply two rows with two columns, of eight bytes or four bfloat16 each.
	smmla  = instruction{"smmla", "4s 16b 16b", 0x4e80a400}
	bfmmla = instruction{"bfmmla", "4s 8h 8h", 0x6e40ec00}

	// The last operand of these is one word of a register, for all lanes.
	fmlaWord  = instruction{"fmla", "4s 4s s", 0x4f801000}
	sdotWord  = instruction{"sdot", "4s 16b 4b", 0x4f80e000}
	bfdotWord = instruction{"bfdot", "4s 8h 2h", 0x4f40f000}
)

// do writes an instruction with the given vector registers.
func (g *arm) do(in instruction, regs ...int) {
	bits := in.bits
	for i, r := range regs {
		bits |= uint32(r) << []int{0, 5, 16}[i]
	}
	var s []string
	for i, shape := range strings.Fields(in.shapes) {
		if i < len(regs) {
			shape = fmt.Sprintf("v%d.%s", regs[i], shape)
		}
		s = append(s, shape)
	}
	g.word(bits, "%s %s", in.name, strings.Join(s, ", "))
}

// byWord writes an instruction whose last operand is word i of register m.
func (g *arm) byWord(in instruction, d, n, m, i int) {
	shapes := strings.Fields(in.shapes)
	bits := in.bits | uint32(d|n<<5|m<<16|i&1<<21|i>>1<<11)
	g.word(bits, "%s v%d.%s, v%d.%s, v%d.%s[%d]", in.name, d, shapes[0], n, shapes[1], m, shapes[2], i)
}

// spread fills register d with word i of register n.
func (g *arm) spread(d, n, i int) {
	g.word(uint32(0x4e040400|i<<19|n<<5|d), "dup v%d.4s, v%d.s[%d]", d, n, i)
}

func (g *arm) move(d, n int) {
	g.word(orr.bits|uint32(d|n<<5|n<<16), "mov v%d.16b, v%d.16b", d, n)
}

func (g *arm) word(bits uint32, format string, args ...any) {
	g.p("WORD $0x%08x // %s", bits, fmt.Sprintf(format, args...))
}
