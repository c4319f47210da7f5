package kernel

import "unsafe"

// Floats returns n zero numbers that start at a cache line, on the Go heap; for scratch.
func Floats(n int) []float32 {
	x := make([]float32, n+15)
	x = x[:n+int(-uintptr(unsafe.Pointer(&x[0]))&63)/4]
	x = x[len(x)-n : len(x) : len(x)]
	hugePages(x)
	return x
}

// large is the size in floats from which memory comes from the system, in huge pages where it has them.
const large = 1 << 18
