package bakeoff

import "github.com/tryall/tryall/eval"

// metricWords are what people read where they choose the metric that decides.
var metricWords = map[string]string{
	"f1": "F1 (shared words)", "exact": "Exact answers (EM)",
	"has_ans_f1": "F1 where there is an answer", "has_ans_exact": "EM where there is an answer",
	"no_ans_f1": "F1 where there is none", "no_ans_exact": "EM where there is none",
	"cjk_f1": "F1 by character (Chinese …)", "cjk_exact": "EM by character (Chinese …)",
	"answered": "Questions answered", "wrong_rate": "Fewest wrong answers",
}

// metrics are those that a race can be decided by.
func metrics() (out []eval.Metric) {
	for _, m := range eval.Metrics {
		if m.Each != nil {
			out = append(out, m)
		}
	}
	return out
}

// metricWord is what a metric is called; one that has no words goes by its name.
func metricWord(name string) string {
	if s := metricWords[name]; s != "" {
		return s
	}
	return name
}
