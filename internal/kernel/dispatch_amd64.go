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
