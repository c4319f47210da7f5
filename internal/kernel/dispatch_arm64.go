//go:build !purego

package kernel

import "golang.org/x/sys/cpu"

// available lists the versions that the CPU supports. Vectors of 128 bits are in every one that Go runs on.
func available() []version {
	var v []version
	if cpu.ARM64.HasASIMDDP {
		if hasBF16() && cpu.ARM64.HasI8MM {
			v = append(v, neon.with("neonmatrix", matrix, &matrixBF16))
		}
		if hasBF16() {
			v = append(v, neon.with("neonbf16", dot, &bfloat16))
		}
		v = append(v, neon.with("neondot", dot, nil))
	}
	return append(v, neon.with("neon", signedBytes, nil), generic)
}

// Pause tells the processor that the caller spins.
func Pause()

// dot multiplies bytes with instructions for it, signedBytes without.
var (
	dot = multiplier{panel: 16, heights: []int{6, 4, 2, 1}, signed: true, multiply: simdProduct(neonTileDot), peak: func(n int) int {
		neonPeakDot(n)
		return n * neonPeakDotFlops
	}}
	signedBytes = multiplier{panel: 16, heights: []int{4, 2, 1}, signed: true, multiply: simdProduct(neonTileI8), peak: func(n int) int {
		neonPeakI8(n)
		return n * neonPeakI8Flops
	}}
	bfloat16 = pairs{
		multiplier: multiplier{panel: 16, heights: []int{6, 4, 2, 1}, multiply: simdProduct(neonTileBF16), peak: func(n int) int {
			neonPeakBF16(n)
			return n * neonPeakBF16Flops
		}},
		narrow: func(dst []float32, ldd int, x []float32, ld, rows, n int) {
			for r := range rows {
				neonNarrow(&dst[r*ldd], &x[r*ld], n)
			}
		},
		softmax: func(dst []float32, ldd int, x []float32, ld, n int, sums []float32, scale float32) {
			for r := range sums {
				neonSoftmaxBF16(&dst[r*ldd], &x[r*ld], &sums[r], n, scale)
			}
		},
		scale: func(x []float32, ld, n int, factors []float32) {
			for r, f := range factors {
				neonScale(&x[r*ld], n, f)
			}
		},
		zip: func(dst []float32, width int, src []float32, ld, n, rows int) {
			for r := 0; r < rows; r += 2 {
				neonZip(&dst[r/2*width], &src[r*ld], &src[(r+1)*ld], n/16)
			}
		},
		join: func(dst, low, high []float32) { neonPairs(&dst[0], &low[0], &high[0], len(dst)/16) },
	}
)

// matrix and matrixBF16 multiply two rows with two columns at once.
var (
	matrix = multiplier{panel: 16, heights: []int{6, 4, 2, 1}, signed: true, pair: neonPair, multiply: simdProduct(neonTileMatrix), peak: func(n int) int {
		neonPeakMatrix(n)
		return n * neonPeakMatrixFlops
	}}
	matrixBF16 = bfloat16.byFours(multiplier{panel: 16, heights: []int{6, 4, 2, 1}, pair: neonPair, multiply: simdProduct(neonTileMatrixBF16), peak: func(n int) int {
		neonPeakMatrixBF16(n)
		return n * neonPeakMatrixBF16Flops
	}})
)

// byFours is the same arithmetic with products of which the words go by twos.
func (p pairs) byFours(m multiplier) pairs {
	p.multiplier = m
	p.four = func(dst, a, b, c, d []float32) { neonFours(&dst[0], &a[0], &b[0], &c[0], &d[0], len(dst)/32) }
	p.zip = func(dst []float32, width int, src []float32, ld, n, rows int) {
		for r := 0; r < rows; r += 4 {
			neonZipFours(&dst[r/2*width], &src[r*ld], &src[(r+1)*ld], &src[(r+2)*ld], &src[(r+3)*ld], n/16)
		}
	}
	return p
}

// neonPair is pair of a multiplier: fours of words of two columns at a time.
func neonPair(dst []float32, width int, src []float32, ld, n, steps int) {
	whole, j := steps&^3, 0
	for ; j+2 <= n && whole > 0; j += 2 {
		neonTransposePairs(&dst[2*j], 8*width, &src[j*ld], 4*ld, whole/4)
		if whole < steps {
			pairGeneric(dst[whole*width+2*j:], width, src[j*ld+whole:], ld, 2, steps-whole)
		}
	}
	if j < n {
		pairGeneric(dst[2*j:], width, src[j*ld:], ld, n-j, steps)
	}
}

func pairGeneric(dst []float32, width int, src []float32, ld, n, steps int) {
	for j := range n {
		for i := 0; i < steps; i += 2 {
			dst[i*width+2*j], dst[i*width+2*j+1] = src[j*ld+i], src[j*ld+i+1]
		}
	}
}
