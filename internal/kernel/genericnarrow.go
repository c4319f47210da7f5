package kernel

import (
	"math"
	"unsafe"
)

// The plain version of what narrow types need.

func roundGeneric(dst, x []float32) {
	for i, v := range x {
		dst[i] = math.Float32frombits(uint32(bfloat(v)) << 16)
	}
}

// bfloat rounds to bfloat16, to the nearest, ties to even.
func bfloat(v float32) uint16 {
	u := math.Float32bits(v)
	if v != v {
		return uint16(u>>16) | 0x40
	}
	return uint16((u + 0x7fff + u>>16&1) >> 16)
}

func extentGeneric(x []float32) (low, high, poison float32) {
	for _, v := range x {
		low, high = min(low, v), max(high, v)
		poison += float32(v * 0)
	}
	return low, high, poison
}

func quantiseGeneric(dst, x []float32, inv float32, zero, low, high int32) {
	out := bytesOf(dst)[:len(x)]
	for i, v := range x {
		n := int32(math.MinInt32) // what the vector versions make of NaN
		if y := float32(v * inv); y == y {
			n = int32(math.RoundToEven(float64(y))) + zero
		}
		out[i] = byte(min(max(n, low), high))
	}
}

// multiplyBytes goes through panels of 16 columns.
func multiplyBytes(c []float32, ldc int, a *Rows, r0, rows, blocks int, b *Packed, p, panels, width int) {
	for i := range panels {
		multiplyPanel(c[i*width:], ldc, a, r0, rows*blocks, b, p+i, width)
	}
}

func multiplyPanel(c []float32, ldc int, a *Rows, r0, rows int, b *Packed, p, width int) {
	panel := bytesOf(b.panels(p))
	for r := range rows {
		var sum [16]int32
		for i, word := range wordsOf(a.row(r0 + r)) {
			x0, x1, x2, x3 := int32(word&255), int32(word>>8&255), int32(word>>16&255), int32(word>>24)
			step := panel[i*4*width:][:4*16]
			for j := range sum {
				y := (*[4]byte)(step[4*j:])
				sum[j] += x0*int32(int8(y[0])) + x1*int32(int8(y[1])) + x2*int32(int8(y[2])) + x3*int32(int8(y[3]))
			}
		}
		scale, zero := a.scale[r0+r], a.zero[r0+r]
		for j, s := range sum {
			at := p*b.panel + j
			v := float32(float32(float32(s-zero*b.sum[at])*scale) * b.scale[at])
			if b.add != nil {
				v += b.add[at]
			}
			c[r*ldc+j] = v
		}
	}
}

// bytesOf and wordsOf see memory for numbers as what it holds.
func bytesOf(x []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 4*len(x))
}

func wordsOf(x []float32) []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}
