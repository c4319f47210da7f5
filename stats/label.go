package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// LabelOptions say how questions to label are drawn. The zero value is fit for use.
type LabelOptions struct {
	Uniform float64 // part of the draws that go by chance alone; 0.2 when 0. At least that much: 1 is no choice at all
	Epsilon float64 // added to every disagreement; 0.05 of the largest when 0
	Seed    uint64
}

// NextLabel draws which question to label next: not the most disputed one, which would bias what is estimated from the labels,
// but each with a probability that grows with its disagreement. pool are the disagreements of all questions that could have
// been labelled, taken those that were, in order. It returns the question and the probability q that it had among
// those that were left; LURE needs it. What is drawn follows from the options and from how many are taken.
func NextLabel(pool []float64, taken []int, o LabelOptions) (item int, q float64, err error) {
	if o.Uniform == 0 {
		o.Uniform = 0.2
	}
	if !(o.Uniform > 0 && o.Uniform <= 1) || o.Epsilon < 0 {
		return 0, 0, fmt.Errorf("next label: uniform is %v and epsilon %v; they must be in (0, 1] and not negative", o.Uniform, o.Epsilon)
	}
	largest, left := 0.0, len(pool)
	for i, d := range pool {
		if !(d >= 0) || math.IsInf(d, 1) {
			return 0, 0, fmt.Errorf("next label: the disagreement of question %d is %v", i, d)
		}
		largest = max(largest, d)
	}
	if o.Epsilon == 0 {
		o.Epsilon = 0.05 * largest
	}
	if o.Epsilon == 0 {
		o.Epsilon = 1 // nobody disagrees on anything
	}
	gone := make([]bool, len(pool))
	for _, i := range taken {
		if i < 0 || i >= len(pool) || gone[i] {
			return 0, 0, fmt.Errorf("next label: question %d of %d is taken twice or is not there", i, len(pool))
		}
		gone[i] = true
		left--
	}
	if left == 0 {
		return 0, 0, fmt.Errorf("next label: all %d questions are labelled", len(pool))
	}
	total := 0.0
	for i, d := range pool {
		if !gone[i] {
			total += o.Epsilon + d
		}
	}
	u := rand.New(rand.NewPCG(o.Seed, streamLabel+uint64(len(taken)))).Float64()
	for i, d := range pool {
		if gone[i] {
			continue
		}
		item, q = i, o.Uniform/float64(left)+(1-o.Uniform)*(o.Epsilon+d)/total
		if u -= q; u < 0 {
			break
		}
	}
	return item, min(q, 1), nil // the parts of it may sum to a little more
}

// LURE are the weights of labels that were drawn from a pool without replacement with probabilities q, in order of drawing
// (Farquhar, Gal and Rainforth, 2021): the mean over the labels of weight times loss is an unbiased estimate of the mean loss
// over the whole pool.
func LURE(q []float64, pool int) ([]float64, error) {
	n := len(q)
	if n > pool {
		return nil, fmt.Errorf("label weights: %d labels of a pool of %d", n, pool)
	}
	weights := make([]float64, n)
	for k, p := range q {
		if !(p > 0 && p <= 1+1e-9) {
			return nil, fmt.Errorf("label weights: label %d was drawn with probability %v", k+1, p)
		}
		m := k + 1
		weights[k] = 1
		if n < pool {
			weights[k] += float64(pool-n) / float64(pool-m) * (1/(float64(pool-m+1)*p) - 1)
		}
	}
	return weights, nil
}

// Entropy is that of shares in bits: 0 when all is one, log2 of their number when all are equal. weights need not sum to one.
func Entropy(weights []float64) float64 {
	total, h := 0.0, 0.0
	for _, w := range weights {
		total += w
	}
	for _, w := range weights {
		if w > 0 {
			h -= w / total * math.Log2(w/total)
		}
	}
	return h
}
