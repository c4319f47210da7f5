//go:build !purego

package kernel

import "golang.org/x/sys/cpu"

// available lists the versions that the CPU and the operating system (which must save the registers)
// support.
func available() []version {
	var v []version
	x := cpu.X86
	if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && hasAVX2() {
		if x.HasAVX512VNNI && x.HasAVX512BF16 {
			v = append(v, avx512.with("avx512bf16", vnni512, &bfloat16))
		}
		if x.HasAVX512VNNI {
			v = append(v, avx512.with("avx512vnni", vnni512, nil))
		}
		v = append(v, avx512.with("avx512", signedBytes, nil))
	}
	if hasAVX2() {
		if x.HasAVXVNNI {
			v = append(v, avx2.with("avxvnni", vnni256, nil))
		}
		v = append(v, avx2.with("avx2", signedBytes, nil))
	}
	return append(v, generic)
}

func hasAVX2() bool { return cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasF16C }

// Pause tells the processor that the caller spins.
func Pause()

// vnni512 and vnni256 multiply bytes with instructions for it, signedBytes without.
var (
	vnni512 = multiplier{panel: 48, heights: []int{8, 4, 2, 1}, multiply: simdProduct(avx512TileI8), peak: func(n int) int {
		avx512PeakI8(n)
		return n * avx512PeakI8Flops
	}}
	vnni256 = multiplier{panel: 16, heights: []int{6, 4, 2, 1}, multiply: simdProduct(avx2TileVNNI), peak: func(n int) int {
		avx2PeakVNNI(n)
		return n * avx2PeakVNNIFlops
	}}
	signedBytes = multiplier{panel: 16, heights: []int{4, 2, 1}, signed: true, multiply: simdProduct(avx2TileI8), peak: func(n int) int {
		avx2PeakI8(n)
		return n * avx2PeakI8Flops
	}}
	bfloat16 = pairs{
		multiplier: multiplier{panel: 48, heights: []int{8, 4, 2, 1}, multiply: simdProduct(avx512TileBF16), peak: func(n int) int {
			avx512PeakBF16(n)
			return n * avx512PeakBF16Flops
		}},
		narrow: func(dst []float32, ldd int, x []float32, ld, rows, n int) {
			avx512Narrow(&dst[0], 4*ldd, &x[0], 4*ld, rows, n)
		},
		softmax: func(dst []float32, ldd int, x []float32, ld, n int, sums []float32, scale float32) {
			avx512SoftmaxBF16(&dst[0], 4*ldd, &x[0], 4*ld, &sums[0], len(sums), n, scale)
		},
		scale: func(x []float32, ld, n int, factors []float32) {
			avx512Scale(&x[0], 4*ld, &factors[0], len(factors), n)
		},
		zip: func(dst []float32, width int, src []float32, ld, n, rows int) {
			avx512Zip(&dst[0], 4*width, &src[0], 4*ld, n/16, rows/2)
		},
		join: func(dst, low, high []float32) { avx512Pairs(&dst[0], &low[0], &high[0], len(dst)/16) },
	}
)
