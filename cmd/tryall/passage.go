package main

import (
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

const (
	passageWidth  = 78  // columns of reading text, indent included
	passageAround = 240 // bytes shown on either side of the answer's sentence
	passageIndent = "  "
)

// passage is the part of text around span, wrapped for the terminal: the span marked, its sentence in full strength,
// the rest dimmed. Without styles the span stands between asterisks.
func passage(t terminal, text string, span qa.Range) []string {
	at := workbench.PlaceOf(text, span, passageAround)
	span, sentence, from, to := at.Span, at.Sentence, at.Shown.Start, at.Shown.End

	var c cells
	if from > 0 {
		c.add("…", styleDim)
	}
	c.add(text[from:sentence.Start], styleDim)
	c.add(text[sentence.Start:span.Start], styleNone)
	mark := "**"
	if t.style {
		mark = ""
	}
	c.add(mark+text[span.Start:span.End]+mark, styleAnswer)
	c.add(text[span.End:sentence.End], styleNone)
	c.add(text[sentence.End:to], styleDim)
	if to < len(text) {
		c.add("…", styleDim)
	}
	lines := c.wrap(min(t.width, passageWidth) - len(passageIndent))
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = passageIndent + line.render(t)
	}
	return out
}

// cell is one rune of output with what follows it at no width.
type cell struct {
	text  string
	width int
	style string
	space bool
}

type cells []cell

// add appends text, made safe to print, its white space collapsed to single spaces.
func (c *cells) add(text, style string) {
	for _, r := range text {
		last := len(*c) - 1
		switch {
		case unicode.IsSpace(r):
			if last >= 0 && !(*c)[last].space {
				*c = append(*c, cell{" ", 1, style, true})
			}
			continue
		case needsSign(r):
			r = sign(r)
		}
		width := runewidth.RuneWidth(r)
		if width == 0 && last >= 0 {
			(*c)[last].text += string(r)
			continue
		}
		*c = append(*c, cell{string(r), width, style, false})
	}
}

// wrapText breaks plain text into lines.
func wrapText(text string, width int) []string {
	var c cells
	c.add(text, styleNone)
	var out []string
	for _, line := range c.wrap(width) {
		out = append(out, line.render(terminal{}))
	}
	return out
}

// wrap breaks at spaces and beside wide characters; a word longer than a line is broken where the line ends.
func (c cells) wrap(width int) []cells {
	width = max(width, 20)
	var lines []cells
	for len(c) > 0 {
		used, end, breakAt := 0, 0, 0
		for end < len(c) && (used+c[end].width <= width || c[end].space) {
			used += c[end].width
			end++
			if end < len(c) && (c[end-1].space || c[end-1].width > 1 || c[end].width > 1) {
				breakAt = end
			}
		}
		if end < len(c) && breakAt > 0 {
			end = breakAt
		}
		line := c[:end]
		for len(line) > 0 && line[len(line)-1].space {
			line = line[:len(line)-1]
		}
		lines = append(lines, line)
		c = c[end:]
	}
	return lines
}

func (c cells) render(t terminal) string {
	var b strings.Builder
	for i := 0; i < len(c); {
		j := i
		var run strings.Builder
		for ; j < len(c) && c[j].style == c[i].style; j++ {
			run.WriteString(c[j].text)
		}
		b.WriteString(t.in(c[i].style, run.String()))
		i = j
	}
	return b.String()
}
