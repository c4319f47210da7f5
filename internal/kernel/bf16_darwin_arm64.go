//go:build !purego

package kernel

import "golang.org/x/sys/unix"

// hasBF16 tells whether the CPU has instructions for bfloat16, of which package cpu does not speak.
func hasBF16() bool {
	v, err := unix.SysctlUint32("hw.optional.arm.FEAT_BF16")
	return err == nil && v == 1
}
