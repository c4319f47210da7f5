package nn

import (
	"fmt"

	"github.com/tryall/tryall/internal/kernel"
)

// Layout names what Linear.Save writes: Saved reads it wherever Layout is the same.
func Layout() string { return kernel.Layout() }

// Save returns the layer, packed as it is, as pieces of memory to be written one after the other. They are the layer's own.
func (l *Linear) Save() [][]byte { return l.w.Save() }

// Saved makes a layer of what Save wrote, without a copy: b begins at a cache line, stays as it is, and outlasts the layer.
// A layer of another shape or precision is an error.
func Saved(p Precision, out, in int, b []byte) (*Linear, error) {
	w, err := kernel.LoadPacked(b)
	if err != nil {
		return nil, err
	}
	if w.K != in || w.N != out || w.Kind() != p.kind(in) {
		return nil, fmt.Errorf("a saved layer %d -> %d of kind %d, not %d -> %d in %s", w.K, w.N, w.Kind(), in, out, p)
	}
	return &Linear{In: in, Out: out, kind: w.Kind(), w: w}, nil
}
