package model

import (
	"math"

	"github.com/tryall/tryall/nn"
)

// activation is the function between the two layers of a feed-forward network: one of nn's, which are fast, or another.
type activation struct {
	fast  nn.Activation
	plain func(float64) float64 // nil: fast is it
}

// plainActivations are the functions of upstream's activations.py that nn does not have. Those with parameters in the
// checkpoint (prelu, xielu) are not here.
var plainActivations = map[string]func(float64) float64{
	"gelu_10":       func(x float64) float64 { return min(max(gelu(x), -10), 10) },
	"gelu_accurate": func(x float64) float64 { return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))) },
	"laplace":       func(x float64) float64 { return (1 + math.Erf((x-0.707107)/(0.282095*math.Sqrt2))) / 2 },
	"leaky_relu":    func(x float64) float64 { return max(x, 0.01*x) },
	"mish":          func(x float64) float64 { return x * math.Tanh(math.Log1p(math.Exp(-math.Abs(x)))+max(x, 0)) },
	"quick_gelu":    func(x float64) float64 { return x * sigmoid(1.702*x) },
	"relu2":         func(x float64) float64 { return max(x, 0) * max(x, 0) },
	"relu6":         func(x float64) float64 { return min(max(x, 0), 6) },
	"sigmoid":       sigmoid,
}

func gelu(x float64) float64    { return x / 2 * (1 + math.Erf(x/math.Sqrt2)) }
func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Activation gives the function that upstream knows under the name.
func (c *Config) Activation(key, def string) activation {
	name := c.String(key, def)
	if f, ok := plainActivations[name]; ok {
		return activation{plain: f}
	}
	fast, err := nn.ActivationByName(name)
	if err != nil {
		c.unsupported("config.json: %s=%q is not supported", key, shorten(name))
	}
	return activation{fast: fast}
}

// feedForward computes y = down(act(up(x))). x and y are (tokens, hidden).
func (a activation) feedForward(e *nn.Exec, x nn.Matrix, up, down *nn.Linear, y nn.Matrix) {
	if a.plain == nil {
		nn.FeedForward(e, x, up, a.fast, down, y)
		return
	}
	defer e.Rewind(e.Mark())
	inner := e.Matrix(x.Rows, up.Out)
	up.Apply(e, x, inner, nn.None)
	e.For(inner.Rows, func(i, _ int) {
		row := inner.Row(i)
		for j, v := range row {
			row[j] = float32(a.plain(float64(v)))
		}
	})
	down.Apply(e, inner, y, nn.None)
}
