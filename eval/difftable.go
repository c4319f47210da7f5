package eval

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"
)

// diffMarks are the kinds of questions that a table lists, in its order. Those that are right or wrong in both are listed only
// where the words differ.
var diffMarks = []struct {
	kind        DiffKind
	mark, about string
}{
	{Lost, "-", "lost"},
	{Gained, "+", "gained"},
	{BothWrong, "~", "wrong in both, other words"},
	{BothRight, "=", "right in both, other words"},
	{OnlyInA, "a", "only in A"},
	{OnlyInB, "b", "only in B"},
}

// WriteTable writes the comparison for a terminal: figures, then up to most questions of every kind, all when most is 0 or less.
// What it leaves out it counts; a text that it shortens ends in "…".
func (d *RunDiff) WriteTable(w io.Writer, most int) error {
	var b strings.Builder
	fmt.Fprintf(&b, "A  %s\nB  %s\n", d.A, d.B)
	for _, s := range d.Settings {
		fmt.Fprintf(&b, "   %s\n", s)
	}
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\t\tA\tB\tB-A\t95 %\tp\t")
	for _, m := range []struct {
		name string
		d    Difference
	}{{"F1", d.F1}, {"EM", d.Exact}} {
		fmt.Fprintf(t, "\t%s\t%.1f\t%.1f\t%+.1f\t%+.1f to %+.1f\t%s\t\n", m.name, m.d.A, m.d.B, m.d.Diff, m.d.CI[0], m.d.CI[1], probability(m.d.P))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(&b, "\n%d questions in both: %d right, %d wrong, %d gained, %d lost; %d others with other words", d.N, d.Right, d.Wrong, d.Gained, d.Lost, d.Changed)
	if d.OnlyA+d.OnlyB > 0 {
		fmt.Fprintf(&b, "; %d only in A, %d only in B", d.OnlyA, d.OnlyB)
	}
	fmt.Fprintln(&b, ".")
	for _, warning := range d.Warnings {
		fmt.Fprintf(&b, "Caution: %s.\n", warning)
	}
	for _, m := range diffMarks {
		d.writeKind(&b, m.kind, m.mark, m.about, most)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeKind lists the questions of one kind.
func (d *RunDiff) writeKind(b *strings.Builder, kind DiffKind, mark, about string, most int) {
	n := 0
	for i := range d.Questions {
		q := &d.Questions[i]
		if q.Kind != kind || !q.Changed && (kind == BothRight || kind == BothWrong) {
			continue
		}
		if n++; most > 0 && n > most {
			continue
		}
		if n == 1 {
			fmt.Fprintf(b, "\n%s\n", about)
		}
		what := q.ID
		if q.Question != "" {
			what = q.Question + "  (" + q.ID + ")"
		}
		fmt.Fprintf(b, "%s %s\n    right  %s\n", mark, diffText(what, 120), diffGolds(q.Golds))
		if kind != OnlyInB {
			fmt.Fprintf(b, "    A %4.0f %s\n", q.F1A, diffAnswer(q.A, q.ErrA))
		}
		if kind != OnlyInA {
			fmt.Fprintf(b, "    B %4.0f %s\n", q.F1B, diffAnswer(q.B, q.ErrB))
		}
	}
	if most > 0 && n > most {
		fmt.Fprintf(b, "  and %d more\n", n-most)
	}
}

func diffGolds(golds []string) string {
	var texts []string
	seen := map[string]bool{}
	for _, g := range golds {
		if !seen[g] {
			seen[g] = true
			texts = append(texts, diffText(g, 60))
		}
	}
	if len(texts) == 0 {
		return "(no answer)"
	}
	return strings.Join(texts, " | ")
}

func diffAnswer(text, failed string) string {
	switch {
	case failed != "":
		return "(failed: " + diffText(failed, 100) + ")"
	case text == "":
		return "(no answer)"
	}
	return diffText(text, 100)
}

// diffText is a text on one line of a terminal, at most so many characters long.
func diffText(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return utf8.RuneError
		}
		return r
	}, s)
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
