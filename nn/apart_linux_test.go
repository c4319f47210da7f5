package nn

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// A thread leaves a processor that is taken for one that is not, and may afterwards run where it could before.
func TestElsewhere(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, after unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		t.Fatal(err)
	}
	here := processor()
	if here < 0 || !before.IsSet(here) {
		t.Fatalf("runs on processor %d", here)
	}
	if at, move := elsewhere([]int{-1, -1}); at < 0 || move != nil {
		t.Errorf("with nothing taken, processor %d and a move: %t", at, move != nil)
	}
	var all []int
	for cpu, left := 0, before.Count(); left > 0; cpu++ {
		if before.IsSet(cpu) {
			all, left = append(all, cpu), left-1
		}
	}
	if at, move := elsewhere(all); !before.IsSet(at) || move != nil {
		t.Errorf("with all taken, processor %d and a move: %t", at, move != nil)
	}
	for i, free := range all {
		taken := append([]int{-1}, all...)
		taken[i+1] = -1
		at, move := elsewhere(taken)
		if at != free {
			t.Errorf("with all but %d taken, processor %d", free, at)
		}
		if move != nil {
			move()
		}
		if err := unix.SchedGetaffinity(0, &after); err != nil || after != before {
			t.Fatalf("%v; may run on %v, before on %v", err, after, before)
		}
	}
}

// What one thread may use is all that it uses.
func TestElsewhereStaysAllowed(t *testing.T) {
	runtime.LockOSThread() // and never unlocked: the thread ends with the test
	var one unix.CPUSet
	one.Set(processor())
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		t.Fatal(err)
	}
	if at, move := elsewhere([]int{processor()}); at != processor() || move != nil {
		t.Errorf("leaves its only processor for %d", at)
	}
}
