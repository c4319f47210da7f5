package report

import (
	"fmt"
	"image/color"
	"strings"
)

// ink is a colour by its name. Plots are drawn in inks; the style sheet says what they are in light and in dark.
type ink string

// RGBA makes an ink a color.Color for the plotting library. What is written is the name.
func (ink) RGBA() (r, g, b, a uint32) { return color.Black.RGBA() }

// The inks besides those of contestants.
const (
	inkText ink = "text" // what is read
	inkMute ink = "mute" // what explains, and contestants that were dropped
	inkLine ink = "line" // axes and the edges of tables
	inkGrid ink = "grid" // lines to be guided by
	inkPage ink = "page" // the ground
)

// tokens are the colours, light and dark. Those of contestants are the hues of Okabe and Ito (2008, "Color Universal
// Design"), which people with any kind of colour vision tell apart, made darker or lighter until they stand out from the
// ground by 3:1 at least; text does by 4.5:1.
var tokens = []struct{ name, light, dark string }{
	{"page", "#ffffff", "#15171a"},
	{"panel", "#f6f7f8", "#1d2024"},
	{"text", "#1b1e22", "#e7e9ec"},
	{"mute", "#5a616b", "#a3aab4"},
	{"line", "#838a95", "#6f7783"},
	{"grid", "#e1e4e8", "#2c3037"},
	{"accent", "#0a58a6", "#74b7f5"},
	{"right", "#12703f", "#5fc890"},
	{"half", "#7d5b00", "#dcb24a"},
	{"wrong", "#a8322a", "#f08a80"},
	{"m0", "#0072b2", "#3d9bdb"}, // blue
	{"m1", "#d55e00", "#e8762a"}, // vermillion
	{"m2", "#008a65", "#1fb98c"}, // bluish green
	{"m3", "#b3578c", "#d88bb4"}, // reddish purple
	{"m4", "#b07800", "#e69f00"}, // orange
	{"m5", "#2b8cc4", "#56b4e9"}, // sky blue
	{"m6", "#857c00", "#f0e442"}, // yellow
	{"m7", "#000000", "#ffffff"}, // black
}

const hues = 8

// hue is the ink of a contestant by its number.
func hue(i int) ink { return ink(fmt.Sprintf("m%d", i%hues)) }

// Palette gives the colours as CSS custom properties, in light and in dark, and the classes that figures are drawn in; for a page that
// shows Figures and has a style sheet of its own.
func Palette() (light, dark, classes string) {
	var l, d, c strings.Builder
	for _, t := range tokens {
		fmt.Fprintf(&l, "--%s:%s;", t.name, t.light)
		fmt.Fprintf(&d, "--%s:%s;", t.name, t.dark)
		fmt.Fprintf(&c, ".f-%s{fill:var(--%[1]s)}.l-%[1]s{fill:none;stroke:var(--%[1]s)}\n", t.name)
	}
	return l.String(), d.String(), c.String()
}

// Style is the style sheet of the report: one for the page and its plots, without anything from elsewhere.
func Style() string {
	light, dark, classes := Palette()
	return fmt.Sprintf(":root{color-scheme:light dark;%s}\n@media (prefers-color-scheme:dark){:root{%s}}\n@media print{:root{color-scheme:light;%s}}\n%s%s",
		light, dark, light, classes, pageStyle)
}
