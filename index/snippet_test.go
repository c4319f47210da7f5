package index

import (
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/tryall/tryall/qa"
)

// checkSnippet holds what is true of every snippet: it is of the passage, whole words with what was found in them, and not long
// without need.
func checkSnippet(t interface{ Errorf(string, ...any) }, f Found) {
	s, p := f.Snippet, f.Passage
	at := s.Range.Start - p.Range.Start
	if at < 0 || s.Range.End > p.Range.End || s.Range.Len() < 0 || p.Text[at:at+s.Range.Len()] != s.Text {
		t.Errorf("snippet %+v is not of the passage %+v", s, p)
		return
	}
	last := s.Range.Start
	for _, r := range s.Terms {
		if r.Start < last || r.End <= r.Start || r.End > s.Range.End {
			t.Errorf("terms %v are not one after another within %v", s.Terms, s.Range)
		}
		last = r.End
	}
	for _, edge := range []int{at, at + s.Range.Len()} {
		before, _ := utf8.DecodeLastRuneInString(p.Text[:edge])
		after, _ := utf8.DecodeRuneInString(p.Text[edge:])
		if edge > 0 && edge < len(p.Text) && alphabetic(before) && alphabetic(after) {
			t.Errorf("%q is cut within a word of %q", s.Text, p.Text)
		}
	}
	longest := 0
	for _, w := range strings.Fields(p.Text) {
		longest = max(longest, len(w))
	}
	if len(s.Text) > 2*snippetBytes+2*longest {
		t.Errorf("%d bytes are too long", len(s.Text))
	}
}

// alphabetic is a letter of a script with spaces, or a digit.
func alphabetic(r rune) bool {
	return unicode.IsDigit(r) || unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Arabic, unicode.Hebrew, unicode.Devanagari)
}

// TestSnippet chooses the best part.
func TestSnippet(t *testing.T) {
	filler := strings.Repeat("nothing of interest here, ", 20)
	for _, c := range []struct {
		name, text, question string
		begins, has          string
		terms                []string
	}{
		{"all", "The lease ends in June.", "When does the lease end?", "The lease", "June.", []string{"lease", "ends"}},
		{"middle", filler + "the lease of the house ends in June " + filler, "lease ends", "", "the lease of the house ends in June", []string{"lease", "ends"}},
		{"richest", "The lease is here. " + filler + "A lease ends.", "lease ends", "", "A lease ends.", []string{"lease", "ends"}},
		{"earliest", "A lease ends. " + filler + "A lease ends.", "lease ends", "A lease ends.", "nothing", []string{"lease", "ends"}},
		{"no match in the text", "Something else. " + filler, "heading", "Something else.", "nothing", nil},
		{"long word", "x " + strings.Repeat("a", 1000) + " y", strings.Repeat("a", 1000), "", strings.Repeat("a", 1000), []string{strings.Repeat("a", 1000)}},
		{"no spaces", strings.Repeat("key:value;", 500) + "needle:1;" + strings.Repeat("key:value;", 500), "needle", "", "needle", []string{"needle"}},
		{"Chinese", strings.Repeat("无关的话。", 100) + "北京是中国的首都。" + strings.Repeat("无关的话。", 100), "首都", "", "北京是中国的首都。", []string{"首都"}},
		{"one character", "北京是中国", "国", "北京", "中国", []string{"国"}},
		{"overlapping grams", "北京是中国的首都", "中国的首都", "北京", "都", []string{"中国的首都"}},
	} {
		d := doc("d", "heading", "before", c.text)
		f := newFinder(questionTerms(c.question))
		for i := range f.terms {
			f.terms[i].weight = 1
		}
		s := f.snippet(d.Passages[1])
		checkSnippet(t, Found{qa.Hit{Passage: d.Passages[1]}, s})
		var terms []string
		for _, r := range s.Terms {
			terms = append(terms, r.Of(d.Text))
		}
		if !strings.HasPrefix(s.Text, c.begins) || !strings.Contains(s.Text, c.has) || !reflect.DeepEqual(terms, c.terms) || s.Range.Of(d.Text) != s.Text {
			t.Errorf("%s: %q with %q", c.name, s.Text, terms)
		}
	}
}

// TestSnippetAnywhere draws texts of all kinds of signs.
func TestSnippetAnywhere(t *testing.T) {
	unit := rapid.SampledFrom([]string{"a", "B", "é", "e\u0301", " ", " ", "\n", ".", ", ", "-", "1", "東", "京", "ー", "。", "ไ", "ท", "ี่", "한", "ع", "🎉", "👩‍🚀", "\u00ad", "\xff"})
	rapid.Check(t, func(t *rapid.T) {
		// A part that is drawn, again and again, so that there is something to cut.
		text := strings.Repeat(strings.Join(rapid.SliceOfN(unit, 1, 900).Draw(t, "text"), ""), rapid.IntRange(1, 100).Draw(t, "times"))
		d := doc("d", "", "before", text)
		f := newFinder(questionTerms(strings.Join(rapid.SliceOfN(unit, 1, 10).Draw(t, "question"), "")))
		for i := range f.terms {
			f.terms[i].weight = rapid.Float64Range(0, 5).Draw(t, "weight")
		}
		checkSnippet(t, Found{qa.Hit{Passage: d.Passages[1]}, f.snippet(d.Passages[1])})
	})
}

// TestWhereFoundWordsStand: a passage that reaches over pages is shown under the page and the heading at which the words begin; where none
// stands in its text, under its own.
func TestWhereFoundWordsStand(t *testing.T) {
	x := openNew(t)
	filler := strings.Repeat("nothing of interest here, ", 20)
	pages := []string{"The lease is signed. " + filler, filler + "The rent of the garage is due. ", "The deposit is kept. " + filler}
	d := doc("a.pdf", "A title of xylophones", "before", strings.Join(pages, ""))
	at := d.Passages[1].Range.Start
	second, third := at+len(pages[0]), at+len(pages[0])+len(pages[1])
	d.Marks = []qa.Mark{{At: 0, Kind: qa.MarkPage, Label: "1"}, {At: 0, Kind: qa.MarkHeading, Label: "Terms"}, {At: at, Kind: qa.MarkPage, Label: "2"},
		{At: second, Kind: qa.MarkPage, Label: "iii"}, {At: second + 30, Kind: qa.MarkHeading, Label: "Rent"}, {At: third, Kind: qa.MarkPage, Label: "4"}}
	for i := range d.Passages {
		p := &d.Passages[i]
		p.Page, p.Heading = qa.Label(d.Marks, qa.MarkPage, p.Range.Start), qa.Label(d.Marks, qa.MarkHeading, p.Range.Start)
	}
	put(t, x, "a.pdf", d)
	for _, c := range []struct{ question, page, heading string }{
		{"Who signed the lease?", "2", "Terms"}, {"When is the rent of the garage due?", "iii", "Rent"}, {"What of the deposit?", "4", "Rent"},
		{"signed garage due", "iii", "Rent"},                                      // more of them stand together there
		{"deposit garage rent", "iii", "Rent"}, {"due deposit kept", "4", "Rent"}, // they stand together on two pages
		{"before", "1", "Terms"},
	} {
		found := mustSearch(t, x, Query{Text: c.question, Snippets: true})
		if len(found) == 0 {
			t.Errorf("%s: nothing is found", c.question)
			continue
		}
		if p := found[0].Placed(); p.Page != c.page || p.Heading != c.heading || p.Text != found[0].Passage.Text {
			t.Errorf("%s: page %s, %s; want page %s, %s", c.question, p.Page, p.Heading, c.page, c.heading)
		}
		if plain := mustSearch(t, x, Query{Text: c.question}); plain[0].Placed() != plain[0].Passage || plain[0].Passage != found[0].Passage {
			t.Errorf("%s: without a snippet %+v", c.question, plain[0].Placed())
		}
	}
	for _, f := range mustSearch(t, x, Query{Text: "xylophones", Snippets: true}) { // only the title
		if f.Placed() != f.Passage {
			t.Errorf("%+v, the passage %+v", f.Placed(), f.Passage)
		}
	}
}
