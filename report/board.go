package report

import (
	"cmp"
	"encoding/csv"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/tryall/tryall/eval"
)

// Board is the leaderboard of one mode with every column that anybody has a figure for, to be ordered and picked from: what pages show
// and what they give as CSV are this.
type Board struct {
	Mode, Title, Verdict, Stopped string
	Metric, Unit                  string
	Columns                       []BoardColumn // the metric that ranks first
	Lines                         []BoardLine   // best first
}

// BoardColumn is the head of a column.
type BoardColumn struct {
	Key               string // names it in addresses and in CSV
	Name, Unit, About string
	Usual             bool // shown without being asked for
	LowerBetter       bool
	Words             bool // it holds no figures
}

// BoardLine is one contestant; its Cells are those of Columns.
type BoardLine struct {
	Contestant, Label string
	Mark              template.HTML
	Rank              int  // 0: none, because it failed
	Tied              bool // others have the same rank, because they cannot be told apart
	Tags              []string
	Note              string // why it is out
	Out               bool   // dropped or failed
	Cells             []BoardCell
}

// BoardCell is a figure. Where its interval is known it has a Bar, from zero on, and Interval says what is drawn.
type BoardCell struct {
	Text, Raw string
	Value     float64
	Known     bool
	Bar       template.HTML
	Interval  string
	CI        [2]float64
}

// BoardOf is the leaderboard of a mode; nil where nobody took part in it.
func BoardOf(b *eval.Bakeoff, mode string) *Board {
	v := &view{in: Input{Bakeoff: b}, names: eval.NamesOf(b)}
	for _, r := range b.Rounds() {
		if r.Mode == mode && len(r.Models) > 0 {
			return v.board(r)
		}
	}
	return nil
}

func (v *view) board(r *eval.Round) *Board {
	out := &Board{Mode: r.Mode, Title: modeTitle(r.Mode), Verdict: v.said(r.Verdict), Stopped: v.said(r.Stopped), Metric: r.Metric, Unit: unit(r.Metric)}
	var cols []boardColumn
	for _, c := range allColumns() {
		switch {
		case c.key == r.Metric:
			cols = append([]boardColumn{c}, cols...)
		case c.filled(r):
			cols = append(cols, c)
		}
	}
	for _, c := range cols {
		out.Columns = append(out.Columns, BoardColumn{c.key, c.name, c.unit, c.about, c.usual || c.page || c.key == r.Metric, c.lower, c.words != nil})
	}
	for i := range r.Models {
		e := &r.Models[i]
		l := v.boardLine(r, e, nil)
		line := BoardLine{Contestant: visible(e.Contestant), Label: l.Label, Mark: l.Mark, Tags: l.Tags, Note: l.Note, Out: l.Out}
		if scored(e) {
			line.Rank, line.Tied = e.Rank, e.Tied
		}
		for k := range cols {
			line.Cells = append(line.Cells, v.boardCell(r, e, &cols[k]))
		}
		out.Lines = append(out.Lines, line)
	}
	return out
}

// boardCell is a figure of a contestant; who failed has none but the number of its questions.
func (v *view) boardCell(r *eval.Round, e *eval.Entrant, c *boardColumn) BoardCell {
	if !scored(e) && c.words == nil && c.key != "n" && c.key != "errors" {
		return BoardCell{Text: "–"}
	}
	out := BoardCell{Text: c.text(e), Raw: c.raw(e)}
	if c.words != nil {
		out.Known = out.Raw != ""
		return out
	}
	if out.Value, out.Known = c.value(e); !out.Known && c.key != r.Metric {
		return out
	}
	var ci [2]float64
	switch c.key {
	case r.Metric:
		ci, out.Value, out.Known = e.ScoreCI, e.Score, true
		out.Raw = strconv.FormatFloat(e.Score, 'f', -1, 64)
	case "f1":
		ci = e.F1CI
	default:
		return out
	}
	out.Text, out.Bar = score(out.Value, ci), bar(v.number(e.Contestant), e.Eliminated != nil, out.Value, ci)
	if ci[1] > ci[0] {
		out.CI, out.Interval = ci, "95 % interval "+bracket(ci)
	}
	return out
}

// Column is the place of a column, -1 where there is none of that key.
func (b *Board) Column(key string) int {
	return slices.IndexFunc(b.Columns, func(c BoardColumn) bool { return c.Key == key })
}

// Sort orders lines by a column, the best figure first, or the last one when reversed; who has none comes last either way. Lines that
// are alike stay in the order of the ranks.
func (b *Board) Sort(key string, reversed bool) {
	at := b.Column(key)
	if at < 0 {
		return
	}
	col := b.Columns[at]
	slices.SortStableFunc(b.Lines, func(x, y BoardLine) int {
		p, q := x.Cells[at], y.Cells[at]
		if p.Known != q.Known {
			if p.Known {
				return -1
			}
			return 1
		}
		order := cmp.Compare(q.Value, p.Value)
		if col.Words {
			order = strings.Compare(strings.ToLower(p.Text), strings.ToLower(q.Text))
		} else if col.LowerBetter {
			order = -order
		}
		if reversed {
			order = -order
		}
		return order
	})
}

// SortByName orders lines by what contestants are called.
func (b *Board) SortByName(reversed bool) {
	slices.SortStableFunc(b.Lines, func(x, y BoardLine) int {
		order := strings.Compare(strings.ToLower(x.Label), strings.ToLower(y.Label))
		if reversed {
			order = -order
		}
		return order
	})
}

// Pick leaves the columns for which keep holds.
func (b *Board) Pick(keep func(BoardColumn) bool) {
	var at []int
	var cols []BoardColumn
	for i, c := range b.Columns {
		if keep(c) {
			at, cols = append(at, i), append(cols, c)
		}
	}
	b.Columns = cols
	for i := range b.Lines {
		cells := make([]BoardCell, len(at))
		for k, from := range at {
			cells[k] = b.Lines[i].Cells[from]
		}
		b.Lines[i].Cells = cells
	}
}

// CSV writes the lines and columns that are left, in their order: figures in full, with their intervals where those are known.
func (b *Board) CSV(w io.Writer) error {
	t := table{csv.NewWriter(w)}
	head := []string{"mode", "rank", "tied", "contestant"}
	interval := make([]bool, len(b.Columns))
	for i, c := range b.Columns {
		head = append(head, c.Key)
		interval[i] = slices.ContainsFunc(b.Lines, func(l BoardLine) bool { return l.Cells[i].Interval != "" })
		if interval[i] {
			head = append(head, c.Key+"_lo", c.Key+"_hi")
		}
	}
	t.line(append(head, "out")...)
	for _, l := range b.Lines {
		line := []string{b.Mode, "", strconv.FormatBool(l.Tied), cell(l.Contestant)}
		if l.Rank > 0 {
			line[1] = strconv.Itoa(l.Rank)
		}
		for i, c := range l.Cells {
			line = append(line, c.Raw)
			switch {
			case c.Interval != "":
				line = append(line, strconv.FormatFloat(c.CI[0], 'f', -1, 64), strconv.FormatFloat(c.CI[1], 'f', -1, 64))
			case interval[i]:
				line = append(line, "", "")
			}
		}
		t.line(append(line, cell(l.Note))...)
	}
	return t.end("leaderboard")
}

// Fact is one of those beside the verdict.
type Fact struct{ Name, Value string }

// Digest is what a report says first.
type Digest struct {
	Title, Made, Verdict string
	Facts                []Fact
	Cautions             []string
}

// DigestOf is that of a bake-off.
func DigestOf(in Input) Digest {
	in.Runs, in.Order, in.Data = nil, nil, nil // it needs none of them
	v := newView(in)
	out := Digest{Title: v.Title, Made: title(in.Bakeoff), Verdict: v.Verdict, Cautions: v.Cautions}
	for _, f := range v.Facts {
		out.Facts = append(out.Facts, Fact(f))
	}
	return out
}
