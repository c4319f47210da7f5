package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/workbench"
)

// showDemo prints a leaderboard and a verdict per data set, then the examples.
func (a *app) showDemo(rounds []workbench.Round, models []workbench.Model) error {
	short, sizes := shortNames(models)
	var out []string
	for i := range rounds {
		r := &rounds[i]
		title := r.About
		if n := strconv.Itoa(len(r.Data.Examples)); !strings.HasPrefix(title, n+" ") {
			title = n + " of " + title
		}
		for _, line := range wrapText(title, min(a.out.width, passageWidth)) {
			out = append(out, a.out.in(styleStrong, line))
		}
		out = append(out, standingTable(a.out, r.Leaderboard, short, sizes)...)
		out = append(append(append(out, ""), wrapText(use(r)+short.Replace(r.Leaderboard.Verdict), min(a.out.width, passageWidth))...), "")
	}
	for i, e := range workbench.Examples(rounds) {
		if i == 0 {
			out = append(out, a.out.in(styleStrong, "Three answers"), "")
		}
		out = append(out, exampleLines(a.out, e, short)...)
	}
	return a.lines(append(out, `Ask your own: tryall ask "QUESTION" -c FILE`)...)
}

// use says what a verdict is about.
func use(r *workbench.Round) string {
	for i := range r.Data.Examples {
		if len(r.Data.Examples[i].Answers) == 0 {
			return "When questions may have no answer: "
		}
	}
	return "On the papers: "
}

// shortNames leaves out of built-in models' names what is the same for all, and gives their sizes.
func shortNames(models []workbench.Model) (*strings.Replacer, map[string]int64) {
	var pairs []string
	sizes := map[string]int64{}
	for _, m := range models {
		pairs = append(pairs, m.Contestant(), strings.TrimPrefix(m.ID, "tryall/"))
		sizes[m.Contestant()] = m.Size()
	}
	return strings.NewReplacer(pairs...), sizes
}

// standingTable is a leaderboard. A tilde marks models that share a rank because they cannot be told apart.
func standingTable(t terminal, l *eval.Leaderboard, short *strings.Replacer, sizes map[string]int64) []string {
	cols := []column{{"", true}, {"model", false}, {"EM %", true}, {"F1 %", true}, {"95 %", true}}
	parts := l.Standings[0].NoAnsF1 != nil
	if parts {
		cols = append(cols, column{"has", true}, column{"none", true})
	}
	cols = append(cols, column{"p50 ms", true}, column{"p95 ms", true}, column{"size", true})
	var rows [][]string
	for _, s := range l.Standings {
		rank := strconv.Itoa(s.Rank) + " "
		if s.Tied {
			rank = strconv.Itoa(s.Rank) + "~"
		}
		row := []string{rank, short.Replace(s.Contestant), tenth(s.Exact), tenth(s.F1), tenth(s.F1CI[0]) + "–" + tenth(s.F1CI[1])}
		if parts {
			row = append(row, tenthOf(s.HasAnsF1), tenthOf(s.NoAnsF1))
		}
		rows = append(rows, append(row, count(int64(s.P50+0.5)), count(int64(s.P95+0.5)), size(sizes[s.Contestant])))
	}
	out := table(t, cols, rows, nil)
	if parts {
		out = append(out, t.in(styleDim, "has, none: F1 where the passage has an answer, and where it has none"))
	}
	return out
}

func tenth(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

func tenthOf(f *float64) string {
	if f == nil {
		return ""
	}
	return tenth(*f)
}

// exampleLines shows one question with its answer in place.
func exampleLines(t terminal, e workbench.Example, short *strings.Replacer) []string {
	answer := e.Result.Text
	if answer == "" {
		answer = "No answer"
	}
	out := append(wrapText(visible(e.Question), min(t.width, passageWidth)),
		t.in(styleStrong, visible(answer))+t.in(styleDim, "  "+short.Replace(e.Run.Contestant)))
	for _, s := range e.Spans {
		if s.Text != "" && (e.Result.Text == "" || s.Text == e.Result.Text) {
			if e.Result.Text == "" {
				out = append(out, fmt.Sprintf("closest: %q, gap %s", visible(shorten(s.Text, 60)), number(s.Gap)))
			}
			out = append(out, passage(t, e.Text, s.Range)...)
			break
		}
	}
	return append(out, "")
}
