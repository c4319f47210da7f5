package questions

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/tryall/tryall/qa"
)

func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		text, answer string
		want         []qa.Range
	}{
		{"The lease ends in May; in May.", "in May", []qa.Range{{Start: 15, End: 21}, {Start: 23, End: 29}}},
		{"ended, the end", "end", []qa.Range{{Start: 11, End: 14}}},
		{"ended", "end", []qa.Range{{Start: 0, End: 3}}},
		{"on 31\r\nMarch", " 31 march ", []qa.Range{{Start: 3, End: 12}}},
		{"hiver et ÉTÉ", "été", []qa.Range{{Start: 9, End: 14}}},
		{"😀 é", "é", []qa.Range{{Start: 5, End: 7}}},
		{"a", "", nil},
		{"a", "  ", nil},
		{"a", "b", nil},
	} {
		if got := Places(c.text, c.answer); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q in %q: %v, not %v", c.answer, c.text, got, c.want)
		}
	}
}

// Whatever part of a text is looked for is found where it stands, or where the same stands.
func TestPlacesOfParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab A\n\r é😀\u0301."))).Draw(t, "text")
		runes := []rune(text)
		start := rapid.IntRange(0, len(runes)).Draw(t, "start")
		part := string(runes[start:rapid.IntRange(start, len(runes)).Draw(t, "end")])
		for _, r := range Places(text, part) {
			if r.Start < 0 || r.End > len(text) || r.End <= r.Start {
				t.Fatalf("%v of %d bytes", r, len(text))
			}
		}
		if blank := len(normalSpace(part)) == 0; blank != (len(Places(text, part)) == 0) {
			t.Fatalf("%q in %q: %v", part, text, Places(text, part))
		}
	})
}
