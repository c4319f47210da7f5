package nn

import (
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// processor is the one that the calling thread runs on, or -1 if that is not known.
func processor() int {
	var cpu uint32
	if _, _, e := unix.RawSyscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&cpu)), 0, 0); e != 0 {
		return -1
	}
	return int(cpu)
}

// elsewhere chooses a processor for the calling thread: the one that it runs on, unless that is taken and another is not.
// move goes there, and may be nil.
//
// Some kernels (one of a virtual machine, as it was seen) put a thread that wakes beside the one that woke it, and part the two
// only after many milliseconds in which each has half of a processor.
func elsewhere(taken []int) (at int, move func()) {
	at = processor()
	var allowed unix.CPUSet
	if at < 0 || !slices.Contains(taken, at) || unix.SchedGetaffinity(0, &allowed) != nil {
		return at, nil
	}
	for cpu, left := 0, allowed.Count(); left > 0; cpu++ {
		if !allowed.IsSet(cpu) {
			continue
		}
		if left--; !slices.Contains(taken, cpu) {
			return cpu, func() {
				var only unix.CPUSet
				only.Set(cpu)
				if unix.SchedSetaffinity(0, &only) == nil {
					_ = unix.SchedSetaffinity(0, &allowed) // as before
				}
			}
		}
	}
	return at, nil
}

// yield lets a thread run that waits for this processor, if there is one.
func yield() { _, _, _ = unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }
