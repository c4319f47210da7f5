package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"math"

	"github.com/tryall/tryall/internal/weights"
	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/qa"
)

// config reads config.json.
func config(_ context.Context, e *exam) findings {
	kind, err := model.CheckConfig(e.FS)
	if err != nil {
		return found(Fail, "%v", err)
	}
	data, err := readSmall(e.FS, "config.json", 16<<20)
	if err == nil {
		err = json.Unmarshal(data, &e.config)
	}
	if err != nil {
		return found(Fail, "read config.json: %v", err)
	}
	e.architecture = kind
	return found(Pass, "model_type %s", kind)
}

// openWeights opens the weight files, which reads all but the numbers themselves.
func openWeights(_ context.Context, e *exam) findings {
	if e.lost {
		return skip("files")
	}
	set, err := weights.Open(e.FS)
	if err != nil {
		return found(Fail, "%v", err)
	}
	e.set = set
	return found(Pass, "%s, %d files, %d tensors", set.Format(), len(set.Files()), len(set.Names()))
}

// tensors compares the tensors with what the configuration asks for.
func tensors(_ context.Context, e *exam) findings {
	e.info, e.shapeErr = model.Check(e.FS)
	switch {
	case errors.Is(e.shapeErr, model.ErrNoHead):
		return skip("head")
	case e.shapeErr != nil:
		return found(Fail, "%v", e.shapeErr)
	}
	var f findings
	for _, w := range e.info.Warnings {
		f.add(Info, "%s", w)
	}
	f.add(Pass, "%.1f million parameters in %d layers, mostly %s", float64(e.info.Parameters)/1e6, e.info.Layers, e.info.DType)
	return f
}

// heads are the linear layers with which heads begin, by the names they have in files.
var heads = []string{"qa_outputs", "start_logits.dense"}

// head tells whether there is a head and whether it looks as libraries initialise one: all zeros, or a bias of exactly zero
// beside weights whose deviation is initializer_range, neither of which survives the first step of training.
func head(_ context.Context, e *exam) findings {
	switch {
	case errors.Is(e.shapeErr, model.ErrNoHead):
		return found(Fail, "%v; train it for question answering, or choose a checkpoint that was", e.shapeErr)
	case e.shapeErr != nil:
		return skip("tensors")
	}
	for _, name := range heads {
		w, okW := e.tensor(name + ".weight")
		b, okB := e.tensor(name + ".bias")
		if !okW || !okB {
			continue
		}
		spread, err := deviation(w)
		if err != nil {
			return found(Fail, "%v", err)
		}
		offset, err := deviation(b)
		if err != nil {
			return found(Fail, "%v", err)
		}
		usual := e.number("initializer_range", 0.02)
		near := math.Abs(spread-usual) < usual*(0.1+3/math.Sqrt(2*float64(w.Len())))
		switch {
		case spread == 0:
			return found(Fail, "the %s head was never trained: all of %s is zero", e.info.Head, w.Name)
		case offset == 0 && near:
			return found(Fail, "the %s head was never trained: %s deviates by %.3g as it does after initialisation (initializer_range %g), and %s is exactly zero",
				e.info.Head, w.Name, spread, usual, b.Name)
		}
	}
	return found(Pass, "a %s head", e.info.Head)
}

// deviation is the root mean square of a tensor's numbers.
func deviation(t weights.Tensor) (float64, error) {
	v := make([]float32, t.Len())
	if err := t.Float32s(v); err != nil {
		return 0, qa.Errorf(qa.BrokenModel, "read %s: %w", t.Name, err)
	}
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum / float64(max(1, len(v)))), nil
}

// number is a number of config.json.
func (e *exam) number(key string, otherwise float64) float64 {
	v := otherwise
	if json.Unmarshal(e.config[key], &v) != nil {
		return otherwise
	}
	return v
}
