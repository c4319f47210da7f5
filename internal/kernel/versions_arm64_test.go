//go:build !purego && linux

package kernel

import (
	"encoding/binary"
	"os"
	"slices"
	"testing"
)

// What the kernel says of the processor, read in another way than the dispatch reads it.
func TestAllVersionsAreThere(t *testing.T) {
	raw, err := os.ReadFile("/proc/self/auxv")
	if err != nil {
		t.Fatal(err)
	}
	has := map[uint64]uint64{}
	for ; len(raw) >= 16; raw = raw[16:] {
		has[binary.LittleEndian.Uint64(raw)] = binary.LittleEndian.Uint64(raw[8:])
	}
	const hwcap, hwcap2 = 16, 26
	if has[hwcap] == 0 {
		t.Fatal("the auxiliary vector names no features: the test looks in the wrong place")
	}
	dot, i8mm, bf16 := has[hwcap]>>20&1 == 1, has[hwcap2]>>13&1 == 1, has[hwcap2]>>14&1 == 1
	for name, want := range map[string]bool{"neon": true, "neondot": dot, "neonbf16": dot && bf16, "neonmatrix": dot && bf16 && i8mm} {
		if slices.Contains(Versions(), name) != want {
			t.Errorf("%s: %t wanted; the versions are %v", name, want, Versions())
		}
	}
}
