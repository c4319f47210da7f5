package eval

// Metric is one figure of merit, in percent. Exactly one of Each and All is set.
type Metric struct {
	Name, About string
	LowerBetter bool
	// Each scores one question; ok is false where the metric does not apply to it. The metric of a run is the mean.
	Each func(r *Result) (percent float64, ok bool)
	// All is for what is no mean over questions.
	All func(rs []Result) (percent float64, ok bool)
}

// Metrics are all metrics, in the order in which they are shown.
var Metrics = []Metric{
	{Name: "f1", Each: f1, About: "Overlap of the words of the answer and of the best matching gold answer, as the official SQuAD script of the data's version computes it."},
	{Name: "exact", Each: exact, About: "Share of questions whose answer equals a gold answer but for case, punctuation and articles (EM), as the official SQuAD script computes it."},
	{Name: "has_ans_f1", Each: where(answerable, f1), About: "F1 over the questions that have an answer."},
	{Name: "has_ans_exact", Each: where(answerable, exact), About: "Exact match over the questions that have an answer."},
	{Name: "no_ans_f1", Each: where(unanswerable, f1), About: "F1 over the questions without an answer, which only an empty answer gets right."},
	{Name: "no_ans_exact", Each: where(unanswerable, exact), About: "Exact match over the questions without an answer: the share that is left unanswered."},
	{Name: "cjk_f1", Each: cjkF1, About: "F1 where each character of a script that is written without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) counts as a word, and all Unicode punctuation is left out."},
	{Name: "cjk_exact", Each: cjkExact, About: "Exact match of the same characters and words, so that spaces and punctuation within Chinese or Japanese do not count."},
	{Name: "coverage_at_80", All: coverageAt(80), About: "The largest share of questions that can be answered, surest first, with at least 80 % of them right (EM)."},
	{Name: "coverage_at_90", All: coverageAt(90), About: "The largest share of questions that can be answered, surest first, with at least 90 % of them right (EM)."},
	{Name: "coverage_at_95", All: coverageAt(95), About: "The largest share of questions that can be answered, surest first, with at least 95 % of them right (EM)."},
	{Name: "auroc", All: auroc, About: "Chance that a right best answer (EM) is surer than a wrong one: 50 says that the confidence knows nothing, 100 that it parts them."},
	{Name: "aurc", All: aurc, LowerBetter: true, About: "Mean risk (100 - F1 of the best answers) when ever more questions are answered, surest first: the area under the risk-coverage curve."},
	{Name: "ece", All: ece, LowerBetter: true, About: "Distance between the calibrated probabilities and the shares of right answers (EM), in 15 bins of equal mass; only when calibrated."},
	{Name: "answered", Each: answered, About: "Share of questions that are answered at the chosen threshold."},
	{Name: "wrong_rate", Each: wrong, LowerBetter: true, About: "Share of all questions that are answered, and wrongly (EM), at the chosen threshold."},
}

// MetricByName finds a metric.
func MetricByName(name string) (Metric, bool) {
	for _, m := range Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

// Of is the metric of a run; ok is false where no question of it counts.
func (m Metric) Of(rs []Result) (percent float64, ok bool) {
	if m.All != nil {
		return m.All(rs)
	}
	sum, n := 0.0, 0
	for i := range rs {
		if v, ok := m.Each(&rs[i]); ok {
			sum += v
			n++
		}
	}
	if n == 0 {
		return 0, false
	}
	return sum / float64(n), true
}

func exact(r *Result) (float64, bool)    { return r.Exact, true }
func f1(r *Result) (float64, bool)       { return r.F1, true }
func answerable(r *Result) bool          { return r.HasAns }
func unanswerable(r *Result) bool        { return !r.HasAns }
func answered(r *Result) (float64, bool) { return share(r.Text != ""), true }
func wrong(r *Result) (float64, bool)    { return share(r.Text != "" && r.Exact == 0), true }

func where(cond func(*Result) bool, score func(*Result) (float64, bool)) func(*Result) (float64, bool) {
	return func(r *Result) (float64, bool) {
		if !cond(r) {
			return 0, false
		}
		return score(r)
	}
}

func share(yes bool) float64 {
	if yes {
		return 100
	}
	return 0
}
