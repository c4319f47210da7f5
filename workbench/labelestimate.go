package workbench

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/stats"
)

// LabelsForEstimate is from how many labels on models are estimated: below that an interval is as wide as all there is.
const LabelsForEstimate = 5

// nextLabels is how many labels more the outlook is for.
const nextLabels = 10

// LabelEstimate is what the labels say of the models, as far as they go. It speaks of questions like those that the file left open: the
// labels are weighted by how likely they were to be drawn (see stats.LURE), and what was skipped or picked by hand is left out.
type LabelEstimate struct {
	Labels int          `json:"labels"` // that it is made of
	Picked int          `json:"picked"` // labels of questions that were not drawn, which it leaves out
	Left   int          `json:"left"`   // questions to be labelled yet
	Models []LabelScore `json:"models"` // best first; empty below LabelsForEstimate
	// Lead is how far the first is ahead of the second; nil where there are no two.
	Lead *LabelLead `json:"lead,omitempty"`
	// Next says in a sentence what the next labels will tell. Sentence has it with other names.
	Next string `json:"next"`
}

// LabelScore is one model's F1 in percent, with half of its 95 % interval; no Margin: nothing can be said of other questions.
type LabelScore struct {
	Model      string   `json:"model"`
	Contestant string   `json:"contestant"`
	F1         float64  `json:"f1"`
	Margin     *float64 `json:"margin"`
	Soon       *float64 `json:"margin_soon"` // about what Margin will be some labels later
	// Needed is about how many labels more would make Margin one that says something (see TellingMargin); 0: it does, or there is none.
	Needed int `json:"labels_needed,omitempty"`
}

// LabelLead is a difference of two models on the same questions, in points of F1, with half of its 95 % interval.
type LabelLead struct {
	Ahead  string   `json:"ahead"`  // contestant
	Behind string   `json:"behind"` // contestant
	By     float64  `json:"by"`
	Margin *float64 `json:"margin"`
	Soon   *float64 `json:"margin_soon"`
	Alike  bool     `json:"alike"`                   // on each single question
	Needed int      `json:"labels_needed,omitempty"` // as in LabelScore; 0 also where the lead is beyond its margin
}

// labelled are the drawn questions that have a label, with their weights and clusters.
type labelled struct {
	items    []*labelItem
	weights  []float64
	clusters []int
	v2       bool
}

func (v *labelView) labelled() (l labelled, err error) {
	all, err := stats.LURE(v.weights, len(v.pool))
	if err != nil {
		return l, err
	}
	l.v2 = v.set.V2 || v.set.Count().NoAnswer > 0
	alone := len(v.set.Contexts)
	for k, at := range v.order {
		x := &v.pool[at]
		if !x.q.Labelled {
			continue
		}
		cluster := x.q.Context // questions of one passage are right or wrong together
		if cluster < 0 {
			cluster = alone
			alone++
		}
		l.items, l.weights, l.clusters = append(l.items, x), append(l.weights, all[k]), append(l.clusters, cluster)
	}
	return l, nil
}

// estimate scores the models by the labels.
func (s *LabelSession) estimate(v *labelView, left int) (LabelEstimate, error) {
	out := LabelEstimate{Left: left, Models: []LabelScore{}}
	l, err := v.labelled()
	if err != nil {
		return out, err
	}
	out.Labels = len(l.items)
	picked := map[string]bool{}
	for i := range v.judged {
		id := v.judged[i].Item
		_, pool := v.at[id]
		if at, known := v.byID[id]; known && !pool && v.set.Items[at].Labelled {
			picked[id] = true
		}
	}
	out.Picked = len(picked)
	if out.Labels >= LabelsForEstimate {
		if err := s.score(&out, l); err != nil {
			return out, err
		}
	}
	names := map[string]string{}
	for _, m := range s.Models {
		names[m.Contestant()] = m.Name
	}
	out.Next = out.Sentence(func(contestant string) string { return names[contestant] })
	return out, nil
}

// score puts the models that have answered all labelled questions into their order.
func (s *LabelSession) score(out *LabelEstimate, l labelled) error {
	soon := min(nextLabels, out.Left)
	scores := map[string][]float64{}
	s.l.mu.Lock()
	for _, m := range s.Models {
		var f1 []float64
		for _, x := range l.items {
			a, ok := s.q.answers[m.Contestant()][x.key]
			if !ok {
				break
			}
			points := 0.0 // what a model fails on scores nothing
			if a.err == "" {
				_, points = eval.Judged(x.q.Texts(), a.text, l.v2)
			}
			f1 = append(f1, points)
		}
		if len(f1) == len(l.items) {
			scores[m.Contestant()] = f1
		}
	}
	s.l.mu.Unlock()
	for _, m := range s.Models {
		f1, whole := scores[m.Contestant()]
		if !whole {
			continue
		}
		mean, err := stats.WeightedMean(f1, l.weights, l.clusters)
		if err != nil {
			return err
		}
		out.Models = append(out.Models, LabelScore{m.Name, m.Contestant(), mean.Mean, finite(mean.Margin(0.95)), finite(mean.MarginAfter(0.95, soon)), needed(mean)})
	}
	slices.SortStableFunc(out.Models, func(a, b LabelScore) int { return cmp.Compare(b.F1, a.F1) })
	if len(out.Models) < 2 {
		return nil
	}
	a, b := out.Models[0].Contestant, out.Models[1].Contestant
	d := make([]float64, len(l.items))
	alike := true
	for i := range d {
		d[i] = scores[a][i] - scores[b][i]
		alike = alike && d[i] == 0
	}
	mean, err := stats.WeightedMean(d, l.weights, l.clusters)
	if err != nil {
		return err
	}
	out.Lead = &LabelLead{a, b, mean.Mean, finite(mean.Margin(0.95)), finite(mean.MarginAfter(0.95, soon)), alike, 0}
	if mean.Mean <= mean.Margin(0.95) {
		out.Lead.Needed = needed(mean)
	}
	return nil
}

// TellingMargin is the widest half of an interval that is told, in points of F1: a wider one covers most of what there is between 0 and
// 100, and a number for it would be read as if it said something.
const TellingMargin = 30

// needed is about how many observations more bring a margin to TellingMargin, in fives, for it is no more than a guess; 0 where it is
// there already, or where nothing can be said of it.
func needed(m stats.Weighted) int {
	const step, most = 5, 500
	if margin := m.Margin(0.95); math.IsInf(margin, 0) || math.IsNaN(margin) || margin <= TellingMargin {
		return 0
	}
	more := step
	for more < most && !(m.MarginAfter(0.95, more) <= TellingMargin) {
		more += step
	}
	return more
}

func finite(f float64) *float64 {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return nil
	}
	return &f
}

// Sentence says what the next labels will tell, with the names that contestants go by.
func (e *LabelEstimate) Sentence(name func(contestant string) string) string {
	switch {
	case e.Labels < LabelsForEstimate && e.Labels+e.Left < LabelsForEstimate:
		return fmt.Sprintf("From %d labels on the models are scored here; add some questions.", LabelsForEstimate)
	case e.Labels < LabelsForEstimate:
		return fmt.Sprintf("After %d labels the models are scored here; %d to go.", LabelsForEstimate, LabelsForEstimate-e.Labels)
	case len(e.Models) == 0:
		return "Once the models have read the labelled questions, they are scored here."
	case e.Lead == nil:
		return e.alone(name(e.Models[0].Contestant))
	}
	ahead, behind, l := name(e.Lead.Ahead), name(e.Lead.Behind), e.Lead
	switch {
	case l.Alike:
		return fmt.Sprintf("%s and %s score the same on each of the %d labelled questions. %s", ahead, behind, e.Labels, e.more("%s would show whether there is a difference at all."))
	case l.Margin == nil:
		return fmt.Sprintf("%s is ahead of %s by %s F1, but all labels are of one text, which says nothing of others.", ahead, behind, points(l.By))
	case *l.Margin == 0:
		return fmt.Sprintf("%s is ahead of %s by %s F1 on every labelled question. %s", ahead, behind, points(l.By), e.more("%s would show whether that holds."))
	case l.By > *l.Margin:
		return fmt.Sprintf("%s is ahead of %s by %s F1 ± %s. %s", ahead, behind, points(l.By), points(*l.Margin), e.more("%s would narrow that to about ± "+points(*l.Soon)+"."))
	case l.Needed > 0:
		return fmt.Sprintf("There are too few labels yet to tell models apart: %s is ahead of %s on these %d, which may be chance. %s", ahead, behind, e.Labels, e.help(l.Needed))
	}
	outlook := "%s would narrow that to about ± " + points(*l.Soon)
	if l.By > *l.Soon {
		outlook += ", which tells them apart if the lead stays."
	} else {
		outlook += ", which would not tell them apart yet."
	}
	return fmt.Sprintf("%s and %s cannot be told apart yet: %s is ahead by %s F1 ± %s. %s", ahead, behind, ahead, points(l.By), points(*l.Margin), e.more(outlook))
}

// alone is the sentence of a single model.
func (e *LabelEstimate) alone(name string) string {
	m := e.Models[0]
	switch {
	case m.Margin == nil:
		return fmt.Sprintf("%s scores %s F1, but all labels are of one text, which says nothing of others.", name, points(m.F1))
	case m.Needed > 0:
		return fmt.Sprintf("There are too few labels yet to say how good %s is: on these %d it scores %s F1, which may be chance. %s", name, e.Labels, points(m.F1), e.help(m.Needed))
	case *m.Margin == 0:
		return fmt.Sprintf("%s scores %s F1 on every labelled question. %s", name, points(m.F1), e.more("%s would show whether that holds."))
	}
	return fmt.Sprintf("%s scores %s F1 ± %s. %s", name, points(m.F1), points(*m.Margin), e.more("%s would narrow that to about ± "+points(*m.Soon)+"."))
}

// help says how many labels more would help, and where they are to come from.
func (e *LabelEstimate) help(needed int) string {
	say := fmt.Sprintf("About %d more labels would help.", needed)
	switch {
	case e.Left == 0:
		return say + " All questions are labelled, so add some questions."
	case e.Left < needed:
		return say + fmt.Sprintf(" Only %d left to label, so add some questions as well.", e.Left)
	}
	return say
}

// more is a sentence about the labels that are to come, or that there are none.
func (e *LabelEstimate) more(format string) string {
	switch {
	case e.Left == 0:
		return "All questions are labelled; more questions would tell more."
	case e.Left == 1:
		return fmt.Sprintf(format, "The last label")
	case e.Left < nextLabels:
		return fmt.Sprintf(format, fmt.Sprintf("The last %d labels", e.Left))
	}
	return fmt.Sprintf(format, "Ten more labels")
}

// points are without digits that no interval supports.
func points(f float64) string {
	if f = math.Abs(f); f > 0 && f < 1 {
		return "less than 1"
	}
	return fmt.Sprintf("%.0f", f)
}
