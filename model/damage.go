package model

import (
	"context"
	"io/fs"
	"math"

	"github.com/tryall/tryall/nn"
	"github.com/tryall/tryall/qa"
)

// Damage is what a precision does to the logits by one part of a model.
type Damage struct {
	Part       string `json:"part"`       // the tensor of a layer, the first where several are computed as one; or "attention", or "all"
	Parameters int    `json:"parameters"` // 0 for attention
	// Error is the root mean square of the logits' change, Share that over their standard deviation.
	Error float64 `json:"error"`
	Share float64 `json:"share"`
}

// Damages measures what o.Precision costs on a batch: of all layers together, of attention alone, and of each layer alone,
// in the order of the checkpoint, with everything else in float32. It loads the model once for each, and calls done, which
// may be nil, after each.
func Damages(ctx context.Context, fsys fs.FS, o Options, b *Batch, done func(i, n int)) ([]Damage, error) {
	precision, err := nn.ParsePrecision(o.Precision)
	if err != nil || precision == nn.FP32 {
		return nil, qa.Errorf(qa.Invalid, "damage by precision %q: it must be one narrower than fp32", o.Precision)
	}
	var layers []narrowable
	run := func(p string, only func(layer string) bool) ([]float32, error) {
		o := o
		o.Precision, o.only = p, only
		m, err := Load(fsys, o)
		if err != nil {
			return nil, err
		}
		defer m.Close()
		layers = m.files.narrowable
		out, err := m.Score(ctx, b)
		return append(out.Start, out.End...), err
	}
	wide, err := run(nn.FP32.String(), nil)
	if err != nil {
		return nil, err
	}
	all, err := run(o.Precision, nil)
	if err != nil {
		return nil, err
	}
	none, err := run(o.Precision, func(string) bool { return false })
	if err != nil {
		return nil, err
	}
	_, spread := difference(wide, wide)
	note := func(part string, parameters int, got, want []float32) Damage {
		off, _ := difference(got, want)
		return Damage{part, parameters, off, off / spread}
	}
	parameters, out := 0, make([]Damage, 2, len(layers)+2)
	parts := layers
	for i, l := range parts {
		parameters += l.parameters
		got, err := run(o.Precision, func(layer string) bool { return layer == l.name })
		if err != nil {
			return nil, err
		}
		out = append(out, note(l.name, l.parameters, got, none))
		if done != nil {
			done(i+1, len(parts))
		}
	}
	out[0], out[1] = note("all", parameters, all, wide), note("attention", 0, none, wide)
	return out, nil
}

// difference is the root mean square of x-y, and the standard deviation of y.
func difference(x, y []float32) (off, spread float64) {
	var sum, squares, errors float64
	for i, v := range y {
		d := float64(x[i]) - float64(v)
		errors += d * d
		sum += float64(v)
		squares += float64(v) * float64(v)
	}
	n := float64(len(y))
	return math.Sqrt(errors / n), math.Sqrt(squares/n - sum/n*sum/n)
}

// narrowable is a layer that a precision applies to.
type narrowable struct {
	name       string
	parameters int
}
