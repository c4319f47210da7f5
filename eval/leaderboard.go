package eval

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/stats"
)

// alpha is the chance, over all comparisons of a leaderboard together, of telling two alike systems apart.
const alpha = 0.05

// manyDocuments is from when on whole documents are resampled instead of passages.
const manyDocuments = 20

// RankOptions say how to resample.
type RankOptions struct {
	Seed      uint64
	Resamples int // 10,000 when 0; the randomisation test takes more where many comparisons need smaller p values
	// Raced says that a race has decided who is worse: Out. Those that are not in it are tied, since its tests have used up what
	// chance of error there is; p values are for information then. Who is out stands behind the others, whatever its few
	// questions say, and is compared with the winner alone.
	Raced bool
	Out   map[string]*Elimination
}

// Leaderboard ranks runs over one data set.
type Leaderboard struct {
	Metric      string       `json:"metric"`
	Decoder     string       `json:"decoder,omitempty"`
	Questions   int          `json:"questions"`
	Seed        uint64       `json:"seed"`
	Winner      string       `json:"winner"` // the highest score
	Tied        []string     `json:"tied"`   // the winner and all that cannot be told apart from it
	Verdict     string       `json:"verdict"`
	Standings   []Standing   `json:"models"`      // best first
	Comparisons []Comparison `json:"comparisons"` // all pairs, those with the winner first
	Warnings    []string     `json:"warnings,omitempty"`
}

// Standing is one run's place. Those that cannot be told apart from the winner share rank 1; any other's rank is one
// more than the number of runs that are better for certain.
type Standing struct {
	Contestant string             `json:"contestant"`
	Rank       int                `json:"rank"`
	Tied       bool               `json:"tied"` // shares its rank: shown as ~
	N          int                `json:"n"`
	Score      float64            `json:"score"` // of the leaderboard's metric, percent
	ScoreCI    [2]float64         `json:"score_ci"`
	F1         float64            `json:"f1"`
	F1CI       [2]float64         `json:"f1_ci"`
	Exact      float64            `json:"exact"`
	HasAnsF1   *float64           `json:"has_ans_f1"` // null where there are no such questions
	NoAnsF1    *float64           `json:"no_ans_f1"`
	CoverageAt map[string]float64 `json:"coverage_at"`
	WrongRate  float64            `json:"wrong_rate"`
	P50        float64            `json:"p50_ms"`
	P95        float64            `json:"p95_ms"`
	TimedAlone int                `json:"timed_alone"` // questions behind p50 and p95; 0: they were not measured
	PeakBytes  int64              `json:"peak_bytes"`
	Errors     int                `json:"errors"`

	run *Run
}

// Comparison is the mean difference of A and B on the questions that both answered, in points of the metric.
type Comparison struct {
	A     string     `json:"a"`
	B     string     `json:"b"`
	N     int        `json:"n"`
	Diff  float64    `json:"diff"`
	CI    [2]float64 `json:"ci"` // percentile bootstrap, 95 %
	P     float64    `json:"p"`  // approximate randomisation, two-sided
	PHolm float64    `json:"p_holm"`
	// Detectable is the smallest difference that these questions would show (80 % power, 5 % level); Needed is the number of
	// questions at which a difference of this size would, 0 when there is none.
	Detectable float64 `json:"detectable"`
	Needed     float64 `json:"needed"`

	clusters int // passages, or documents, that the questions come from
}

// Rank orders runs by the mean of a metric over questions, and tells which differences are more than chance:
// paired bootstrap and approximate randomisation by passage (by document where there are 20 or more), Holm's
// correction over all pairs. All pairs, because the winner is picked by the same data: which pairs hold the
// winner is known only afterwards.
func Rank(ctx context.Context, runs []*Run, m Metric, o RankOptions) (*Leaderboard, error) {
	if err := sameData(runs, m); err != nil {
		return nil, err
	}
	l := &Leaderboard{Metric: m.Name, Decoder: commonDecoder(runs), Seed: o.Seed}
	// The smallest p is 1/(trials+1); with many pairs that must still be small after the correction.
	pairs := len(runs) * (len(runs) - 1) / 2
	so := stats.Options{Seed: o.Seed, Resamples: cmp.Or(o.Resamples, 10_000)}
	so.Trials = max(so.Resamples, 50*pairs)
	for _, r := range runs {
		s, err := l.standing(r, m, so, o.Out[r.Contestant] != nil)
		if err != nil {
			return nil, err
		}
		l.Standings = append(l.Standings, s)
	}
	slices.SortStableFunc(l.Standings, func(a, b Standing) int {
		if x, y := o.Out[a.Contestant], o.Out[b.Contestant]; x != nil || y != nil {
			if x == nil || y == nil {
				return cmp.Compare(after(y), after(x)) // who is still in comes first
			}
			if x.After != y.After {
				return cmp.Compare(y.After, x.After) // who was dropped later
			}
		}
		better := cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.P50, b.P50))
		if m.LowerBetter && a.Score != b.Score {
			return -better
		}
		return better
	})
	if err := l.compare(ctx, m, so, o.Out); err != nil {
		return nil, err
	}
	l.place(m, o)
	for i := range l.Standings {
		if o.Out[l.Standings[i].Contestant] != nil {
			l.Standings[i].Tied = false // who is out is tied with nobody
		}
	}
	l.Verdict = l.verdict()
	return l, nil
}

// after is the question at which a run was dropped, more than any when it was not.
func after(e *Elimination) int {
	if e == nil {
		return math.MaxInt
	}
	return e.After
}

func sameData(runs []*Run, m Metric) error {
	if len(runs) == 0 {
		return qa.Errorf(qa.Invalid, "rank: there are no runs")
	}
	if m.Each == nil {
		return qa.Errorf(qa.Invalid, "rank: %q has no score per question and so cannot tell runs apart", m.Name)
	}
	names := map[string]bool{}
	for _, r := range runs {
		if r.Digest != runs[0].Digest || r.V2 != runs[0].V2 {
			return qa.Errorf(qa.Invalid, "rank: %s and %s were evaluated on different data or by different rules", runs[0].Contestant, r.Contestant)
		}
		if names[r.Contestant] {
			return qa.Errorf(qa.Invalid, "rank: %s is there twice", r.Contestant)
		}
		names[r.Contestant] = true
	}
	return nil
}

// commonDecoder is empty when runs differ in it.
func commonDecoder(runs []*Run) string {
	for _, r := range runs {
		if r.Decoder != runs[0].Decoder {
			return ""
		}
	}
	return runs[0].Decoder
}

func (l *Leaderboard) standing(r *Run, m Metric, o stats.Options, out bool) (Standing, error) {
	score, err := estimate(r, m, o)
	if err != nil {
		return Standing{}, qa.Errorf(qa.Invalid, "rank %s by %s: %w", r.Contestant, m.Name, err)
	}
	whole, err := estimate(r, Metric{Each: f1}, o)
	if err != nil {
		return Standing{}, qa.Errorf(qa.Invalid, "rank %s: %w", r.Contestant, err)
	}
	r.official(m.Name, &score.Mean, &whole.Mean)
	l.Questions = max(l.Questions, score.N)
	if !out { // of its few questions nothing is claimed
		l.warn(score.Warnings)
	}
	s := Standing{
		Contestant: r.Contestant, N: score.N, run: r,
		Score: score.Mean, ScoreCI: [2]float64{score.Lo, score.Hi},
		F1: whole.Mean, F1CI: [2]float64{whole.Lo, whole.Hi},
		CoverageAt: coverages(r.Results), Errors: r.Errors, PeakBytes: r.PeakBytes,
		P50: r.Speed.P50, P95: r.Speed.P95, TimedAlone: r.Speed.TimedAlone,
	}
	s.WrongRate, _ = Metric{Each: wrong}.Of(r.Results)
	if s.Exact = r.Report.Exact; r.Report.Total == 0 {
		s.Exact, _ = Metric{Each: exact}.Of(r.Results)
	}
	for _, part := range []struct {
		dest     **float64
		official *Part
		cond     func(*Result) bool
	}{{&s.HasAnsF1, r.Report.HasAns, answerable}, {&s.NoAnsF1, r.Report.NoAns, unanswerable}} {
		if v, ok := (Metric{Each: where(part.cond, f1)}).Of(r.Results); ok {
			if part.official != nil {
				v = part.official.F1
			}
			*part.dest = &v
		}
	}
	return s, nil
}

// official puts the official scores in the place of means that differ from them in the last digit, by the order of adding up.
func (r *Run) official(metric string, score, wholeF1 *float64) {
	if r.Report.Total == 0 {
		return
	}
	*wholeF1 = r.Report.F1
	switch metric {
	case "f1":
		*score = r.Report.F1
	case "exact":
		*score = r.Report.Exact
	}
}

func (l *Leaderboard) warn(ws []string) {
	for _, w := range ws {
		if !slices.Contains(l.Warnings, w) {
			l.Warnings = append(l.Warnings, w)
		}
	}
}
