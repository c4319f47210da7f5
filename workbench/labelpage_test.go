package workbench

import (
	"strings"
	"testing"

	"github.com/tryall/tryall/index"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
)

// TestLabelPassagesNameTheirPage: a passage that reaches over pages is shown under the page on which the words of the question stand, and
// once somebody has answered under that of the answer; a place of an answer that is typed is shown under its own page.
func TestLabelPassagesNameTheirPage(t *testing.T) {
	l, p, models := labelBench(t, map[string]func(string) string{"a": yesOnly}, nil)
	filler := strings.Repeat("nothing of interest here, ", 20)
	pages := []string{"The lease is signed. " + filler, "The rent of the garage is due. " + filler, "The deposit is kept, as is the rent. " + filler}
	const id = "a.pdf"
	text := strings.Join(pages, "")
	second, third := len(pages[0]), len(pages[0])+len(pages[1])
	d := index.Document{Document: qa.Document{ID: id, Source: "file:" + id, Text: text, Marks: []qa.Mark{{Kind: qa.MarkPage, Label: "1"}, {Kind: qa.MarkHeading, Label: "Terms"},
		{At: second, Kind: qa.MarkPage, Label: "2"}, {At: second, Kind: qa.MarkHeading, Label: "Rent"}, {At: third, Kind: qa.MarkPage, Label: "3"}}},
		Passages: []qa.Passage{{Doc: id, Range: qa.Range{End: len(text)}, Text: text, Page: "1", Heading: "Terms"}}}
	if err := p.Index.Put(t.Context(), index.FileState{Path: id}, []index.Document{d}); err != nil {
		t.Fatal(err)
	}
	s := session(t, l, p, OwnQuestions, "ann", models)
	shown := func(id string) LabelPassage {
		t.Helper()
		q, err := s.Question(t.Context(), id, 1)
		if err != nil || len(q.Passages) != 1 || q.Passages[0].Start != 0 || q.Passages[0].Text != text {
			t.Fatalf("%+v, %v", q, err)
		}
		return q.Passages[0]
	}
	for _, document := range []string{"", id} {
		for _, c := range []struct{ question, page, heading string }{
			{"Who signed the lease?", "1", "Terms"}, {"When is the garage due?", "2", "Rent"}, {"What of the deposit?", "3", "Rent"},
		} {
			ids, err := p.AddQuestions(t.Context(), "", []string{c.question + " " + document}, document)
			if err != nil {
				t.Fatal(err)
			}
			s = session(t, l, p, OwnQuestions, "ann", models)
			if got := shown(ids[0]); got.Page != c.page || got.Heading != c.heading {
				t.Errorf("%q of %q: page %s, %s; want page %s, %s", c.question, document, got.Page, got.Heading, c.page, c.heading)
			}
			if c.page != "3" {
				continue
			}
			if _, err := s.Judge(t.Context(), ids[0], LabelVerdict{Kind: store.Answered, Text: "garage", Start: strings.Index(text, "garage"), Document: id}); err != nil {
				t.Fatal(err)
			}
			if got := shown(ids[0]); got.Page != "2" {
				t.Errorf("the answer stands on page 2, and %q is shown under page %s", c.question, got.Page)
			}
			places, total, err := s.LabelPlaces(t.Context(), ids[0], "rent", []LabelPassage{shown(ids[0])}, 5)
			if err != nil || total != 2 || places[0].Page != "2" || places[1].Page != "3" || places[1].Heading != "Rent" {
				t.Errorf("%+v, %d, %v", places, total, err)
			}
			places, total, err = s.LabelPlaces(t.Context(), ids[0], "kept", []LabelPassage{{Document: id, Text: "The lease"}}, 5)
			if err != nil || total != 1 || places[0].Page != "3" {
				t.Errorf("in none of the passages: %+v, %d, %v", places, total, err)
			}
		}
	}
}
