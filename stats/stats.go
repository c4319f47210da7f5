// Package stats says how sure a mean, a share or a difference is: bootstrap intervals, paired tests,
// corrections for several comparisons.
//
// It knows no questions and no models: observations are numbers, and observations that belong together
// (they share a passage, a document) carry the same cluster number. What follows from a seed is the same
// on every machine and with any number of threads. Estimates carry warnings where they should not be
// leaned upon.
package stats

import (
	"fmt"
	"math"
)

// Options say how to resample. The zero value means 10,000 resamples, a level of 0.95 and seed 0.
type Options struct {
	Resamples int     // of the bootstrap
	Trials    int     // of the randomisation test; as many as Resamples when 0
	Level     float64 // of the interval, between 0 and 1
	Seed      uint64
}

func (o Options) resamples() int {
	if o.Resamples <= 0 {
		return 10_000
	}
	return o.Resamples
}

func (o Options) trials() int {
	if o.Trials <= 0 {
		return o.resamples()
	}
	return o.Trials
}

func (o Options) level() float64 {
	if o.Level <= 0 || o.Level >= 1 {
		return 0.95
	}
	return o.Level
}

// Estimate is a mean with its percentile interval, in the units of the observations.
type Estimate struct {
	Mean, Lo, Hi float64
	SE           float64 // standard deviation of the resampled means; counts the clusters in
	N            int     // observations
	Clusters     int     // what was resampled; N when every observation stands alone
	Warnings     []string
}

// Comparison is the mean of the differences a-b, and the probability of one at least as large if a and b were alike.
type Comparison struct {
	Estimate
	P float64 // two-sided, by approximate randomisation
}

// power80 is z(0.975) + z(0.80): a difference of that many standard errors is found in 80 of 100 samples at 5 %.
const power80 = 2.8

// Detectable is the smallest true difference that a sample like this one would show (80 % power, 5 % level).
func (e Estimate) Detectable() float64 { return power80 * e.SE }

// Needed is the number of observations, of the same clustering, at which a true mean of size diff would show.
// It is +Inf for no difference.
func (e Estimate) Needed(diff float64) float64 {
	if diff == 0 {
		return math.Inf(1)
	}
	r := e.Detectable() / diff
	return math.Ceil(float64(e.N) * r * r)
}

// fewClusters is where a percentile interval starts to be markedly too narrow.
const fewClusters = 20

func (e *Estimate) warn(spread bool) {
	what := "observations"
	if e.N == 1 {
		what = "observation"
	}
	if e.Clusters < e.N {
		what = fmt.Sprintf("clusters of %d observations", e.N)
		if e.Clusters == 1 {
			what = fmt.Sprintf("cluster of %d observations", e.N)
		}
	}
	if e.Clusters < fewClusters {
		e.Warnings = append(e.Warnings, fmt.Sprintf("only %d %s: the interval is rough and rather too narrow", e.Clusters, what))
	}
	if !spread {
		e.Warnings = append(e.Warnings, "all resampled means are equal: the interval has no width and says nothing about other samples")
	}
}

// check refuses what no mean can be taken of.
func check(x []float64, clusters []int) error {
	if len(x) == 0 {
		return fmt.Errorf("no observations")
	}
	if clusters != nil && len(clusters) != len(x) {
		return fmt.Errorf("%d observations but %d cluster numbers", len(x), len(clusters))
	}
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("observation %d is %v: not a number to take a mean of", i, v)
		}
	}
	return nil
}
