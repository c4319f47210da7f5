package guard

import (
	"runtime/debug"
	"testing"
	"unsafe"
)

var sink float32

func faults(p unsafe.Pointer, offset int) (fault bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { fault = recover() != nil }()
	sink = *(*float32)(unsafe.Add(p, offset))
	return false
}

func TestEdges(t *testing.T) {
	for _, n := range []int{1, 7, 1024, 5000} {
		a, b := After[float32](t, n), Before[float32](t, n)
		a[0], a[n-1], b[0], b[n-1] = 1, 1, 1, 1
		if len(a) != n || len(b) != n {
			t.Fatalf("lengths %d, %d, want %d", len(a), len(b), n)
		}
		if past := faults(unsafe.Pointer(&a[n-1]), 4); past != Guarded {
			t.Errorf("reading past %d elements faults: %v", n, past)
		}
		if before := faults(unsafe.Pointer(&b[0]), -4); before != Guarded {
			t.Errorf("reading before %d elements faults: %v", n, before)
		}
	}
	if len(After[byte](t, 0)) != 0 || len(Before[byte](t, 0)) != 0 {
		t.Error("no elements are some")
	}
}
