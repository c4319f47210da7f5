package kernel

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// Kind is a type of numbers, little endian where they are stored.
type Kind uint8

// The types. Checkpoints hold the first three; I8 is bytes with a factor for each row or column.
const (
	F32 Kind = iota
	F16
	BF16
	I8
)

// Size is the number of bytes of one number.
func (k Kind) Size() int {
	switch k {
	case F32:
		return 4
	case I8:
		return 1
	}
	return 2
}

// Widen converts len(dst) numbers of a stored type from the front of src. All of them are exact in float32; a signalling
// NaN may come out quiet.
func Widen(dst []float32, kind Kind, src []byte) {
	src = src[:len(dst)*kind.Size()]
	if len(dst) == 0 {
		return
	}
	if kind == F32 {
		widenF32(dst, src)
		return
	}
	const piece = 1 << 14 // keeps one call short
	for len(dst) > piece {
		current.widen(dst[:piece], kind, src)
		dst, src = dst[piece:], src[piece*kind.Size():]
	}
	current.widen(dst, kind, src)
}

func widenF32(dst []float32, src []byte) {
	if LittleEndian {
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&dst[0])), len(src)), src)
		return
	}
	for i := range dst {
		dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
	}
}

// LittleEndian tells whether stored F32 numbers can be read in place.
var LittleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1
