package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tryall/tryall/eval"
)

// matrixView is the questions on which contestants differ most, with what each answers.
type matrixView struct {
	Mode, Title               string
	Columns                   []named
	Lines                     []matrixLine
	QuestionsLeft, ModelsLeft int
	Same                      int // questions on which all are equally right
}

type matrixLine struct {
	Number, Text, Gold string // Gold is empty where the question has no answer
	Cells              []matrixCell
}

// matrixCell is one answer. Kind is right, half, wrong, failed or none (not asked).
type matrixCell struct {
	Kind, Answer, Score string
	Abstained           bool
}

const (
	matrixQuestions = 60
	matrixModels    = 8
)

// matrix is nil without results.
func (v *view) matrix(r *eval.Round) *matrixView {
	m := &matrixView{Mode: r.Mode, Title: modeTitle(r.Mode)}
	var runs []*eval.Run
	for i := range r.Models {
		e := &r.Models[i]
		run := v.run(r.Mode, e.Contestant)
		switch {
		case run == nil || len(run.Results) == 0:
		case len(runs) == matrixModels:
			m.ModelsLeft++
		default:
			runs = append(runs, run)
			m.Columns = append(m.Columns, v.named(e.Contestant, e.Eliminated != nil))
		}
	}
	if len(runs) == 0 {
		return nil
	}
	rows := rowsOf(runs)
	for _, row := range rows {
		if row.spread == 0 && row.groups <= 1 {
			m.Same++
		}
	}
	for _, row := range rows[:min(len(rows), matrixQuestions)] {
		m.Lines = append(m.Lines, v.matrixLine(row))
	}
	m.QuestionsLeft = len(rows) - len(m.Lines)
	return m
}

// matrixRow is a question with the results of the contestants that are shown, nil where one was not asked.
type matrixRow struct {
	example int
	results []*eval.Result
	spread  float64 // variance of F1 over those that were asked
	groups  int     // different answers
	asked   int
}

// rowsOf orders questions, the most telling first: where scores differ most, then where answers do, then where more
// contestants were asked, then as in the data.
func rowsOf(runs []*eval.Run) []matrixRow {
	at := map[int]int{}
	var rows []matrixRow
	for k, run := range runs {
		for i := range run.Results {
			res := &run.Results[i]
			n, there := at[res.Example]
			if !there {
				n = len(rows)
				at[res.Example] = n
				rows = append(rows, matrixRow{example: res.Example, results: make([]*eval.Result, len(runs))})
			}
			rows[n].results[k] = res
		}
	}
	for i := range rows {
		rows[i].measure()
	}
	slices.SortFunc(rows, func(a, b matrixRow) int {
		return cmp.Or(cmp.Compare(b.spread, a.spread), cmp.Compare(b.groups, a.groups), cmp.Compare(b.asked, a.asked), cmp.Compare(a.example, b.example))
	})
	return rows
}

func (r *matrixRow) measure() {
	sum, squares := 0.0, 0.0
	answers := map[string]bool{}
	for _, res := range r.results {
		if res != nil {
			r.asked++
			sum += res.F1
			squares += res.F1 * res.F1
			answers[strings.ToLower(strings.TrimSpace(res.Text))] = true
		}
	}
	mean := sum / float64(r.asked)
	r.spread = max(0, squares/float64(r.asked)-mean*mean)
	if r.spread < 1e-6 {
		r.spread = 0
	}
	r.groups = len(answers)
}

func (v *view) matrixLine(row matrixRow) matrixLine {
	l := matrixLine{Number: count(int64(row.example + 1))}
	for _, res := range row.results {
		if res == nil {
			l.Cells = append(l.Cells, matrixCell{Kind: "none"})
			continue
		}
		l.Text = short(visible(cmp.Or(questionText(v.in.Data, res.Example), res.ID)), 240)
		if res.HasAns && len(res.Golds) > 0 {
			l.Gold = short(visible(res.Golds[0]), 120) + more(distinct(res.Golds)-1)
		}
		l.Cells = append(l.Cells, cellFor(res))
	}
	return l
}

func cellFor(res *eval.Result) matrixCell {
	c := matrixCell{Kind: "wrong", Answer: short(visible(res.Text), 90), Abstained: res.Text == ""}
	switch {
	case res.Err != "":
		return matrixCell{Kind: "failed", Answer: short(visible(res.Err), 90)}
	case res.Exact >= 100:
		c.Kind = "right"
	case res.F1 > 0:
		c.Kind, c.Score = "half", "F1 "+fixed(res.F1, 0)
	}
	return c
}

func distinct(list []string) int {
	seen := map[string]bool{}
	for _, s := range list {
		seen[s] = true
	}
	return len(seen)
}
