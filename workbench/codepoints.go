package workbench

import "unicode/utf8"

// codePoints turns bytes of a text into code points. A byte that is no valid UTF-8 counts as one, as U+FFFD would.
type codePoints struct {
	text  string
	ascii bool
	marks []mark // marks[i] is the last rune boundary at or before byte i*markEvery
}

type mark struct{ bytes, points int }

const markEvery = 256

func newCodePoints(text string) *codePoints {
	c := &codePoints{text: text, ascii: true}
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			c.ascii = false
			break
		}
	}
	if c.ascii {
		return c
	}
	c.marks = make([]mark, 0, len(text)/markEvery+1)
	points := 0
	for i := 0; i < len(text); points++ {
		_, size := utf8.DecodeRuneInString(text[i:])
		for len(c.marks)*markEvery < i+size {
			c.marks = append(c.marks, mark{i, points})
		}
		i += size
	}
	return c
}

// at is the number of code points before byte b. A byte inside a rune counts as the rune's start, a byte beyond the text as one more
// each: under hf an answer may name such places, as upstream's does.
func (c *codePoints) at(b int) int {
	if c.ascii {
		return b
	}
	if b >= len(c.text) {
		last := c.marks[len(c.marks)-1]
		return last.points + utf8.RuneCountInString(c.text[last.bytes:]) + b - len(c.text)
	}
	m := c.marks[b/markEvery]
	points := m.points
	for i := m.bytes; i < b; points++ {
		_, size := utf8.DecodeRuneInString(c.text[i:])
		if i += size; i > b {
			break
		}
	}
	return points
}
