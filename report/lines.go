package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/tryall/tryall/eval"
)

// series is one contestant's line in a plot.
type series struct {
	number  int
	label   string
	xs, ys  []float64
	end     bool // mark the last point
	dropped bool // grey, and ends in a cross
	dot     int  // index of a point to mark; none when negative
}

// inColour is how many lines are drawn in hues; more could not be told apart.
const inColour = hues

// mostGrey is how many others are drawn behind them.
const mostGrey = 60

// mostPoints keeps a line small; a screen shows no more.
const mostPoints = 160

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

// lines draws series, the first on top. The first eight that were not dropped have their hues; the others are grey and thin.
type lines struct {
	series []series
	narrow bool
	others int // grey ones, before some were left out
}

// newLines leaves out grey lines where there are too many.
func newLines(all []series) (ls lines) {
	bright, grey := 0, 0
	for _, s := range all {
		if !s.dropped && bright < inColour {
			bright++
		} else if grey++; grey > mostGrey {
			continue
		}
		ls.series = append(ls.series, s)
	}
	ls.others = grey
	return ls
}

// bright says which series are drawn in hues.
func (ls lines) bright() []bool {
	out := make([]bool, len(ls.series))
	n := 0
	for i, s := range ls.series {
		out[i] = !s.dropped && n < inColour
		if out[i] {
			n++
		}
	}
	return out
}

func (ls lines) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	bright := ls.bright()
	var crosses []vg.Point
	var names []string
	for k, s := range slices.Backward(ls.series) {
		style := draw.LineStyle{Color: hue(s.number), Width: 1.8, Dashes: dashes(s.number)}
		if !bright[k] {
			style = draw.LineStyle{Color: inkLine, Width: 0.8}
		}
		xs, ys := thin(s.xs, s.ys)
		pts := make([]vg.Point, len(xs))
		for j := range xs {
			pts[j] = vg.Point{X: tx(xs[j]), Y: ty(ys[j])}
		}
		for _, part := range c.ClipLinesXY(pts) {
			c.StrokeLines(style, part)
		}
		c.SetColor(style.Color)
		if s.dot >= 0 && s.dot < len(s.xs) {
			c.Fill(outline(shapeOf(s.number), vg.Point{X: tx(s.xs[s.dot]), Y: ty(s.ys[s.dot])}, 4.5))
		}
		last := len(pts) - 1
		if last < 0 || !c.Contains(pts[last]) {
			continue
		}
		switch {
		case s.dropped:
			cross(c, pts[last])
			crosses, names = append(crosses, pts[last]), append(names, s.label)
		case s.end && bright[k]:
			c.Fill(outline(shapeOf(s.number), pts[last], 4))
		}
	}
	var taken []vg.Rectangle
	for _, at := range crosses {
		taken = append(taken, vg.Rectangle{Min: vg.Point{X: at.X - 5, Y: at.Y - 5}, Max: vg.Point{X: at.X + 5, Y: at.Y + 5}})
	}
	for i, at := range crosses {
		taken = label(c, pageStyleText(inkMute), at, 8, names[i], ls.narrow, taken)
	}
}

// cross marks where a contestant was dropped.
func cross(c draw.Canvas, at vg.Point) {
	style := draw.LineStyle{Color: inkMute, Width: 2}
	c.StrokeLine2(style, at.X-4, at.Y-4, at.X+4, at.Y+4)
	c.StrokeLine2(style, at.X-4, at.Y+4, at.X+4, at.Y-4)
}

// dashes tell lines apart without colour.
func dashes(number int) []vg.Length {
	return [][]vg.Length{nil, {6, 3}, {2, 2.5}, {8, 3, 2, 3}}[(number%hues+number/hues)%4]
}

// key names the lines in colour.
func (ls lines) key() (out []KeyEntry) {
	for i, bright := range ls.bright() {
		if s := ls.series[i]; bright {
			out = append(out, KeyEntry{Mark: lineMark(s.number), Label: s.label})
		}
	}
	switch drawn := len(ls.series) - len(out); {
	case drawn == 0:
	case drawn < ls.others:
		out = append(out, KeyEntry{Label: fmt.Sprintf("grey: %d of %s others", drawn, count(int64(ls.others)))})
	default:
		out = append(out, KeyEntry{Label: fmt.Sprintf("grey: %s more", count(int64(drawn)))})
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
	var found []series
	most, first := 0.0, min(8, max(1, len(order)/8))
	for i := range r.Models {
		e := &r.Models[i]
		run := v.run(r.Mode, e.Contestant)
		if run == nil || e.Failed != "" {
			continue
		}
		s := running(run, m, place, first)
		if len(s.xs) < 2 {
			continue
		}
		s.number, s.label, s.dropped, s.end, s.dot = v.number(e.Contestant), v.called(e.Contestant), e.Eliminated != nil, true, -1
		most = max(most, s.xs[len(s.xs)-1])
		found = append(found, s)
	}
	if len(found) == 0 {
		return nil
	}
	ls := newLines(found)
	f := &Figure{
		ID: "race-" + r.Mode, Title: "The race", Key: ls.key(), Alt: v.raceAlt(r),
		How: "The mean over the questions answered so far, in the order in which they were asked. A cross is where a contestant was dropped. All lines shake at first: few questions say little.",
	}
	lo, hi := reach(ls.series)
	f.draw(chart{xLabel: "questions answered", yLabel: unit(r.Metric) + " so far, %", plot: func(narrow bool) *plot.Plot {
		p := newPlot()
		p.X.Min, p.X.Max = 0, most*1.02
		if most > 12*float64(first) {
			p.X.Scale, p.X.Min, p.X.Max = plot.LogScale{}, float64(first), most*1.06
			p.X.Tick.Marker = ticks{log: true}
		}
		p.Y.Min, p.Y.Max = lo, hi
		p.Add(lines{series: ls.series, narrow: narrow})
		return p
	}})
	return f
}

// running is the mean over the first questions of the race, from the first one shown on.
func running(run *eval.Run, m eval.Metric, place map[int]int, first int) (s series) {
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
func reach(ls []series) (lo, hi float64) {
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
			out = append(out, fmt.Sprintf("%s was dropped after %s", v.called(e.Contestant), plural(e.Eliminated.After, "question")))
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
	var found []series
	worst := 0.0
	var alt []string
	for i := range r.Models {
		e := &r.Models[i]
		if e.Curve == nil || len(e.Curve.Points) < 2 || e.Eliminated != nil {
			continue
		}
		s := series{number: v.number(e.Contestant), label: v.called(e.Contestant), dot: -1}
		for _, p := range e.Curve.Points {
			if p.Coverage*float64(e.N) < 100*fewAnswers {
				continue
			}
			s.xs, s.ys = append(s.xs, p.Coverage), append(s.ys, p.Wrong)
			worst = max(worst, p.Wrong)
		}
		if c := e.Curve.Chosen; c != nil {
			s.dot = nearest(s.xs, c.Coverage)
			alt = append(alt, fmt.Sprintf("%s answers %s %% and gets %s %% of those wrong", s.label, share(c.Coverage, e.N), share(c.Wrong, e.N)))
		}
		found = append(found, s)
	}
	if len(found) == 0 {
		return nil
	}
	ls := newLines(found)
	if rest := len(alt) - 12; rest > 0 {
		alt = append(alt[:12], fmt.Sprintf("and %d more", rest))
	}
	f := &Figure{
		ID: "risk-" + r.Mode, Title: "Wrong answers (risk) against answered questions (coverage)", Key: ls.key(),
		Alt: strings.Join(append([]string{fmt.Sprintf("Curves of %s", plural(len(found), "contestant"))}, alt...), "; ") + ".",
		How: "From left to right a contestant answers more and more questions, the surest first; the line is how many of its answers are wrong then (no exact match). Lower is better. The mark is the threshold that was used.",
	}
	f.draw(chart{xLabel: "answered, % of the questions", yLabel: "wrong, % of the answered", plot: func(narrow bool) *plot.Plot {
		p := newPlot()
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 100, 0, min(100, max(5, worst*1.1))
		p.Add(lines{series: ls.series, narrow: narrow})
		return p
	}})
	return f
}

// fewAnswers is the number of answers from which on their share of wrong ones is drawn.
const fewAnswers = 8

// nearest is the index of the value that is closest to x.
func nearest(xs []float64, x float64) int {
	best := -1
	for i := range xs {
		if best < 0 || math.Abs(xs[i]-x) < math.Abs(xs[best]-x) {
			best = i
		}
	}
	return best
}
