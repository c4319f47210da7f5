package report

import (
	"math"
	"regexp"
	"strconv"
	"testing"

	"gonum.org/v1/plot"
)

// TestLinesStayInTheFrame: a line that begins at 0 where the axis begins at 25 is cut at the frame, on both pages.
func TestLinesStayInTheFrame(t *testing.T) {
	for name, ys := range map[string][]float64{"enters": {0, 0, 10, 40, 50, 45, 44}, "leaves and comes back": {40, 10, 40, 120, 40, 44, 43}, "jumps": {0, 120, 0, 120, 0, 50, 40}} {
		s := series{number: 1, label: "a", ys: ys, end: true, dot: -1}
		for i := range s.ys {
			s.xs = append(s.xs, float64(i+1))
		}
		f := &Figure{ID: "f", Title: "f"}
		f.draw(chart{plot: func(bool) *plot.Plot {
			p := newPlot()
			p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 8, 25, 60
			p.Add(lines{series: []series{s}})
			return p
		}})
		for _, svg := range []string{string(f.Wide), string(f.Narrow)} {
			top, bottom := frameOf(t, svg)
			found := 0
			for _, path := range regexp.MustCompile(`<path class="l-[^"]*" d="([^"]*)" stroke-width="1\.8"`).FindAllStringSubmatch(svg, -1) {
				for _, at := range regexp.MustCompile(`[ML]([0-9.-]+) ([0-9.-]+)`).FindAllStringSubmatch(path[1], -1) {
					found++
					if y, err := strconv.ParseFloat(at[2], 64); err != nil || y < top-0.1 || y > bottom+0.1 {
						t.Errorf("%s: the line is drawn at %s, outside %v to %v", name, at[2], top, bottom)
					}
				}
			}
			if found < 4 {
				t.Errorf("%s: only %d points are drawn", name, found)
			}
		}
	}
}

// frameOf is the least and the most y of the horizontal lines that guide: ticks of the axis are within the frame.
func frameOf(t *testing.T, svg string) (top, bottom float64) {
	t.Helper()
	top, bottom = math.Inf(1), math.Inf(-1)
	for _, m := range regexp.MustCompile(`<path class="l-[^"]*" d="M([0-9.-]+) ([0-9.-]+)L([0-9.-]+) ([0-9.-]+)" stroke-width="1"`).FindAllStringSubmatch(svg, -1) {
		for _, at := range []string{m[2], m[4]} {
			y, _ := strconv.ParseFloat(at, 64)
			top, bottom = min(top, y), max(bottom, y)
		}
	}
	if bottom-top < 50 {
		t.Fatalf("no frame: %v to %v\n%s", top, bottom, svg)
	}
	return top, bottom
}
