package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Markdown writes a report as text with tables (GitHub's flavour). All that comes from models, questions and files is
// escaped.
func Markdown(w io.Writer, in Input) error {
	v := newView(in)
	m := &markdown{w: bufio.NewWriter(w)}
	m.line("# %s", md(v.Title))
	if v.Description != "" {
		m.line("%s", md(v.Description))
	}
	m.line("**%s**", md(v.Verdict))
	for _, f := range v.Facts {
		m.item("%s: %s", md(f.Name), md(f.Value))
	}
	m.end()
	m.decision(v.Decision)
	if len(v.Gate) > 0 {
		m.line("## Gate: %s", map[bool]string{true: "passed", false: "failed"}[v.GatePassed])
		for _, g := range v.Gate {
			m.item("%s %s: %s", map[bool]string{true: "✓", false: "✗"}[g.Passed], md(g.Limit), md(g.Reason))
		}
		m.end()
	}
	if len(v.Cautions) > 0 {
		m.line("## To be careful about")
		for _, c := range v.Cautions {
			m.item("%s", md(c))
		}
		m.end()
	}
	for i := range v.Rounds {
		m.round(&v.Rounds[i])
	}
	m.retrieval(v.Retrieval)
	m.disagreement(v.Disagreement)
	m.matrices(v.Matrices)
	m.repeat(&v.Repeat)
	if err := m.w.Flush(); err != nil {
		return fmt.Errorf("write the report as text: %w", err)
	}
	return nil
}

func (m *markdown) decision(d *decisionView) {
	if d == nil {
		return
	}
	m.line("## Decision")
	for _, l := range d.Decision {
		m.line("**%s**", md(l))
	}
	for _, l := range d.Notes {
		m.line("%s", md(l))
	}
	if d.By != "" {
		m.line("%s", md(d.By))
	}
}

// markdown writes blocks. Errors stay in the writer until it is flushed.
type markdown struct{ w *bufio.Writer }

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(m.w, format+"\n\n", args...) }
func (m *markdown) item(format string, args ...any) { fmt.Fprintf(m.w, "- "+format+"\n", args...) }
func (m *markdown) end()                            { fmt.Fprintln(m.w) }

// table writes heads and rows that are escaped already. A head that begins with > is of a column of numbers.
func (m *markdown) table(heads []string, rows [][]string) {
	rule := make([]string, len(heads))
	for i, h := range heads {
		rule[i] = "---"
		if name, ok := strings.CutPrefix(h, ">"); ok {
			heads[i], rule[i] = name, "---:"
		}
	}
	for _, row := range append([][]string{heads, rule}, rows...) {
		fmt.Fprintf(m.w, "| %s |\n", strings.Join(row, " | "))
	}
	m.end()
}

func (m *markdown) round(r *roundView) {
	m.line("## Leaderboard: %s", md(r.Title))
	if r.Verdict != "" {
		m.line("%s", md(r.Verdict))
	}
	if r.Stopped != "" {
		m.line("The race ended early: %s.", md(r.Stopped))
	}
	heads := []string{">rank", "contestant", ">" + md(r.Unit) + " %"}
	for _, c := range r.Columns {
		heads = append(heads, ">"+strings.TrimSpace(md(c.Name)+" "+c.Unit))
	}
	heads = append(heads, "notes")
	var rows [][]string
	for _, l := range r.Lines {
		row := append([]string{md(l.Rank), md(l.Label), l.Score}, l.Figures...)
		rows = append(rows, append(row, md(strings.Join(append(l.Tags, note(l.Note)...), "; "))))
	}
	m.table(heads, rows)
	m.left(r.LeftOut, "contestant", "report.csv")
	switch {
	case len(r.Thresholds) > 0:
		m.thresholds(r)
	case r.CurveNote != "":
		m.line("### Thresholds")
		m.line("%s", md(r.CurveNote))
	}
	if len(r.Comparisons) > 0 {
		m.line("### Comparisons")
		rows = nil
		for _, c := range r.Comparisons {
			rows = append(rows, []string{md(c.A.Label), md(c.B.Label), c.Diff, c.CI, md(c.P), md(c.PHolm), c.Means, c.N, c.Detectable, c.Needed})
		}
		m.table([]string{"A", "B", ">A − B " + md(r.Unit), ">95 %", ">p", ">p Holm", "means", ">questions", ">detectable", ">labels needed"}, rows)
		m.line("%s A tie means only that these questions cannot tell.", md(r.Decides))
		m.left(r.ComparisonsLeftOut, "pair", "report.json")
	}
}

func note(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func (m *markdown) left(n int, what, where string) {
	if n > 0 {
		m.line("%s more: %s.", plural(n, what), where)
	}
}

func (m *markdown) thresholds(r *roundView) {
	m.line("### Thresholds: fewer wrong answers by leaving questions unanswered")
	heads := []string{"contestant"}
	for _, w := range r.ThresholdRates {
		heads = append(heads, ">answered with at most "+w+" % wrong")
	}
	var rows [][]string
	for _, l := range r.Thresholds {
		row := []string{md(l.Label)}
		for _, c := range l.Cells {
			if c.Answered == "" {
				row = append(row, "not reached")
			} else {
				row = append(row, fmt.Sprintf("%s %% (above %s; wrong %s %%)", c.Answered, c.Threshold, c.Wrong))
			}
		}
		rows = append(rows, append(row, l.AUROC, l.AURC))
	}
	m.table(append(heads, ">AUROC", ">AURC"), rows)
}

func (m *markdown) retrieval(r *retrievalView) {
	if r == nil {
		return
	}
	m.line("## Where answers get lost: retrieval and reading")
	m.line("%s on %s whose right passage is known; mean reciprocal rank %s.", md(r.Retriever), r.Questions, r.MRR)
	for _, k := range r.Recall {
		m.item("among the first %s: %s %%", md(k.Name), k.Value)
	}
	m.end()
	var rows [][]string
	for _, l := range r.Lines {
		rows = append(rows, []string{md(l.Label), l.Oracle, l.Found, l.End, l.Reader, l.Retriever, l.N})
	}
	m.table([]string{"contestant", ">F1 given the right passage", ">F1 where it was found", ">F1 end to end", ">lost by reading", ">lost by retrieval", ">questions"}, rows)
	m.left(r.LeftOut, "contestant", "report.json")
}

func (m *markdown) disagreement(d *disagreementView) {
	if d == nil {
		return
	}
	m.line("## Questions without labels: where contestants disagree")
	for _, q := range d.Top {
		m.item("%s (%s bits)", md(q.Text), q.Entropy)
		for _, g := range q.Groups {
			answer := md(g.Answer)
			if answer == "" {
				answer = "*no answer*"
			}
			by := make([]string, len(g.By))
			for i, n := range g.By {
				by[i] = md(n.Label)
			}
			fmt.Fprintf(m.w, "  - %s: %s%s\n", answer, strings.Join(by, ", "), more(g.More))
		}
	}
	m.end()
	if d.Rest != "" {
		m.line("%s", d.Rest)
	}
}

// textQuestions keeps the text short; the page shows more of them.
const textQuestions = 15

func (m *markdown) matrices(ms []matrixView) {
	for i := range ms {
		x := &ms[i]
		m.line("## Questions: %s", md(x.Title))
		heads := []string{"question", "right answer"}
		for _, c := range x.Columns {
			heads = append(heads, md(c.Label))
		}
		var rows [][]string
		for _, l := range x.Lines[:min(len(x.Lines), textQuestions)] {
			row := []string{md(l.Text), answerOr(l.Gold)}
			for _, c := range l.Cells {
				row = append(row, cellText(c))
			}
			rows = append(rows, row)
		}
		m.table(heads, rows)
		m.left(x.QuestionsLeft+len(x.Lines)-len(rows), "question", "questions.csv")
		m.left(x.ModelsLeft, "contestant", "questions.csv")
	}
}

func answerOr(s string) string {
	if s == "" {
		return "*no answer*"
	}
	return md(s)
}

func cellText(c matrixCell) string {
	if c.Kind == "none" {
		return ""
	}
	sign := map[string]string{"right": "✓", "half": "◐", "wrong": "✗", "failed": "!"}[c.Kind]
	return sign + " " + answerOr(c.Answer)
}

func (m *markdown) repeat(r *repeatView) {
	m.line("## How to repeat")
	m.line("    %s", r.Command)
	for _, f := range r.Facts {
		m.item("%s: %s", md(f.Name), md(f.Value))
	}
	m.end()
	var rows [][]string
	for _, s := range r.Sources {
		rows = append(rows, []string{md(s.Name), s.Holds, md(s.Digest)})
	}
	if len(rows) > 0 {
		m.table([]string{"source", "holds", "digest"}, rows)
	}
	rows = nil
	for _, c := range r.Contestants {
		rows = append(rows, []string{md(c.Label), md(c.ID), md(c.Revision), md(c.Precision), md(c.License)})
	}
	m.table([]string{"in this report", "model", "revision", "precision", "licence"}, rows)
	m.left(r.LeftOut, "contestant", "report.json")
}

// md escapes text so that it stands for itself, in a table as elsewhere.
func md(s string) string {
	s = strings.TrimSpace(s)
	var b strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		switch {
		case r == '<':
			b.WriteString("&lt;")
			continue
		case r == '>':
			b.WriteString("&gt;")
			continue
		case r == '&':
			b.WriteString("&amp;")
			continue
		case r == '_' && i > 0 && i+1 < len(runes) && isWord(runes[i-1]) && isWord(runes[i+1]): // within a word it is none
		case strings.ContainsRune("\\`*_[]|~$#", r), i == 0 && (r == '-' || r == '+'), (r == '.' || r == ')') && allDigits(runes[:i]):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// allDigits says whether what stands before would make a numbered list.
func allDigits(before []rune) bool {
	for _, r := range before {
		if r < '0' || r > '9' {
			return false
		}
	}
	return len(before) > 0
}
