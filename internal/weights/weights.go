// Package weights reads checkpoint files: safetensors and PyTorch's two .bin forms, in one file or in shards. It gives
// tensors by name, row-major, little endian, without a copy wherever the file allows it, and trusts nothing in the file:
// whatever is out of bounds, doubled, truncated or executable is an error that names it. It knows no models.
package weights

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// Tensor is a named array of numbers. Data are Len() elements of Type, row-major without gaps, little endian, and not
// necessarily aligned; they may be read-only memory, and end with the Set they came from.
type Tensor struct {
	Name string
	Type DType
	// TypeName is the element type as the file spells it where Type is Unknown, else empty.
	TypeName string
	Shape    []int
	Data     []byte
	// File is the name of the file that holds the tensor.
	File string
}

// Len is the number of elements: 1 for a scalar, whose shape is empty.
func (t Tensor) Len() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// Unsupported is the error for a file that may well be sound but holds what this package does not read: another format,
// an element type, a global of a pickle. All other errors of this package are about missing or damaged files.
type Unsupported struct{ What string }

func (e *Unsupported) Error() string { return e.What }

func unsupported(format string, args ...any) error {
	return &Unsupported{fmt.Sprintf(format, args...)}
}

// Set is the tensors of one checkpoint.
type Set struct {
	tensors map[string]Tensor
	names   []string
	format  string
	files   []*blob
}

// NewSet makes a set of the given tensors; of two with the same name the later counts.
func NewSet(ts ...Tensor) *Set {
	s := &Set{tensors: make(map[string]Tensor, len(ts)), format: "memory"}
	for _, t := range ts {
		s.tensors[t.Name] = t
	}
	s.sort()
	return s
}

// Get gives the tensor of that name.
func (s *Set) Get(name string) (Tensor, bool) {
	t, ok := s.tensors[name]
	return t, ok
}

// Names lists the tensors in sorted order. The list is the caller's.
func (s *Set) Names() []string { return slices.Clone(s.names) }

// Format says what kind of files the set was read from: "safetensors", "pytorch zip", "pytorch legacy" or "memory".
func (s *Set) Format() string { return s.format }

// Files lists the files that hold the tensors, shards in sorted order.
func (s *Set) Files() []string {
	names := make([]string, len(s.files))
	for i, f := range s.files {
		names[i] = f.name
	}
	return names
}

// Close gives the mapped files back. The Data of the set's tensors must not be touched afterwards.
func (s *Set) Close() error {
	var errs []error
	for _, f := range s.files {
		errs = append(errs, f.Close())
	}
	s.files, s.tensors, s.names = nil, nil, nil
	return errors.Join(errs...)
}

// add takes over the tensors of one file.
func (s *Set) add(ts []Tensor) error {
	for _, t := range ts {
		if old, ok := s.tensors[t.Name]; ok {
			if old.File == t.File {
				return fmt.Errorf("%s: tensor %q is there twice", t.File, t.Name)
			}
			return fmt.Errorf("tensor %q is both in %s and in %s", t.Name, old.File, t.File)
		}
		s.tensors[t.Name] = t
	}
	return nil
}

func (s *Set) sort() {
	s.names = make([]string, 0, len(s.tensors))
	for name := range s.tensors {
		s.names = append(s.names, name)
	}
	slices.Sort(s.names)
}

// elements multiplies the dimensions of a shape read from a file. A zero among them makes it zero, but the others must
// still multiply to something an int holds, so that no later product can overflow.
func elements(shape []int) (int, error) {
	n, zero := uint64(1), false
	for _, d := range shape {
		if d < 0 {
			return 0, fmt.Errorf("shape %s has a negative dimension", show(shape))
		}
		if d == 0 {
			zero = true
			continue
		}
		hi, lo := bits.Mul64(n, uint64(d))
		if hi != 0 || lo > math.MaxInt {
			return 0, fmt.Errorf("shape %s overflows", show(shape))
		}
		n = lo
	}
	if zero {
		return 0, nil
	}
	return int(n), nil
}

// show prints a shape, shortened where a hostile file made it long.
func show(shape []int) string {
	if len(shape) > 8 {
		return fmt.Sprintf("of %d dimensions", len(shape))
	}
	return fmt.Sprint(shape)
}
