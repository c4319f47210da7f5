package report

import (
	"fmt"
	"html/template"
	"math"

	"gonum.org/v1/plot/vg"
)

// shapes are the marks of contestants, so that hue is never alone. With hues they make 48 that differ.
const shapes = 6

// shapeOf is the shape of a contestant by its number: the first eight differ in hue, and neighbours in shape too.
func shapeOf(i int) int { return (i%hues + i/hues) % shapes }

// outline is a mark around a point: circle, square, triangle, diamond, triangle upside down, star.
func outline(shape int, p vg.Point, r vg.Length) vg.Path {
	var path vg.Path
	if shape == 0 {
		path.Move(vg.Point{X: p.X + r, Y: p.Y})
		path.Arc(p, r, 0, 2*math.Pi)
		path.Close()
		return path
	}
	corners, turn, scale := 4, math.Pi/4, 1.2
	inner := 1.0 // radius of every other corner
	switch shape {
	case 2:
		corners, turn, scale = 3, math.Pi/2, 1.35
	case 3:
		turn, scale = 0, 1.25
	case 4:
		corners, turn, scale = 3, -math.Pi/2, 1.35
	case 5:
		corners, turn, scale, inner = 10, math.Pi/2, 1.4, 0.45
	}
	for i := range corners {
		at := r * vg.Length(scale)
		if i%2 == 1 {
			at *= vg.Length(inner)
		}
		sin, cos := math.Sincos(turn + 2*math.Pi*float64(i)/float64(corners))
		pt := vg.Point{X: p.X + at*vg.Length(cos), Y: p.Y + at*vg.Length(sin)}
		if i == 0 {
			path.Move(pt)
		} else {
			path.Line(pt)
		}
	}
	path.Close()
	return path
}

// Mark is the mark of a contestant, by its number, as reports and the pages of the workbench have it: decoration beside a name.
func Mark(number int) template.HTML { return mark(number, false) }

// mark is a contestant's mark for a table, decoration beside its name; hollow when it was dropped.
func mark(number int, dropped bool) template.HTML {
	c := newCanvas(14, 14)
	shape := outline(shapeOf(number), vg.Point{X: 7, Y: 7}, 4.5)
	if dropped {
		c.SetColor(inkMute)
		c.SetLineWidth(1.2)
		c.Stroke(shape)
	} else {
		c.SetColor(hue(number))
		c.Fill(shape)
	}
	return c.inline("mark", 14)
}

// bar is a score from zero on with its interval, of 100 percent.
func bar(number int, dropped bool, value float64, ci [2]float64) template.HTML {
	const w, h = 104, 16
	c := newCanvas(w, h)
	x := func(percent float64) vg.Length { return vg.Length(min(max(percent, 0), 100) / 100 * (w - 4)) }
	c.SetColor(inkGrid)
	c.SetLineWidth(1)
	c.line(vg.Point{X: w - 3.5}, vg.Point{X: w - 3.5, Y: h}) // 100
	c.SetColor(hue(number))
	if dropped {
		c.SetColor(inkLine)
	}
	c.body.WriteString(`<g opacity="0.5">`)
	c.Fill(rectangle(0, 3, x(value), h-6))
	c.body.WriteString(`</g>`)
	if ci[1] > ci[0] {
		c.SetColor(inkText)
		if dropped {
			c.SetColor(inkMute)
		}
		c.SetLineWidth(1.4)
		c.whisker(x(ci[0]), x(ci[1]), h/2, 3)
	}
	return c.inline("bar", w)
}

// inline is a small picture beside text that says the same.
func (c *canvas) inline(class string, w int) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg class="%s" width="%d" height="%s" viewBox="0 0 %d %s" aria-hidden="true">`, class, w, num(float64(c.h)), w, num(float64(c.h))) + c.body.String() + "</svg>")
}

// difference is a difference with its interval around zero, of a span to each side.
func difference(value float64, ci [2]float64, span float64) template.HTML {
	const w, h = 120, 16
	c := newCanvas(w, h)
	x := func(v float64) vg.Length { return vg.Length(w/2 + min(max(v/span, -1), 1)*(w/2-3)) }
	c.SetColor(inkLine)
	c.SetLineWidth(1)
	c.line(vg.Point{X: w / 2}, vg.Point{X: w / 2, Y: h})
	c.SetColor(inkText)
	c.SetLineWidth(1.4)
	if ci[1] > ci[0] {
		c.whisker(x(ci[0]), x(ci[1]), h/2, 3)
	}
	c.Fill(outline(0, vg.Point{X: x(value), Y: h / 2}, 2.8))
	return c.inline("bar", w)
}

func rectangle(x, y, w, h vg.Length) vg.Path {
	var p vg.Path
	p.Move(vg.Point{X: x, Y: y})
	p.Line(vg.Point{X: x + w, Y: y})
	p.Line(vg.Point{X: x + w, Y: y + h})
	p.Line(vg.Point{X: x, Y: y + h})
	p.Close()
	return p
}

func (c *canvas) line(a, b vg.Point) {
	var p vg.Path
	p.Move(a)
	p.Line(b)
	c.Stroke(p)
}

// whisker is a line with a stop at each end.
func (c *canvas) whisker(from, to, y, stop vg.Length) {
	c.line(vg.Point{X: from, Y: y}, vg.Point{X: to, Y: y})
	for _, x := range []vg.Length{from, to} {
		c.line(vg.Point{X: x, Y: y - stop}, vg.Point{X: x, Y: y + stop})
	}
}

// lineMark is a contestant's line and mark for the key of a plot.
func lineMark(number int) template.HTML {
	c := newCanvas(34, 14)
	c.SetColor(hue(number))
	c.SetLineWidth(1.8)
	c.SetLineDash(dashes(number), 0)
	c.line(vg.Point{X: 1, Y: 7}, vg.Point{X: 33, Y: 7})
	c.Fill(outline(shapeOf(number), vg.Point{X: 17, Y: 7}, 4))
	return c.inline("mark", 34)
}

// greyMark is a hollow mark in grey on its line, for the key of a plot.
func greyMark(number int) template.HTML {
	c := newCanvas(34, 14)
	c.SetColor(inkLine)
	c.SetLineWidth(1)
	c.line(vg.Point{X: 1, Y: 7}, vg.Point{X: 33, Y: 7})
	shape := outline(shapeOf(number), vg.Point{X: 17, Y: 7}, 4)
	c.SetColor(inkPage)
	c.Fill(shape)
	c.SetColor(inkLine)
	c.Stroke(shape)
	return c.inline("mark", 34)
}
