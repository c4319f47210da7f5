package model

import (
	"context"

	"github.com/tryall/tryall/nn"
)

// stack is embeddings, a projection where their width is not the layers', and layers: every encoder but XLNet.
type stack struct {
	embed   embeddings
	width   int        // of the embeddings
	project *nn.Linear // (hidden, width); nil where the widths agree
	layers  []*block   // in the order in which they run; one may be there several times
	// distances holds the relative positions of each layer; nil where positions are in the embeddings.
	distances []*distances
	limits    Limits
}

// Limits says what a batch may hold.
func (s *stack) Limits() Limits { return s.limits }

// Encode gives the hidden states of the last layer, (tokens, hidden).
func (s *stack) Encode(ctx context.Context, e *nn.Exec, b *Batch) (nn.Matrix, error) {
	x := e.Matrix(len(b.IDs), s.width)
	s.embed.apply(e, b, x)
	if s.project != nil {
		y := e.Matrix(x.Rows, s.limits.Hidden)
		s.project.Apply(e, x, y, nn.None)
		x = y
	}
	started := false
	for i, layer := range s.layers {
		if err := ctx.Err(); err != nil {
			return nn.Matrix{}, err
		}
		var add biases
		var next *block
		if s.distances != nil {
			add = s.distances[i].biases(b.Bounds)
		} else if i+1 < len(s.layers) {
			next = s.layers[i+1]
		}
		started = layer.apply(e, b.Bounds, x, add, started, next)
	}
	return x, ctx.Err()
}
