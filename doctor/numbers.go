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
		return scan16(t.Data, 0x7C00), true
	case weights.BF16:
		return scan16(t.Data, 0x7F80), true
	case weights.F32:
		return scan32(t.Data), true
	case weights.F64:
		return scan64(t.Data), true
	}
	return s, false
}

// An IEEE number is not finite when all bits of its exponent are set: infinite if no others but the sign are, else NaN.

func scan16(b []byte, exponent uint16) (s scan) {
	var bits uint16
	for ; len(b) >= 2; b = b[2:] {
		u := binary.LittleEndian.Uint16(b) & 0x7FFF
		bits |= u
		if u >= exponent {
			s.note(u == exponent)
		}
	}
	s.zero = bits == 0
	return s
}

func scan32(b []byte) (s scan) {
	const exponent = 0x7F800000
	var bits uint32
	for ; len(b) >= 4; b = b[4:] {
		u := binary.LittleEndian.Uint32(b) & 0x7FFFFFFF
		bits |= u
		if u >= exponent {
			s.note(u == exponent)
		}
	}
	s.zero = bits == 0
	return s
}

func scan64(b []byte) (s scan) {
	const exponent = 0x7FF0000000000000
	var bits uint64
	for ; len(b) >= 8; b = b[8:] {
		u := binary.LittleEndian.Uint64(b) & 0x7FFFFFFFFFFFFFFF
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
