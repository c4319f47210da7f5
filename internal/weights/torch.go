package weights

import (
	"bytes"
	"errors"
	"fmt"
)

// readTorch reads a file that torch.save wrote of a state dict, in either of its two forms.
func readTorch(b *blob) ([]Tensor, string, error) {
	b.sparsely(false)
	read, format := readTorchLegacy, "pytorch legacy"
	switch {
	case len(b.data) == 0:
		return nil, "", fmt.Errorf("%s is truncated: it is empty", b.name)
	case bytes.HasPrefix(b.data, []byte("PK")):
		read, format = readTorchZip, "pytorch zip"
	case b.data[0] != 0x80: // the first opcode of a pickle
		return nil, "", fmt.Errorf("%s is not a PyTorch file: it begins with %q", b.name, b.data[:min(len(b.data), 8)])
	}
	top, err := read(b)
	var ts []Tensor
	if err == nil {
		ts, err = stateDict(b, top)
	}
	var u *Unsupported
	switch {
	case err == nil:
		return ts, format, nil
	case errors.As(err, &u):
		err = fmt.Errorf("%s %w", b.name, err)
	case errors.Is(err, errCut):
		err = fmt.Errorf("%s is truncated: %w", b.name, err)
	default:
		err = fmt.Errorf("%s is damaged: %w", b.name, err)
	}
	return nil, "", err
}

// stateDict turns the value of a file into tensors: a dict of names and tensors, or a dict that has one under
// "state_dict" or "model", as training scripts save it beside other things.
func stateDict(b *blob, top any) ([]Tensor, error) {
	d, ok := top.(*dict)
	if !ok {
		return nil, unsupported("holds %s, not a dict of tensors", kind(top))
	}
	for _, key := range []string{"state_dict", "model"} {
		if inner, ok := d.get(key).(*dict); ok {
			d = inner
			break
		}
	}
	budget := 1<<20 + 2*len(b.data)
	ts := make([]Tensor, 0, len(d.items))
	for _, it := range d.items {
		name, ok := it.key.(string)
		if !ok {
			return nil, fmt.Errorf("%s where a tensor's name belongs", kind(it.key))
		}
		v, ok := it.value.(*view)
		if !ok {
			return nil, unsupported("has %q, which is %s and not a tensor", printable(name), kind(it.value))
		}
		if err := v.resolve(&budget); err != nil {
			return nil, err
		}
		ts = append(ts, Tensor{Name: name, Type: v.dtype, Shape: v.shape, Data: v.data, File: b.name})
	}
	return ts, nil
}
