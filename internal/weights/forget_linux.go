package weights

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Forget takes the mapped files out of this process's resident memory, for when their numbers have been copied. What is
// read again afterwards comes back from the system's cache or the disk.
func (s *Set) Forget() {
	for _, f := range s.files {
		if f.m != nil {
			_ = unix.Madvise(f.m, unix.MADV_DONTNEED) // advice: without it the memory is merely not given back early
		}
	}
}

// ForgetTensor does that for one tensor.
func (s *Set) ForgetTensor(t Tensor) {
	if len(t.Data) == 0 {
		return
	}
	for _, f := range s.files {
		if f.m == nil {
			continue
		}
		from := uintptr(unsafe.Pointer(&t.Data[0])) - uintptr(unsafe.Pointer(&f.m[0]))
		if to := from + uintptr(len(t.Data)); from < to && to <= uintptr(len(f.m)) {
			page := uintptr(os.Getpagesize())
			if from, to = (from+page-1)/page*page, to/page*page; from < to { // whole pages, that belong to nobody else
				_ = unix.Madvise(f.m[from:to], unix.MADV_DONTNEED)
			}
			return
		}
	}
}

// Sparsely says whether only small parts of the files are going to be read, of which the system then reads no more than
// that from the disk.
func (s *Set) Sparsely(yes bool) {
	for _, f := range s.files {
		f.sparsely(yes)
	}
}

func (b *blob) sparsely(yes bool) {
	advice := unix.MADV_NORMAL
	if yes {
		advice = unix.MADV_RANDOM
	}
	if b.m != nil {
		_ = unix.Madvise(b.m, advice)
	}
}
