package eval

import (
	"fmt"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/stats"
)

// bins is how many bins of equal mass the calibration error has.
const bins = 15

// The methods of calibration.
const (
	Platt       = "platt"    // a logistic curve
	IsotonicFit = "isotonic" // any rising curve; takes more labels
)

// Calibration turns a confidence into the probability that the answer is right (EM), for one model and decoder.
type Calibration struct {
	Method   string          `json:"method"`
	Logistic *stats.Logistic `json:"logistic,omitempty"`
	Isotonic *stats.Isotonic `json:"isotonic,omitempty"`
	Labels   int             `json:"labels"`
	// How good the probabilities are on documents that they were not fitted to (cross-fitted).
	ECE   float64 `json:"ece"` // percent, 15 bins of equal mass
	Brier float64 `json:"brier"`
}

// Calibrate fits a calibration to judged answers. Fewer than 50 of them, or only right or only wrong ones, are not enough.
func Calibrate(rs []Result, method string) (*Calibration, error) {
	cross, err := CrossCalibrate(rs, method)
	if err != nil {
		return nil, err
	}
	c := candidates(rs)
	all := make([]int, len(c.confidence))
	for k := range all {
		all[k] = k
	}
	out, err := c.fit(method, all)
	if err != nil {
		return nil, qa.Errorf(qa.Invalid, "calibrate: %w", err)
	}
	out.Labels, out.ECE, out.Brier = len(all), 100*stats.ECE(cross, c.right, bins), stats.Brier(cross, c.right)
	return out, nil
}

// CrossCalibrate gives each judged answer the probability that a calibration by the other documents gives it: what Calibrate's
// errors are measured by, and what may be shown beside the labels it was fitted to. Results without a candidate have none and
// are left out.
func CrossCalibrate(rs []Result, method string) ([]float64, error) {
	c := candidates(rs)
	right := 0
	for _, r := range c.right {
		if r {
			right++
		}
	}
	switch {
	case method != Platt && method != IsotonicFit:
		return nil, qa.Errorf(qa.Invalid, "calibrate: there is no method %q; there are %s and %s", method, Platt, IsotonicFit)
	case len(c.right) < enoughLabels:
		return nil, qa.Errorf(qa.Invalid, "calibrate: not enough labels: it takes %d answers that are known to be right or wrong, there are %d", enoughLabels, len(c.right))
	case right == 0 || right == len(c.right):
		return nil, qa.Errorf(qa.Invalid, "calibrate: %d of %d answers are right; it takes right and wrong ones", right, len(c.right))
	}
	all, err := folds(rs)
	if err != nil {
		return nil, qa.Errorf(qa.Invalid, "calibrate: %w", err)
	}
	fold := make([]int, len(c.index))
	for k, i := range c.index {
		fold[k] = all[i]
	}
	p, err := stats.CrossFit(fold, func(train []int) (func(int) float64, error) {
		f, err := c.fit(method, train)
		if err != nil {
			return nil, err
		}
		return func(k int) float64 { return f.P(c.confidence[k]) }, nil
	})
	if err != nil {
		return nil, qa.Errorf(qa.Invalid, "calibrate: %w", err)
	}
	return p, nil
}

// P is the probability that an answer of this confidence is right.
func (c *Calibration) P(confidence float64) float64 {
	if c.Logistic != nil {
		return c.Logistic.P([]float64{confidence})
	}
	return c.Isotonic.At(confidence)
}

func (c *chances) fit(method string, train []int) (out *Calibration, err error) {
	out = &Calibration{Method: method}
	x, features, right := make([]float64, len(train)), make([][]float64, len(train)), make([]bool, len(train))
	for n, k := range train {
		x[n], features[n], right[n] = c.confidence[k], []float64{c.confidence[k]}, c.right[k]
	}
	if method == Platt {
		out.Logistic, err = stats.FitLogistic(features, right)
	} else {
		out.Isotonic, err = stats.FitIsotonic(x, right)
	}
	if err != nil {
		return nil, fmt.Errorf("%d answers: %w", len(train), err)
	}
	return out, nil
}

// probabilities are the calibrated ones; ok is false where an answer has none.
func (c *chances) probabilities() (p []float64, ok bool) {
	for _, v := range c.p {
		if v == nil {
			return nil, false
		}
		p = append(p, *v)
	}
	return p, len(p) > 0
}

func auroc(rs []Result) (float64, bool) {
	c := candidates(rs)
	v, ok := stats.AUROC(c.confidence, c.right)
	return 100 * v, ok
}

func aurc(rs []Result) (float64, bool) {
	c := candidates(rs)
	return stats.AURC(c.confidence, c.risk)
}

func ece(rs []Result) (float64, bool) {
	c := candidates(rs)
	p, ok := c.probabilities()
	if !ok {
		return 0, false
	}
	return 100 * stats.ECE(p, c.right, bins), true
}
