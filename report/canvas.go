package report

import (
	"fmt"
	"html"
	"image"
	"image/color"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// canvas is a vg.Canvas that writes SVG for a page: colours are classes, so that they follow the page from light to dark;
// text is text in the page's font; there is no style attribute, which a strict content security policy would not let
// through. One point of the plotting library is one unit of the picture.
type canvas struct {
	w, h  vg.Length
	body  strings.Builder
	state state
	stack []state
}

// state is what Push keeps. The matrix takes the library's points, whose y grows upwards, to those of SVG.
type state struct {
	ink    ink
	width  vg.Length
	dashes []vg.Length
	m      [6]float64 // x' = m0 x + m2 y + m4, y' = m1 x + m3 y + m5
}

func newCanvas(w, h vg.Length) *canvas {
	return &canvas{w: w, h: h, state: state{ink: inkText, width: 1, m: [6]float64{1, 0, 0, -1, 0, float64(h)}}}
}

func (c *canvas) Size() (w, h vg.Length)                 { return c.w, c.h }
func (c *canvas) SetLineWidth(w vg.Length)               { c.state.width = w }
func (c *canvas) SetLineDash(d []vg.Length, _ vg.Length) { c.state.dashes = d }
func (c *canvas) Push()                                  { c.stack = append(c.stack, c.state) }

func (c *canvas) Pop() {
	last := len(c.stack) - 1
	c.state, c.stack = c.stack[last], c.stack[:last]
}

func (c *canvas) SetColor(col color.Color) {
	c.state.ink = inkText
	if i, ok := col.(ink); ok {
		c.state.ink = i
	}
}

func (c *canvas) Rotate(rad float64) {
	sin, cos := math.Sincos(rad)
	c.multiply([6]float64{cos, sin, -sin, cos, 0, 0})
}

func (c *canvas) Translate(p vg.Point) {
	c.multiply([6]float64{1, 0, 0, 1, float64(p.X), float64(p.Y)})
}
func (c *canvas) Scale(x, y float64) { c.multiply([6]float64{x, 0, 0, y, 0, 0}) }

func (c *canvas) multiply(n [6]float64) {
	m := c.state.m
	c.state.m = [6]float64{
		m[0]*n[0] + m[2]*n[1], m[1]*n[0] + m[3]*n[1],
		m[0]*n[2] + m[2]*n[3], m[1]*n[2] + m[3]*n[3],
		m[0]*n[4] + m[2]*n[5] + m[4], m[1]*n[4] + m[3]*n[5] + m[5],
	}
}

func (c *canvas) at(p vg.Point) (x, y float64) {
	m := c.state.m
	return m[0]*float64(p.X) + m[2]*float64(p.Y) + m[4], m[1]*float64(p.X) + m[3]*float64(p.Y) + m[5]
}

func (c *canvas) Stroke(p vg.Path) {
	if c.state.width <= 0 {
		return
	}
	fmt.Fprintf(&c.body, `<path class="l-%s" d="%s" stroke-width="%s"`, c.state.ink, c.data(p), num(float64(c.state.width)))
	for i, d := range c.state.dashes {
		c.body.WriteString([]string{` stroke-dasharray="`, ` `}[min(i, 1)] + num(float64(d)))
	}
	if len(c.state.dashes) > 0 {
		c.body.WriteByte('"')
	}
	c.body.WriteString("/>\n")
}

func (c *canvas) Fill(p vg.Path) {
	fmt.Fprintf(&c.body, "<path class=\"f-%s\" d=\"%s\"/>\n", c.state.ink, c.data(p))
}

// data are the commands of a path. Arcs become short lines: a plot has few, and small ones.
func (c *canvas) data(p vg.Path) string {
	var b strings.Builder
	write := func(command string, points ...vg.Point) {
		b.WriteString(command)
		for i, pt := range points {
			x, y := c.at(pt)
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(num(x) + " " + num(y))
		}
	}
	for _, e := range p {
		switch e.Type {
		case vg.MoveComp:
			write("M", e.Pos)
		case vg.LineComp:
			write("L", e.Pos)
		case vg.CurveComp:
			write([]string{"L", "Q", "C"}[min(len(e.Control), 2)], append(append([]vg.Point{}, e.Control...), e.Pos)...)
		case vg.ArcComp:
			steps := int(math.Ceil(math.Abs(e.Angle)/(2*math.Pi)*40)) + 1
			for i := range steps + 1 {
				sin, cos := math.Sincos(e.Start + e.Angle*float64(i)/float64(steps))
				write("L", e.Pos.Add(vg.Point{X: e.Radius * vg.Length(cos), Y: e.Radius * vg.Length(sin)}))
			}
		case vg.CloseComp:
			b.WriteByte('Z')
		}
	}
	if s := b.String(); !strings.HasPrefix(s, "L") {
		return s
	}
	return "M" + b.String()[1:] // a path that begins with an arc
}

func (c *canvas) FillString(f font.Face, p vg.Point, s string) { c.text(f.Font.Size, p, "start", s) }

// text writes at a point of the baseline.
func (c *canvas) text(size vg.Length, p vg.Point, anchor, s string) {
	x, y := c.at(p)
	where := fmt.Sprintf(`x="%s" y="%s"`, num(x), num(y))
	if m := c.state.m; m[1] != 0 || m[2] != 0 {
		where = fmt.Sprintf(`transform="matrix(%s %s %s %s %s %s)"`, num(m[0]), num(m[1]), num(-m[2]), num(-m[3]), num(x), num(y))
	}
	fmt.Fprintf(&c.body, "<text class=\"f-%s\" %s font-size=\"%s\"", c.state.ink, where, num(float64(size)))
	if anchor != "start" {
		fmt.Fprintf(&c.body, ` text-anchor="%s"`, anchor)
	}
	fmt.Fprintf(&c.body, ">%s</text>\n", html.EscapeString(visible(s)))
}

// DrawImage is part of vg.Canvas; our plots have no pictures in them.
func (c *canvas) DrawImage(vg.Rectangle, image.Image) {}

// num is a coordinate with two digits behind the point, more than a screen shows.
func num(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "0"
	}
	s := strconv.FormatFloat(math.Round(f*100)/100, 'f', -1, 64)
	if s == "-0" {
		return "0"
	}
	return s
}

// pageText sets text for a canvas. Its widths are those of Liberation Sans, near enough to any sans serif for the layout;
// what is centred or right-aligned is so in whatever font the page has.
type pageText struct{ text.Plain }

// Draw writes text; one line of it.
func (t pageText) Draw(on vg.Canvas, s string, sty text.Style, p vg.Point) {
	c := bottom(on)
	if c == nil || s == "" {
		return
	}
	c.SetColor(sty.Color)
	c.Push()
	defer c.Pop()
	c.Translate(p)
	c.Rotate(sty.Rotation)
	e := t.Extents(sty.Font)
	y := sty.Height(s)*vg.Length(sty.YAlign) - e.Ascent + sty.Font.Size
	anchor := "start"
	switch {
	case sty.XAlign <= -1:
		anchor = "end"
	case sty.XAlign < 0:
		anchor = "middle"
	}
	c.text(sty.Font.Size, vg.Point{Y: y}, anchor, s)
}

// bottom is the canvas below those that the library puts around it to crop and pad.
func bottom(on vg.Canvas) *canvas {
	for {
		switch c := on.(type) {
		case *canvas:
			return c
		case *draw.Canvas:
			on = c.Canvas
		case draw.Canvas:
			on = c.Canvas
		default:
			return nil
		}
	}
}
