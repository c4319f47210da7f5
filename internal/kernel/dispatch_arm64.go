//go:build !purego

package kernel

import "golang.org/x/sys/cpu"

// available lists the versions that the CPU supports. Vectors of 128 bits are in every one that Go runs on.
func available() []version {
	var v []version
	if cpu.ARM64.HasASIMDDP {
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
		narrow: func(dst, x []float32) { neonNarrow(&dst[0], &x[0], len(x)) },
		softmax: func(dst, x []float32, scale float32) (sum float32) {
			neonSoftmaxBF16(&dst[0], &x[0], &sum, len(x), scale)
			return sum
		},
		scale: func(x []float32, f float32) { neonScale(&x[0], len(x), f) },
		join:  func(dst, low, high []float32) { neonPairs(&dst[0], &low[0], &high[0], len(dst)/16) },
	}
)
