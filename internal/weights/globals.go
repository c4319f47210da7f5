package weights

import (
	"errors"
	"fmt"
)

// global is something that a pickle may name: a function to apply, the class of a storage, or a torch.dtype.
type global struct {
	apply func(u *unpickler, args tuple) (any, error) // nil for classes and dtypes
	dtype DType
	class bool // of a storage
}

// globals are all that a pickle may name, by module and name.
var globals = map[string]*global{
	"collections.OrderedDict": {apply: orderedDict},
	"torch.Size":              {apply: size},
	// torch/_utils.py, with what each version of torch passes
	"torch._utils._rebuild_tensor":               {apply: rebuildTensor}, // storage, offset, size, stride
	"torch._utils._rebuild_tensor_v2":            {apply: rebuildTensor}, // + requires_grad, backward_hooks, metadata?
	"torch._utils._rebuild_tensor_v3":            {apply: rebuildTyped},  // ..., backward_hooks, dtype, metadata?
	"torch._utils._rebuild_parameter":            {apply: rebuildParameter},
	"torch._utils._rebuild_parameter_with_state": {apply: rebuildParameter},
	// torch/storage.py
	"torch.storage.UntypedStorage": {class: true, dtype: U8},
	"torch.DoubleStorage":          {class: true, dtype: F64},
	"torch.FloatStorage":           {class: true, dtype: F32},
	"torch.HalfStorage":            {class: true, dtype: F16},
	"torch.BFloat16Storage":        {class: true, dtype: BF16},
	"torch.LongStorage":            {class: true, dtype: I64},
	"torch.IntStorage":             {class: true, dtype: I32},
	"torch.ShortStorage":           {class: true, dtype: I16},
	"torch.CharStorage":            {class: true, dtype: I8},
	"torch.ByteStorage":            {class: true, dtype: U8},
	"torch.BoolStorage":            {class: true, dtype: Bool},
	"torch.ComplexFloatStorage":    {class: true, dtype: C64},
	"torch.ComplexDoubleStorage":   {class: true, dtype: C128},
}

func init() {
	for d := F64; int(d) < len(dtypes); d++ {
		globals["torch."+dtypes[d].torch] = &global{dtype: d}
	}
}

// apply does REDUCE: the global below the top of the stack with the tuple on top.
func (u *unpickler) apply() error {
	items, err := u.popN(2)
	if err != nil {
		return err
	}
	g, ok := items[0].(*global)
	args, ok2 := items[1].(tuple)
	if !ok || !ok2 || g.apply == nil {
		return fmt.Errorf("%s applied to %s", kind(items[0]), kind(items[1]))
	}
	v, err := g.apply(u, args)
	if err != nil {
		return err
	}
	return u.pushNew(v)
}

// orderedDict is OrderedDict() or, as Python 2 wrote it, OrderedDict([[key, value], ...]).
func orderedDict(u *unpickler, args tuple) (any, error) {
	d := &dict{}
	if len(args) == 0 {
		return d, nil
	}
	pairs, ok := args[0].(*list)
	if !ok || len(args) != 1 {
		return nil, fmt.Errorf("OrderedDict of %s", kind(args[0]))
	}
	for _, p := range pairs.items {
		var kv []any
		switch p := p.(type) {
		case *list:
			kv = p.items
		case tuple:
			kv = p
		}
		if len(kv) != 2 {
			return nil, fmt.Errorf("OrderedDict of a list with %s in it", kind(p))
		}
		d.items = append(d.items, item{kv[0], kv[1]})
		if err := u.charge(64); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func size(_ *unpickler, args tuple) (any, error) {
	if len(args) == 1 {
		switch v := args[0].(type) {
		case tuple:
			return v, nil
		case *list:
			return tuple(v.items), nil
		}
	}
	return nil, errors.New("torch.Size without a tuple")
}

// rebuildParameter drops what makes a tensor a parameter: requires_grad, hooks, Python attributes.
func rebuildParameter(_ *unpickler, args tuple) (any, error) {
	if len(args) < 3 || len(args) > 4 {
		return nil, fmt.Errorf("a parameter of %d arguments", len(args))
	}
	v, ok := args[0].(*view)
	if !ok {
		return nil, fmt.Errorf("a parameter of %s", kind(args[0]))
	}
	return v, nil
}

func rebuildTensor(u *unpickler, args tuple) (any, error) {
	if n := len(args); n != 4 && n != 6 && n != 7 {
		return nil, fmt.Errorf("a tensor of %d arguments", n)
	}
	if len(args) == 7 {
		if err := noMetadata(args[6]); err != nil {
			return nil, err
		}
	}
	s, ok := args[0].(*storageView)
	if !ok {
		return nil, fmt.Errorf("a tensor of %s", kind(args[0]))
	}
	return newView(u, s, s.dtype, args)
}

func rebuildTyped(u *unpickler, args tuple) (any, error) {
	if n := len(args); n != 7 && n != 8 {
		return nil, fmt.Errorf("a tensor of %d arguments", n)
	}
	if len(args) == 8 {
		if err := noMetadata(args[7]); err != nil {
			return nil, err
		}
	}
	s, ok := args[0].(*storageView)
	d, ok2 := args[6].(*global)
	if !ok || !ok2 || d.class || d.apply != nil {
		return nil, errors.New("a tensor without storage or dtype")
	}
	return newView(u, s, d.dtype, args)
}

// noMetadata refuses the marks of tensors that are stored negated or conjugated.
func noMetadata(v any) error {
	if d, ok := v.(*dict); v == nil || ok && len(d.items) == 0 {
		return nil
	}
	return unsupported("has a tensor with metadata (its storage is negated or conjugated), which is not supported")
}
