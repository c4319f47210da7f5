package questions

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"

	"pgregory.net/rapid"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/ui"
)

// signs are those that browsers, UTF-16 and bytes see differently.
var signs = []rune("ab \n\r\t\x00\x1b\v\f<>&\"'é\u0301\u200d\u202e\u202c\u2028\u2029\ufeff\u0085שר🙂👩𝒳\uFFFD")

// As the browser counts, so the server finds: whatever is marked of what is shown comes back as the bytes behind it.
func TestMarked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.StringOf(rapid.RuneFrom(signs)).Draw(t, "before")
		text := rapid.StringOf(rapid.RuneFrom(signs)).Draw(t, "text")
		if rapid.Bool().Draw(t, "broken") {
			text += "\xff\xc3"
		}
		whole, base := before+text, len(before)
		runes := []rune(shownWithin(whole, qa.Range{Start: base, End: len(whole)}))
		from := rapid.IntRange(0, len(runes)).Draw(t, "from")
		to := rapid.IntRange(from, len(runes)).Draw(t, "to")
		units := func(r []rune) int { return len(utf16.Encode(r)) }
		as := string(runes[from:to])
		got, err := marked(whole, base, units(runes[:from]), units(runes[:to]), as)
		raw := []string{} // the code points behind what is shown
		for i, r := range text {
			n := len(string(r))
			if r == '\uFFFD' && !strings.HasPrefix(text[i:], "\uFFFD") {
				n = 1
			}
			raw = append(raw, text[i:i+n])
		}
		if len(raw) != len(runes) {
			t.Fatalf("%q is shown as %q", text, string(runes))
		}
		want := strings.TrimFunc(strings.Join(raw[from:to], ""), unicode.IsSpace)
		if want == "" {
			if err == nil {
				t.Fatalf("nothing is marked, and %v comes back", got)
			}
			return
		}
		if err != nil || got.Of(whole) != want || got.Start < base+len(strings.Join(raw[:from], "")) || got.End > base+len(strings.Join(raw[:to], "")) {
			t.Fatalf("%q at %v: %v, not %q", got.Of(whole), got, err, want)
		}
	})
}

func TestMarkedRefuses(t *testing.T) {
	const text = "a🙂b c"
	for _, c := range []struct {
		base, from, to int
		as             string
	}{{-1, 0, 1, "a"}, {9, 0, 1, "a"}, {2, 0, 1, "a"}, {0, -1, 1, "a"}, {0, 2, 1, ""}, {0, 2, 3, "🙂"}, {0, 1, 2, "🙂"}, {0, 0, 99, text}, {0, 99, 100, "a"}, {0, 0, 1, "b"}, {0, 4, 5, " "}, {0, 1, 1, ""}} {
		if r, err := marked(text, c.base, c.from, c.to, c.as); qa.CodeOf(err) != qa.Invalid {
			t.Errorf("%+v: %v, %v", c, r, err)
		}
	}
	if r, err := marked(text, 0, 1, 3, "🙂"); err != nil || r != (qa.Range{Start: 1, End: 5}) {
		t.Errorf("%v, %v", r, err)
	}
}

// What is shown holds nothing that a page must not have, and no sign that the reading of HTML would change.
func TestShown(t *testing.T) {
	text := string(signs)
	got := shownWithin(text, qa.Range{End: len(text)})
	if ui.Visible(got) != got || strings.ContainsAny(got, "\r\f\v\x00") || len(utf16.Encode([]rune(got))) != len(utf16.Encode([]rune(text))) {
		t.Errorf("%q", got)
	}
	if got := shownWithin("a\r\nb\rc\r", qa.Range{End: 2}) + shownWithin("a\r\nb\rc\r", qa.Range{Start: 2, End: 7}); got != "a \nb\nc\n" {
		t.Errorf("%q", got)
	}
	if slices.Contains([]rune(got), '\u202e') {
		t.Error("the direction can be overridden")
	}
}
