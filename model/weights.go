package model

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tryall/tryall/internal/weights"
	"github.com/tryall/tryall/nn"
	"github.com/tryall/tryall/qa"
)

// Weights hands out the tensors of a checkpoint by scope, name and shape. What is missing, misshapen or of a wrong type
// is noted, so that an architecture can ask for everything and the reader sees all that is wrong at once. Nothing is
// converted while it is asked for: that happens at the end, in parallel, and only when nothing was noted. Until then the
// layers handed out are empty.
type Weights struct {
	*checkpoint
	scope     string       // what the names within this scope have in front of them in the file
	precision nn.Precision // of linear layers
}

// checkpoint is the state that all scopes of one load share.
type checkpoint struct {
	set        *weights.Set
	used       map[string]bool
	params     int64
	bytes      map[weights.DType]int
	jobs       []func() error          // fill the layers handed out
	linear     []*nn.Linear            // whose memory is to be given back
	only       func(layer string) bool // as in Options
	narrowable []narrowable
	kept       *keeper // nil if layers are converted at each load
	*problems
}

// openWeights opens the weight files and gives the error its code.
func openWeights(fsys fs.FS) (*checkpoint, error) {
	set, err := weights.Open(fsys)
	if err == nil {
		return &checkpoint{set: set, used: map[string]bool{}, bytes: map[weights.DType]int{}}, nil
	}
	code := qa.BrokenModel
	var unsupported *weights.Unsupported
	switch {
	case errors.Is(err, fs.ErrNotExist):
		code = qa.NotFound
	case errors.As(err, &unsupported):
		code = qa.UnsupportedModel
	}
	return nil, qa.Errorf(code, "read weights: %w", err)
}

// In is the scope of the names that begin with the given words.
func (w *Weights) In(format string, args ...any) *Weights {
	return &Weights{w.checkpoint, w.scope + fmt.Sprintf(format, args...) + ".", w.precision}
}

// Wide is the same scope with layers in float32, for those that would lose too much otherwise.
func (w *Weights) Wide() *Weights { return &Weights{w.checkpoint, w.scope, nn.FP32} }

// Has reports whether the scope holds a tensor of that name.
func (w *Weights) Has(name string) bool {
	_, ok := w.set.Get(w.scope + name)
	return ok
}

// Skip marks a tensor that the architecture has but does not use under these settings.
func (w *Weights) Skip(name string) { w.used[w.scope+name] = true }

// tensor finds a tensor of floats with the given shape under one of its names, the first of which is today's, and notes
// what is wrong with it.
func (w *Weights) tensor(shape []int, names ...string) weights.Tensor {
	for _, name := range names {
		t, ok := w.set.Get(w.scope + name)
		if !ok {
			continue
		}
		switch t.Type {
		case weights.F64, weights.F32, weights.F16, weights.BF16:
		default:
			w.broken("tensor %s has type %s, which is no type for weights (F32, F16, BF16, F64)", t.Name, t.Type)
		}
		if !slices.Equal(t.Shape, shape) {
			w.broken("tensor %s has shape %v, but by config.json it is %v", t.Name, t.Shape, shape)
		}
		if !w.used[t.Name] {
			w.used[t.Name] = true
			w.params += int64(t.Len())
			w.bytes[t.Type] += len(t.Data)
		}
		return t
	}
	w.broken("tensor %s is missing", w.scope+names[0])
	return weights.Tensor{}
}

// size is how many tensors the file holds: no module can have more parts.
func (c *checkpoint) size() int { return len(c.set.Names()) }

// then has f run at the end of the load.
func (w *Weights) then(f func() error) { w.jobs = append(w.jobs, f) }

// Linear is the layer y = x Wᵀ + b of the tensors name.weight (out, in) and name.bias (out).
func (w *Weights) Linear(name string, out, in int) *nn.Linear {
	return w.Fused(out, in, name)
}

// Fused is several linear layers of the same input as one, their outputs side by side: (tokens, len(names)*out).
func (w *Weights) Fused(out, in int, names ...string) *nn.Linear {
	parts := make([]part, len(names))
	for i, name := range names {
		parts[i] = part{out: out, in: in, weight: w.tensor([]int{out, in}, name+".weight")}
		bias := w.tensor([]int{out}, name+".bias")
		parts[i].bias = &bias
	}
	return w.pack(parts...)
}

// newLinear is a layer that a job will fill.
func (w *Weights) newLinear() *nn.Linear {
	l := new(nn.Linear)
	w.linear = append(w.linear, l)
	return l
}

// part is a linear layer, alone or one of several that become one.
type part struct {
	out, in int
	weight  weights.Tensor
	inFirst bool            // the weight is stored as (in, out)
	bias    *weights.Tensor // nil: none
}

// pack makes one layer of the parts, straight from their stored types.
func (w *Weights) pack(parts ...part) *nn.Linear {
	l, precision := w.newLinear(), w.precision
	if name := parts[0].weight.Name; precision != nn.FP32 {
		size := 0
		for _, p := range parts {
			size += p.out * p.in
		}
		w.narrowable = append(w.narrowable, narrowable{name, size})
		if w.only != nil && !w.only(name) {
			precision = nn.FP32
		}
	}
	if w.kept != nil && precision != nn.FP32 {
		w.kept.layers = append(w.kept.layers, keptLayer{sectionName(parts), l})
	}
	w.then(func() error {
		if w.kept.get(l, precision, parts) {
			return nil
		}
		dense := make([]nn.Dense, len(parts))
		for i, p := range parts {
			raw, kind, err := stored(p.weight)
			if err != nil {
				return err
			}
			dense[i] = nn.Dense{Out: p.out, In: p.in, Kind: kind, W: raw, InFirst: p.inFirst}
			if p.bias == nil {
				continue
			}
			dense[i].Bias = make([]float32, p.out)
			if err := p.bias.Float32s(dense[i].Bias); err != nil {
				return err
			}
		}
		packed, err := nn.Fuse(precision, dense...)
		if err == nil {
			*l = *packed
			for _, p := range parts {
				w.set.ForgetTensor(p.weight)
			}
		}
		return err
	})
	return l
}

// LayerNorm is the layer norm of name.weight and name.bias, which the first checkpoints called gamma and beta.
func (w *Weights) LayerNorm(name string, n int, eps float32) *nn.LayerNorm {
	l := &nn.LayerNorm{Eps: eps}
	gamma := w.tensor([]int{n}, name+".weight", name+".gamma")
	beta := w.tensor([]int{n}, name+".bias", name+".beta")
	w.then(func() error {
		l.Gamma, l.Beta = make([]float32, n), make([]float32, n)
		return errors.Join(gamma.Float32s(l.Gamma), beta.Float32s(l.Beta))
	})
	return l
}

// Floats is a tensor converted to float32, row-major.
func (w *Weights) Floats(name string, shape ...int) *[]float32 {
	v, t := new([]float32), w.tensor(shape, name)
	w.then(func() error {
		*v = make([]float32, t.Len())
		return t.Float32s(*v)
	})
	return v
}

// Table is the embedding name.weight (rows, cols), kept in the file's own memory and type. key is what config.json calls
// the number of rows.
func (w *Weights) Table(name, key string, rows, cols int) *nn.Table {
	if t, ok := w.set.Get(w.scope + name + ".weight"); ok && len(t.Shape) == 2 && t.Shape[0] != rows {
		w.broken("config.json: %s=%d, but tensor %s has %d rows", key, rows, t.Name, t.Shape[0])
		rows = t.Shape[0]
	}
	table, t := new(nn.Table), w.tensor([]int{rows, cols}, name+".weight")
	w.then(func() error {
		raw, kind, err := stored(t)
		if err != nil {
			return err
		}
		made, err := nn.NewTable(kind, raw, rows, cols)
		if err == nil {
			*table = *made
		}
		return err
	})
	return table
}

// run fills everything that was handed out, on all cores.
func (c *checkpoint) run() error {
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, len(c.jobs))
	for range min(runtime.GOMAXPROCS(0), len(c.jobs)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(c.jobs); i = int(next.Add(1)) - 1 {
				errs[i] = c.jobs[i]()
			}
		})
	}
	wg.Wait()
	c.jobs = nil
	return errors.Join(errs...)
}

// close gives the memory of what was filled back, and the files.
func (c *checkpoint) close() error {
	for _, l := range c.linear {
		if l.Out > 0 {
			l.Close()
		}
	}
	return errors.Join(c.kept.close(), c.set.Close())
}

// mostly is the stored type that most bytes have.
func (c *checkpoint) mostly() weights.DType {
	best := weights.F32
	for t, n := range c.bytes {
		if n > c.bytes[best] || n == c.bytes[best] && t < best {
			best = t
		}
	}
	return best
}

// stored gives the numbers of a tensor as the kernels read them, and their type: in place, but for float64, which no
// kernel reads.
func stored(t weights.Tensor) (raw []byte, kind string, err error) {
	if t.Type != weights.F64 {
		return t.Data, t.Type.String(), nil
	}
	v := make([]float32, t.Len())
	err = t.Float32s(v)
	return littleEndian(v), weights.F32.String(), err
}

// littleEndian gives the bytes of numbers as checkpoints hold them.
func littleEndian(v []float32) []byte {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}
