package kernel

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// allocate returns n zero numbers. If free is not nil they lie outside the Go heap, where they do not
// count for the collector's pace, until free is called.
func allocate(n int) (x []float32, free func()) {
	if n < large {
		return Floats(n), nil
	}
	mem, err := unix.Mmap(-1, 0, 4*n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return Floats(n), nil
	}
	x = unsafe.Slice((*float32)(unsafe.Pointer(&mem[0])), n)
	hugePages(x)
	return x, func() { unix.Munmap(mem) }
}

const hugePage = 2 << 20

// hugePages asks for huge pages: a panel then takes one entry of the TLB instead of a hundred.
// It is a wish; a refusal changes nothing but speed.
func hugePages(x []float32) {
	if len(x) < 2*large {
		return
	}
	start := uintptr(unsafe.Pointer(&x[0]))
	skip := -start & (hugePage - 1)
	size := (uintptr(4*len(x)) - skip) &^ (hugePage - 1)
	mem := unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 4*len(x))
	unix.Madvise(mem[skip:skip+size], unix.MADV_HUGEPAGE)
}
