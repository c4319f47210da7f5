package report

import (
	"strconv"

	"github.com/tryall/tryall/eval"
)

// boardColumn is a column of the leaderboard after the score. It is left out where no contestant has a figure for it.
type boardColumn struct {
	key, name, unit, about string
	usual                  bool // a report shows it
	page                   bool // a page shows it too without being asked
	lower                  bool // less is better
	// value is what it is sorted by; ok is false where there is none.
	value func(*eval.Entrant) (v float64, ok bool)
	of    func(*eval.Entrant) string // as people read it
	// words is the value where it is no number.
	words func(*eval.Entrant) string
}

// boardColumns are those that a report shows of a round.
func boardColumns(r *eval.Round) []boardColumn {
	var out []boardColumn
	for _, c := range allColumns() {
		if c.usual && c.key != r.Metric && c.filled(r) {
			out = append(out, c)
		}
	}
	return out
}

// filled says whether any contestant has a figure.
func (c *boardColumn) filled(r *eval.Round) bool {
	for i := range r.Models {
		if scored(&r.Models[i]) && c.there(&r.Models[i]) {
			return true
		}
	}
	return false
}

func (c *boardColumn) there(e *eval.Entrant) bool {
	if c.words != nil {
		return c.words(e) != ""
	}
	_, ok := c.value(e)
	return ok
}

// metricNames are what metrics are called at the head of a column, in the order of eval.Metrics, and whether they are shown
// without being asked for.
var metricNames = map[string]struct {
	name  string
	usual bool
}{
	"f1": {"F1", true}, "exact": {"EM", true}, "has_ans_f1": {"F1, has answer", true}, "has_ans_exact": {"EM, has answer", false},
	"no_ans_f1": {"F1, has none", true}, "no_ans_exact": {"EM, has none", false}, "cjk_f1": {"F1, CJK", false}, "cjk_exact": {"EM, CJK", false},
	"coverage_at_80": {"answers at 80 % right", false}, "coverage_at_90": {"answers at 90 % right", true}, "coverage_at_95": {"answers at 95 % right", false},
	"auroc": {"AUROC", false}, "aurc": {"AURC", false}, "ece": {"ECE", false}, "answered": {"answered", true}, "wrong_rate": {"wrong answers", true},
}

// columnOrder is the order of the metrics that are shown first; others follow as eval.Metrics has them.
var columnOrder = []string{"exact", "f1", "has_ans_f1", "no_ans_f1", "answered", "wrong_rate", "coverage_at_90"}

// allColumns are in the order in which people see them.
func allColumns() []boardColumn {
	var out []boardColumn
	seen := map[string]bool{}
	add := func(m eval.Metric) {
		if !seen[m.Name] {
			seen[m.Name] = true
			out = append(out, metricColumn(m))
		}
	}
	for _, name := range columnOrder {
		if m, ok := eval.MetricByName(name); ok {
			add(m)
		}
	}
	for _, m := range eval.Metrics {
		add(m)
	}
	figure := func(v float64) (float64, bool) { return v, v > 0 }
	return append(out,
		boardColumn{key: "p50", name: "median", unit: "ms", about: "Time of one question alone, after warm-up: half of the questions took no longer.", usual: true, lower: true,
			value: func(e *eval.Entrant) (float64, bool) { return figure(e.P50) }, of: func(e *eval.Entrant) string { return millis(e.P50) }},
		boardColumn{key: "p95", name: "95th", unit: "ms", about: "Time of one question alone, after warm-up: 95 of 100 questions took no longer.", usual: true, lower: true,
			value: func(e *eval.Entrant) (float64, bool) { return figure(e.P95) }, of: func(e *eval.Entrant) string { return millis(e.P95) }},
		boardColumn{key: "tokens", name: "tokens", unit: "per s", about: "Tokens read in a second while it was measured, question and passage together.",
			value: func(e *eval.Entrant) (float64, bool) { return figure(e.TokensPerSecond) }, of: func(e *eval.Entrant) string { return positive(int64(e.TokensPerSecond)) }},
		boardColumn{key: "memory", name: "memory", unit: "MB", about: "Resident memory of the contestant over the bare process, at its peak.", usual: true, lower: true,
			value: func(e *eval.Entrant) (float64, bool) { return figure(float64(e.PeakBytes)) }, of: func(e *eval.Entrant) string { return megabytes(e.PeakBytes) }},
		boardColumn{key: "size", name: "files", unit: "MB", about: "Size of the model's files.", usual: true, lower: true,
			value: func(e *eval.Entrant) (float64, bool) { return figure(float64(e.SizeBytes)) }, of: func(e *eval.Entrant) string { return megabytes(e.SizeBytes) }},
		boardColumn{key: "n", name: "questions", about: "Questions that the score rests on.", usual: true,
			value: func(e *eval.Entrant) (float64, bool) { return float64(e.N), true }, of: func(e *eval.Entrant) string { return count(int64(e.N)) }},
		boardColumn{key: "errors", name: "errors", about: "Questions on which the contestant failed; they score 0.", usual: true, lower: true,
			value: func(e *eval.Entrant) (float64, bool) { return figure(float64(e.Errors)) }, of: func(e *eval.Entrant) string { return count(int64(e.Errors)) }},
		boardColumn{key: "license", name: "licence", page: true, about: "As its card says it; nobody has looked at whether it is so.", words: func(e *eval.Entrant) string { return e.License }},
		boardColumn{key: "precision", name: "precision", about: "What the arithmetic is done in.", words: func(e *eval.Entrant) string { return e.Precision }},
		boardColumn{key: "revision", name: "revision", about: "The commit of the model's repository.", words: func(e *eval.Entrant) string { return e.Revision }},
	)
}

func positive(n int64) string {
	if n <= 0 {
		return "–"
	}
	return count(n)
}

// text is a cell as people read it.
func (c *boardColumn) text(e *eval.Entrant) string {
	if c.words != nil {
		if s := visible(c.words(e)); s != "" {
			return s
		}
		return "–"
	}
	return c.of(e)
}

// raw is a cell for programs, empty where there is none.
func (c *boardColumn) raw(e *eval.Entrant) string {
	if c.words != nil {
		return cell(c.words(e))
	}
	if v, ok := c.value(e); ok {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

func metricColumn(m eval.Metric) boardColumn {
	n := metricNames[m.Name]
	if n.name == "" {
		n.name = m.Name
	}
	return boardColumn{key: m.Name, name: n.name, unit: "%", about: m.About, usual: n.usual, lower: m.LowerBetter,
		value: func(e *eval.Entrant) (float64, bool) { v, ok := e.Metrics[m.Name]; return v, ok },
		of: func(e *eval.Entrant) string {
			f, ok := e.Metrics[m.Name]
			if !ok {
				return "–"
			}
			return share(f, e.N)
		}}
}
