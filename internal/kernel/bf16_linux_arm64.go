//go:build !purego

package kernel

import "golang.org/x/sys/unix"

// hasBF16 tells whether the CPU has instructions for bfloat16, of which package cpu does not speak.
func hasBF16() bool {
	const (
		hwcap2 = 26      // AT_HWCAP2
		bf16   = 1 << 14 // HWCAP2_BF16
	)
	values, err := unix.Auxv()
	if err != nil {
		return false
	}
	for _, v := range values {
		if v[0] == hwcap2 {
			return v[1]&bf16 != 0
		}
	}
	return false
}
