package report

import (
	"github.com/tryall/tryall/eval"
)

// boardColumn is a column of the leaderboard after the score. It is left out where no contestant has a figure for it.
type boardColumn struct {
	name, unit, about string
	there             func(*eval.Entrant) bool
	of                func(*eval.Entrant) string
}

// boardColumns are those that a round fills.
func boardColumns(r *eval.Round) []boardColumn {
	var out []boardColumn
	for _, c := range allColumns(r.Metric) {
		for i := range r.Models {
			if scored(&r.Models[i]) && c.there(&r.Models[i]) {
				out = append(out, c)
				break
			}
		}
	}
	return out
}

// allColumns are in the order in which people see them; the metric that ranks is not among them, for it stands first.
func allColumns(ranked string) []boardColumn {
	var out []boardColumn
	for _, m := range []struct{ metric, name string }{
		{"exact", "EM"}, {"f1", "F1"}, {"has_ans_f1", "F1, has answer"}, {"no_ans_f1", "F1, has none"},
		{"answered", "answered"}, {"wrong_rate", "wrong answers"}, {"coverage_at_90", "answers at 90 % right"},
	} {
		if m.metric != ranked {
			out = append(out, metricColumn(m.metric, m.name))
		}
	}
	return append(out,
		boardColumn{"median", "ms", "Time of one question alone, after warm-up: half of the questions took no longer.",
			func(e *eval.Entrant) bool { return e.P50 > 0 }, func(e *eval.Entrant) string { return millis(e.P50) }},
		boardColumn{"95th", "ms", "Time of one question alone, after warm-up: 95 of 100 questions took no longer.",
			func(e *eval.Entrant) bool { return e.P95 > 0 }, func(e *eval.Entrant) string { return millis(e.P95) }},
		boardColumn{"memory", "MB", "Resident memory of the contestant over the bare process, at its peak.",
			func(e *eval.Entrant) bool { return e.PeakBytes > 0 }, func(e *eval.Entrant) string { return megabytes(e.PeakBytes) }},
		boardColumn{"files", "MB", "Size of the model's files.",
			func(e *eval.Entrant) bool { return e.SizeBytes > 0 }, func(e *eval.Entrant) string { return megabytes(e.SizeBytes) }},
		boardColumn{"questions", "", "Questions that the score rests on.",
			func(*eval.Entrant) bool { return true }, func(e *eval.Entrant) string { return count(int64(e.N)) }},
		boardColumn{"errors", "", "Questions on which the contestant failed; they score 0.",
			func(e *eval.Entrant) bool { return e.Errors > 0 }, func(e *eval.Entrant) string { return count(int64(e.Errors)) }},
	)
}

func metricColumn(metric, name string) boardColumn {
	m, _ := eval.MetricByName(metric)
	return boardColumn{name, "%", m.About,
		func(e *eval.Entrant) bool { _, ok := e.Metrics[metric]; return ok },
		func(e *eval.Entrant) string {
			f, ok := e.Metrics[metric]
			if !ok {
				return "–"
			}
			return share(f, e.N)
		}}
}
