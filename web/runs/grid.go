package runs

import (
	"context"
	"slices"
	"strings"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/workbench"
)

// grid is what the contestants of a run answered in one mode: questions by contestants, without what the matrix does not show, so that
// ten thousand questions take a few megabytes.
type grid struct {
	contestants []string // best first; in the order of the run where nobody is ranked yet
	rows        []gridRow
	counts      map[string]int // rows by filter
	judged      bool           // at least one question is of a set of the project
}

// gridRow is a question.
type gridRow struct {
	example  int
	id, text string
	golds    []string // none: the text does not say
	cells    []gridCell
	filters  uint8 // bits by the order of filters
	origin   workbench.Origin
}

// gridCell is an answer.
type gridCell struct {
	asked bool
	exact bool
	f1    float32
	text  string // empty: it gave none
	err   string // it failed
}

// What a cell shows, never by colour alone.
const (
	kindRight  = "right"
	kindHalf   = "half"
	kindWrong  = "wrong"
	kindFailed = "failed"
	kindNone   = "none" // it was not asked
)

func (c *gridCell) kind() string {
	switch {
	case !c.asked:
		return kindNone
	case c.err != "":
		return kindFailed
	case c.exact:
		return kindRight
	case c.f1 > 0:
		return kindHalf
	}
	return kindWrong
}

// filter leaves questions out.
type filter struct {
	Name, Title, About string
	keep               func(r *gridRow) bool
}

// filters are in the order in which the key f goes through them. The first keeps all.
var filters = []filter{
	{"", "All", "Every question", func(*gridRow) bool { return true }},
	{"failures", "Failures", "At least one contestant is not right", func(r *gridRow) bool {
		return r.any(func(c *gridCell) bool { return !c.exact })
	}},
	{"differ", "Where they differ", "They do not all give the same answer", (*gridRow).differs},
	{"errors", "Errors", "A contestant could not be asked", func(r *gridRow) bool {
		return r.any(func(c *gridCell) bool { return c.err != "" })
	}},
	{"none", "No answer", "A contestant gives no answer", func(r *gridRow) bool {
		return r.any(func(c *gridCell) bool { return c.text == "" && c.err == "" })
	}},
}

func (r *gridRow) any(of func(*gridCell) bool) bool {
	for i := range r.cells {
		if r.cells[i].asked && of(&r.cells[i]) {
			return true
		}
	}
	return false
}

// differs says whether two contestants answer differently, but for what scores do not look at.
func (r *gridRow) differs() bool {
	first, seen := "", false
	for i := range r.cells {
		c := &r.cells[i]
		if !c.asked || c.err != "" {
			continue
		}
		switch said := eval.Normalize(c.text); {
		case !seen:
			first, seen = said, true
		case said != first:
			return true
		}
	}
	return false
}

// gridOf puts together what was answered in a mode, the contestants in the order given.
func gridOf(a *workbench.Answers, mode string, contestants []string, origins []workbench.Origin) *grid {
	g := &grid{contestants: contestants, counts: map[string]int{}}
	d := a.Data[mode]
	if d == nil {
		return g
	}
	place := map[string]int{}
	for i, c := range contestants {
		place[c] = i
	}
	g.rows = make([]gridRow, len(d.Examples))
	cells := make([]gridCell, len(d.Examples)*len(contestants))
	for i := range d.Examples {
		e := &d.Examples[i]
		g.rows[i] = gridRow{example: i, id: e.ID, text: e.Text, golds: distinct(e.Texts()), cells: cells[i*len(contestants) : (i+1)*len(contestants) : (i+1)*len(contestants)]}
		if i < len(origins) {
			g.rows[i].origin = origins[i]
			g.judged = g.judged || origins[i].Set != ""
		}
	}
	for _, run := range a.Runs[mode] {
		k, ok := place[run.Contestant]
		if !ok {
			continue
		}
		for i := range run.Results {
			res := &run.Results[i]
			if res.Example < 0 || res.Example >= len(g.rows) {
				continue
			}
			g.rows[res.Example].cells[k] = gridCell{asked: true, exact: res.Exact >= 100 && res.Err == "", f1: float32(res.F1), text: strings.Clone(res.Text), err: strings.Clone(res.Err)}
		}
	}
	g.rows = slices.DeleteFunc(g.rows, func(r gridRow) bool { return !r.any(func(*gridCell) bool { return true }) })
	for i := range g.rows {
		r := &g.rows[i]
		for k, f := range filters {
			if f.keep(r) {
				r.filters |= 1 << k
				g.counts[f.Name]++
			}
		}
	}
	return g
}

func distinct(list []string) (out []string) {
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// contestantsOf are those of a run's mode, best first.
func contestantsOf(info store.RunInfo, a *workbench.Answers, mode string) (out []string) {
	if info.Bakeoff != nil {
		for _, r := range info.Bakeoff.Rounds() {
			if r.Mode == mode {
				for i := range r.Models {
					out = append(out, r.Models[i].Contestant)
				}
			}
		}
	}
	for _, run := range a.Runs[mode] { // those of questions without labels, or of a run that is not over
		if !slices.Contains(out, run.Contestant) {
			out = append(out, run.Contestant)
		}
	}
	return slices.DeleteFunc(out, func(c string) bool {
		return !slices.ContainsFunc(a.Runs[mode], func(r *eval.Run) bool { return r.Contestant == c })
	})
}

// gridsHeld is how many grids are kept. One of 10,000 questions and 12 contestants takes about 10 MB.
const gridsHeld = 4

type gridCache struct{ kept[*grid] }

// grid is what was answered in a mode of a run. That of a finished run never changes, and is kept.
func (p panel) grid(ctx context.Context, f *found, mode string) (*grid, error) {
	produce := func() (*grid, error) {
		a, err := f.project.Answers(ctx, f.Run)
		if err != nil {
			return nil, err
		}
		origins, err := f.project.Origins(ctx, f.Run.ID, mode)
		if err != nil {
			return nil, err
		}
		return gridOf(a, mode, contestantsOf(f.Run, a, mode), origins), nil
	}
	if f.Run.Bakeoff == nil {
		return produce()
	}
	return p.grids.get(f.Run.ID+"\x00"+mode, gridsHeld, produce)
}
