package eval

import (
	"fmt"

	"github.com/tryall/tryall/stats"
)

// enoughLabels is how many labelled questions it takes before thresholds and probabilities are worth a figure.
const enoughLabels = 50

// curvePoints is how many points of a curve are kept.
const curvePoints = 200

// wantedRates are the shares of wrong answers, in percent, that thresholds are given for.
var wantedRates = []float64{5, 10, 20}

// Selectivity says what thresholds on the confidence do: a question is answered with its best candidate when its confidence is
// above the threshold. threshold is the one that decided, nil where none did.
//
// The threshold for a wanted error rate is the lowest at which no larger share of the answers is wrong on these questions. Being
// chosen by them, it looks better on them than it is; so the rate that is given with it, the coverage and the number of answers
// are cross-fitted: each tenth of the documents (of the passages, where documents are few) is answered by the threshold that
// the others choose. The interval reaches from Wilson's lower limit of the rate on the questions themselves, which is too good,
// to the upper limit of the cross-fitted one, which belongs to thresholds chosen by fewer and so is rather too bad.
func Selectivity(rs []Result, threshold *float64) *Selective {
	if len(rs) < enoughLabels {
		return &Selective{Note: fmt.Sprintf("not enough labels: thresholds take %d questions with answers, there are %d", enoughLabels, len(rs))}
	}
	c := candidates(rs)
	if len(c.confidence) == 0 {
		return &Selective{Note: "no question has a candidate for an answer, so that there is nothing to set a threshold for"}
	}
	s := &Selective{Points: c.points(len(rs))}
	s.AURC, _ = stats.AURC(c.confidence, c.risk)
	if v, ok := stats.AUROC(c.confidence, c.right); ok {
		v *= 100
		s.AUROC = &v
	}
	if p, ok := c.probabilities(); ok {
		e, b := 100*stats.ECE(p, c.right, bins), stats.Brier(p, c.right)
		s.ECE, s.Brier = &e, &b
	}
	if threshold != nil {
		s.Chosen = c.at(*threshold, len(rs))
	}
	s.Points = thin(s.Points, curvePoints)
	fold, err := folds(rs)
	for _, wanted := range wantedRates {
		t := RateThreshold{Wanted: wanted}
		if t.Threshold, t.Reached = c.forRate(wanted, nil); t.Reached && err == nil {
			c.crossFit(&t, fold, len(rs))
		}
		s.Thresholds = append(s.Thresholds, t)
	}
	return s
}

// chances are what could be answered: the questions that have a candidate.
type chances struct {
	index       []int // of the result
	confidence  []float64
	risk, wrong []float64 // percent: 100-F1 and 100-EM of the candidate
	right       []bool
	p           []*float64
}

func candidates(rs []Result) *chances {
	c := &chances{}
	for i := range rs {
		if r := &rs[i]; r.HasBest {
			c.index, c.confidence = append(c.index, i), append(c.confidence, r.Confidence)
			c.risk, c.wrong = append(c.risk, 100-r.BestF1), append(c.wrong, 100-r.BestExact)
			c.right, c.p = append(c.right, r.BestExact == 100), append(c.p, r.P)
		}
	}
	return c
}

// points are the curve over n questions.
func (c *chances) points(n int) []SelectivePoint {
	risks, wrongs := stats.RiskCoverage(c.confidence, c.risk), stats.RiskCoverage(c.confidence, c.wrong)
	out := make([]SelectivePoint, len(risks))
	for i, r := range risks {
		k := float64(r.Answered)
		out[i] = SelectivePoint{Threshold: r.Threshold, Coverage: 100 * k / float64(n), Risk: r.Loss / k, Wrong: wrongs[i].Loss / k}
	}
	return out
}

// at is the point of any threshold; where it answers nothing, nothing is risked.
func (c *chances) at(threshold float64, n int) *SelectivePoint {
	p, answered := &SelectivePoint{Threshold: threshold}, 0.0
	for i, v := range c.confidence {
		if v > threshold {
			answered++
			p.Risk += c.risk[i]
			p.Wrong += c.wrong[i]
		}
	}
	if answered > 0 {
		p.Coverage, p.Risk, p.Wrong = 100*answered/float64(n), p.Risk/answered, p.Wrong/answered
	}
	return p
}

// forRate is the lowest threshold at which at most the wanted percentage of the answers is wrong, by all candidates or by those
// that use lets pass.
func (c *chances) forRate(wanted float64, use func(k int) bool) (threshold float64, ok bool) {
	confidence, wrong := c.confidence, c.wrong
	if use != nil {
		confidence, wrong = nil, nil
		for k := range c.confidence {
			if use(k) {
				confidence, wrong = append(confidence, c.confidence[k]), append(wrong, c.wrong[k])
			}
		}
	}
	for _, p := range stats.RiskCoverage(confidence, wrong) {
		if p.Loss <= wanted*float64(p.Answered) {
			threshold, ok = p.Threshold, true
		}
	}
	return threshold, ok
}

// crossFit fills in what thresholds for the wanted rate do on questions that they were not chosen by. fold is by result.
func (c *chances) crossFit(t *RateThreshold, fold []int, n int) {
	last := 0
	for _, f := range fold {
		last = max(last, f)
	}
	wrong := 0
	for f := range last + 1 {
		at, ok := c.forRate(t.Wanted, func(k int) bool { return fold[c.index[k]] != f })
		for k, v := range c.confidence {
			if ok && fold[c.index[k]] == f && v > at {
				t.N++
				if !c.right[k] {
					wrong++
				}
			}
		}
	}
	answered, seen := 0, 0
	for k, v := range c.confidence {
		if v > t.Threshold {
			answered++
			if !c.right[k] {
				seen++
			}
		}
	}
	lo, _ := stats.Wilson(seen, answered, 0.95)
	low, hi := stats.Wilson(wrong, t.N, 0.95)
	t.WrongCI = [2]float64{100 * min(lo, low), 100 * hi}
	t.Coverage = 100 * float64(t.N) / float64(n)
	if t.N > 0 {
		t.Wrong = 100 * float64(wrong) / float64(t.N)
	}
}

// thin keeps n points at even distances on the curve, the first and the last among them.
func thin(points []SelectivePoint, n int) []SelectivePoint {
	if len(points) <= n {
		return points
	}
	out := make([]SelectivePoint, n)
	for i := range out {
		out[i] = points[i*(len(points)-1)/(n-1)]
	}
	return out
}

// manyFolds is how many parts results are cut into for cross-fitting, fewGroups below how many groups smaller ones are taken.
const manyFolds, fewGroups = 10, 5

// folds part results by document, or by passage where documents are few, or question by question where passages are few too.
func folds(rs []Result) ([]int, error) {
	documents, passages := make([]int, len(rs)), make([]int, len(rs))
	for i := range rs {
		documents[i], passages[i] = rs[i].Document, rs[i].Passage
	}
	groups := documents
	if distinct(groups) < fewGroups {
		groups = passages
	}
	if distinct(groups) < fewGroups {
		groups = nil
	}
	return stats.Folds(len(rs), groups, manyFolds, 0)
}

func distinct(x []int) int {
	seen := map[int]struct{}{}
	for _, v := range x {
		seen[v] = struct{}{}
	}
	return len(seen)
}
