package main

import (
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
	"golang.org/x/term"
)

// terminal says how a stream may be written to.
type terminal struct {
	tty   bool // someone is looking
	style bool // escape sequences may be used
	width int  // columns
}

const plainWidth = 80

// terminalOf looks at a stream once. NO_COLOR and TERM=dumb turn styling off, as does anything that is no terminal.
func terminalOf(w io.Writer) terminal {
	t := terminal{width: plainWidth}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return t
	}
	t.tty = true
	t.style = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && os.Getenv("TERM") != ""
	if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
		t.width = width
	}
	return t
}

// The styles that are used: an answer stands out by weight and line, never by colour alone.
const (
	styleNone   = ""
	styleStrong = "\x1b[1m"
	styleAnswer = "\x1b[1;4m"
	styleDim    = "\x1b[2m"
	styleReset  = "\x1b[0m"
)

// in puts a style around s where the terminal has styles.
func (t terminal) in(style, s string) string {
	if !t.style || style == styleNone || s == "" {
		return s
	}
	return style + s + styleReset
}

// visible makes text of unknown origin safe to print on one line: what could move the cursor, change colours or reorder
// the line is replaced by a sign that can be seen.
func visible(s string) string {
	if strings.IndexFunc(s, needsSign) < 0 && utf8.ValidString(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if needsSign(r) {
			return sign(r)
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

func needsSign(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' || r == '\uFEFF'
}

func sign(r rune) rune {
	switch {
	case r == '\t', r == '\n', r == '\r', r == '\u2028', r == '\u2029':
		return ' '
	case r < 0x20:
		return 0x2400 + r // the picture of that control character
	case r == 0x7f:
		return '\u2421'
	}
	return '\uFFFD'
}

// columns is the number of columns that s takes, wide characters counted as two.
func columns(s string) int { return runewidth.StringWidth(s) }

// pad fills s with spaces to n columns, on the left when right-aligned.
func pad(s string, n int, right bool) string {
	fill := strings.Repeat(" ", max(0, n-columns(s)))
	if right {
		return fill + s
	}
	return s + fill
}

// shorten cuts s to n columns and says so with an ellipsis.
func shorten(s string, n int) string { return runewidth.Truncate(s, n, "…") }
