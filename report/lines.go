package report

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/tryall/tryall/eval"
)

// series is one contestant's line in a plot.
type series struct {
	number int
	label  string
	xs, ys []float64
	end    endKind
	dot    int // index of a point to mark; none when negative
}

// endKind is what happens where a line ends.
type endKind int

const (
	endPlain endKind = iota
	endMark
	endDropped
)

// inColour is how many lines are drawn in hues; more could not be told apart.
const inColour = hues

// mostPoints keeps a line small; a screen shows no more.
const mostPoints = 240

// thin leaves out points of a line, never the ends.
func thin(xs, ys []float64) (x, y []float64) {
	if len(xs) <= mostPoints {
		return xs, ys
	}
	for i := range mostPoints {
		at := i * (len(xs) - 1) / (mostPoints - 1)
		x, y = append(x, xs[at]), append(y, ys[at])
	}
	return x, y
}

// lines draws series, the first on top. The first eight have their hues; the others are grey and thin.
type lines []series

func (ls lines) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	for k, s := range slices.Backward(ls) {
		i, width := hue(s.number), vg.Length(1.8)
		if k >= inColour {
			i, width = inkLine, 0.8
		}
		xs, ys := thin(s.xs, s.ys)
		pts := make([]vg.Point, len(xs))
		for j := range xs {
			pts[j] = vg.Point{X: tx(xs[j]), Y: ty(ys[j])}
		}
		style := draw.LineStyle{Color: i, Width: width, Dashes: dashes(s.number)}
		for _, part := range c.ClipLinesXY(pts) {
			c.StrokeLines(style, part)
		}
		if s.dot >= 0 && s.dot < len(s.xs) {
			mark := outline(shapeOf(s.number), vg.Point{X: tx(s.xs[s.dot]), Y: ty(s.ys[s.dot])}, 4.5)
			c.SetColor(i)
			c.Fill(mark)
		}
		if last := len(pts) - 1; last >= 0 && c.Contains(pts[last]) {
			s.drawEnd(c, pts[last], i)
		}
	}
}

func (s series) drawEnd(c draw.Canvas, at vg.Point, i ink) {
	switch s.end {
	case endMark:
		c.SetColor(i)
		c.Fill(outline(shapeOf(s.number), at, 4))
	case endDropped:
		style := draw.LineStyle{Color: i, Width: 2}
		c.StrokeLine2(style, at.X-4, at.Y-4, at.X+4, at.Y+4)
		c.StrokeLine2(style, at.X-4, at.Y+4, at.X+4, at.Y-4)
	}
}

// dashes tell lines apart without colour.
func dashes(number int) []vg.Length {
	return [][]vg.Length{nil, {6, 3}, {2, 2.5}, {8, 3, 2, 3}}[(number%hues+number/hues)%4]
}

// key names the lines in colour.
func (ls lines) key() (out []KeyEntry) {
	for _, s := range ls[:min(len(ls), inColour)] {
		out = append(out, KeyEntry{Mark: lineMark(s.number), Label: s.label})
	}
	if rest := len(ls) - len(out); rest > 0 {
		out = append(out, KeyEntry{Label: fmt.Sprintf("and %d more in grey", rest)})
	}
	return out
}

// raceFigure plots the mean score over the questions answered so far; nil where the order of the questions is not known or
// there is nothing to see.
func (v *view) raceFigure(r *eval.Round) *Figure {
	order, m := v.in.Order[r.Mode], v.metric(r.Metric)
	if len(order) < 2 || m.Each == nil {
		return nil
	}
	place := make(map[int]int, len(order))
	for at, i := range order {
		place[i] = at
	}
	var ls lines
	most, first := 0.0, 5
	for i := range r.Models {
		e := &r.Models[i]
		run := v.run(r.Mode, e.Contestant)
		if run == nil || e.Failed != "" {
			continue
		}
		s := v.running(run, m, place, first)
		if len(s.xs) < 2 {
			continue
		}
		s.number, s.label, s.end, s.dot = v.cast.number[e.Contestant], v.cast.of(e.Contestant), endMark, -1
		if e.Eliminated != nil {
			s.end = endDropped
		}
		most = max(most, s.xs[len(s.xs)-1])
		ls = append(ls, s)
	}
	if len(ls) == 0 {
		return nil
	}
	f := &Figure{
		ID: "race-" + r.Mode, Title: "The race", Key: ls.key(), Alt: v.raceAlt(r),
		How: "The mean of the questions answered so far, in the order in which they were asked. A cross is where a contestant was dropped. All lines shake at first: few questions say little.",
	}
	lo, hi := reach(ls)
	f.draw(chart{yLabel: unit(r.Metric) + " so far, %", plot: func(bool) *plot.Plot {
		p := newPlot("questions answered")
		p.X.Min, p.X.Max = 0, most*1.01
		p.Y.Min, p.Y.Max = lo, hi
		p.Add(ls)
		return p
	}})
	return f
}

// running is the mean over the first questions of the race, from the first one shown on.
func (v *view) running(run *eval.Run, m eval.Metric, place map[int]int, first int) (s series) {
	type scored struct {
		at    int
		value float64
	}
	var all []scored
	for i := range run.Results {
		at, known := place[run.Results[i].Example]
		value, ok := m.Each(&run.Results[i])
		if known && ok {
			all = append(all, scored{at, value})
		}
	}
	slices.SortFunc(all, func(a, b scored) int { return a.at - b.at })
	sum := 0.0
	for k, a := range all {
		sum += a.value
		if k+1 >= first {
			s.xs, s.ys = append(s.xs, float64(k+1)), append(s.ys, sum/float64(k+1))
		}
	}
	return s
}

// reach is the part of the scale that lines need, past their first trembling.
func reach(ls lines) (lo, hi float64) {
	lo, hi = 100, 0
	for _, s := range ls {
		for j := min(len(s.ys)/8, 15); j < len(s.ys); j++ {
			lo, hi = min(lo, s.ys[j]), max(hi, s.ys[j])
		}
	}
	pad := max(2, (hi-lo)*0.08)
	return max(0, lo-pad), min(100.5, hi+pad)
}

func (v *view) raceAlt(r *eval.Round) string {
	var out []string
	for i := range r.Models {
		if e := &r.Models[i]; e.Eliminated != nil {
			out = append(out, fmt.Sprintf("%s was dropped after %s", v.cast.of(e.Contestant), plural(e.Eliminated.After, "question")))
		}
	}
	if len(out) == 0 {
		return fmt.Sprintf("Nobody was dropped: every contestant answered all %s.", plural(r.Questions, "question"))
	}
	if rest := len(out) - 12; rest > 0 {
		out = append(out[:12], fmt.Sprintf("and %d more were dropped", rest))
	}
	return strings.Join(out, "; ") + ". The others went on to the end."
}

// riskFigure plots wrong answers against answered questions; nil where no contestant has a curve.
func (v *view) riskFigure(r *eval.Round) *Figure {
	var ls lines
	worst := 0.0
	var alt []string
	for i := range r.Models {
		e := &r.Models[i]
		if e.Curve == nil || len(e.Curve.Points) < 2 || e.Eliminated != nil {
			continue
		}
		s := series{number: v.cast.number[e.Contestant], label: v.cast.of(e.Contestant), dot: -1}
		for _, p := range e.Curve.Points {
			s.xs, s.ys = append(s.xs, p.Coverage), append(s.ys, p.Wrong)
			if p.Coverage >= 10 { // the first few answers say little
				worst = max(worst, p.Wrong)
			}
		}
		if c := e.Curve.Chosen; c != nil {
			at := nearestPoint(e.Curve.Points, c.Coverage)
			s.dot = at
			alt = append(alt, fmt.Sprintf("%s answers %s %% and gets %s %% of those wrong", s.label, share(c.Coverage, e.N), share(c.Wrong, e.N)))
		}
		ls = append(ls, s)
	}
	if len(ls) == 0 {
		return nil
	}
	if rest := len(alt) - 12; rest > 0 {
		alt = append(alt[:12], fmt.Sprintf("and %d more", rest))
	}
	f := &Figure{
		ID: "risk-" + r.Mode, Title: "Wrong answers (risk) against answered questions (coverage)", Key: ls.key(),
		Alt: strings.Join(append([]string{fmt.Sprintf("Curves of %s", plural(len(ls), "contestant"))}, alt...), "; ") + ".",
		How: "From left to right a contestant answers more and more questions, the surest first; the line is how many of its answers are wrong then (no exact match). Lower is better. The mark is the threshold that was used.",
	}
	f.draw(chart{yLabel: "wrong, % of the answered", plot: func(bool) *plot.Plot {
		p := newPlot("answered, % of the questions")
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 100, 0, min(100, max(5, worst*1.1))
		p.Add(ls)
		return p
	}})
	return f
}

func nearestPoint(ps []eval.SelectivePoint, coverage float64) int {
	best, least := -1, 1e9
	for i, p := range ps {
		if d := p.Coverage - coverage; d*d < least {
			best, least = i, d*d
		}
	}
	return best
}
