package report

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/stats"
)

// Selection is what thresholds do to one contestant, for its figures.
type Selection struct {
	Label  string // what it is called
	Number int    // which picks its hue and shape
	Cuts   *eval.Cuts
	Chosen float64 // the threshold that is marked
	// Fitted and Own judge probabilities: those of a calibration by these questions, cross-fitted, and those that the model itself gave.
	// nil: there are none.
	Fitted, Own *eval.Reliability
}

// SelectionFigures are the curves of risk and coverage, of precision and recall, and of reliability where there are probabilities.
func SelectionFigures(s Selection) []*Figure {
	all := s.Cuts.All()
	if len(all) == 0 {
		return nil
	}
	out := []*Figure{s.riskCoverage(all), s.precisionRecall(all)}
	if s.Fitted != nil || s.Own != nil {
		out = append(out, s.reliability())
	}
	return out
}

// least is how many answers a share is drawn of. Where there are few questions at all their curve is drawn from the first answer on: its
// band is as wide as it has to be.
func least(all []eval.Cut) int {
	if all[len(all)-1].Questions < fewQuestions {
		return 1
	}
	return fewAnswers
}

const fewQuestions = 50

// curve is a line with its interval and a mark.
type curve struct {
	number int
	xs, ys []float64
	lo, hi []float64 // nil: no interval
	markX  float64
	markY  float64
	marked bool
}

func (k curve) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	if k.lo != nil {
		xs, lo := thin(k.xs, k.lo)
		_, hi := thin(k.xs, k.hi)
		var edge []vg.Point
		for i := range xs {
			edge = append(edge, vg.Point{X: tx(xs[i]), Y: ty(min(lo[i], p.Y.Max))})
		}
		for i := len(xs) - 1; i >= 0; i-- {
			edge = append(edge, vg.Point{X: tx(xs[i]), Y: ty(min(hi[i], p.Y.Max))})
		}
		if len(edge) > 2 {
			c.FillPolygon(inkGrid, edge)
		}
	}
	xs, ys := thin(k.xs, k.ys)
	pts := make([]vg.Point, len(xs))
	for i := range xs {
		pts[i] = vg.Point{X: tx(xs[i]), Y: ty(ys[i])}
	}
	style := draw.LineStyle{Color: hue(k.number), Width: 1.8}
	for _, part := range c.ClipLinesXY(pts) {
		c.StrokeLines(style, part)
	}
	if at := (vg.Point{X: tx(k.markX), Y: ty(k.markY)}); k.marked && c.Contains(at) {
		c.StrokeLine2(draw.LineStyle{Color: inkMute, Width: 1, Dashes: []vg.Length{3, 3}}, at.X, c.Min.Y, at.X, c.Max.Y)
		c.SetColor(hue(k.number))
		c.Fill(outline(shapeOf(k.number), at, 5))
	}
}

// riskCoverage plots the share of wrong answers against the share of questions that are answered, with its interval.
func (s Selection) riskCoverage(all []eval.Cut) *Figure {
	k := curve{number: s.Number}
	worst := 0.0
	for _, c := range all {
		if c.Answered < least(all) {
			continue
		}
		x, _ := c.Coverage()
		y, ci := c.Risk()
		k.xs, k.ys, k.lo, k.hi = append(k.xs, x), append(k.ys, y), append(k.lo, ci[0]), append(k.hi, ci[1])
		worst = max(worst, y)
	}
	if all[0].Questions < fewQuestions {
		worst = 100 // so that the whole band shows
	}
	at := s.Cuts.At(s.Chosen)
	if k.markX, _ = at.Coverage(); at.Answered > 0 {
		k.markY, _ = at.Risk()
		k.marked = true
	}
	f := &Figure{ID: "selection-risk", Title: "Wrong answers (risk) against answered questions (coverage)", Alt: s.alt(at),
		How: "From left to right more and more questions are answered, the surest first; the line is how many of the answers are wrong then, the band its 95 % interval. Lower is better. The mark is the threshold."}
	f.draw(chart{xLabel: "answered, % of the questions", yLabel: "wrong, % of the answers", plot: func(bool) *plot.Plot {
		p := newPlot()
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 100, 0, min(100, max(5, worst*1.25))
		p.Add(k)
		return p
	}})
	return f
}

func (s Selection) alt(at eval.Cut) string {
	covered, _ := at.Coverage()
	risk, ci := at.Risk()
	if at.Answered == 0 {
		return s.Label + " answers nothing at this threshold."
	}
	return fmt.Sprintf("%s answers %s %% of %s at the threshold, and %s %% of the answers are wrong (%s).", s.Label, share(covered, at.Questions),
		plural(at.Questions, "question"), share(risk, at.Answered), bracket(ci))
}

// precisionRecall plots how many answers are right against how many of the answers that there are were found.
func (s Selection) precisionRecall(all []eval.Cut) *Figure {
	k := curve{number: s.Number}
	for _, c := range all {
		if c.Answered >= least(all) {
			k.xs, k.ys = append(k.xs, c.Recall()), append(k.ys, c.Precision())
		}
	}
	at := s.Cuts.At(s.Chosen)
	k.markX, k.markY, k.marked = at.Recall(), at.Precision(), at.Answered > 0
	ap := s.Cuts.AveragePrecision()
	f := &Figure{ID: "selection-pr", Title: "Right answers (precision) against answers found (recall)",
		Alt: fmt.Sprintf("At the threshold %s %% of the answers of %s are right, and %s %% of the answers that there are were found; the average precision is %s %%.",
			share(at.Precision(), at.Answered), s.Label, share(at.Recall(), at.Answerable), share(ap, at.Questions)),
		How: fmt.Sprintf("Precision: of the answers given, how many are exactly right. Recall: of the questions that have an answer, how many got it. Further up and to the right is better; the area is the average precision, %s %%.", share(ap, at.Questions))}
	f.draw(chart{xLabel: "found, % of the questions with an answer", yLabel: "right, % of the answers", plot: func(bool) *plot.Plot {
		p := newPlot()
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 100, 0, 100
		p.Add(k)
		return p
	}})
	return f
}

// reliability plots how often answers were right against how sure they were said to be.
func (s Selection) reliability() *Figure {
	f := &Figure{ID: "selection-reliability", Title: "Right answers against confidence (reliability)"}
	f.How = "Answers are put into groups of one size by how sure they were said to be; a mark is how many of a group were right, the line its 95 % interval. On the diagonal, 80 % sure means that 80 % are right."
	var sets []groups
	add := func(r *eval.Reliability, what string, grey bool) {
		if r == nil {
			return
		}
		sets = append(sets, groups{bins: r.Bins, number: s.Number, grey: grey})
		mark := lineMark(s.Number)
		if grey {
			mark = greyMark(s.Number)
		}
		f.Key = append(f.Key, KeyEntry{Mark: mark, Label: fmt.Sprintf("%s: off by %s %% on average (ECE)", what, fixed(r.ECE, 1))})
		f.Alt += fmt.Sprintf("%s: %s, off by %s %% on average. ", what, plural(len(r.Bins), "group"), fixed(r.ECE, 1))
	}
	add(s.Fitted, "Fitted to these questions (cross-fitted)", false)
	add(s.Own, "As the model was calibrated in the run", true)
	f.draw(chart{xLabel: "said to be sure, %", yLabel: "right, % of the answers", plot: func(bool) *plot.Plot {
		p := newPlot()
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 100, 0, 100
		p.Add(diagonal{})
		for i := len(sets) - 1; i >= 0; i-- {
			p.Add(sets[i])
		}
		return p
	}})
	return f
}

// diagonal is where probabilities hold.
type diagonal struct{}

func (diagonal) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	c.StrokeLine2(draw.LineStyle{Color: inkLine, Width: 1, Dashes: []vg.Length{4, 3}}, x(0), y(0), x(100), y(100))
}

// groups are answers of about one probability, with their intervals.
type groups struct {
	bins   []stats.Bin
	number int
	grey   bool
}

func (d groups) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	i := hue(d.number)
	if d.grey {
		i = inkLine
	}
	var pts []vg.Point
	for _, b := range d.bins {
		pts = append(pts, vg.Point{X: tx(100 * b.Mean), Y: ty(100 * b.Share)})
	}
	c.StrokeLines(draw.LineStyle{Color: i, Width: 1}, pts)
	for k, b := range d.bins {
		lo, hi := wilson(b)
		if !d.grey {
			c.StrokeLine2(draw.LineStyle{Color: i, Width: 1.2}, pts[k].X, ty(lo), pts[k].X, ty(hi))
		}
		shape := outline(shapeOf(d.number), pts[k], 4)
		c.SetColor(i)
		if d.grey {
			c.SetColor(inkPage)
		}
		c.Fill(shape)
		c.SetLineStyle(draw.LineStyle{Color: i, Width: 1.4})
		c.Stroke(shape)
	}
}

// wilson is the interval of a group's share, percent.
func wilson(b stats.Bin) (lo, hi float64) {
	lo, hi = stats.Wilson(int(b.Share*float64(b.N)+0.5), b.N, 0.95)
	return 100 * lo, 100 * hi
}
