package doctor

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/tryall/tryall/internal/weights"
)

// scan is what a tensor's bits show without arithmetic.
type scan struct {
	nan, inf int
	zero     bool // nothing but zeros
}

// numbers looks at every stored weight.
func numbers(ctx context.Context, e *exam) findings {
	var bad, zeros []string
	overflow := false
	for _, name := range e.set.Names() {
		if ctx.Err() != nil {
			return nil
		}
		t, _ := e.set.Get(name)
		s, ok := look(t)
		if !ok {
			continue
		}
		if s.nan+s.inf > 0 {
			bad = append(bad, fmt.Sprintf("%s (%d NaN, %d infinite of %d)", name, s.nan, s.inf, t.Len()))
			overflow = overflow || s.inf > 0 && t.Type == weights.F16
		}
		if s.zero && len(t.Shape) == 2 && t.Shape[0] > 1 && t.Shape[1] > 1 {
			zeros = append(zeros, name)
		}
	}
	var f findings
	if bad != nil {
		f.add(Fail, "not finite: %s", named(bad))
	}
	if overflow {
		f.add(Fail, "infinities in F16 come from weights above 65504, which overflowed when they were converted; use the original's F32 or BF16 weights")
	}
	if zeros != nil {
		f.add(Warn, "all zeros: %s; a download or conversion may have been cut", named(zeros))
	}
	if f == nil {
		f.add(Pass, "all weights are finite")
	}
	return f
}

// look scans a tensor of floats; ok is false for other types.
func look(t weights.Tensor) (s scan, ok bool) {
	switch t.Type {
	case weights.F16:
		return scanFloats(t.Data, 2, binary.LittleEndian.Uint16, 0x7C00), true
	case weights.BF16:
		return scanFloats(t.Data, 2, binary.LittleEndian.Uint16, 0x7F80), true
	case weights.F32:
		return scanFloats(t.Data, 4, binary.LittleEndian.Uint32, 0x7F800000), true
	case weights.F64:
		return scanFloats(t.Data, 8, binary.LittleEndian.Uint64, 0x7FF0000000000000), true
	}
	return s, false
}

// scanFloats goes over IEEE numbers of size bytes. One is not finite when all bits of its exponent are set: infinite if no
// others but the sign are, else NaN.
func scanFloats[U uint16 | uint32 | uint64](b []byte, size int, number func([]byte) U, exponent U) (s scan) {
	var bits U
	for ; len(b) >= size; b = b[size:] {
		u := number(b) & (^U(0) >> 1) // without the sign
		bits |= u
		if u >= exponent {
			s.note(u == exponent)
		}
	}
	s.zero = bits == 0
	return s
}

func (s *scan) note(infinite bool) {
	if infinite {
		s.inf++
	} else {
		s.nan++
	}
}
