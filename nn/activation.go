package nn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tryall/tryall/internal/kernel"
)

// Activation is an activation function.
type Activation uint8

// The activations. GELU is the exact one (erf), GELUNew the tanh form of GPT-2.
const (
	None    = Activation(kernel.None)
	GELU    = Activation(kernel.GELU)
	GELUNew = Activation(kernel.GELUTanh)
	ReLU    = Activation(kernel.ReLU)
	Tanh    = Activation(kernel.Tanh)
	SiLU    = Activation(kernel.SiLU)
)

// activationNames are the names that configurations use, as transformers' ACT2FN has them.
var activationNames = []struct {
	name string
	act  Activation
}{
	{"gelu", GELU}, {"gelu_python", GELU},
	{"gelu_new", GELUNew}, {"gelu_fast", GELUNew}, {"gelu_pytorch_tanh", GELUNew}, {"gelu_python_tanh", GELUNew},
	{"relu", ReLU}, {"tanh", Tanh}, {"silu", SiLU}, {"swish", SiLU}, {"linear", None},
}

// ActivationByName finds an activation by its name in a configuration (hidden_act, activation, ff_activation).
func ActivationByName(name string) (Activation, error) {
	var known []string
	for _, a := range activationNames {
		if a.name == name {
			return a.act, nil
		}
		known = append(known, a.name)
	}
	return None, fmt.Errorf("activation %q is not supported; supported are %s", name, strings.Join(known, ", "))
}

// String returns the first of the names that configurations use.
func (a Activation) String() string {
	i := slices.IndexFunc(activationNames, func(n struct {
		name string
		act  Activation
	}) bool {
		return n.act == a
	})
	if i < 0 {
		return fmt.Sprintf("Activation(%d)", a)
	}
	return activationNames[i].name
}

// Activate applies a to m in place, all threads working on it.
func (e *Exec) Activate(m Matrix, a Activation) {
	if a != None {
		e.rows(m.Rows, func(i int) { kernel.Activate(m.Row(i), 0, 1, m.Cols, kernel.Act(a)) })
	}
}
