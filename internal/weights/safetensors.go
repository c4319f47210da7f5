package weights

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// readSafetensors reads a file that is eight bytes of header length, a JSON header, and the data that the header
// describes, without holes and without overlaps (github.com/huggingface/safetensors, "Format").
func readSafetensors(b *blob) ([]Tensor, error) {
	if len(b.data) < 8 {
		return nil, fmt.Errorf("%s is truncated: %d bytes, a safetensors file has at least 10", b.name, len(b.data))
	}
	n, rest := binary.LittleEndian.Uint64(b.data), b.data[8:]
	if n > maxHeader {
		return nil, fmt.Errorf("%s is not a safetensors file: its header would have %d bytes, more than the %d allowed", b.name, n, maxHeader)
	}
	if n > uint64(len(rest)) {
		return nil, fmt.Errorf("%s is truncated: its header has %d bytes, %d are there", b.name, n, len(rest))
	}
	entries, err := readHeader(rest[:n])
	if err != nil {
		return nil, fmt.Errorf("%s: read the header: %w", b.name, err)
	}
	if err := checkLayout(entries, len(rest)-int(n)); err != nil {
		return nil, fmt.Errorf("%s %w", b.name, err)
	}
	data := rest[n:]
	ts := make([]Tensor, len(entries))
	for i, e := range entries {
		e.tensor.Data = data[e.from:e.to:e.to]
		e.tensor.File = b.name
		ts[i] = e.tensor
	}
	return ts, nil
}

// entry is a tensor of the header and its place in the data.
type entry struct {
	tensor   Tensor
	from, to int
}

func readHeader(header []byte) ([]entry, error) {
	dec, err := objectDecoder(header)
	if err != nil {
		return nil, err
	}
	var entries []entry
	seen := map[string]bool{}
	err = object(dec, func(name string) error {
		if seen[name] {
			return fmt.Errorf("%q is there twice", name)
		}
		seen[name] = true
		if name == "__metadata__" { // notes of the writer, text to text
			return object(dec, func(string) error { return decode(dec, new(string)) })
		}
		e, err := readEntry(dec, name)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		entries = append(entries, e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return entries, end(dec)
}

// readEntry reads {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]} and checks that the three agree.
func readEntry(dec *json.Decoder, name string) (entry, error) {
	var dtype string
	var shape, offsets []count
	seen := map[string]bool{}
	err := object(dec, func(key string) error {
		if seen[key] {
			return fmt.Errorf("%q is there twice", key)
		}
		seen[key] = true
		switch key {
		case "dtype":
			return decode(dec, &dtype)
		case "shape":
			return decode(dec, &shape)
		case "data_offsets":
			return decode(dec, &offsets)
		}
		return fmt.Errorf("unknown key %q", key)
	})
	if err != nil {
		return entry{}, err
	}
	for _, key := range []string{"dtype", "shape", "data_offsets"} {
		if !seen[key] {
			return entry{}, fmt.Errorf("no %q", key)
		}
	}
	return newEntry(name, dtype, shape, offsets)
}

// count is a number without sign, fraction or exponent. (encoding/json alone would read a null in a list as 0.)
type count uint64

func (c *count) UnmarshalJSON(text []byte) error {
	n, err := strconv.ParseUint(string(text), 10, 63)
	if err != nil {
		return fmt.Errorf("%s is not a size", text)
	}
	*c = count(n)
	return nil
}

func newEntry(name, dtype string, shape, offsets []count) (entry, error) {
	e := entry{tensor: Tensor{Name: name, Type: dtypeNamed(dtype), Shape: make([]int, len(shape))}}
	if e.tensor.Type == Unknown {
		e.tensor.TypeName = dtype
	}
	for i, d := range shape {
		if d > math.MaxInt {
			return entry{}, fmt.Errorf("dimension %d overflows", d)
		}
		e.tensor.Shape[i] = int(d)
	}
	n, err := elements(e.tensor.Shape)
	if err != nil {
		return entry{}, err
	}
	if len(offsets) != 2 || offsets[0] > offsets[1] || offsets[1] > math.MaxInt {
		return entry{}, errors.New("data_offsets must be a start and an end that is not before it")
	}
	e.from, e.to = int(offsets[0]), int(offsets[1])
	if size := e.tensor.Type.Size(); size > 0 {
		if n > math.MaxInt/size || n*size != e.to-e.from {
			return entry{}, fmt.Errorf("%d bytes do not hold shape %s of %s", e.to-e.from, show(e.tensor.Shape), dtype)
		}
	}
	return e, nil
}

// decode reads one value; null is not one.
func decode[T any](dec *json.Decoder, to *T) error {
	p := to
	if err := dec.Decode(&p); err != nil {
		return cut(err)
	}
	if p == nil {
		return errors.New("null where a value belongs")
	}
	return nil
}

// checkLayout makes sure that the tensors fill the data exactly.
func checkLayout(entries []entry, size int) error {
	byPlace := slices.Clone(entries)
	slices.SortFunc(byPlace, func(a, b entry) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return a.to - b.to
	})
	at := 0
	for i, e := range byPlace {
		switch {
		case e.from < at:
			return fmt.Errorf("is damaged: tensors %q and %q overlap", byPlace[i-1].tensor.Name, e.tensor.Name)
		case e.from > at:
			return fmt.Errorf("is damaged: nothing describes the %d bytes before tensor %q", e.from-at, e.tensor.Name)
		case e.to > size:
			return fmt.Errorf("is truncated: tensor %q ends at byte %d of the data, %d are there", e.tensor.Name, e.to, size)
		}
		at = e.to
	}
	if at != size {
		return fmt.Errorf("is damaged: nothing describes the last %d bytes", size-at)
	}
	return nil
}
