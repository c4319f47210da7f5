package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/tryall/tryall/eval"
)

// LeaderboardCSV writes a line for each contestant of each mode, best first: figures in full, and empty where there is none.
func LeaderboardCSV(w io.Writer, in Input) error {
	t := table{csv.NewWriter(w)}
	head := []string{"mode", "metric", "rank", "tied", "contestant", "id", "revision", "precision", "n", "score", "score_lo", "score_hi"}
	for _, m := range eval.Metrics {
		head = append(head, m.Name)
	}
	head = append(head, "p50_ms", "p95_ms", "tokens_per_second", "peak_bytes", "size_bytes", "license", "errors", "pareto", "pick",
		"eliminated_after", "eliminated_by", "eliminated_p", "failed")
	t.line(head...)
	for _, r := range in.Bakeoff.Rounds() {
		for i := range r.Models {
			t.line(leaderboardLine(r, &r.Models[i])...)
		}
	}
	return t.end("leaderboard")
}

func leaderboardLine(r *eval.Round, e *eval.Entrant) []string {
	known := func(ok bool, f float64) string {
		if !ok {
			return ""
		}
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	there := scored(e)
	rank := ""
	if there && e.Rank > 0 {
		rank = strconv.Itoa(e.Rank)
	}
	line := []string{r.Mode, r.Metric, rank, strconv.FormatBool(e.Tied), cell(e.Contestant), cell(e.ID), cell(e.Revision), cell(e.Precision),
		strconv.Itoa(e.N), known(there, e.Score), known(there, e.ScoreCI[0]), known(there, e.ScoreCI[1])}
	for _, m := range eval.Metrics {
		f, ok := e.Metrics[m.Name]
		line = append(line, known(ok, f))
	}
	line = append(line, known(e.P50 > 0, e.P50), known(e.P95 > 0, e.P95), known(e.TokensPerSecond > 0, e.TokensPerSecond),
		known(e.PeakBytes > 0, float64(e.PeakBytes)), known(e.SizeBytes > 0, float64(e.SizeBytes)), cell(e.License), strconv.Itoa(e.Errors),
		strconv.FormatBool(slices.Contains(r.Pareto, e.Contestant)), strconv.FormatBool(r.Pick != "" && r.Pick == e.Contestant))
	if out := e.Eliminated; out != nil {
		line = append(line, strconv.Itoa(out.After), cell(out.By), known(true, out.P))
	} else {
		line = append(line, "", "", "")
	}
	return append(line, cell(e.Failed))
}

// QuestionsCSV writes a line for each question and contestant: what it answered and how right that is. Gap is how much surer
// the best answer is than "no answer", empty where the decoder has no such score; confidence orders the answers of one
// contestant. Several right answers stand one a line in their cell.
func QuestionsCSV(w io.Writer, in Input) error {
	t := table{csv.NewWriter(w)}
	t.line("mode", "number", "id", "question", "right_answers", "answerable", "contestant", "answer", "exact", "f1", "gap", "confidence", "best_answer",
		"windows", "tokens", "error")
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	for _, mode := range modes(in) {
		for _, run := range in.Runs[mode] {
			for i := range run.Results {
				res := &run.Results[i]
				gap, confidence := "", ""
				if res.HasBest {
					confidence = number(res.Confidence)
					if res.HasNull {
						gap = confidence
					}
				}
				t.line(mode, strconv.Itoa(res.Example+1), cell(res.ID), cell(questionText(in.Data, res.Example)), cell(strings.Join(res.Golds, "\n")),
					strconv.FormatBool(res.HasAns), cell(run.Contestant), cell(res.Text), number(res.Exact), number(res.F1), gap, confidence, cell(res.Best),
					strconv.Itoa(res.Windows), strconv.Itoa(res.Tokens), cell(res.Err))
			}
		}
	}
	return t.end("questions")
}

// modes are those of the rounds, then any others that there are results of.
func modes(in Input) (out []string) {
	for _, r := range in.Bakeoff.Rounds() {
		out = append(out, r.Mode)
	}
	for _, mode := range sortedKeys(in.Runs) {
		if !slices.Contains(out, mode) {
			out = append(out, mode)
		}
	}
	return out
}

func questionText(d *eval.Dataset, i int) string {
	if d == nil || i < 0 || i >= len(d.Examples) {
		return ""
	}
	return d.Examples[i].Text
}

// cell keeps a spreadsheet from running text as a formula: what begins like one, and is no number, gets an apostrophe.
func cell(s string) string {
	if s == "" || !strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return s
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return s
	}
	return "'" + s
}

// table writes lines. An error stays in the writer until the end.
type table struct{ w *csv.Writer }

func (t table) line(cells ...string) {
	if t.w.Error() == nil {
		_ = t.w.Write(cells)
	}
}

func (t table) end(what string) error {
	t.w.Flush()
	if err := t.w.Error(); err != nil {
		return fmt.Errorf("write the %s as CSV: %w", what, err)
	}
	return nil
}
