package weights

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Float32s writes the elements to dst, which must have room for exactly Len() of them. F64 is rounded to nearest, F16 and
// BF16 are exact. Integers, booleans and the small or complex float types are refused by name: no weight is one of them.
func (t Tensor) Float32s(dst []float32) error {
	n := t.Len()
	if len(dst) != n {
		return fmt.Errorf("tensor %q: %d elements asked for, it has %d", t.Name, len(dst), n)
	}
	if size := t.Type.Size(); size > 0 && len(t.Data) != n*size {
		return fmt.Errorf("tensor %q: %d bytes for %d elements of %s", t.Name, len(t.Data), n, t.Type)
	}
	b := t.Data
	switch t.Type {
	case F32:
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
	case F16:
		for i := range dst {
			dst[i] = half(binary.LittleEndian.Uint16(b[2*i:]))
		}
	case BF16:
		for i := range dst {
			dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(b[2*i:])) << 16)
		}
	case F64:
		for i := range dst {
			dst[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:])))
		}
	default:
		name := t.Type.String()
		if t.Type == Unknown {
			name = t.TypeName
		}
		return unsupported("tensor %q is of type %s; weights must be F32, F16, BF16 or F64", t.Name, name)
	}
	return nil
}

// half widens an IEEE 754 half. The exponent and fraction, moved to where a float32 has them, are off by a factor of
// 2^(127-15); the multiplication is exact and also normalises the subnormal halves.
func half(h uint16) float32 {
	f := math.Float32frombits(uint32(h&0x7fff)<<13) * 0x1p112
	u := math.Float32bits(f)
	if h&0x7c00 == 0x7c00 { // infinity, NaN
		u = 0x7f800000 | uint32(h&0x3ff)<<13
	}
	return math.Float32frombits(u | uint32(h&0x8000)<<16)
}
