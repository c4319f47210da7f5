package workbench

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestCodePointsCountAsRangeDoes(t *testing.T) {
	for _, text := range []string{"", "plain", "é", "日本語 text", "a\xffb\xe2\x82c", "😀", strings.Repeat("é漢😀a\xfe", 300)} {
		checkPoints(t.Fatalf, text)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Repeat(string(rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "bytes")), rapid.IntRange(0, 40).Draw(t, "times"))
		checkPoints(t.Fatalf, text)
	})
}

func checkPoints(fatalf func(string, ...any), text string) {
	c, n := newCodePoints(text), 0
	for i := range text {
		if got := c.at(i); got != n {
			fatalf("%q: byte %d is code point %d, not %d", text, i, got, n)
		}
		n++
	}
	if got := c.at(len(text) + 2); got != n+2 {
		fatalf("%q: two beyond the end are code point %d, not %d", text, got, n+2)
	}
	if got := c.at(len(text)); got != n || n != utf8.RuneCountInString(text) {
		fatalf("%q: %d code points, not %d", text, got, n)
	}
}
