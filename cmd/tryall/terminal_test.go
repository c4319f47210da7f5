package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tryall/tryall/qa"
)

func TestVisible(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain é 日本", "plain é 日本"},
		{"\x1b[31mred\x07", "␛[31mred␇"},
		{"a\nb\tc\r", "a b c "},
		{"\u009b31m", "�31m"},
		{"bad\xffbyte", "bad�byte"},
		{"abc\u202edef\u2066x\u2028y", "abc�def�x y"},
	} {
		if got := visible(c.in); got != c.want {
			t.Errorf("%q: %q, not %q", c.in, got, c.want)
		}
	}
}

// span finds the part of text between two bars, and the text without them.
func span(marked string) (string, qa.Range) {
	i := strings.IndexByte(marked, '|')
	j := strings.LastIndexByte(marked, '|') - 1
	return strings.ReplaceAll(marked, "|", ""), qa.Range{Start: i, End: j}
}

func TestPassage(t *testing.T) {
	plain, styled := terminal{width: 60}, terminal{width: 60, style: true}
	for _, c := range []struct {
		t            terminal
		marked, want string
	}{
		{plain, "One |two| three.", "  One **two** three."},
		{plain, "First one.  Then\n|two| three. Last.", "  First one. Then **two** three. Last."},
		{styled, "First one. Then |two| three. Last.", "  \x1b[2mFirst one. \x1b[0mThen \x1b[1;4mtwo\x1b[0m three.\x1b[2m Last.\x1b[0m"},
		{styled, "前の文。|東京|は首都。次。", "  \x1b[2m前の文。\x1b[0m\x1b[1;4m東京\x1b[0mは首都。\x1b[2m次。\x1b[0m"},
		{plain, "\x1b[2J |evil\x07| \x9d text", "  ␛[2J **evil␇** � text"},
		{plain, strings.Repeat("word ", 30) + "|end|", "  " + strings.TrimSpace(strings.Repeat("word ", 11)) + "\n  " + strings.TrimSpace(strings.Repeat("word ", 11)) + "\n  " + strings.Repeat("word ", 8) + "**end**"},
		{plain, strings.Repeat("日本語", 20) + "|終|", "  " + strings.Repeat("日本語", 9) + "日本\n  語" + strings.Repeat("日本語", 9) + "日\n  本語**終**"},
	} {
		text, at := span(c.marked)
		if got := strings.Join(passage(c.t, text, at), "\n"); got != c.want {
			t.Errorf("%q:\n%q, not\n%q", c.marked, got, c.want)
		}
	}
}

func TestPassageStaysSmallAndWithinTheWidth(t *testing.T) {
	unit := "Some sentence about nothing at all, é日本. "
	text := strings.Repeat(unit, 20_000)
	for at := range len(unit) {
		if !utf8.RuneStart(unit[at]) {
			continue
		}
		start := len(unit)*9000 + at
		end := start + 10
		for !utf8.RuneStart(text[end]) {
			end++
		}
		lines := passage(terminal{width: 50}, text, qa.Range{Start: start, End: end})
		if len(lines) > 30 || !strings.HasPrefix(lines[0], "  …") || !strings.HasSuffix(lines[len(lines)-1], "…") {
			t.Fatalf("%d lines: %q", len(lines), lines)
		}
		for _, l := range lines {
			if columns(l) > 50 || !utf8.ValidString(l) {
				t.Fatalf("%d columns: %q", columns(l), l)
			}
		}
	}
}

func TestPassageTakesAnyRange(t *testing.T) {
	for _, r := range []qa.Range{{Start: 3, End: 1}, {Start: 2, End: 99}, {Start: 50, End: 60}, {}} {
		passage(terminal{width: 40}, "a short text", r)
	}
}

func TestTableAlignsWideCharacters(t *testing.T) {
	got := table(terminal{}, []column{{"name", false}, {"n", true}}, [][]string{{"日本", "1"}, {"abcdef", "20"}}, nil)
	want := []string{"name     n", "日本     1", "abcdef  20"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q, not %q", got, want)
	}
}
