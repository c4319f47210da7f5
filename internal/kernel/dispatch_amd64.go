//go:build !purego

package kernel

import "golang.org/x/sys/cpu"

// available lists the versions that the CPU and the operating system (which must save the registers)
// support.
func available() []version {
	var v []version
	x := cpu.X86
	if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && hasAVX2() {
		v = append(v, avx512)
	}
	if hasAVX2() {
		v = append(v, avx2)
	}
	return append(v, generic)
}

func hasAVX2() bool { return cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasF16C }

// Pause tells the processor that the caller spins.
func Pause()
