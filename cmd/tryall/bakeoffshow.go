package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/project"
)

// showBakeoff prints the leaderboard, the verdict and what else there is to be said.
func (a *app) showBakeoff(b *eval.Bakeoff, gate []project.Verdict) error {
	names := eval.NamesOf(b)
	var out []string
	for i, r := range append([]eval.Round{b.Round}, b.Also...) {
		if i > 0 {
			out = append(out, "")
		}
		if len(b.Also) > 0 || r.Mode != eval.Oracle {
			out = append(out, a.out.in(styleStrong, modeTitle(r)))
		}
		if len(r.Models) > 0 {
			out = append(append(out, roundTable(a.out, &r, names)...), "")
		}
		out = append(out, wrapText(visible(names.In(r.Verdict)), min(a.out.width, passageWidth))...)
	}
	out = append(out, retrievalLines(a.out, b, names)...)
	out = append(out, disagreementLines(a.out, b, names)...)
	if len(gate) > 0 {
		out = append(out, "")
	}
	for _, v := range gate {
		sign := "passed"
		if !v.Passed {
			sign = "FAILED"
		}
		out = append(out, fmt.Sprintf("gate %s  %s  %s", pad(v.Limit, 18, false), sign, visible(names.In(v.Reason))))
	}
	if b.Run != "" {
		out = append(out, "", a.out.in(styleDim, fmt.Sprintf("run %s, decoder %s, %s; tryall report %s writes it down", b.Run, b.Decoder, seconds(b.TookSeconds), b.Run)))
	}
	return a.lines(out...)
}

func modeTitle(r eval.Round) string {
	if r.Mode == eval.Retrieved {
		return fmt.Sprintf("Asked of the corpus (%s): %s", r.Mode, plural(r.Questions, "question"))
	}
	return fmt.Sprintf("Given the right passage (%s): %s", r.Mode, plural(r.Questions, "question"))
}

func seconds(s float64) string {
	if s < 10 {
		return fmt.Sprintf("%.1f s", s)
	}
	if s < 120 {
		return fmt.Sprintf("%.0f s", s)
	}
	return fmt.Sprintf("%.0f min", s/60)
}

// roundTable is a leaderboard. A tilde marks contestants that share a rank because they cannot be told apart.
func roundTable(t terminal, r *eval.Round, names *eval.Names) []string {
	cols := []column{{"", true}, {"model", false}, {"EM %", true}, {"F1 %", true}, {"95 %", true}}
	parts := slices.ContainsFunc(r.Models, func(e eval.Entrant) bool { return e.NoAnsF1 != nil })
	if parts {
		cols = append(cols, column{"has", true}, column{"none", true})
	}
	other := r.Metric != "f1" && r.Metric != "exact"
	if other {
		cols = append(cols, column{r.Metric, true})
	}
	cols = append(cols, column{"p50 ms", true}, column{"p95 ms", true}, column{"memory", true}, column{"n", true}, column{"", false})
	var rows [][]string
	for i := range r.Models {
		e := &r.Models[i]
		if e.Failed != "" {
			row := make([]string, len(cols))
			row[1], row[len(row)-2], row[len(row)-1] = names.Short(e.Contestant), count(e.N), "out: "+visible(e.Failed)
			rows = append(rows, row)
			continue
		}
		rank := strconv.Itoa(e.Rank) + " "
		if e.Tied {
			rank = strconv.Itoa(e.Rank) + "~"
		}
		row := []string{rank, visible(names.Short(e.Contestant)), tenth(e.Exact), tenth(e.F1), tenth(e.F1CI[0]) + "–" + tenth(e.F1CI[1])}
		if parts {
			row = append(row, tenthOf(e.HasAnsF1), tenthOf(e.NoAnsF1))
		}
		if other {
			row = append(row, tenth(e.Score))
		}
		note := ""
		if e.Eliminated != nil {
			note = fmt.Sprintf("out after %s", count(e.Eliminated.After))
		} else if e.Contestant == r.Pick && len(r.Tied) > 1 {
			note = "cheapest of the tied"
		}
		rows = append(rows, append(row, measured(e.P50), measured(e.P95), memoryOf(e.PeakBytes), count(e.N), note))
	}
	cols, rows = fit(t, cols, rows, []string{"p95 ms", "memory", "none", "has", "EM %"})
	out := table(t, cols, rows, func(row, _ int) string {
		if r.Models[row].Eliminated != nil || r.Models[row].Failed != "" {
			return styleDim
		}
		return styleNone
	})
	if n := fewestTimed(r); n > 0 && n < wellTimed {
		out = append(out, t.in(styleDim, fmt.Sprintf("p50, p95: of as few as %s; take them as rough", plural(n, "question"))))
	}
	if parts {
		out = append(out, t.in(styleDim, "has, none: F1 where the passage has an answer, and where it has none"))
	}
	return out
}

// wellTimed is from how many questions on a 95th percentile means something.
const wellTimed = 20

// fewestTimed is the least number of questions that a contestant's latency was read off; 0 where none was measured.
func fewestTimed(r *eval.Round) int {
	fewest := 0
	for i := range r.Models {
		if n := r.Models[i].TimedAlone; n > 0 && (fewest == 0 || n < fewest) {
			fewest = n
		}
	}
	return fewest
}

func measured(ms float64) string {
	if ms <= 0 {
		return "–"
	}
	if ms < 10 {
		return tenth(ms)
	}
	return count(int64(ms + 0.5))
}

func memoryOf(bytes int64) string {
	if bytes <= 0 {
		return "–"
	}
	return size(bytes)
}

// retrievalLines tell the retriever's losses from the readers'.
func retrievalLines(t terminal, b *eval.Bakeoff, names *eval.Names) []string {
	if b.Retrieval == nil {
		return nil
	}
	r := b.Retrieval
	var at []string
	for _, k := range []string{"1", "3", "5", "10", "20"} {
		if v, ok := r.RecallAt[k]; ok {
			at = append(at, fmt.Sprintf("%s in %.0f %%", k, v))
		}
	}
	out := append([]string{""}, wrapText(fmt.Sprintf("Retrieval over %s with a known right passage: it is among the first %s.", plural(r.Questions, "question"), strings.Join(at, ", ")), min(t.width, passageWidth))...)
	if len(r.Models) == 0 {
		return out
	}
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(r.Models)) {
		m := r.Models[name]
		rows = append(rows, []string{visible(names.Short(name)), tenth(m.OracleF1), tenth(m.FoundF1), tenth(m.EndF1), count(m.N)})
	}
	return append(out, table(t, []column{{"F1", false}, {"given the passage", true}, {"passage found", true}, {"end to end", true}, {"n", true}}, rows, nil)...)
}

// mostDisputed is how many questions in dispute are shown.
const mostDisputed = 5

// disagreementLines say where contestants differ on questions that nobody has labelled.
func disagreementLines(t terminal, b *eval.Bakeoff, names *eval.Names) []string {
	if b.Disagreement == nil {
		return nil
	}
	d := b.Disagreement
	out := []string{"", t.in(styleStrong, fmt.Sprintf("%s without labels: where contestants differ", plural(d.Questions, "question")))}
	for _, p := range d.Agreement {
		out = append(out, fmt.Sprintf("  %s and %s agree on %.0f %%", visible(names.Short(p.A)), visible(names.Short(p.B)), p.Share))
	}
	for i, q := range d.Top {
		if i == mostDisputed {
			break
		}
		out = append(out, wrapText(visible(q.Text), min(t.width, passageWidth))...)
		for _, answer := range slices.Sorted(maps.Keys(q.Answers)) {
			shown := fmt.Sprintf("%q", visible(shorten(answer, 60)))
			if answer == "" {
				shown = "no answer"
			}
			out = append(out, fmt.Sprintf("  %s: %s", shown, visible(names.In(strings.Join(q.Answers[answer], ", ")))))
		}
	}
	return out
}
