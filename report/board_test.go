package report

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tryall/tryall/eval"
)

// TestBoard: every figure of every contestant stands in its column, can be sorted by, and comes out as CSV as it is shown.
func TestBoard(t *testing.T) {
	in := bakeoff(t, plan{models: 6, questions: 60, seed: 3})
	b := BoardOf(in.Bakeoff, eval.Oracle)
	if b == nil || len(b.Lines) != len(in.Bakeoff.Models) || b.Columns[0].Key != "f1" || BoardOf(in.Bakeoff, eval.Retrieved) != nil {
		t.Fatalf("%+v", b)
	}
	for i, l := range b.Lines {
		e := in.Bakeoff.Models[i]
		if l.Contestant != e.Contestant || e.Failed == "" && (l.Rank != e.Rank || l.Tied != e.Tied) {
			t.Errorf("line %d: %+v", i, l)
		}
		for k, c := range b.Columns {
			m, ok := e.Metrics[c.Key]
			if _, metric := eval.MetricByName(c.Key); !metric || e.Failed != "" || c.Key == "f1" {
				continue
			}
			if l.Cells[k].Known != ok || l.Cells[k].Value != m {
				t.Errorf("%s of %s: %+v, not %v", c.Key, l.Label, l.Cells[k], m)
			}
		}
		if e.Failed == "" && (l.Cells[0].Value != e.Score || l.Cells[0].Bar == "" || l.Cells[0].CI != e.ScoreCI) {
			t.Errorf("the score of %s: %+v", l.Label, l.Cells[0])
		}
	}
	for _, key := range []string{"exact", "wrong_rate", "p50", "memory", "n"} {
		at := b.Column(key)
		if at < 0 {
			t.Fatalf("there is no column %s", key)
		}
		for _, reversed := range []bool{false, true} {
			b.Sort(key, reversed)
			up := b.Columns[at].LowerBetter != reversed
			for i := 1; i < len(b.Lines); i++ {
				p, q := b.Lines[i-1].Cells[at], b.Lines[i].Cells[at]
				if q.Known && (!p.Known || up && p.Value > q.Value || !up && p.Value < q.Value) {
					t.Errorf("%s, reversed %v: %v before %v", key, reversed, p, q)
				}
			}
		}
	}
	b.SortByName(false)
	if !slices.IsSortedFunc(b.Lines, func(x, y BoardLine) int { return strings.Compare(strings.ToLower(x.Label), strings.ToLower(y.Label)) }) {
		t.Error("not in the order of the names")
	}
	b.Pick(func(c BoardColumn) bool { return c.Key == "f1" || c.Key == "revision" })
	var out bytes.Buffer
	if err := b.CSV(&out); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) != len(b.Lines)+1 || strings.Join(rows[0], " ") != "mode rank tied contestant f1 f1_lo f1_hi revision out" {
		t.Fatalf("%v %v", rows, err)
	}
	for i, l := range b.Lines {
		if got, _ := strconv.ParseFloat(rows[i+1][4], 64); l.Rank > 0 && got != l.Cells[0].Value || rows[i+1][3] != l.Contestant {
			t.Errorf("row %v is not of %+v", rows[i+1], l)
		}
	}
}

// TestMetricNames: every metric has a name for the head of its column.
func TestMetricNames(t *testing.T) {
	for _, m := range eval.Metrics {
		if metricNames[m.Name].name == "" {
			t.Errorf("%s has no name in metricNames", m.Name)
		}
	}
}

// TestDigestOf says the same as the report.
func TestDigestOf(t *testing.T) {
	in := bakeoff(t, plan{models: 4, questions: 60, seed: 3})
	in.Decision = &Decision{Title: "Leases"}
	v, d := newView(in), DigestOf(in)
	if d.Title != "Leases" || d.Verdict != v.Verdict || len(d.Facts) != len(v.Facts) || d.Facts[0].Value != v.Facts[0].Value || d.Made == d.Title {
		t.Errorf("%+v", d)
	}
}
