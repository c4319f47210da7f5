package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tryall/tryall/eval"
)

// roundView is what a report says of one mode.
type roundView struct {
	Mode, Title, Verdict string // Verdict is empty for the first round: the page begins with it
	Unit, MetricAbout    string
	Stopped              string
	Columns              []columnHead
	Lines                []boardLine
	LeftOut              int // lines that are in report.csv only
	Width                int // columns after the rank
	Figures              []*Figure
	CurveNote            string
	Thresholds           []thresholdLine
	ThresholdRates       []string
	Comparisons          []comparisonLine
	ComparisonsLeftOut   int
	ComparisonSpan       string
	Decides              string // what makes one better
}

type columnHead struct{ Name, Unit, About string }

// boardLine is one contestant of the leaderboard.
type boardLine struct {
	named
	Rank    string // "1~" where it is shared
	Tags    []string
	Note    string // why it is out
	Out     bool   // dropped or failed
	Score   string
	CI      string
	Bar     template.HTML
	Figures []string
}

// mostLines keeps a page readable; report.csv has all.
const mostLines = 100

func (v *view) round(r *eval.Round) roundView {
	out := roundView{Mode: r.Mode, Title: modeTitle(r.Mode), Unit: unit(r.Metric), MetricAbout: v.metric(r.Metric).About}
	if !strings.Contains(r.Verdict, r.Stopped) {
		out.Stopped = v.said(r.Stopped)
	}
	if r != &v.in.Bakeoff.Round {
		out.Verdict = v.said(r.Verdict)
	}
	cols := boardColumns(r)
	for _, c := range cols {
		out.Columns = append(out.Columns, columnHead{c.name, c.unit, c.about})
	}
	for i := range r.Models[:min(len(r.Models), mostLines)] {
		out.Lines = append(out.Lines, v.boardLine(r, &r.Models[i], cols))
	}
	out.LeftOut = len(r.Models) - len(out.Lines)
	out.Width = len(cols) + 3
	for _, f := range []*Figure{v.pareto(r), v.raceFigure(r), v.riskFigure(r)} {
		if f != nil {
			out.Figures = append(out.Figures, f)
		}
	}
	v.thresholds(r, &out)
	v.comparisons(r, &out)
	return out
}

func (v *view) boardLine(r *eval.Round, e *eval.Entrant, cols []boardColumn) boardLine {
	l := boardLine{named: v.named(e.Contestant, e.Eliminated != nil || e.Failed != ""), Out: e.Eliminated != nil || e.Failed != ""}
	if scored(e) && e.Rank > 0 {
		l.Rank = strconv.Itoa(e.Rank)
		if e.Tied {
			l.Rank += "~"
		}
	}
	if r.Pick == e.Contestant && r.Pick != "" {
		l.Tags = append(l.Tags, "pick")
	}
	if slices.Contains(r.Pareto, e.Contestant) {
		l.Tags = append(l.Tags, "front")
	}
	switch {
	case e.Failed != "":
		l.Note = "failed: " + short(v.said(e.Failed), 300)
	case e.Eliminated != nil:
		l.Note = v.dropped(r, e.Eliminated)
	}
	if scored(e) {
		l.Score, l.CI = score(e.Score, e.ScoreCI), bracket(e.ScoreCI)
		l.Bar = bar(v.number(e.Contestant), l.Out, e.Score, e.ScoreCI)
	} else {
		l.Score = "–"
	}
	for _, c := range cols {
		l.Figures = append(l.Figures, c.text(e))
	}
	return l
}

// scored says whether a contestant has figures: one that failed has none, however many questions it answered before.
func scored(e *eval.Entrant) bool { return e.N > 0 && e.Failed == "" }

// dropped is the reason in words.
func (v *view) dropped(r *eval.Round, e *eval.Elimination) string {
	s := fmt.Sprintf("dropped after %s", plural(e.After, "question"))
	if e.By != "" {
		s += fmt.Sprintf(": %s %s behind %s", fixed(math.Abs(e.Diff), 1), unit(r.Metric), v.called(e.By))
		if e.P > 0 {
			s += " (" + withP(e.P) + ")"
		}
		return s
	}
	if e.Reason != "" {
		s += ": " + v.said(e.Reason)
	}
	return s
}

// thresholdLine is one contestant's thresholds for wanted rates of wrong answers.
type thresholdLine struct {
	named
	AUROC, AURC string
	Cells       []thresholdCell
}

// thresholdCell is one of them; empty where there is none.
type thresholdCell struct{ Answered, Wrong, Threshold string }

// thresholds takes the table over from the contestants' curves.
func (v *view) thresholds(r *eval.Round, out *roundView) {
	var rates []float64
	for i := range r.Models {
		c := r.Models[i].Curve
		if c == nil {
			continue
		}
		if out.CurveNote == "" {
			out.CurveNote = sentence(v.said(c.Note))
		}
		for _, t := range c.Thresholds {
			if !slices.Contains(rates, t.Wanted) {
				rates = append(rates, t.Wanted)
			}
		}
	}
	slices.Sort(rates)
	for _, w := range rates {
		out.ThresholdRates = append(out.ThresholdRates, tickLabel(w))
	}
	for i := range r.Models {
		e := &r.Models[i]
		if e.Curve == nil || len(e.Curve.Thresholds) == 0 || len(out.Thresholds) >= mostLines {
			continue
		}
		l := thresholdLine{named: v.named(e.Contestant, e.Eliminated != nil), AURC: share(e.Curve.AURC, e.N), AUROC: "–"}
		if e.Curve.AUROC != nil {
			l.AUROC = share(*e.Curve.AUROC, e.N)
		}
		for _, w := range rates {
			l.Cells = append(l.Cells, cellOf(e.Curve.Thresholds, w, e.N))
		}
		out.Thresholds = append(out.Thresholds, l)
	}
	if len(out.Thresholds) > 0 {
		out.CurveNote = ""
	}
}

func cellOf(ts []eval.RateThreshold, wanted float64, n int) thresholdCell {
	i := slices.IndexFunc(ts, func(t eval.RateThreshold) bool { return t.Wanted == wanted })
	if i < 0 || !ts[i].Reached {
		return thresholdCell{}
	}
	t := ts[i]
	return thresholdCell{Answered: share(t.Coverage, n), Wrong: bracket(t.WrongCI), Threshold: strconv.FormatFloat(t.Threshold, 'f', 2, 64)}
}

// comparisonLine is a pair.
type comparisonLine struct {
	A, B                      named
	N, Diff, CI, P, PHolm     string
	Detectable, Needed, Means string
	Picture                   template.HTML
}

// mostComparisons are shown; report.json has all.
const mostComparisons = 40

// comparisons shows the pairs with the winner, the pick and the tied group, in the order given.
func (v *view) comparisons(r *eval.Round, out *roundView) {
	matters := map[string]bool{r.Winner: true, r.Pick: true}
	for _, t := range r.Tied {
		matters[t] = true
	}
	var shown []eval.Comparison
	span := 1.0
	for _, c := range r.Comparisons {
		if len(shown) < mostComparisons && (matters[c.A] || matters[c.B]) {
			shown = append(shown, c)
			span = max(span, math.Abs(c.CI[0]), math.Abs(c.CI[1]), math.Abs(c.Diff))
		}
	}
	span = roundStep(span)
	out.Decides = "Better means: p after Holm's correction is below 0.05."
	if s := &v.in.Bakeoff.Spec; !s.Full {
		out.Decides = fmt.Sprintf("Better means: the race dropped the other, by tests that err with a chance of %s at most over all of its looks; p values are for information.", strconv.FormatFloat(s.Alpha, 'g', -1, 64))
	}
	out.ComparisonSpan = tickLabel(span)
	out.ComparisonsLeftOut = len(r.Comparisons) - len(shown)
	for _, c := range shown {
		d := decimals((c.CI[1] - c.CI[0]) / 2)
		l := comparisonLine{
			A: v.named(c.A, false), B: v.named(c.B, false), N: count(int64(c.N)), Diff: signed(c.Diff, d), CI: fixed(c.CI[0], d) + " to " + fixed(c.CI[1], d),
			P: probability(c.P), PHolm: probability(c.PHolm), Detectable: fixed(c.Detectable, 1), Needed: "–",
			Picture: difference(c.Diff, c.CI, span),
		}
		if l.Means = v.means(r, c); l.Means == tie {
			l.Needed = needed(c)
		}
		out.Comparisons = append(out.Comparisons, l)
	}
}

const tie = "a tie"

// means says what a comparison comes to. In a race its own tests decide, and p values are for information; else Holm's do.
func (v *view) means(r *eval.Round, c eval.Comparison) string {
	if !v.in.Bakeoff.Spec.Full {
		a, b := outAfter(r, c.A), outAfter(r, c.B)
		switch {
		case a > b:
			return "A is better"
		case a < b:
			return "B is better"
		}
		return tie
	}
	switch {
	case c.PHolm >= tieLevel:
		return tie
	case (c.Diff < 0) != v.metric(r.Metric).LowerBetter:
		return "B is better"
	}
	return "A is better"
}

// outAfter is the question at which a contestant was dropped, more than any when it was not.
func outAfter(r *eval.Round, contestant string) int {
	for i := range r.Models {
		if e := &r.Models[i]; e.Contestant == contestant && e.Eliminated != nil {
			return e.Eliminated.After
		}
	}
	return math.MaxInt
}

// needed is how many labels more would show a difference of this size.
func needed(c eval.Comparison) string {
	switch more := c.Needed - float64(c.N); {
	case c.Needed <= 0 || c.Needed > 50*float64(c.N):
		return "too many"
	case more > 0:
		return "about " + count(int64(roundUp(more)))
	}
	return "a few"
}

// tieLevel is the level at which package eval tells contestants apart.
const tieLevel = 0.05

func signed(f float64, digits int) string {
	if f > 0 {
		return "+" + fixed(f, digits)
	}
	return fixed(f, digits)
}

// roundUp keeps two digits: 1,234 becomes 1,300.
func roundUp(n float64) int {
	step := math.Pow(10, max(0, math.Floor(math.Log10(n))-1))
	return int(math.Ceil(n/step) * step)
}
