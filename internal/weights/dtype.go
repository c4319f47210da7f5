package weights

// DType is the type of a tensor's elements.
type DType uint8

// The element types. Those that Float32s converts come first; the others are read and kept, so that a file that holds
// one beside the weights still opens. Unknown stands for a name that this list lacks; Tensor.TypeName has it.
const (
	Unknown DType = iota
	F64
	F32
	F16
	BF16
	I64
	I32
	I16
	I8
	U8
	Bool
	U64
	U32
	U16
	F8E4M3
	F8E5M2
	F8E8M0
	C64
	C128
)

// dtypes gives each type its spelling in safetensors files (github.com/huggingface/safetensors, "Format"), its spelling
// as a torch.dtype, and its size in bytes.
var dtypes = [...]struct {
	name, torch string
	size        int
}{
	Unknown: {"unknown", "", 0},
	F64:     {"F64", "float64", 8},
	F32:     {"F32", "float32", 4},
	F16:     {"F16", "float16", 2},
	BF16:    {"BF16", "bfloat16", 2},
	I64:     {"I64", "int64", 8},
	I32:     {"I32", "int32", 4},
	I16:     {"I16", "int16", 2},
	I8:      {"I8", "int8", 1},
	U8:      {"U8", "uint8", 1},
	Bool:    {"BOOL", "bool", 1},
	U64:     {"U64", "uint64", 8},
	U32:     {"U32", "uint32", 4},
	U16:     {"U16", "uint16", 2},
	F8E4M3:  {"F8_E4M3", "float8_e4m3fn", 1},
	F8E5M2:  {"F8_E5M2", "float8_e5m2", 1},
	F8E8M0:  {"F8_E8M0", "float8_e8m0fnu", 1},
	C64:     {"C64", "complex64", 8},
	C128:    {"C128", "complex128", 16},
}

// String is the type's spelling in a safetensors header.
func (d DType) String() string { return dtypes[d].name }

// Size is the size of one element in bytes; 0 for Unknown.
func (d DType) Size() int { return dtypes[d].size }

// dtypeNamed finds a type by its safetensors spelling.
func dtypeNamed(name string) DType {
	for d := F64; int(d) < len(dtypes); d++ {
		if dtypes[d].name == name {
			return d
		}
	}
	return Unknown
}
