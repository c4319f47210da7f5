package eval

import (
	"cmp"
	"slices"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/stats"
)

// Cut is what a threshold does to questions: those whose best candidate is surer than it are answered with that candidate.
type Cut struct {
	Threshold  float64 `json:"threshold"`
	Questions  int     `json:"questions"`
	Answerable int     `json:"answerable"` // questions that have an answer
	Answered   int     `json:"answered"`
	Wrong      int     `json:"wrong"`  // answered, and not exactly right
	Silent     int     `json:"silent"` // not answered, and rightly so: there is no answer
	// F1 is the mean over all questions, percent: of the candidate where it is answered, else 100 where there is no answer and 0 where
	// there is one.
	F1 float64 `json:"f1"`
}

// Found are the questions that are answered exactly right.
func (c Cut) Found() int { return c.Answered - c.Wrong }

// Right are the questions that are dealt with rightly: by the right answer, or by none where there is none.
func (c Cut) Right() int { return c.Found() + c.Silent }

// Coverage is the percentage of the questions that is answered, with its interval (Wilson, 95 %).
func (c Cut) Coverage() (percent float64, ci [2]float64) { return shareOf(c.Answered, c.Questions) }

// Risk is the percentage of the answers that is wrong, with its interval (Wilson, 95 %). Without answers nothing is known.
func (c Cut) Risk() (percent float64, ci [2]float64) { return shareOf(c.Wrong, c.Answered) }

// Precision is the percentage of the answers that is right; 100 without answers, where curves of precision and recall begin.
func (c Cut) Precision() float64 {
	if c.Answered == 0 {
		return 100
	}
	return 100 * float64(c.Found()) / float64(c.Answered)
}

// Recall is the percentage of the questions with an answer for which it is found; 0 where there are none.
func (c Cut) Recall() float64 {
	if c.Answerable == 0 {
		return 0
	}
	return 100 * float64(c.Found()) / float64(c.Answerable)
}

// RightShare is the percentage of the questions that are dealt with rightly, with its interval (Wilson, 95 %).
func (c Cut) RightShare() (percent float64, ci [2]float64) { return shareOf(c.Right(), c.Questions) }

func shareOf(k, n int) (percent float64, ci [2]float64) {
	lo, hi := stats.Wilson(k, n, 0.95)
	if n > 0 {
		percent = 100 * float64(k) / float64(n)
	}
	return percent, [2]float64{100 * lo, 100 * hi}
}

// Cuts are all thresholds on the results of one contestant.
type Cuts struct {
	rs    []Result
	c     *chances
	order []int // of chances, surest first
	// Over the first k of order: wrong answers, their F1, questions without an answer among them.
	wrong, lost []int
	f1          []float64
	answerable  int
}

// NewCuts prepares them.
func NewCuts(rs []Result) *Cuts {
	x := &Cuts{rs: rs, c: candidates(rs)}
	n := len(x.c.confidence)
	x.order = make([]int, n)
	for i := range x.order {
		x.order[i] = i
	}
	slices.SortStableFunc(x.order, func(a, b int) int { return cmp.Compare(x.c.confidence[b], x.c.confidence[a]) })
	x.wrong, x.lost, x.f1 = make([]int, n+1), make([]int, n+1), make([]float64, n+1)
	for k, i := range x.order {
		x.wrong[k+1], x.lost[k+1], x.f1[k+1] = x.wrong[k], x.lost[k], x.f1[k]+100-x.c.risk[i]
		if !x.c.right[i] {
			x.wrong[k+1]++
		}
		if !rs[x.c.index[i]].HasAns {
			x.lost[k+1]++
		}
	}
	for i := range rs {
		if rs[i].HasAns {
			x.answerable++
		}
	}
	return x
}

// Missing is how many more labelled questions it takes before a threshold for a wanted rate of wrong answers, and probabilities, can be
// told; 0 when there are enough.
func (x *Cuts) Missing() int { return max(0, enoughLabels-len(x.rs)) }

// MoreFor is about how many more questions like these it takes to know the share of wrong answers at the cut to half percentage points
// either way (95 %), rounded up to two digits; 0 when they are enough, or where nothing is answered. The share that is expected is
// (wrong+2)/(answered+4), the centre of the interval of Agresti and Coull (1998), so that no wrong answer at all is not taken at its word.
func (c Cut) MoreFor(half float64) int {
	if c.Answered == 0 {
		return 0
	}
	p, z := float64(c.Wrong+2)/float64(c.Answered+4), stats.NormalQuantile(0.975)
	answers := z * z * p * (1 - p) / (half * half / 1e4)
	return roundUp(answers*float64(c.Questions)/float64(c.Answered) - float64(c.Questions))
}

// Enough says whether there are labels enough for curves and thresholds, and why not.
func (x *Cuts) Enough() error {
	switch {
	case len(x.rs) < enoughLabels:
		return qa.Errorf(qa.Invalid, "not enough labels: thresholds take %d questions with answers, there are %d", enoughLabels, len(x.rs))
	case len(x.order) == 0:
		return qa.Errorf(qa.Invalid, "no question has a candidate for an answer, so that there is nothing to set a threshold for")
	}
	return nil
}

// Range are the least and the greatest confidence; ok is false where there is no candidate.
func (x *Cuts) Range() (lo, hi float64, ok bool) {
	n := len(x.order)
	if n == 0 {
		return 0, 0, false
	}
	return x.c.confidence[x.order[n-1]], x.c.confidence[x.order[0]], true
}

// At is what a threshold does.
func (x *Cuts) At(threshold float64) Cut {
	k, _ := slices.BinarySearchFunc(x.order, threshold, func(i int, t float64) int { // the first that is not above it
		if x.c.confidence[i] > t {
			return -1
		}
		return 1
	})
	return x.cut(k, threshold)
}

// cut answers the k surest.
func (x *Cuts) cut(k int, threshold float64) Cut {
	c := Cut{Threshold: threshold, Questions: len(x.rs), Answerable: x.answerable, Answered: k, Wrong: x.wrong[k]}
	c.Silent = len(x.rs) - x.answerable - x.lost[k]
	if c.Questions > 0 {
		c.F1 = (x.f1[k] + 100*float64(c.Silent)) / float64(c.Questions)
	}
	return c
}

// All are the thresholds that make a difference, surest first. They lie midway between neighbouring confidences.
func (x *Cuts) All() []Cut {
	points := stats.RiskCoverage(x.c.confidence, x.c.wrong)
	out := make([]Cut, len(points))
	for i, p := range points {
		out[i] = x.cut(p.Answered, p.Threshold)
	}
	return out
}

// BestF1 is the threshold with the best mean F1 over all questions, as the official script's best_f1_thresh is; of equal ones the
// surest. Being chosen by these questions it looks better on them than it is. Where answering nothing is best it lies at the greatest
// confidence.
func (x *Cuts) BestF1() Cut {
	_, hi, _ := x.Range()
	best := x.cut(0, hi)
	for _, c := range x.All() {
		if c.F1 > best.F1 {
			best = c
		}
	}
	return best
}

// AveragePrecision is the area under precision over recall in steps, percent, as pr_exact_ap of the official script is.
func (x *Cuts) AveragePrecision() float64 {
	area, before := 0.0, 0.0
	for _, c := range x.All() {
		area += c.Precision() * (c.Recall() - before) / 100
		before = c.Recall()
	}
	return area
}

// For is the threshold for a wanted percentage of wrong answers, and what it is worth on questions that it was not chosen by; see
// Selectivity.
func (x *Cuts) For(wanted float64) (RateThreshold, error) {
	t := RateThreshold{Wanted: wanted}
	if t.Threshold, t.Reached = x.c.forRate(wanted, nil); !t.Reached {
		return t, nil
	}
	fold, err := folds(x.rs)
	if err != nil {
		return t, qa.Errorf(qa.Invalid, "judge the threshold for %g %% wrong answers: %w", wanted, err)
	}
	x.c.crossFit(&t, fold, len(x.rs))
	return t, nil
}

// Reliability is how often answers of about one probability are right.
type Reliability struct {
	Bins  []stats.Bin
	ECE   float64 // percent, 15 bins of equal mass
	Brier float64 // 0 to 1
}

// reliabilityBins is how many points a curve of reliability has at most; each has ten answers at least.
const reliabilityBins, leastInBin = 10, 10

// Reliability judges probabilities of the candidates, in the order of results that have one.
func (x *Cuts) Reliability(p []float64) (*Reliability, error) {
	if len(p) != len(x.c.right) || len(p) == 0 {
		return nil, qa.Errorf(qa.Invalid, "judge %d probabilities of %d answers: each answer has one", len(p), len(x.c.right))
	}
	return &Reliability{Bins: stats.Reliability(p, x.c.right, min(reliabilityBins, max(1, len(p)/leastInBin))),
		ECE: 100 * stats.ECE(p, x.c.right, bins), Brier: stats.Brier(p, x.c.right)}, nil
}

// Own are the probabilities that the model itself gave; ok is false where an answer has none.
func (x *Cuts) Own() (p []float64, ok bool) { return x.c.probabilities() }
