package main

import (
	"bufio"
	"os"
	"strconv"
	"strings"
)

const controlGroup = "/sys/fs/cgroup/"

// freeMemory is what the system could give a process without swapping, within the limit of its control group. Files that
// are only kept in memory make room.
func freeMemory() int64 {
	free := 1024 * namedNumber("/proc/meminfo", "MemAvailable:")
	limit := namedNumber(controlGroup+"memory.max", "")
	if limit == 0 {
		return free
	}
	used := namedNumber(controlGroup+"memory.current", "") - namedNumber(controlGroup+"memory.stat", "inactive_file")
	if left := max(limit-used, 1); free == 0 || left < free {
		return left
	}
	return free
}

// namedNumber reads the first number after a name at the beginning of a line; 0 when there is none.
func namedNumber(path, name string) int64 {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		rest, ok := strings.CutPrefix(lines.Text(), name)
		words := strings.Fields(rest)
		if !ok || len(words) == 0 {
			continue
		}
		n, err := strconv.ParseInt(words[0], 10, 64)
		if err != nil { // a limit of "max"
			return 0
		}
		return n
	}
	return 0
}

// peakMemory is the most memory that this process has held so far. The figure of getrusage would not do: it begins with what
// the parent held.
func peakMemory() int64 { return 1024 * namedNumber("/proc/self/status", "VmHWM:") }
