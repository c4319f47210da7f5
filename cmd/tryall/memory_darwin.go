package main

import "golang.org/x/sys/unix"

// freeMemory is the memory of the machine: macOS makes room as it is needed.
func freeMemory() int64 {
	n, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0
	}
	return int64(n)
}

// peakMemory is the most memory that this process has held so far, in bytes; 0 if the system does not say.
func peakMemory() int64 {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return u.Maxrss
}
