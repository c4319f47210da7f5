//go:build unix

package guard

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// Guarded tells whether the slices of this system are guarded.
const Guarded = true

func protected(t testing.TB, size int) []byte {
	page := os.Getpagesize()
	inner := max(1, (size+page-1)/page) * page
	mem, err := unix.Mmap(-1, 0, inner+2*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Fatalf("map %d bytes: %v", inner+2*page, err)
	}
	t.Cleanup(func() {
		if err := unix.Munmap(mem); err != nil {
			t.Errorf("unmap: %v", err)
		}
	})
	for _, edge := range [][]byte{mem[:page], mem[page+inner:]} {
		if err := unix.Mprotect(edge, unix.PROT_NONE); err != nil {
			t.Fatalf("protect a page: %v", err)
		}
	}
	return mem[page : page+inner : page+inner]
}
