package main

import (
	"fmt"
	"math"
	"path"
	"strconv"
	"strings"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

// showResult prints one answer for people: the answer, where it stands in the text, and how sure the model is.
func (a *app) showResult(text string, r *workbench.Result, quiet bool) error {
	for _, w := range r.Warnings {
		a.warn("%s", w)
	}
	if quiet {
		return a.lines(visible(r.Prediction))
	}
	t := a.out
	var out []string
	span, found := r.Candidate()
	if r.Abstained || r.Prediction == "" {
		head := "No answer"
		if len(r.Closest) > 0 {
			head = "No answer in the corpus"
		}
		out = append(out, t.in(styleStrong, head), "")
		for _, line := range wrapText(noAnswerLine(r, span, found), min(t.width, passageWidth)-len(passageIndent)) {
			out = append(out, passageIndent+line)
		}
	} else {
		out = append(out, t.in(styleStrong, visible(r.Prediction)))
	}
	if found && span.Range.Len() > 0 {
		out = append(append(out, ""), passage(t, r.Text(span, text), span.Range)...)
		if place := answerPlace(r); place != "" {
			out = append(out, passageIndent+t.in(styleDim, visible(place)))
		}
	}
	for i, c := range r.Closest {
		if i == 0 {
			out = append(out, "", "The closest:")
		}
		out = append(out, passageIndent+shorten(fmt.Sprintf("%q, gap %s, %s", visible(c.Answer), number(gapOf(c)), visible(whereOf(c))), max(40, min(t.width, 120))-len(passageIndent)))
	}
	if len(r.Answers) > 1 {
		out = append(append(out, ""), answerTable(t, r)...)
	}
	out = append(out, "", t.in(styleDim, summaryLine(r)))
	return a.lines(out...)
}

// answerPlace says where the best answer, or the closest candidate, stands in the corpus or in its file; empty for a plain text.
func answerPlace(r *workbench.Result) string {
	switch {
	case len(r.Answers) > 0:
		return whereOf(r.Answers[0])
	case len(r.Closest) > 0:
		return whereOf(r.Closest[0])
	}
	return ""
}

// whereOf names document, page and heading, as far as there are any.
func whereOf(c workbench.Answer) string {
	var parts []string
	switch base := path.Base(c.Document); {
	case c.Title != "" && c.Title != base && c.Document != "":
		parts = append(parts, c.Title, c.Document)
	case c.Document != "":
		parts = append(parts, c.Document)
	}
	if c.Page > 0 {
		parts = append(parts, fmt.Sprintf("page %d", c.Page))
	}
	if c.Heading != "" && c.Heading != c.Title {
		parts = append(parts, c.Heading)
	}
	return strings.Join(parts, ", ")
}

func gapOf(c workbench.Answer) float64 {
	if c.Gap == nil {
		return float64(c.Score)
	}
	return float64(*c.Gap)
}

// noAnswerLine says why there is none and what came closest.
func noAnswerLine(r *workbench.Result, span qa.Answer, found bool) string {
	if !found {
		return "The text holds no candidate."
	}
	closest := fmt.Sprintf("%q", visible(shorten(span.Text, 60)))
	switch r.NullKind {
	case qa.NullLogit:
		return fmt.Sprintf("The text does not seem to say. Closest: %s, gap %s; an answer needs more than %s (--threshold sets it).", closest, number(span.Gap), number(threshold(r)))
	case qa.NullOdds:
		return fmt.Sprintf("The text does not seem to say. Closest: %s; no answer leads by %s, and up to %s would be an answer.", closest, number(float64(*r.Null)), number(threshold(r)))
	case qa.NullProbability:
		return fmt.Sprintf("The text does not seem to say. Closest: %s, score %s; no answer has %s.", closest, number(span.Score), number(float64(*r.Null)))
	}
	return "The text does not seem to say. Closest: " + closest + "."
}

func threshold(r *workbench.Result) float64 {
	if r.Threshold == nil {
		return 0
	}
	return float64(*r.Threshold)
}

// answerTable lists the candidates, best first.
func answerTable(t terminal, r *workbench.Result) []string {
	cols := []column{{"", true}, {"answer", false}, {"score", true}, {"characters", true}}
	if r.Decoder == "gap" {
		cols[2].head = "gap"
	}
	rows := make([][]string, len(r.Answers))
	for i, answer := range r.Answers {
		text, score := visible(answer.Answer), float64(answer.Score)
		if text == "" {
			text = "(no answer)"
		}
		if answer.Gap != nil {
			score = float64(*answer.Gap)
		}
		rows[i] = []string{strconv.Itoa(i + 1), shorten(text, max(12, min(t.width, passageWidth)-32)), number(score), fmt.Sprintf("%d–%d", answer.Start, answer.End)}
	}
	lines := table(t, cols, rows, nil)
	for i := range lines {
		lines[i] = passageIndent + lines[i]
	}
	return lines
}

// summaryLine is the measurement beneath an answer.
func summaryLine(r *workbench.Result) string {
	var parts []string
	if len(r.Answers) > 0 && !r.Abstained && r.Prediction != "" {
		best := r.Answers[0]
		if best.P != nil {
			parts = append(parts, fmt.Sprintf("%.0f %% sure", 100*float64(*best.P)))
		}
		parts = append(parts, "score "+number(float64(best.Score)))
		if best.Gap != nil && r.Threshold != nil {
			parts = append(parts, fmt.Sprintf("gap %s (above %s)", number(float64(*best.Gap)), number(threshold(r))))
		} else if best.Gap != nil {
			parts = append(parts, "gap "+number(float64(*best.Gap)))
		}
		parts = append(parts, fmt.Sprintf("characters %d–%d", best.Start, best.End))
	}
	windows := "1 window"
	if r.WindowCount != 1 {
		windows = fmt.Sprintf("%d windows", r.WindowCount)
	}
	parts = append(parts, windows, milliseconds(float64(r.TookMS)), visible(r.Model)+inPrecision(r.Precision))
	return strings.Join(parts, " · ")
}

// inPrecision is what a precision adds to the name of a model: nothing if it is the usual one.
func inPrecision(p string) string {
	if p == "" || p == workbench.DefaultPrecision {
		return ""
	}
	return ":" + p
}

// number prints a score with the digits that can be read off it: two decimals, or two digits when it is small.
func number(f float64) string {
	digits := strconv.FormatFloat(math.Abs(f), 'f', 2, 64)
	if f != 0 && math.Abs(f) < 0.1 {
		digits = strconv.FormatFloat(math.Abs(f), 'g', 2, 64)
	}
	if math.Abs(f) >= 1e6 {
		digits = strconv.FormatFloat(math.Abs(f), 'g', 3, 64)
	}
	if f < 0 {
		return "−" + digits
	}
	return digits
}

func milliseconds(ms float64) string {
	switch {
	case ms >= 10_000:
		return fmt.Sprintf("%.1f s", ms/1000)
	case ms >= 10:
		return fmt.Sprintf("%.0f ms", ms)
	}
	return fmt.Sprintf("%.1f ms", ms)
}

// percent prints a score of 0 to 100.
func percent(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) }

// count prints a number with its thousands parted.
func count[N int | int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// size prints bytes with a unit.
func size(bytes int64) string {
	switch {
	case bytes >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
	case bytes >= 1e6:
		return fmt.Sprintf("%.0f MB", float64(bytes)/1e6)
	case bytes >= 1e3:
		return fmt.Sprintf("%.0f kB", float64(bytes)/1e3)
	}
	return fmt.Sprintf("%d B", bytes)
}
