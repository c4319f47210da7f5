package weights

import "golang.org/x/sys/unix"

// Forget takes the mapped files out of this process's resident memory, for when their numbers have been copied. What is
// read again afterwards comes back from the system's cache or the disk.
func (s *Set) Forget() {
	for _, f := range s.files {
		if f.m != nil {
			_ = unix.Madvise(f.m, unix.MADV_DONTNEED) // advice: without it the memory is merely not given back early
		}
	}
}
