package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/tryall/tryall/eval"
)

// dot is one contestant in the plot of quality against latency.
type dot struct {
	e      *eval.Entrant
	number int
	label  string
	front  bool
	out    bool // dropped
	radius vg.Length
}

const (
	largestDot  = 11
	smallestDot = 3.5
)

// pareto plots quality against the latency of one question; nil where no latency was measured.
func (v *view) pareto(r *eval.Round) *Figure {
	var dots []dot
	most, unmeasured := int64(0), 0
	for i := range r.Models {
		e := &r.Models[i]
		if e.Failed != "" || e.N == 0 {
			continue
		}
		if !(e.P50 > 0) {
			unmeasured++
			continue
		}
		most = max(most, e.PeakBytes)
		dots = append(dots, dot{e: e, number: v.number(e.Contestant), label: v.called(e.Contestant), front: slices.Contains(r.Pareto, e.Contestant), out: e.Eliminated != nil})
	}
	if len(dots) == 0 {
		return nil
	}
	lo, hi := dots[0].e.P50, dots[0].e.P50
	for i := range dots {
		d := &dots[i]
		lo, hi = min(lo, d.e.P50), max(hi, d.e.P50)
		d.radius = smallestDot + 1.5
		if most > 0 {
			d.radius = max(smallestDot, vg.Length(largestDot*math.Sqrt(float64(d.e.PeakBytes)/float64(most))))
		}
	}
	f := &Figure{ID: "pareto-" + r.Mode, Title: "Quality against latency", How: paretoHow(unmeasured, most), Alt: v.paretoAlt(r, dots)}
	f.draw(chart{xLabel: "milliseconds for one question (median)", yLabel: unit(r.Metric) + ", %", plot: func(narrow bool) *plot.Plot {
		p := newPlot()
		p.X.Min, p.X.Max = 0, hi*1.08
		if hi > 8*lo {
			p.X.Scale, p.X.Min, p.X.Max = plot.LogScale{}, lo/1.3, hi*1.35
			p.X.Tick.Marker = ticks{log: true}
		}
		p.Y.Min, p.Y.Max = span(dots)
		p.Add(cloud{dots, narrow})
		return p
	}})
	return f
}

func paretoHow(unmeasured int, most int64) string {
	s := "Higher is better, further left is faster. "
	if most > 0 {
		s += "The area of a mark is the memory it takes, up to " + megabytes(most) + " MB. "
	}
	s += "Filled marks are the Pareto front: nothing else here is at least as good, as fast and as small. Grey ones were dropped. Lines are 95 % intervals."
	if unmeasured > 0 {
		s += fmt.Sprintf(" %s not shown, because the latency was not measured.", areNot(unmeasured))
	}
	return s
}

func areNot(n int) string {
	if n == 1 {
		return "1 contestant is"
	}
	return count(int64(n)) + " contestants are"
}

func (v *view) paretoAlt(r *eval.Round, dots []dot) string {
	var parts []string
	for _, d := range dots[:min(len(dots), 12)] {
		s := fmt.Sprintf("%s: %s %s, %s ms", d.label, score(d.e.Score, d.e.ScoreCI), unit(r.Metric), millis(d.e.P50))
		if d.e.PeakBytes > 0 {
			s += ", " + megabytes(d.e.PeakBytes) + " MB"
		}
		if d.front {
			s += ", on the front"
		}
		parts = append(parts, s)
	}
	if rest := len(dots) - len(parts); rest > 0 {
		parts = append(parts, fmt.Sprintf("and %d more, which the leaderboard lists", rest))
	}
	return strings.Join(parts, "; ") + "."
}

// span is the part of the scale that scores and their intervals need.
func span(dots []dot) (lo, hi float64) {
	lo, hi = 100, 0
	for _, d := range dots {
		a, b := d.e.Score, d.e.Score
		if d.e.ScoreCI[1] > d.e.ScoreCI[0] {
			a, b = d.e.ScoreCI[0], d.e.ScoreCI[1]
		}
		lo, hi = min(lo, a), max(hi, b)
	}
	pad := max(1.5, (hi-lo)*0.08)
	return max(0, lo-pad), min(100.5, hi+pad)
}

// cloud draws the dots and labels those for which there is room, the front first.
type cloud struct {
	dots   []dot
	narrow bool
}

func (g cloud) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	var taken []vg.Rectangle
	at := make([]vg.Point, len(g.dots))
	order := make([]int, len(g.dots))
	for i, d := range g.dots {
		at[i], order[i] = vg.Point{X: tx(d.e.P50), Y: ty(d.e.Score)}, i
		r := d.radius + 1
		taken = append(taken, vg.Rectangle{Min: vg.Point{X: at[i].X - r, Y: at[i].Y - r}, Max: vg.Point{X: at[i].X + r, Y: at[i].Y + r}})
	}
	// The unimportant below.
	slices.SortStableFunc(order, func(a, b int) int { return importance(g.dots[a]) - importance(g.dots[b]) })
	for _, i := range order {
		g.dots[i].draw(c, at[i], ty)
	}
	slices.Reverse(order)
	for _, i := range order {
		d := g.dots[i]
		style := pageStyleText(inkText)
		if d.out {
			style.Color = inkMute
		}
		taken = label(c, style, at[i], d.radius+4, d.label, g.narrow, taken)
	}
}

// label writes a name beside a point where there is room for it, else not at all. It gives what is taken then.
func label(c draw.Canvas, style text.Style, at vg.Point, gap vg.Length, name string, narrow bool, taken []vg.Rectangle) []vg.Rectangle {
	limit := 28
	if narrow {
		limit = 20
	}
	name = short(name, limit)
	w, h := style.Width(name), vg.Length(plotText)
	for _, corner := range []vg.Point{
		{X: gap, Y: -h / 2}, {X: -gap - w, Y: -h / 2}, {X: -w / 2, Y: gap}, {X: -w / 2, Y: -gap - h},
		{X: gap * 0.8, Y: gap * 0.6}, {X: gap * 0.8, Y: -gap*0.6 - h}, {X: -gap*0.8 - w, Y: gap * 0.6}, {X: -gap*0.8 - w, Y: -gap*0.6 - h},
	} {
		box := vg.Rectangle{Min: at.Add(corner)}
		box.Max = box.Min.Add(vg.Point{X: w, Y: h})
		if box.Min.X < c.Min.X || box.Max.X > c.Max.X+6 || box.Min.Y < c.Min.Y || box.Max.Y > c.Max.Y+14 || slices.ContainsFunc(taken, func(o vg.Rectangle) bool { return overlap(o, box) }) {
			continue
		}
		c.FillText(style, vg.Point{X: box.Min.X, Y: box.Min.Y + 1}, name)
		return append(taken, box)
	}
	return taken
}

func importance(d dot) int {
	switch {
	case d.out:
		return 0
	case d.front:
		return 2
	}
	return 1
}

func overlap(a, b vg.Rectangle) bool {
	return a.Min.X < b.Max.X && b.Min.X < a.Max.X && a.Min.Y < b.Max.Y && b.Min.Y < a.Max.Y
}

func (d dot) draw(c draw.Canvas, at vg.Point, ty func(float64) vg.Length) {
	i := hue(d.number)
	if d.out {
		i = inkLine
	}
	if ci := d.e.ScoreCI; ci[1] > ci[0] {
		style := draw.LineStyle{Color: i, Width: 1.2}
		if d.out {
			style.Color = inkGrid
		}
		c.StrokeLine2(style, at.X, ty(ci[0]), at.X, ty(ci[1]))
	}
	shape := outline(shapeOf(d.number), at, d.radius)
	c.SetColor(inkPage)
	if d.front {
		c.SetColor(i)
	}
	c.Fill(shape)
	c.SetLineStyle(draw.LineStyle{Color: i, Width: 1.6})
	c.Stroke(shape)
}
