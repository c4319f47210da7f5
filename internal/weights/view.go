package weights

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// storage is a block of numbers in a PyTorch file, shared by the tensors that view it. The pickle only names it; its
// data are found afterwards.
type storage struct {
	key   string
	dtype DType
	numel int
	data  []byte
}

// storageView is a storage as a tensor of the pickle refers to it. Files of the first versions of torch may view a part
// of one, from element at on.
type storageView struct {
	*storage
	at int
}

// view is a tensor: elements of a storage, at+sum(index[i]*stride[i]) from its beginning.
type view struct {
	storage       *storage
	dtype         DType
	at            int
	shape, stride []int
	data          []byte // row-major, once resolved
}

// maxDims is the most dimensions a torch tensor has.
const maxDims = 64

// persistent does BINPERSID: ("storage", class, key, location, numel) and, before torch 1.6, a view or None.
func (u *unpickler) persistent() error {
	v, err := u.pop()
	if err != nil {
		return err
	}
	id, _ := v.(tuple)
	if len(id) != 5 && len(id) != 6 || id[0] != "storage" {
		return errors.New("a reference to what is not a storage")
	}
	class, ok1 := id[1].(*global)
	key, ok2 := id[2].(string)
	numel, ok3 := id[4].(int64)
	if !ok1 || !class.class || !ok2 || !ok3 || numel < 0 || numel > math.MaxInt/16 {
		return errors.New("a storage without class, key or size")
	}
	s := u.storages[key]
	if s == nil {
		s = &storage{key: key, dtype: class.dtype, numel: int(numel)}
		u.storages[key] = s
	}
	if s.dtype != class.dtype || s.numel != int(numel) {
		return fmt.Errorf("storage %s is of %d %s and of %d %s", printable(key), s.numel, s.dtype, numel, class.dtype)
	}
	sv := &storageView{storage: s}
	if len(id) == 6 && id[5] != nil {
		part, _ := id[5].(tuple) // key of the view, offset, size
		if len(part) != 3 {
			return errors.New("a view of a storage without offset and size")
		}
		at, ok1 := part[1].(int64)
		n, ok2 := part[2].(int64)
		if !ok1 || !ok2 || at < 0 || n < 0 || at > numel || n > numel-at {
			return fmt.Errorf("a view that is not inside storage %s", printable(key))
		}
		sv.at = int(at)
	}
	return u.pushNew(sv)
}

// newView reads storage, offset, size and stride of a tensor and checks that it lies within the storage.
func newView(u *unpickler, s *storageView, dtype DType, args tuple) (*view, error) {
	v := &view{storage: s.storage, dtype: dtype}
	at, ok := args[1].(int64)
	size, ok2 := args[2].(tuple)
	stride, ok3 := args[3].(tuple)
	if !ok || !ok2 || !ok3 || at < 0 || len(size) != len(stride) || len(size) > maxDims {
		return nil, errors.New("a tensor without offset, size and stride")
	}
	if err := u.charge(16 * len(size)); err != nil {
		return nil, err
	}
	v.shape, v.stride = make([]int, len(size)), make([]int, len(size))
	for i := range size {
		n, ok := size[i].(int64)
		d, ok2 := stride[i].(int64)
		if !ok || !ok2 || n < 0 || d < 0 || n > math.MaxInt || d > math.MaxInt {
			return nil, errors.New("a tensor whose sizes and strides are not numbers")
		}
		v.shape[i], v.stride[i] = int(n), int(d)
	}
	n, err := elements(v.shape)
	if err != nil {
		return nil, err
	}
	last := uint64(at)
	for i, d := range v.shape {
		hi, lo := bits.Mul64(uint64(max(d, 1)-1), uint64(v.stride[i]))
		if hi != 0 || lo > math.MaxInt64 || last+lo > math.MaxInt64 {
			return nil, fmt.Errorf("strides %s overflow", show(v.stride))
		}
		last += lo
	}
	// The storage's own elements may be of another size: an untyped one is of bytes.
	room := (s.numel - s.at) * s.dtype.Size() / dtype.Size()
	if n > 0 && last >= uint64(room) {
		return nil, fmt.Errorf("a tensor of shape %s at %d is not inside its storage of %d", show(v.shape), at, room)
	}
	v.at = s.at*s.dtype.Size()/dtype.Size() + int(at)
	return v, nil
}

// resolve finds the elements of the tensor in its storage. Where they do not lie there in row-major order they are
// copied, as far as the budget of bytes goes.
func (v *view) resolve(budget *int) error {
	if v.data != nil {
		return nil
	}
	n, err := elements(v.shape)
	if err != nil {
		return err
	}
	size := v.dtype.Size()
	if n == 0 {
		v.data = []byte{}
		return nil
	}
	if v.contiguous() {
		from, to := v.at*size, (v.at+n)*size
		v.data = v.storage.data[from:to:to]
		return nil
	}
	if n > *budget/size {
		return unsupported("has a tensor of shape %s spread over a storage of %d elements: refused, it would take more memory than the file", show(v.shape), v.storage.numel)
	}
	*budget -= n * size
	v.data = v.gather(make([]byte, 0, n*size))
	return nil
}

func (v *view) contiguous() bool {
	want := 1
	for i := len(v.shape) - 1; i >= 0; i-- {
		if v.shape[i] != 1 && v.stride[i] != want {
			return false
		}
		want *= v.shape[i]
	}
	return true
}

// gather appends the elements in row-major order, counting through the indices.
func (v *view) gather(dst []byte) []byte {
	size, dims := v.dtype.Size(), len(v.shape)
	index := make([]int, dims)
	at := v.at
	for {
		dst = append(dst, v.storage.data[at*size:(at+1)*size]...)
		i := dims - 1
		for ; i >= 0; i-- {
			index[i]++
			at += v.stride[i]
			if index[i] < v.shape[i] {
				break
			}
			at -= index[i] * v.stride[i]
			index[i] = 0
		}
		if i < 0 {
			return dst
		}
	}
}
