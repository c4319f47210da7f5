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
