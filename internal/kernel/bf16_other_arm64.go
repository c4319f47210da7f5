//go:build !purego && !linux && !darwin

package kernel

// hasBF16 is false where the system does not say what the CPU has: bfloat16 is computed in float32 then.
func hasBF16() bool { return false }
