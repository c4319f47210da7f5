package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/workbench"
)

// showDemo prints a leaderboard and a verdict per data set, then the examples.
func (a *app) showDemo(demos []workbench.Demonstrated, examples []workbench.Example, pages []string) error {
	var names *eval.Names
	var out []string
	for i := range demos {
		d := &demos[i]
		names = eval.NamesOf(d.Bakeoff)
		title := d.About
		if n := strconv.Itoa(len(d.Trial.Data.Examples)); !strings.HasPrefix(title, n+" ") {
			title = n + " of " + title
		}
		for _, line := range wrapText(title, min(a.out.width, passageWidth)) {
			out = append(out, a.out.in(styleStrong, line))
		}
		out = append(out, roundTable(a.out, &d.Round, names)...)
		out = append(append(append(out, ""), wrapText(use(d)+visible(names.In(d.Verdict)), min(a.out.width, passageWidth))...), "")
	}
	for i, e := range examples {
		if i == 0 {
			out = append(out, a.out.in(styleStrong, "Three answers"), "")
		}
		out = append(out, exampleLines(a.out, e, names)...)
	}
	for i, page := range pages {
		if page != "" {
			out = append(out, "Report on "+demos[i].Name+": "+visible(page))
		}
	}
	return a.lines(append(out, `Ask your own: tryall ask "QUESTION" -c FILE; race over your own: tryall init`)...)
}

// use says what a verdict is about.
func use(d *workbench.Demonstrated) string {
	for i := range d.Trial.Data.Examples {
		if len(d.Trial.Data.Examples[i].Answers) == 0 {
			return "When questions may have no answer: "
		}
	}
	return "On the papers: "
}

func tenth(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

func tenthOf(f *float64) string {
	if f == nil {
		return ""
	}
	return tenth(*f)
}

// exampleLines shows one question with its answer in place.
func exampleLines(t terminal, e workbench.Example, names *eval.Names) []string {
	answer := e.Result.Prediction
	if answer == "" {
		answer = "No answer"
	}
	out := append(wrapText(visible(e.Question), min(t.width, passageWidth)),
		t.in(styleStrong, visible(answer))+t.in(styleDim, "  "+visible(names.Short(e.Result.Contestant))))
	if span, ok := e.Result.Candidate(); ok {
		if e.Result.Prediction == "" {
			out = append(out, fmt.Sprintf("closest: %q, gap %s", visible(shorten(span.Text, 60)), number(span.Gap)))
		}
		out = append(out, passage(t, e.Text, span.Range)...)
	}
	return append(out, "")
}
