package stats

import (
	"cmp"
	"math"
	"slices"
)

// AUROC is the chance that a positive has a higher score than a negative, equal scores counting half: the area under the
// receiver operating characteristic. ok is false where there are no positives or no negatives.
func AUROC(scores []float64, positive []bool) (area float64, ok bool) {
	order := sorted(scores)
	var positives, wins float64
	below := 0.0 // negatives with lower scores
	for lo := 0; lo < len(order); {
		hi, p := lo, 0.0
		for ; hi < len(order) && scores[order[hi]] == scores[order[lo]]; hi++ {
			if positive[order[hi]] {
				p++
			}
		}
		n := float64(hi-lo) - p
		wins += p * (below + n/2)
		below += n
		positives += p
		lo = hi
	}
	if positives == 0 || below == 0 {
		return 0, false
	}
	return wins / (positives * below), true
}

// sorted is the order of ascending values; of equal ones the first comes first.
func sorted(x []float64) []int {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	return order
}

// RiskPoint is what a threshold does: those with a confidence above it are answered.
type RiskPoint struct {
	Threshold float64
	Answered  int
	Loss      float64 // sum over the answered
}

// RiskCoverage is the curve of all thresholds that make a difference, surest first. Equal confidences are answered together.
// Thresholds lie midway between neighbouring confidences; the last one lies right below the smallest.
func RiskCoverage(confidence, loss []float64) []RiskPoint {
	order := sorted(confidence)
	slices.Reverse(order)
	var points []RiskPoint
	sum := 0.0
	for k, i := range order {
		sum += loss[i]
		c := confidence[i]
		if k+1 < len(order) && confidence[order[k+1]] == c {
			continue
		}
		below := math.Nextafter(c, math.Inf(-1))
		if k+1 < len(order) {
			next := confidence[order[k+1]]
			if below = next + (c-next)/2; below >= c {
				below = next
			}
		}
		points = append(points, RiskPoint{Threshold: below, Answered: k + 1, Loss: sum})
	}
	return points
}

// AURC is the area under the risk-coverage curve (Geifman and El-Yaniv, 2017): the mean over all observations of the risk, that
// is the mean loss of the answered, at the highest threshold at which the observation is answered. ok is false without any.
func AURC(confidence, loss []float64) (area float64, ok bool) {
	before := 0
	for _, p := range RiskCoverage(confidence, loss) {
		area += float64(p.Answered-before) * p.Loss / float64(p.Answered)
		before = p.Answered
	}
	if before == 0 {
		return 0, false
	}
	return area / float64(before), true
}

// Brier is the mean squared difference between probabilities and outcomes. NaN without any.
func Brier(p []float64, outcome []bool) float64 {
	sum := 0.0
	for i, v := range p {
		d := v - indicator(outcome[i])
		sum += d * d
	}
	return sum / float64(len(p))
}

// Bin is one part of a reliability curve.
type Bin struct {
	Mean  float64 // mean probability
	Share float64 // of positives
	N     int
}

// Reliability parts observations by their probabilities into bins of equal mass. Bins differ in size by one at most, the first are the
// larger; fewer observations than bins get a bin each. Where equal probabilities meet the edge of a bin, each of them counts as positive
// in part, by the share of positives among them, so that their order does not matter.
func Reliability(p []float64, outcome []bool, bins int) []Bin {
	n := len(p)
	bins = min(max(1, bins), n)
	order := sorted(p)
	share := make([]float64, n)
	for lo := 0; lo < n; {
		hi, positives := lo, 0.0
		for ; hi < n && p[order[hi]] == p[order[lo]]; hi++ {
			positives += indicator(outcome[order[hi]])
		}
		for k := lo; k < hi; k++ {
			share[k] = positives / float64(hi-lo)
		}
		lo = hi
	}
	out := make([]Bin, bins)
	at := 0
	for b := range out {
		size := n / bins
		if b < n%bins {
			size++
		}
		var mean, positive float64
		for k := at; k < at+size; k++ {
			mean += p[order[k]]
			positive += share[k]
		}
		at += size
		out[b] = Bin{mean / float64(size), positive / float64(size), size}
	}
	return out
}

// ECE is the expected calibration error (Naeini and others, 2015) with bins of equal mass, those of Reliability: the mean over
// observations of the distance between the mean probability and the share of positives in their bin. NaN without any.
func ECE(p []float64, outcome []bool, bins int) float64 {
	sum := 0.0
	for _, b := range Reliability(p, outcome, bins) {
		sum += float64(b.N) * math.Abs(b.Mean-b.Share)
	}
	return sum / float64(len(p))
}

func indicator(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
