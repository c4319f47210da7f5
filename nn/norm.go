package nn

import "github.com/tryall/tryall/internal/kernel"

// LayerNorm normalises rows to mean 0 and variance 1, then scales and shifts them.
// https://arxiv.org/abs/1607.06450
type LayerNorm struct {
	Gamma, Beta []float32
	Eps         float32
}

// Apply computes y = LN(x + residual), row by row. residual without data means none; y may be x or residual.
func (n *LayerNorm) Apply(e *Exec, x, residual, y Matrix) {
	e.rows(x.Rows, func(i int) { n.row(i, x, residual, y) })
}

// ApplyInline is Apply on the calling goroutine, for use inside For.
func (n *LayerNorm) ApplyInline(x, residual, y Matrix) {
	for i := range x.Rows {
		n.row(i, x, residual, y)
	}
}

func (n *LayerNorm) row(i int, x, residual, y Matrix) {
	var r []float32
	if residual.Data != nil {
		r = residual.Row(i)
	}
	kernel.LayerNorm(y.Row(i), x.Row(i), r, n.Gamma, n.Beta, n.Eps)
}
