package kernel

import (
	"encoding/binary"
	"fmt"
	"math"
	"runtime"
	"unsafe"
)

// layout counts the changes to what a Packed of the same numbers holds: how they are rounded, and where they lie.
// TestLayout notices such changes.
const layout = 1

// Layout names what Save writes: it can be loaded wherever Layout is the same.
func Layout() string { return fmt.Sprintf("%d %s %s", layout, runtime.GOARCH, current.name) }

// saveAlign is where the parts of a saved matrix begin: at cache lines.
const saveAlign = 64

// savedHeader is the first part of a saved matrix.
type savedHeader struct {
	k, n uint64
	kind Kind
	bias bool
}

func (h savedHeader) bytes() []byte {
	b := make([]byte, saveAlign)
	binary.LittleEndian.PutUint64(b, h.k)
	binary.LittleEndian.PutUint64(b[8:], h.n)
	b[16] = byte(h.kind)
	if h.bias {
		b[17] = 1
	}
	return b
}

// Save returns the matrix as pieces of memory to be written one after the other; they are p's own and must not be changed.
func (p *Packed) Save() [][]byte {
	header := savedHeader{uint64(p.K), uint64(p.N), p.kind, p.add != nil}
	out := [][]byte{header.bytes()}
	for _, part := range [][]byte{bytesOf(p.data), bytesOf(p.add), bytesOf(p.scale), bytesOfInts(p.sum)} {
		out = append(out, part, make([]byte, -len(part)&(saveAlign-1)))
	}
	return out
}

// LoadPacked makes a matrix of what Save wrote, without a copy: b must begin at a cache line, stay as it is, and outlast the
// matrix.
func LoadPacked(b []byte) (*Packed, error) {
	if len(b) < saveAlign || uintptr(unsafe.Pointer(&b[0]))%saveAlign != 0 {
		return nil, fmt.Errorf("a saved matrix of %d bytes, or not at a cache line", len(b))
	}
	h := savedHeader{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]), Kind(b[16]), b[17] == 1}
	if h.k < 1 || h.n < 1 || h.k > math.MaxInt32 || h.n > math.MaxInt32 || h.k*h.n > uint64(len(b)) || h.kind > I8 || h.kind == I8 && h.k > MaxBytes {
		return nil, fmt.Errorf("a saved matrix of %d rows, %d columns and kind %d in %d bytes", h.k, h.n, h.kind, len(b))
	}
	p := empty(h.kind, int(h.k), int(h.n))
	rest, n := b[saveAlign:], roundUp(p.N)
	take := func(numbers int) []float32 {
		size := 4 * numbers
		if rest == nil || size+-size&(saveAlign-1) > len(rest) {
			rest = nil
			return nil
		}
		part := unsafe.Slice((*float32)(unsafe.Pointer(&rest[0])), numbers)
		rest = rest[size+-size&(saveAlign-1):]
		return part
	}
	p.data = take(p.words(n))
	if h.bias {
		p.add = take(n)
	}
	if h.kind == I8 {
		p.scale = take(n)
		if sums := take(n); sums != nil {
			p.sum = unsafe.Slice((*int32)(unsafe.Pointer(&sums[0])), n)
		}
	}
	if rest == nil || len(rest) > 0 {
		return nil, fmt.Errorf("a saved matrix of %d rows, %d columns and kind %d does not take %d bytes", h.k, h.n, h.kind, len(b))
	}
	return p, nil
}

func bytesOfInts(x []int32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 4*len(x))
}
