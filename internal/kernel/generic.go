package kernel

import (
	"encoding/binary"
	"math"
	"runtime"
)

// The plain version: what the others are compared with, and what runs where there is no other.
// Products are rounded by explicit conversions, so that no compiler fuses them in one loop and not in
// another: a row's result must not depend on the rows beside it.
var generic = version{
	name: "generic", panel: 16,
	gemm: gemmGeneric, transpose: transposeGeneric, copyRows: copyRowsGeneric,
	activate: activateGeneric,
	softmax:  softmaxGeneric, layerNorm: layerNormGeneric, widen: widenGeneric, peak: peakGeneric,
	round: roundGeneric, extent: extentGeneric, quantise: quantiseGeneric,
	bytes: multiplier{panel: 16, heights: []int{4, 1}, multiply: multiplyBytes, peak: peakGeneric},
}

func gemmGeneric(c []float32, ldc int, a []float32, lda, _, rows, k int, b []float32, width, panels int, bias []float32) {
	for p := range panels {
		bp := b[p*k*width : (p+1)*k*width]
		for j := 0; j < width; j += 4 {
			var add [4]float32
			if bias != nil {
				copy(add[:], bias[p*width+j:])
			}
			cj := c[p*width+j:]
			r := 0
			for ; r+2 <= rows; r += 2 {
				dot2x4(cj[r*ldc:], cj[(r+1)*ldc:], a[r*lda:][:k], a[(r+1)*lda:][:k], bp[j:], width, &add)
			}
			if r < rows {
				var unused [4]float32
				dot2x4(cj[r*ldc:], unused[:], a[r*lda:][:k], a[r*lda:][:k], bp[j:], width, &add)
			}
		}
	}
}

// dot2x4 computes two rows of four columns: c = a·b + add, b having row stride width.
func dot2x4(c0, c1, a0, a1, b []float32, width int, add *[4]float32) {
	var s00, s01, s02, s03, s10, s11, s12, s13 float32
	at := 0
	a1 = a1[:len(a0)]
	for i, x := range a0 {
		y, v := a1[i], (*[4]float32)(b[at:])
		at += width
		s00 += float32(x * v[0])
		s01 += float32(x * v[1])
		s02 += float32(x * v[2])
		s03 += float32(x * v[3])
		s10 += float32(y * v[0])
		s11 += float32(y * v[1])
		s12 += float32(y * v[2])
		s13 += float32(y * v[3])
	}
	c0[0], c0[1], c0[2], c0[3] = s00+add[0], s01+add[1], s02+add[2], s03+add[3]
	c1[0], c1[1], c1[2], c1[3] = s10+add[0], s11+add[1], s12+add[2], s13+add[3]
}

func transposeGeneric(dst []float32, width int, src []float32, ld, n, k int) {
	for j := range n {
		for i, v := range src[j*ld:][:k] {
			dst[i*width+j] = v
		}
	}
}

func copyRowsGeneric(dst []float32, width int, src []float32, ld, n, k int) {
	for i := range k {
		copy(dst[i*width:i*width+n], src[i*ld:])
	}
}

func activateGeneric(x []float32, ld, rows, n int, act Act) {
	f := activations[act]
	for r := range rows {
		row := x[r*ld:][:n]
		for i, v := range row {
			row[i] = float32(f(float64(v)))
		}
	}
}

// activations are the definitions, by Act.
var activations = [acts]func(x float64) float64{
	None: func(x float64) float64 { return x },
	GELU: func(x float64) float64 { return x / 2 * math.Erfc(-x/math.Sqrt2) },
	// x/2 (1 + tanh(y)), written without the difference of nearly equal numbers
	GELUTanh: func(x float64) float64 { return x / (1 + math.Exp(-2*math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))) },
	ReLU: func(x float64) float64 {
		if x < 0 { // written so that NaN stays NaN
			return 0
		}
		return x
	},
	Tanh: math.Tanh,
	SiLU: func(x float64) float64 { return x / (1 + math.Exp(-x)) },
}

func softmaxGeneric(x []float32, ld, rows, n int, scale float32) {
	for r := range rows {
		softmaxRow(x[r*ld:][:n], scale)
	}
}

func softmaxRow(x []float32, scale float32) {
	top := math.Inf(-1)
	for _, v := range x {
		top = math.Max(top, float64(v)) // Max passes NaN on
	}
	var sum float32
	for i, v := range x {
		e := float32(math.Exp((float64(v) - top) * float64(scale)))
		x[i] = e
		sum += e
	}
	inv := 1 / sum
	for i := range x {
		x[i] *= inv
	}
}

func layerNormGeneric(dst, x, residual, gamma, beta []float32, eps float32) {
	var sum, squares float64
	for i, v := range x {
		if residual != nil {
			v += residual[i]
		}
		dst[i] = v
		sum += float64(v)
	}
	mean := sum / float64(len(dst))
	for _, v := range dst {
		d := float64(v) - mean
		squares += float64(d * d)
	}
	inv := 1 / math.Sqrt(squares/float64(len(dst))+float64(eps))
	for i, v := range dst {
		dst[i] = float32(float32((float64(v)-mean)*inv)*gamma[i]) + beta[i]
	}
}

func widenGeneric(dst []float32, kind Kind, src []byte) {
	for i := range dst {
		h := binary.LittleEndian.Uint16(src[2*i:])
		if kind == BF16 {
			dst[i] = math.Float32frombits(uint32(h) << 16)
		} else {
			dst[i] = half(h)
		}
	}
}

// half converts an IEEE 754 binary16. Scaling by 2^112 rebiases the exponent and is exact for
// subnormal numbers too.
func half(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	bits := uint32(h&0x7fff) << 13
	if h&0x7c00 == 0x7c00 { // infinity or NaN
		return math.Float32frombits(sign | bits | 0x7f800000)
	}
	return math.Float32frombits(sign | math.Float32bits(math.Float32frombits(bits)*0x1p112))
}

// toHalf rounds to IEEE 754 binary16, to the nearest, ties to even.
func toHalf(v float32) uint16 {
	u := math.Float32bits(v)
	sign, size := uint16(u>>16&0x8000), u&0x7fffffff
	switch {
	case size > 0x7f800000:
		return sign | 0x7e00
	case size >= 0x477ff000: // rounds to 65536 or is above
		return sign | 0x7c00
	case size < 0x38800000: // below the least normal number: round to multiples of 2^-24
		return sign | uint16(math.RoundToEven(float64(math.Float32frombits(size))*0x1p24))
	}
	return sign | uint16((size-0x38000000+0xfff+size>>13&1)>>13)
}

// peakGeneric keeps as many sums as dot2x4 does.
func peakGeneric(n int) (flops int) {
	var a, b, c, d, e, f, g, h float32
	x := 1 / float32(n)
	for range n {
		a = float32(a*x) + x
		b = float32(b*x) + x
		c = float32(c*x) + x
		d = float32(d*x) + x
		e = float32(e*x) + x
		f = float32(f*x) + x
		g = float32(g*x) + x
		h = float32(h*x) + x
	}
	runtime.KeepAlive(a + b + c + d + e + f + g + h) // or the loop would go
	return 16 * n
}
