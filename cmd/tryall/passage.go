package main

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"

	"github.com/tryall/tryall/qa"
)

const (
	passageWidth  = 78  // columns of reading text, indent included
	passageAround = 240 // bytes shown on either side of the answer's sentence
	sentenceReach = 600 // bytes looked at for a sentence's end
	passageIndent = "  "
)

// passage is the part of text around span, wrapped for the terminal: the span marked, its sentence in full strength,
// the rest dimmed. Without styles the span stands between asterisks.
func passage(t terminal, text string, span qa.Range) []string {
	span.Start = min(span.Start, len(text))
	span.End = min(max(span.End, span.Start), len(text))
	sentence := qa.Range{Start: sentenceStart(text, span.Start), End: sentenceEnd(text, span.End)}
	from := wordBoundary(text, max(0, sentence.Start-passageAround), +1)
	to := wordBoundary(text, min(len(text), sentence.End+passageAround), -1)
	from, to = min(from, sentence.Start), max(to, sentence.End)

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

func isTerminator(r rune) bool { return strings.ContainsRune(".!?。！？", r) }

// sentenceStart is where the sentence that byte at stands in begins: after a terminator with space behind it, or a blank line.
func sentenceStart(text string, at int) int {
	low := max(0, at-sentenceReach)
	start, i := at, at
	for i > low {
		r, size := utf8.DecodeLastRuneInString(text[:i])
		before, _ := utf8.DecodeLastRuneInString(text[:i-size])
		switch {
		case isTerminator(r) && r >= utf8.RuneSelf:
			return start
		case r == '\n' && before == '\n', unicode.IsSpace(r) && isTerminator(before) && start < at:
			return start
		}
		if i -= size; !unicode.IsSpace(r) {
			start = i
		}
	}
	if i > 0 && i <= low {
		return wordBoundary(text, i, +1)
	}
	return start
}

// sentenceEnd is where the sentence that ends the span ends, its terminator included.
func sentenceEnd(text string, at int) int {
	high := min(len(text), at+sentenceReach)
	for i := at; i < high; {
		r, size := utf8.DecodeRuneInString(text[i:])
		next, _ := utf8.DecodeRuneInString(text[min(len(text), i+size):])
		switch {
		case isTerminator(r) && (r >= utf8.RuneSelf || i+size >= len(text) || unicode.IsSpace(next)):
			return i + size
		case r == '\n' && next == '\n':
			return i
		}
		i += size
	}
	if high < len(text) {
		return max(at, wordBoundary(text, high, -1))
	}
	return high
}

// wordBoundary moves from byte at to the next space in a direction, but not far: text without spaces is cut at a rune.
func wordBoundary(text string, at, direction int) int {
	for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		at--
	}
	if at == 0 || at == len(text) {
		return at
	}
	for i, n := at, 0; n < 40 && i > 0 && i < len(text); n++ {
		if text[i] == ' ' || text[i] == '\n' {
			return i
		}
		i += direction
	}
	return at
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
