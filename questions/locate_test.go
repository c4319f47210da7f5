package questions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tryall/tryall/qa"
)

// library is a corpus of four documents.
var library = []qa.Document{
	{ID: "d1", Source: "docs/law/lease.pdf", Title: "The Lease", Text: "The lease ends on 31 May.\nZoë  Ash signed it. The lease is long; it ends."},
	{ID: "d2", Source: "docs/old/lease.pdf", Title: "An older lease", Text: "It ended in 1990. In 1990 nobody knew."},
	{ID: "d3", Source: `C:\papers\Dr. Who.txt`, Title: "Who", Text: "STRASSE and banana, ΟΔΟΣ."},
	{ID: "d4", Source: "https://example.org/a/b", Title: "Page  B", Text: "東京は日本の首都である。"},
}

func TestMatch(t *testing.T) {
	for name, want := range map[string]string{
		"d1":                   "[d1]",
		"docs/law/lease.pdf":   "[d1]",
		"law/lease.pdf":        "[d1]",
		"./docs/old/lease.pdf": "[d2]",
		`old\lease.pdf`:        "[d2]",
		"lease.pdf":            "[d1 d2]",
		"other/lease.pdf":      "[d1 d2]", // the file's name is all that fits
		"LEASE":                "[d1 d2]",
		"the lease":            "[d1]",
		"dr. who":              "[d3]",
		"Dr. Who.txt":          "[d3]",
		"page b":               "[d4]",
		"a/b":                  "[d4]",
		"ease.pdf":             "[]",
		"":                     "[]",
	} {
		ids := []qa.DocumentID{}
		for _, d := range Match(name, library) {
			ids = append(ids, d.ID)
		}
		if fmt.Sprint(ids) != want {
			t.Errorf("%q means %v, want %s", name, ids, want)
		}
	}
}

func TestLocate(t *testing.T) {
	s := mustRead(t, "x.csv", `id,question,answer,document,context
1,When does it end?,31 May,law/lease.pdf,
2,Who signed?,zoë ash,d1,
3,What ends?,The lease,d1,
4,What?,lease,d1,
5,Where?,1990,lease.pdf,
6,Who?,nobody,missing.pdf,
7,Which fruit?,an,d3,
8,Which?,Banana,d3,
9,Capital?,東京,d4,
10,Nobody has said,,d2,
11,What is not there?,1991,d2,
12,Where does it stand?,sat,,Zoë sat
13,In which text?,on,gone.pdf,Zoë sat on it
14,Street?,straße,d3,
`)
	asked := map[string]int{}
	problems, err := s.Locate(t.Context(), func(name string) ([]qa.Document, error) {
		asked[name]++
		return library, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// Places counted by hand: "31 May" is at 18; "Zoë  Ash" begins after 25 bytes and a line end; "banana" at 12.
	starts := map[string]int{"1": 18, "2": 26, "3": -1, "4": -1, "5": -1, "6": -1, "7": -1, "8": 12, "9": 0, "11": -1, "12": 5, "13": 9, "14": -1}
	for i := range s.Items {
		q := &s.Items[i]
		if want, ok := starts[q.ID]; ok && q.Answers[0].Start != want {
			t.Errorf("question %s: the answer is at %d, want %d", q.ID, q.Answers[0].Start, want)
		}
	}
	want := []string{
		`note line 3 ("2"): the answer "zoë ash" is spelt "Zoë  Ash" in the document docs/law/lease.pdf`,
		`note line 4 ("3"): the answer "The lease" stands at 2 places of the document docs/law/lease.pdf; which one is meant is not known`,
		`note line 5 ("4"): the answer "lease" stands at 2 places of the document docs/law/lease.pdf; which one is meant is not known`,
		`line 6 ("5"): "lease.pdf" means 2 documents (docs/law/lease.pdf, docs/old/lease.pdf ...); give more of the path`,
		`line 7 ("6"): there is no document "missing.pdf" in the corpus`,
		`note line 8 ("7"): the answer "an" stands at 3 places of the document C:\papers\Dr. Who.txt; which one is meant is not known`,
		`note line 9 ("8"): the answer "Banana" is spelt "banana" in the document C:\papers\Dr. Who.txt`,
		`line 12 ("11"): the answer "1991" is not in the document docs/old/lease.pdf`,
		`note line 14 ("13"): there is no document "gone.pdf" in the corpus`,
		`line 15 ("14"): the answer "straße" is not in the document C:\papers\Dr. Who.txt`,
	}
	var got []string
	for _, p := range problems {
		note := ""
		if p.Note {
			note = "note "
		}
		got = append(got, note+p.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("said\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if s.Items[0].Doc != "d1" || s.Items[4].Doc != "" || s.Items[9].Doc != "d2" || asked["d1"] != 1 {
		t.Errorf("documents %q, %q, %q; asked %v", s.Items[0].Doc, s.Items[4].Doc, s.Items[9].Doc, asked)
	}
	boom := errors.New("boom")
	if _, err := s.Locate(t.Context(), func(string) ([]qa.Document, error) { return nil, boom }); !errors.Is(err, boom) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Locate(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// A place that the file gives is told of where it is wrong, and stays.
func TestLocateKeepsWhatTheFileSays(t *testing.T) {
	s := mustRead(t, "x.json", `{"data": [{"paragraphs": [{"context": "Zoë sat on Zoë", "qas": [
		{"id": "a", "question": "?", "answers": [{"text": "sat", "answer_start": 1}, {"text": "Zoë", "answer_start": 11}]},
		{"id": "b", "question": "?", "answers": [{"text": "gone", "answer_start": 1}]}]}]}]}`)
	problems, err := s.Locate(t.Context(), nil)
	want := "[line 2 (\"a\"): the answer \"sat\" does not stand at its answer_start, but elsewhere in the context line 3 (\"b\"): the answer \"gone\" is not in the context]"
	if err != nil || fmt.Sprint(problems) != want || !problems[0].Note || problems[1].Note {
		t.Errorf("%v, %v", problems, err)
	}
	if g := s.Items[0].Answers; g[0].Start != 1 || g[1].Start != 12 || s.Items[1].Answers[0].Start != 1 {
		t.Errorf("%+v", s.Items)
	}
}

func passage(doc, text string, start int) qa.Passage {
	return qa.Passage{Doc: qa.DocumentID(doc), Range: qa.Range{Start: start, End: start + len(text)}, Text: text}
}

func TestRelevance(t *testing.T) {
	s := mustRead(t, "x.csv", `id,question,answer,document,context
doc,When?,31 May,d1,
text,When?,1990,,"It ended in 1990, as everybody knew at the time, and nobody was sad about it."
free,When?,1990-2000,,
none,When?,[no answer],d1,
lost,When?,1990,no such,
`)
	if _, err := s.Locate(t.Context(), func(string) ([]qa.Document, error) { return library, nil }); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		ok, placed  bool
		right, left []qa.Passage
	}{
		{true, true, []qa.Passage{passage("d1", "ends on 31 may.", 0)}, []qa.Passage{passage("d2", "on 31 May", 0), passage("d1", "on 31 Mayday", 0), passage("d1", "31 days of May", 0)}},
		{true, true, []qa.Passage{passage("x", "in 1990, as everybody knew at the time, and", 0), passage("x", "Before. It ended in 1990, as everybody knew at the time, and nobody was sad about it. After that all was well again.", 0)},
			[]qa.Passage{passage("x", "In 1990, nobody knew.", 0), passage("x", "as everybody knew at the time, and nobody was sad about it", 0)}},
		{true, false, []qa.Passage{passage("x", "(1990-2000)", 0), passage("x", "19902000", 0)}, []qa.Passage{passage("x", "1990 to 2000", 0)}},
		{}, {},
	} {
		r, ok := s.Relevance(&s.Items[i])
		if ok != c.ok {
			t.Errorf("%s: ok %v", s.Items[i].ID, ok)
		}
		if !ok {
			continue
		}
		if r.Placed != c.placed {
			t.Errorf("%s: placed %v", s.Items[i].ID, r.Placed)
		}
		for _, p := range c.right {
			if !r.Right(p) {
				t.Errorf("%s: %q is right", s.Items[i].ID, p.Text)
			}
		}
		for _, p := range c.left {
			if r.Right(p) {
				t.Errorf("%s: %q of %s is wrong", s.Items[i].ID, p.Text, p.Doc)
			}
		}
	}
}

func TestOracleAndContexts(t *testing.T) {
	text := "Cats sat in 1990. Dogs sat in 1990, too. Birds came in 1991."
	passages := []qa.Passage{passage("x", "Cats sat in 1990.", 0), passage("x", "in 1990. Dogs sat in 1990, too.", 9), passage("x", "1990, too. Birds came in 1991.", 30), passage("y", "Dogs sat in 1990", 0)}
	for _, p := range passages[:3] {
		if p.Range.Of(text) != p.Text {
			t.Fatalf("%q is %q", p.Text, p.Range.Of(text))
		}
	}
	q := func(question, doc string, start int, answers ...string) *Item {
		item := &Item{Text: question, Doc: qa.DocumentID(doc), Context: -1, Labelled: true, Document: "x.txt"}
		for _, a := range answers {
			item.Answers = append(item.Answers, Label{Text: a, Start: start})
		}
		return item
	}
	for _, c := range []struct {
		q    *Item
		want int
	}{
		{q("When did dogs sit?", "x", -1, "1990"), 1},       // shares "dogs"
		{q("When did dogs sit?", "x", 30, "1990"), 1},       // 13 bytes from the nearer end of the second passage, 0 of the third
		{q("When did birds come?", "x", -1, "1991"), 2},     // only one holds it
		{q("When did dogs sit?", "", -1, "1990"), 1},        // the first of two that share one word
		{q("When did dogs sit?", "z", -1, "1990"), -1},      // no such document
		{q("Why did birds come in 1991?", "x", -1), 2},      // has no answer: the most alike
		{q("When did fish swim?", "x", -1, "in 1992"), -1},  // in none
		{q("When did birds come?", "x", 12, "1990, no"), 1}, // a place that only the second covers
	} {
		if got := Oracle(c.q, passages); got != c.want {
			t.Errorf("%q (%v) gets passage %d, want %d", c.q.Text, c.q.Answers, got, c.want)
		}
	}
	s := &Set{Name: "x", Items: []Item{*q("When did dogs sit?", "x", 30, "1990"), *q("When did birds come?", "x", -1, "1991"), *q("When did they come in 1991?", "x", 55, "1991"), *q("?", "z", -1, "a")}}
	with, err := s.WithContexts(func(q *Item) (qa.Passage, bool, error) {
		i := Oracle(q, passages)
		if i < 0 {
			return qa.Passage{}, false, nil
		}
		return passages[i], true, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	d, items, err := with.Dataset()
	if err != nil || len(items) != 3 || len(d.Passages) != 2 || len(d.Titles) != 1 || d.Titles[0] != "x.txt" {
		t.Fatalf("%+v, %v, %v", d, items, err)
	}
	// "1990" of the second sentence stands at 30, the passage begins at 9; "1991" stands at 55, its passage begins at 30.
	if d.Examples[0].Answers[0].Start != 21 || d.Examples[1].Answers[0].Start != -1 || d.Examples[2].Answers[0].Start != 25 {
		t.Errorf("%+v", d.Examples)
	}
	if s.Items[0].Context != -1 || s.Items[0].Answers[0].Start != 30 {
		t.Error("the set itself was changed")
	}
	var b bytes.Buffer
	with.Items = with.Items[:3]
	if err := WriteSQuAD(&b, with); err != nil || !strings.Contains(b.String(), `"answer_start": 21`) {
		t.Errorf("%v\n%s", err, b.String())
	}
}
