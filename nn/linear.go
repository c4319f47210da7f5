package nn

import (
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"github.com/tryall/tryall/internal/kernel"
)

// Linear is y = x·Wᵀ + b with W in the layout of the kernels.
type Linear struct {
	In, Out int
	kind    kernel.Kind // of w
	w       *kernel.Packed
}

// Dense is a linear layer as a checkpoint holds it.
type Dense struct {
	Out, In int
	Kind    string    // type of W: F32, F16 or BF16, as safetensors spells it
	W       []byte    // row-major, little endian: (Out, In), or (In, Out) if InFirst
	InFirst bool      // W is stored transposed, as in XLNet and GPT-2
	Bias    []float32 // of length Out, or nil
}

// NewLinear packs w, which is (out, in) row-major, and b, which has length out or is nil.
// It copies both, and panics if they have other lengths.
func NewLinear(out, in int, w, b []float32) *Linear {
	if len(w) != out*in || b != nil && len(b) != out {
		panic(fmt.Sprintf("nn: linear layer %d x %d with %d weights and %d biases", out, in, len(w), len(b)))
	}
	return pack(kernel.F32, []source{{out, in, kernel.F32, bytesOf(w), w, false, b}})
}

// Fuse packs layers with the same input into one whose output is theirs side by side, in order, and which is computed
// in the given precision.
// Weights are converted on the way, on all processors, without a copy of the whole.
func Fuse(p Precision, layers ...Dense) (*Linear, error) {
	var ss []source
	for i, d := range layers {
		kind, err := kindOf(d.Kind)
		if err != nil {
			return nil, fmt.Errorf("linear layer: %w", err)
		}
		switch {
		case d.In != layers[0].In:
			return nil, fmt.Errorf("linear layers to be fused have inputs of %d and %d", layers[0].In, d.In)
		case len(d.W) != d.Out*d.In*kind.Size():
			return nil, fmt.Errorf("linear layer %d of (%d, %d) %s has %d bytes of weights", i, d.Out, d.In, d.Kind, len(d.W))
		case d.Bias != nil && len(d.Bias) != d.Out:
			return nil, fmt.Errorf("linear layer %d of (%d, %d) has %d biases", i, d.Out, d.In, len(d.Bias))
		}
		ss = append(ss, source{d.Out, d.In, kind, d.W, floatsOf(kind, d.W), d.InFirst, d.Bias})
	}
	if len(ss) == 0 {
		return nil, fmt.Errorf("no linear layers to fuse")
	}
	return pack(p.kind(ss[0].in), ss), nil
}

// Close gives the memory of the weights back at once; otherwise the collector does, some time.
func (l *Linear) Close() { l.w.Close() }

// Bytes is the memory that the layer holds.
func (l *Linear) Bytes() int { return l.w.Bytes() }

// Apply computes y = act(x·Wᵀ + b). x is (tokens, In), y is (tokens, Out) and does not overlap x.
func (l *Linear) Apply(e *Exec, x, y Matrix, act Activation) {
	l.check(x, y)
	if x.Rows == 0 {
		return
	}
	if l.ByRows(e, x.Rows) {
		e.Chunks(x.Rows, func(r0, r1 int) { l.ApplyInline(x.Slice(r0, r1), y.Slice(r0, r1), act) })
		return
	}
	panels := l.w.Panels()
	group := max(1, panels/(4*e.Threads()))
	e.For((panels+group-1)/group, func(i, _ int) {
		kernel.Gemm(y.Data, y.Stride, x.Data, x.Stride, x.Rows, l.w, i*group, min((i+1)*group, panels), kernel.Act(act))
	})
}

// ApplyInline is Apply on the calling goroutine, for use inside For.
func (l *Linear) ApplyInline(x, y Matrix, act Activation) {
	l.check(x, y)
	if !l.Narrow() {
		kernel.Gemm(y.Data, y.Stride, x.Data, x.Stride, x.Rows, l.w, 0, l.w.Panels(), kernel.Act(act))
		return
	}
	rows, giveBack := l.convert(x)
	defer giveBack()
	kernel.Multiply(y.Data, y.Stride, rows, 0, x.Rows, l.w, 0, l.w.Panels(), kernel.Act(act))
}

// convert makes x what l multiplies, in scratch to be given back.
func (l *Linear) convert(x Matrix) (*kernel.Rows, func()) {
	rows := narrowed.Get().(*kernel.Rows)
	rows.Reset(l.kind, x.Rows, x.Cols)
	rows.SetRows(0, x.Data, x.Stride, x.Rows)
	return rows, func() { narrowed.Put(rows) }
}

var narrowed = sync.Pool{New: func() any { return new(kernel.Rows) }}

// ByRows tells whether threads should share out so many rows, each reading all weights. Narrow weights are soon read; those of
// float32 only pay for many rows, and of few each thread takes its share of the weights for all of them.
func (l *Linear) ByRows(e *Exec, rows int) bool { return l.Narrow() || rows >= 96*e.Threads() }

// Narrow tells whether the layer converts its input.
func (l *Linear) Narrow() bool { return l.kind == kernel.BF16 || l.kind == kernel.I8 }

func (l *Linear) check(x, y Matrix) {
	if x.Cols != l.In || y.Cols != l.Out || x.Rows != y.Rows {
		panic(fmt.Sprintf("nn: linear layer %d -> %d applied to (%d, %d) -> (%d, %d)", l.In, l.Out, x.Rows, x.Cols, y.Rows, y.Cols))
	}
}

// source is a checked Dense.
type source struct {
	out, in int
	kind    kernel.Kind
	raw     []byte
	floats  []float32 // raw, if it can be read in place
	inFirst bool
	bias    []float32
}

func pack(kind kernel.Kind, ss []source) *Linear {
	l := &Linear{In: ss[0].in, kind: kind}
	bias := false
	for _, s := range ss {
		l.Out += s.out
		bias = bias || s.bias != nil
	}
	l.w = kernel.NewPacked(kind, l.In, l.Out)
	if bias {
		b := make([]float32, l.Out)
		n0 := 0
		for _, s := range ss {
			copy(b[n0:], s.bias)
			n0 += s.out
		}
		l.w.SetBias(b)
	}
	var wg sync.WaitGroup
	limit := make(chan struct{}, runtime.GOMAXPROCS(0))
	n0 := 0
	for _, s := range ss {
		step := max(48, 1<<18/max(1, s.in)/48*48)
		for j := 0; j < s.out; j += step {
			limit <- struct{}{}
			at := n0 + j
			wg.Go(func() {
				s.pack(l.w, kind, at, j, min(step, s.out-j))
				<-limit
			})
		}
		n0 += s.out
	}
	wg.Wait()
	return l
}

// pack stores n outputs from j on as columns from n0 on, converting some of them at a time.
func (s source) pack(w *kernel.Packed, kind kernel.Kind, n0, j, n int) {
	if s.floats != nil && s.inFirst && kind == kernel.F32 {
		w.PackN(n0, 0, s.floats[j:], s.out, n, s.in)
		return
	}
	if s.floats != nil && !s.inFirst {
		w.Store(n0, s.floats[j*s.in:], s.in, n)
		return
	}
	const step = 48
	rows, giveBack := Borrow(min(n, step), s.in)
	defer giveBack()
	for k := 0; k < n; k += step {
		m := min(step, n-k)
		s.rows(rows.Slice(0, m), j+k)
		w.Store(n0+k, rows.Data, rows.Stride, m)
	}
}

// rows converts the weights of some outputs from j on, each a row.
func (s source) rows(dst Matrix, j int) {
	size := s.kind.Size()
	if !s.inFirst {
		for i := range dst.Rows {
			kernel.Widen(dst.Row(i), s.kind, s.raw[(j+i)*s.in*size:])
		}
		return
	}
	part := make([]float32, dst.Rows)
	for k := range s.in {
		kernel.Widen(part, s.kind, s.raw[(k*s.out+j)*size:])
		for i, v := range part {
			dst.Data[i*dst.Stride+k] = v
		}
	}
}

func kindOf(name string) (kernel.Kind, error) {
	switch name {
	case "F32":
		return kernel.F32, nil
	case "F16":
		return kernel.F16, nil
	case "BF16":
		return kernel.BF16, nil
	}
	return 0, fmt.Errorf("weights of type %s cannot be packed; F32, F16 and BF16 can", name)
}

func bytesOf(x []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 4*len(x))
}

// floatsOf returns b as float32 numbers if they can be read in place, else nil.
func floatsOf(kind kernel.Kind, b []byte) []float32 {
	if kind != kernel.F32 || len(b) == 0 || !kernel.LittleEndian || uintptr(unsafe.Pointer(&b[0]))%4 != 0 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&b[0])), len(b)/4)
}
