package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Figure is a plot for a page, twice: wide, and narrow for a phone or a column. Its colours are classes of Style.
type Figure struct {
	ID    string // unique on a page
	Title string
	How   string // how to read it
	Alt   string // what it shows, in words
	// Key names the lines that are not labelled in the plot.
	Key          []KeyEntry
	Wide, Narrow template.HTML
}

// KeyEntry is a contestant's mark and short name.
type KeyEntry struct {
	Mark  template.HTML
	Label string
}

// chart is a plot that can be drawn in any size.
type chart struct {
	xLabel, yLabel string
	plot           func(narrow bool) *plot.Plot
}

// The sizes of plots, in units of the page at scale 1.
const (
	wideW, wideH     = 540, 320
	narrowW, narrowH = 350, 290
	plotText         = 12
)

func (f *Figure) draw(c chart) {
	f.Wide = f.svg(c, wideW, wideH, false)
	f.Narrow = f.svg(c, narrowW, narrowH, true)
}

func (f *Figure) svg(c chart, w, h vg.Length, narrow bool) template.HTML {
	size := "wide"
	if narrow {
		size = "narrow"
	}
	on := newCanvas(w, h)
	area := draw.New(on)
	style := pageStyleText(inkMute)
	style.YAlign = text.YTop
	area.FillText(style, vg.Point{X: 0, Y: h}, c.yLabel)
	style.XAlign, style.YAlign = text.XCenter, text.YBottom
	area.FillText(style, vg.Point{X: w/2 + 12, Y: 2}, c.xLabel)
	c.plot(narrow).Draw(draw.Crop(area, 0, -10, 20, -22))
	id := html.EscapeString(f.ID + "-" + size)
	head := fmt.Sprintf(`<svg class="plot %s" viewBox="0 0 %s %s" role="img" aria-labelledby="%s-t %s-d" xmlns="http://www.w3.org/2000/svg">`, size, num(float64(w)), num(float64(h)), id, id)
	alt := fmt.Sprintf(`<title id="%s-t">%s</title><desc id="%s-d">%s</desc>`, id, html.EscapeString(f.Title), id, html.EscapeString(f.Alt))
	return template.HTML(head + alt + "\n" + on.body.String() + "</svg>")
}

// pageStyleText is text in a plot.
func pageStyleText(i ink) text.Style {
	return text.Style{
		Color: i, Font: font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, plotText),
		Handler: pageText{text.Plain{Fonts: font.DefaultCache}},
	}
}

// newPlot is a plot in our hand: no box, pale lines to be guided by, ticks without strokes.
func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.TextHandler = pageText{text.Plain{Fonts: font.DefaultCache}}
	p.Title.TextStyle = pageStyleText(inkText)
	p.Legend.TextStyle = pageStyleText(inkText)
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		x, y := a.Tick.Label.XAlign, a.Tick.Label.YAlign
		a.Tick.Label = pageStyleText(inkMute)
		a.Tick.Label.XAlign, a.Tick.Label.YAlign = x, y
		a.Tick.Length = 4
		a.Tick.LineStyle = draw.LineStyle{}
		a.LineStyle = draw.LineStyle{Color: inkLine, Width: 1}
		a.Padding = 0
		a.Tick.Marker = ticks{most: 6}
	}
	p.Y.LineStyle.Width = 0
	p.Add(grid{})
	return p
}

// grid is a pale line for each tick.
type grid struct{}

func (grid) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	style := draw.LineStyle{Color: inkGrid, Width: 1}
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		c.StrokeLine2(style, x(t.Value), c.Min.Y, x(t.Value), c.Max.Y)
	}
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		c.StrokeLine2(style, c.Min.X, y(t.Value), c.Max.X, y(t.Value))
	}
}

// ticks are round numbers within an axis, at most so many; powers of ten with 2 and 5 between on a logarithmic one.
type ticks struct {
	most int
	log  bool
}

func (t ticks) Ticks(lo, hi float64) (out []plot.Tick) {
	if !(hi > lo) || math.IsInf(hi-lo, 0) {
		return nil
	}
	add := func(v float64) {
		if v >= lo-1e-9*(hi-lo) && v <= hi+1e-9*(hi-lo) {
			out = append(out, plot.Tick{Value: v, Label: tickLabel(v)})
		}
	}
	if t.log {
		for e := math.Floor(math.Log10(lo)); e <= math.Ceil(math.Log10(hi)); e++ {
			for _, m := range []float64{1, 2, 5} {
				if v := m * math.Pow(10, e); m == 1 || math.Log10(hi/lo) < 2.2 {
					add(v)
				}
			}
		}
		return out
	}
	step := roundStep((hi - lo) / float64(t.most))
	for i := math.Ceil(lo/step - 1e-9); i*step <= hi+1e-9*step && len(out) <= t.most+1; i++ {
		add(i * step)
	}
	return out
}

// roundStep is the next larger of 1, 2 and 5 times a power of ten.
func roundStep(f float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(f)))
	for _, m := range []float64{1, 2, 5} {
		if m*p >= f*(1-1e-9) {
			return m * p
		}
	}
	return 10 * p
}

func tickLabel(v float64) string {
	if math.Abs(v) < 1e-12 {
		return "0"
	}
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return count(int64(v))
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}
