package eval

// Judged scores one answer, "" where the question was left unanswered, as a run does: exact match and F1 in percent, each the best
// over the right answers. By the rules of version 2.0 no right answer means that only "" is right; those of 1.1 need one.
func Judged(golds []string, text string, v2 bool) (exact, f1 float64) {
	return percents(golds, text, v2)
}
