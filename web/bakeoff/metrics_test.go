package bakeoff

import (
	"strings"
	"testing"
)

// TestMetricWords: everything that a race can be decided by has words, each its own, short enough for the form; the value stays.
func TestMetricWords(t *testing.T) {
	seen := map[string]string{}
	for _, m := range metrics() {
		s := metricWord(m.Name)
		if s == m.Name || strings.Contains(s, "_") || len(s) > 30 || seen[s] != "" {
			t.Errorf("%s is called %q, as %q is", m.Name, s, seen[s])
		}
		seen[s] = m.Name
	}
	if len(seen) < 10 {
		t.Errorf("%d metrics", len(seen))
	}
	var page strings.Builder
	if err := newRun(form{}).Render(t.Context(), &page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<option value="f1" selected`, `>F1 (shared words)</option>`, `<option value="wrong_rate"`, `>Fewest wrong answers</option>`} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the form lacks %s", want)
		}
	}
	for _, raw := range []string{">f1<", ">wrong_rate<", ">has_ans_f1<"} {
		if strings.Contains(page.String(), raw) {
			t.Errorf("the form shows %s", raw)
		}
	}
}
