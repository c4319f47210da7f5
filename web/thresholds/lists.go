package thresholds

import (
	"cmp"
	"net/url"
	"slices"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// shownExamples is how many examples a list has on a page.
const shownExamples = 12

// list is a page of examples.
type list struct {
	Total, Page int
	Items       []example
}

// Pages is how many pages there are.
func (l list) Pages() int { return (l.Total + shownExamples - 1) / shownExamples }

// example is one question with what is, or would be, answered.
type example struct {
	Question, Answer string
	Golds            []string // none: there is no answer
	HasBest          bool
	Right            bool
	Confidence       float64
	Inspect          string
}

// lists are the questions that are not answered at the threshold and those that are answered wrongly, those nearest to the threshold
// first: they are the next to change.
func (x *part) lists(m *workbench.Measured) {
	var silent, wrong []*eval.Result
	for i := range m.Results {
		switch r := &m.Results[i]; {
		case !r.HasBest || r.Confidence <= x.Cut.Threshold:
			silent = append(silent, r)
		case r.BestExact < 100:
			wrong = append(wrong, r)
		}
	}
	slices.SortStableFunc(silent, func(a, b *eval.Result) int {
		if a.HasBest != b.HasBest {
			if a.HasBest {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.Confidence, a.Confidence)
	})
	slices.SortStableFunc(wrong, func(a, b *eval.Result) int { return cmp.Compare(a.Confidence, b.Confidence) })
	x.Silent, x.Query.Silent = paged(m, silent, x.Query.Silent)
	x.Wrong, x.Query.Wrong = paged(m, wrong, x.Query.Wrong)
}

// paged is a page of results, the last one where there are not so many.
func paged(m *workbench.Measured, rs []*eval.Result, page int) (list, int) {
	l := list{Total: len(rs)}
	l.Page = min(page, max(0, l.Pages()-1))
	for _, r := range rs[l.Page*shownExamples : min(len(rs), (l.Page+1)*shownExamples)] {
		e := example{Answer: ui.Visible(ui.Shorten(r.Best, 160)), HasBest: r.HasBest, Confidence: r.Confidence, Right: r.BestExact == 100,
			Inspect: "/inspect?" + url.Values{"run": {m.Run}, "mode": {m.Mode}, "q": {r.ID}, "m": {m.Contestant}}.Encode()}
		if r.Example < len(m.Data.Examples) {
			e.Question = ui.Visible(ui.Shorten(m.Data.Examples[r.Example].Text, 240))
		}
		if e.Question == "" {
			e.Question = ui.Visible(r.ID)
		}
		if r.HasAns {
			for _, g := range r.Golds {
				if g = ui.Visible(ui.Shorten(g, 120)); !slices.Contains(e.Golds, g) {
					e.Golds = append(e.Golds, g)
				}
			}
		}
		l.Items = append(l.Items, e)
	}
	return l, l.Page
}
