package main

// The assembler lacks some instructions; their bytes are written here, for registers only.

func not(bit int) int { return ^bit & 1 }

// evex writes an instruction of the map 0F38 with 512-bit registers and the prefix F3. src1 is 0 where there is none.
func (g *gen) evex(op int, name string, dst, src1, src2 int) {
	p0 := not(dst>>3)<<7 | not(src2>>4)<<6 | not(src2>>3)<<5 | not(dst>>4)<<4 | 2
	p1 := ^src1&15<<3 | 4 | 2
	p2 := 2<<5 | not(src1>>4)<<3
	g.p("LONG $0x%02x%02x%02x62; WORD $0x%02x%02x // %s Z%d, Z%d, Z%d", p2, p1, p0, modRM(dst, src2), op, name, src2, src1, dst)
}

// vex writes an instruction of the map 0F38 with 256-bit registers and the prefix 66.
func (g *gen) vex(op int, name string, dst, src1, src2 int) {
	p1 := not(dst>>3)<<7 | 1<<6 | not(src2>>3)<<5 | 2
	p2 := ^src1&15<<3 | 4 | 1
	g.p("LONG $0x%02x%02x%02xc4; BYTE $0x%02x // %s Y%d, Y%d, Y%d", op, p2, p1, modRM(dst, src2), name, src2, src1, dst)
}

func modRM(reg, rm int) int { return 0xc0 | reg&7<<3 | rm&7 }
