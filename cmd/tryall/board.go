package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/tryall/tryall/eval"
)

// board shows a race on stderr while it is run: a table that is drawn over itself where someone looks, and lines elsewhere, of
// what was decided and every so often of how far it is.
type board struct {
	a     *app
	names *eval.Names
	unit  string
	live  bool
	quiet bool

	drawn  int // lines on the screen
	at     time.Time
	spoken time.Time
}

// How often a table is drawn over, and a line is said where nobody looks.
const (
	drawEvery  = 100 * time.Millisecond
	speakEvery = 15 * time.Second
)

func (a *app) board(names *eval.Names, unit string) *board {
	return &board{a: a, names: names, unit: unit, quiet: a.quiet, live: a.err.tty && a.err.style && os.Getenv("TERM") != "dumb", spoken: time.Now()}
}

// event shows what happened.
func (b *board) event(e eval.RaceEvent) {
	switch {
	case b.quiet:
	case b.live:
		if e.Kind != eval.RaceGoesOn || time.Since(b.at) >= drawEvery {
			b.draw(e)
		}
	default:
		b.speak(e)
	}
}

// clear takes the table away.
func (b *board) clear() {
	if b.drawn > 0 {
		fmt.Fprintf(b.a.stderr, "\x1b[%dA\x1b[J", b.drawn)
		b.drawn = 0
	}
}

func (b *board) speak(e eval.RaceEvent) {
	name := visible(b.names.Short(e.Contestant))
	switch e.Kind {
	case eval.RaceDrops:
		b.a.warn("out after %s: %s, %s", plural(e.Elimination.After, "question"), name, visible(b.names.In(e.Elimination.Reason)))
	case eval.RaceFails:
		b.a.warn("out: %s: %s", name, e.Reason)
	case eval.RaceGoesOn:
		if time.Since(b.spoken) < speakEvery {
			return
		}
		b.a.warn("%s", b.far(e))
	default:
		return
	}
	b.spoken = time.Now()
}

// far says how far the race is.
func (b *board) far(e eval.RaceEvent) string {
	s := fmt.Sprintf("%s of at most %s answers, %s", count(e.Done), count(e.Total), e.Elapsed.Round(time.Second))
	if e.Left > 0 {
		s += fmt.Sprintf(", at most %s left", max(e.Left.Round(time.Second), time.Second))
	}
	return s
}

// draw writes the table over the one before.
func (b *board) draw(e eval.RaceEvent) {
	t := b.a.err
	names := make([]string, len(e.Lines))
	wide := len("model")
	for i, l := range e.Lines {
		names[i] = visible(b.names.Short(l.Contestant))
		wide = max(wide, columns(names[i]))
	}
	wide = min(wide, max(16, t.width*2/5))
	bar := min(40, t.width-wide-2-8-7-16)
	lines := []string{t.in(styleDim, pad("model", wide, false)+"  "+pad(b.unit, 5, true)+pad("n", 7, true))}
	for i, l := range e.Lines {
		line := pad(shorten(names[i], wide), wide, false) + "  " + b.figures(l)
		note := ""
		switch {
		case l.Failed != "":
			note = "out: " + visible(l.Failed)
		case l.Eliminated != nil:
			note = fmt.Sprintf("out after %d: %.1f behind %s", l.Eliminated.After, l.Eliminated.Diff, b.names.Short(l.Eliminated.By))
		case l.N > 0 && bar >= 10:
			note = intervalBar(l.Mean, l.CI, bar)
		}
		line = shorten(line+"  "+note, t.width-1)
		if l.Failed != "" || l.Eliminated != nil {
			line = t.in(styleDim, line)
		}
		lines = append(lines, line)
	}
	lines = append(lines, t.in(styleDim, shorten(b.far(e), t.width-1)))
	var out strings.Builder
	if b.drawn > 0 {
		fmt.Fprintf(&out, "\x1b[%dA", b.drawn)
	}
	for _, l := range lines {
		out.WriteString("\r\x1b[K" + l + "\n")
	}
	if b.drawn > len(lines) {
		out.WriteString("\x1b[J")
	}
	b.drawn, b.at = len(lines), time.Now()
	fmt.Fprint(b.a.stderr, out.String())
}

func (b *board) figures(l eval.RaceLine) string {
	if l.N == 0 {
		return pad("", 5, true) + pad("0", 7, true)
	}
	return pad(tenth(l.Mean), 5, true) + pad(count(l.N), 7, true)
}

// intervalBar draws a score of 0 to 100 from zero, with its interval: ━━━━━╾──●──╼.
func intervalBar(mean float64, ci [2]float64, width int) string {
	cell := func(v float64) int { return max(0, min(width-1, int(v/100*float64(width)))) }
	lo, at, hi := cell(ci[0]), cell(mean), cell(ci[1])
	var b strings.Builder
	for i := range hi + 1 {
		switch {
		case i == at:
			b.WriteRune('●')
		case i < lo:
			b.WriteRune('━')
		default:
			b.WriteRune('─')
		}
	}
	return b.String()
}
