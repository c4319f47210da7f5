package nn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tryall/tryall/internal/kernel"
)

// Precision is what the weights of linear layers are kept in and how they are multiplied. Sums are float32 in all
// of them, and so is what passes from layer to layer.
type Precision uint8

// The precisions.
const (
	FP32 Precision = iota
	// FP16 keeps weights in half of the memory and computes as FP32 does: checkpoints stored so lose nothing.
	FP16
	// BF16 rounds weights and what they are multiplied with to bfloat16; attention too.
	BF16
	// INT8 keeps weights in bytes, with a factor for each output, and makes bytes of what they are multiplied with, with
	// a factor and a zero for each token. Attention is as with BF16 where the processor has instructions for that, else
	// as with FP32.
	INT8
)

var precisionNames = []string{"fp32", "fp16", "bf16", "int8"}

// Precisions lists the names of the precisions, which run on all machines.
func Precisions() []string { return slices.Clone(precisionNames) }

// ParsePrecision finds a precision by its name; "" means fp32.
func ParsePrecision(name string) (Precision, error) {
	if name == "" {
		return FP32, nil
	}
	if i := slices.Index(precisionNames, name); i >= 0 {
		return Precision(i), nil
	}
	return FP32, fmt.Errorf("precision %q is not implemented; there are %s", name, strings.Join(precisionNames, ", "))
}

// String is the name.
func (p Precision) String() string { return precisionNames[p] }

// Emulated tells whether this machine computes p without instructions for it: from the same rounded numbers, but no
// faster than FP32.
func (p Precision) Emulated() bool { return p == BF16 && !kernel.Native(kernel.BF16) }

// kind is how the kernels call the weights of a layer with so many inputs.
func (p Precision) kind(in int) kernel.Kind {
	if p == INT8 && in > kernel.MaxBytes {
		return kernel.BF16 // sums of bytes would not fit
	}
	return []kernel.Kind{kernel.F32, kernel.F16, kernel.BF16, kernel.I8}[p]
}

// attention is the type of the products within attention.
func (p Precision) attention() kernel.Kind {
	if p == BF16 || p == INT8 && kernel.Native(kernel.BF16) {
		return kernel.BF16
	}
	return kernel.F32
}
