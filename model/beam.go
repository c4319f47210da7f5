package model

import (
	"errors"
	"math"

	"github.com/tryall/tryall/nn"
)

// Beam is what the beam head makes of one window, laid out and named as transformers does although the numbers are
// probabilities. With n = min(start_n_top, tokens) and m = min(end_n_top, tokens), which only windows shorter than a
// beam make differ from the settings (transformers fails on those), the end of rank r given start i is at r*n + i.
type Beam struct {
	StartTopLogProbs []float32 // (n), best first
	StartTopIndex    []int32   // (n), tokens of the window
	EndTopLogProbs   []float32 // (m, n) flattened
	EndTopIndex      []int32   // (m, n) flattened
	ClsLogit         float32   // high: the question has no answer here; read off the window's last token
}

// beamHead is that of XLNetForQuestionAnswering: XLNetPoolerStartLogits, XLNetPoolerEndLogits, XLNetPoolerAnswerClass.
// The first dense layer of the ends takes [h ; h_start]; its two halves are kept apart, so that each is multiplied once
// per token and once per start, not once per pair.
type beamHead struct {
	startNTop, endNTop int
	start              *nn.Linear // (1, hidden)
	endToken, endStart *nn.Linear // (hidden, hidden) each
	endNorm            *nn.LayerNorm
	endOut, endBias    *[]float32 // (1, hidden), (1)
	class              *nn.Linear // (hidden, 2 hidden)
	classOut           *[]float32 // (1, hidden)
}

func newBeamHead(c *Config, w *Weights, d int) *beamHead {
	const most = 1000 // starts and ends: far above any use, and a bound on the work per window
	endToken, endStart := w.halves("end_logits.dense_0", d)
	return &beamHead{
		startNTop: c.Int("start_n_top", 5, 1, most),
		endNTop:   c.Int("end_n_top", 5, 1, most),
		start:     w.Linear("start_logits.dense", 1, d),
		endToken:  endToken,
		endStart:  endStart,
		endNorm:   w.LayerNorm("end_logits.LayerNorm", d, c.Epsilon("layer_norm_eps")),
		endOut:    w.Floats("end_logits.dense_1.weight", 1, d),
		endBias:   w.Floats("end_logits.dense_1.bias", 1),
		class:     w.Linear("answer_class.dense_0", d, 2*d),
		classOut:  w.Floats("answer_class.dense_1.weight", 1, d),
	}
}

// halves is the linear layer name (d, 2 d) as two, of the first and the second half of its input. The first has the bias.
func (w *Weights) halves(name string, d int) (first, second *nn.Linear) {
	first, second = w.newLinear(), w.newLinear()
	weight, bias := w.tensor([]int{d, 2 * d}, name+".weight"), w.tensor([]int{d}, name+".bias")
	w.then(func() error {
		both, b, half := make([]float32, 2*d*d), make([]float32, d), make([]float32, d*d)
		if err := errors.Join(weight.Float32s(both), bias.Float32s(b)); err != nil {
			return err
		}
		columns := func(from int) []float32 {
			for i := range d {
				copy(half[i*d:][:d], both[2*d*i+from:])
			}
			return half
		}
		*first = *nn.NewLinear(d, d, columns(0), b)
		*second = *nn.NewLinear(d, d, columns(d), nil)
		return nil
	})
	return first, second
}

func (h *beamHead) score(e *nn.Exec, b *Batch, x nn.Matrix) Logits {
	windows := len(b.Bounds) - 1
	start := make([]float32, x.Rows)
	h.start.Apply(e, x, nn.Matrix{Data: start, Rows: x.Rows, Cols: 1, Stride: 1}, nn.None)
	maskLogits(start, b.Mask)

	beams := make([]Beam, windows)
	var from []int // rows of x that the starts are, window after window
	summary := e.Matrix(windows, 2*x.Cols)
	for i := range beams {
		lo, hi := b.Bounds[i], b.Bounds[i+1]
		p := softmax(start[lo:hi])
		beams[i].StartTopLogProbs, beams[i].StartTopIndex = topK(p, h.startNTop)
		for _, j := range beams[i].StartTopIndex {
			from = append(from, lo+int(j))
		}
		expectation(summary.Row(i)[:x.Cols], p, x.Slice(lo, hi))
		copy(summary.Row(i)[x.Cols:], x.Row(hi-1))
	}
	h.ends(e, b, x, beams, from)
	class := e.Matrix(windows, x.Cols)
	h.class.Apply(e, summary, class, nn.Tanh)
	for i := range beams {
		beams[i].ClsLogit = dot(class.Row(i), *h.classOut)
	}
	return Logits{Start: start, Beams: beams}
}

// ends fills in the best ends of every start.
func (h *beamHead) ends(e *nn.Exec, b *Batch, x nn.Matrix, beams []Beam, from []int) {
	starts, perStart, perToken := e.Matrix(len(from), x.Cols), e.Matrix(len(from), x.Cols), e.Matrix(x.Rows, x.Cols)
	for i, row := range from {
		copy(starts.Row(i), x.Row(row))
	}
	h.endStart.Apply(e, starts, perStart, nn.None)
	h.endToken.Apply(e, x, perToken, nn.None)

	type place struct{ window, start int }
	places := make([]place, 0, len(from))
	for i := range beams {
		n, m := len(beams[i].StartTopIndex), min(h.endNTop, b.Bounds[i+1]-b.Bounds[i])
		beams[i].EndTopLogProbs, beams[i].EndTopIndex = make([]float32, m*n), make([]int32, m*n)
		for j := range n {
			places = append(places, place{i, j})
		}
	}
	e.For(len(places), func(i, _ int) {
		at := places[i]
		lo, hi := b.Bounds[at.window], b.Bounds[at.window+1]
		logits, row := make([]float32, hi-lo), make([]float32, x.Cols)
		for t := range logits {
			logits[t] = h.end(row, perToken.Row(lo+t), perStart.Row(i))
		}
		if b.Mask != nil {
			maskLogits(logits, b.Mask[lo:hi])
		}
		beam := &beams[at.window]
		n := len(beam.StartTopIndex)
		values, index := topK(softmax(logits), h.endNTop)
		for r := range values {
			beam.EndTopLogProbs[r*n+at.start], beam.EndTopIndex[r*n+at.start] = values[r], index[r]
		}
	})
}

// end is the logit of one token as the end for one start: dense_1(LayerNorm(tanh(token + start))).
func (h *beamHead) end(row, token, start []float32) float32 {
	var sum, squares float64
	for i := range row {
		row[i] = float32(math.Tanh(float64(token[i] + start[i])))
		sum += float64(row[i])
	}
	mean := sum / float64(len(row))
	for _, v := range row {
		squares += (float64(v) - mean) * (float64(v) - mean)
	}
	scale := 1 / math.Sqrt(squares/float64(len(row))+float64(h.endNorm.Eps))
	out := float64((*h.endBias)[0])
	for i, v := range row {
		normed := (float64(v)-mean)*scale*float64(h.endNorm.Gamma[i]) + float64(h.endNorm.Beta[i])
		out += normed * float64((*h.endOut)[i])
	}
	return float32(out)
}

// maskLogits puts masked tokens out of reach, by upstream's number.
func maskLogits(x []float32, mask []bool) {
	for i, masked := range mask {
		if masked {
			x[i] = -1e30
		}
	}
}

// softmax gives probabilities for finite logits.
func softmax(x []float32) []float32 {
	top := float32(math.Inf(-1))
	for _, v := range x {
		top = max(top, v)
	}
	p, sum := make([]float32, len(x)), 0.0
	for _, v := range x {
		sum += math.Exp(float64(v - top))
	}
	for i, v := range x {
		p[i] = float32(math.Exp(float64(v-top)) / sum)
	}
	return p
}

// topK gives the k largest values, or all when there are fewer, and where they are; of equals the first comes first.
func topK(p []float32, k int) (values []float32, index []int32) {
	k = min(k, len(p))
	taken := make([]bool, len(p))
	for range k {
		best := -1
		for i, v := range p {
			if !taken[i] && (best < 0 || v > p[best]) {
				best = i
			}
		}
		taken[best] = true
		values, index = append(values, p[best]), append(index, int32(best))
	}
	return values, index
}

// expectation is the sum of the rows of x, weighted by p.
func expectation(dst, p []float32, x nn.Matrix) {
	clear(dst)
	for t, weight := range p {
		for i, v := range x.Row(t) {
			dst[i] += weight * v
		}
	}
}

func dot(a, b []float32) float32 {
	var sum float64
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return float32(sum)
}
