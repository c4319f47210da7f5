package report

import (
	"cmp"
	"html/template"
	"slices"
	"strings"

	"github.com/tryall/tryall/eval"
)

// view is a report in words, as both the page and the text show it: figures are formatted, contestants have their short
// names, and what is too long is cut, with the count of what is left out.
type view struct {
	in    Input
	names *eval.Names
	runs  map[string]map[string]*eval.Run // by mode and contestant

	Title, Description, Verdict string
	Created                     string
	Facts                       []pair
	Decision                    *decisionView
	Gate                        []gateLine
	GatePassed                  bool
	Rounds                      []roundView
	Retrieval                   *retrievalView
	Disagreement                *disagreementView
	Matrices                    []matrixView
	Repeat                      repeatView
	Cautions                    []string
	Style                       template.CSS
}

type pair struct{ Name, Value string }

// gateLine is a limit with what came of it.
type gateLine struct {
	Limit, Reason string
	Passed        bool
}

// named is a contestant in a table.
type named struct {
	Label, Full string
	Mark        template.HTML
}

// newView works out all that a report says.
func newView(in Input) *view {
	b := in.Bakeoff
	v := &view{in: in, names: eval.NamesOf(b), runs: map[string]map[string]*eval.Run{}, Style: template.CSS(Style())}
	for mode, runs := range in.Runs {
		v.runs[mode] = map[string]*eval.Run{}
		for _, r := range runs {
			v.runs[mode][r.Contestant] = r
		}
	}
	v.decide()
	v.Title = visible(cmp.Or(in.Title, title(b)))
	if d := in.Decision; d != nil && d.Title != "" {
		v.Title = visible(d.Title)
	}
	v.Description = visible(in.Description)
	v.Verdict = v.said(b.Verdict)
	switch {
	case v.Verdict != "":
	case b.Winner != "":
		v.Verdict = v.called(b.Winner) + " has the best score."
	case b.Questions == 0:
		v.Verdict = "There are no labelled questions, so there is no verdict."
	default:
		v.Verdict = "No contestant finished, so there is no verdict."
	}
	if !b.Created.IsZero() {
		v.Created = b.Created.Format("2 January 2006, 15:04 MST")
	}
	v.Facts = v.facts()
	v.GatePassed = true
	for _, g := range in.Gate {
		v.Gate = append(v.Gate, gateLine{visible(g.Limit), v.said(g.Reason), g.Passed})
		v.GatePassed = v.GatePassed && g.Passed
	}
	for _, r := range b.Rounds() {
		if len(r.Models) > 0 {
			v.Rounds = append(v.Rounds, v.round(r))
		}
		if m := v.matrix(r); m != nil {
			v.Matrices = append(v.Matrices, *m)
		}
		for _, w := range r.Warnings {
			w = v.said(w)
			if !slices.Contains(v.Cautions, w) {
				v.Cautions = append(v.Cautions, w)
			}
		}
	}
	v.Retrieval = v.retrieval(b.Retrieval)
	v.Disagreement = v.disagreement(b.Disagreement)
	v.Repeat = v.repeat()
	return v
}

func title(b *eval.Bakeoff) string {
	n := max(len(b.Models), len(b.Spec.Models))
	if b.Questions == 0 {
		return "Bake-off of " + plural(n, "contestant")
	}
	return "Bake-off of " + plural(n, "contestant") + " over " + plural(b.Questions, "question")
}

// facts are what one wants to know beside the verdict.
func (v *view) facts() []pair {
	b := v.in.Bakeoff
	out := []pair{}
	add := func(name, value string) {
		if value != "" {
			out = append(out, pair{name, value})
		}
	}
	if b.Pick != "" {
		add("Pick", v.called(b.Pick))
	}
	if b.Winner != "" && b.Winner != b.Pick {
		add("Best score", v.called(b.Winner))
	}
	if len(b.Tied) > 1 {
		add("Cannot be told apart", v.list(b.Tied[:min(len(b.Tied), 6)])+more(len(b.Tied)-6))
	}
	add("Questions with labels", count(int64(b.Questions)))
	add("Contestants", contestants(b.Models))
	add("Decoder", b.Decoder)
	if b.Saved >= 0.5 {
		add("Saved by the race", fixed(b.Saved, 0)+" % of the evaluations")
	}
	if b.TookSeconds > 0 {
		add("Took", duration(b.TookSeconds))
	}
	return out
}

func contestants(es []eval.Entrant) string {
	dropped, failed := 0, 0
	for i := range es {
		if es[i].Failed != "" {
			failed++
		} else if es[i].Eliminated != nil {
			dropped++
		}
	}
	s := count(int64(len(es)))
	var parts []string
	if dropped > 0 {
		parts = append(parts, count(int64(dropped))+" dropped early")
	}
	if failed > 0 {
		parts = append(parts, count(int64(failed))+" failed")
	}
	if len(parts) > 0 {
		s += " (" + strings.Join(parts, ", ") + ")"
	}
	return s
}

func more(n int) string {
	if n <= 0 {
		return ""
	}
	return " and " + count(int64(n)) + " more"
}

func (v *view) run(mode, contestant string) *eval.Run { return v.runs[mode][contestant] }

func (v *view) metric(name string) eval.Metric {
	m, _ := eval.MetricByName(name)
	return m
}

func (v *view) named(contestant string, dropped bool) named {
	n := named{Label: v.called(contestant), Full: visible(contestant)}
	if i, ok := v.names.Number(contestant); ok {
		n.Mark = mark(i, dropped)
	}
	return n
}

// unit is a metric as people write it.
func unit(metric string) string {
	switch metric {
	case "f1":
		return "F1"
	case "exact":
		return "EM"
	}
	return metric
}

// modeTitle says what a mode is.
func modeTitle(mode string) string {
	switch mode {
	case eval.Oracle:
		return "Given the right passage (oracle)"
	case eval.Retrieved:
		return "With the passages that retrieval finds (end to end)"
	}
	return visible(mode)
}
