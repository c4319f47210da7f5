package workbench

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tryall/tryall/eval"
)

func TestExcerpts(t *testing.T) {
	// Three sentences of about 40 bytes; the answers lie in the second, across the end of the second, and nowhere.
	text := "Le café ouvre à huit heures du matin. " + "La gare de Zürich est tout près d'ici. " + "Le train pour Bâle part à midi pile."
	point := func(s string) int { return utf8.RuneCountInString(text[:strings.Index(text, s)]) }
	d := &eval.Dataset{
		Passages: []eval.Passage{{Text: "A short one."}, {Article: 1, Text: text}},
		Examples: []eval.Example{
			{ID: "short", Passage: 0, Answers: []eval.Gold{{Text: "short", Start: 2}}},
			{ID: "station", Passage: 1, Answers: []eval.Gold{{Text: "Zürich", Start: point("Zürich")}, {Text: "café", Start: point("café")}}},
			{ID: "across", Passage: 1, Answers: []eval.Gold{{Text: "d'ici. Le train", Start: point("d'ici")}}},
			{ID: "none", Passage: 1},
		},
	}
	e := Excerpts(d, 60)
	var joined strings.Builder
	for _, p := range e.Passages[1:] {
		if p.Article != 1 {
			t.Errorf("part %q lost its article", p.Text)
		}
		joined.WriteString(p.Text)
	}
	if joined.String() != text {
		t.Errorf("the parts are together %q", joined.String())
	}
	if len(e.Passages) < 3 {
		t.Fatalf("%d passages: nothing was cut", len(e.Passages))
	}
	golds := 0
	for _, x := range e.Examples {
		for _, g := range x.Answers {
			golds++
			runes := []rune(e.Passages[x.Passage].Text)
			if n := len([]rune(g.Text)); g.Start+n > len(runes) || string(runes[g.Start:g.Start+n]) != g.Text {
				t.Errorf("%s: %q is not at %d of %q", x.ID, g.Text, g.Start, e.Passages[x.Passage].Text)
			}
		}
	}
	if golds != 3 { // the café lies in another part than Zürich
		t.Errorf("%d golds, want 3", golds)
	}
	if n := len(d.Examples[1].Answers); n != 2 {
		t.Error("the original was changed")
	}
	if e.Examples[3].Passage != 1 || len(e.Examples[3].Answers) != 0 {
		t.Errorf("the question without an answer is now %+v", e.Examples[3])
	}
}

func TestCutTextEnds(t *testing.T) {
	for _, text := range []string{"", "a", strings.Repeat("é", 99), strings.Repeat("word ", 50), strings.Repeat("\x80", 70)} {
		for _, size := range []int{1, 2, 7, 40, 1000} {
			cuts := cutText(text, size, nil)
			if cuts[0] != 0 || cuts[len(cuts)-1] != len(text) {
				t.Errorf("%.10q by %d: %v", text, size, cuts)
			}
			for i := 1; i < len(cuts); i++ {
				if cuts[i] <= cuts[i-1] && text != "" {
					t.Errorf("%.10q by %d: %v does not rise", text, size, cuts)
				}
			}
		}
	}
}
