package questions

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tryall/tryall/qa"
	"pgregory.net/rapid"
)

func mustRead(t testing.TB, name, text string) *Set {
	t.Helper()
	s, err := Read(t.Context(), strings.NewReader(text), name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return s
}

// asked gives what a set says, one line a question: text|answers|document|line.
func asked(s *Set) string {
	var lines []string
	for i := range s.Items {
		q := &s.Items[i]
		lines = append(lines, fmt.Sprintf("%s|%s|%s|%d", q.Text, strings.Join(q.Texts(), "/"), q.Document, q.Line))
	}
	return strings.Join(lines, "\n")
}

func TestTables(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"comma.csv":       {"question,answer\n\"a, b\",c\n", "a, b|c||2"},
		"semicolon.csv":   {"question;answer\na, b;c\n", "a, b|c||2"},
		"tab.csv":         {"question\tanswer\na, b; c\td\n", "a, b; c|d||2"},
		"bar.csv":         {"question|answer\na, b|c\n", "a, b|c||2"},
		"sep.csv":         {"sep=;\r\nquestion;answer\r\na, b;c\r\n", "a, b|c||3"},
		"one column.csv":  {"question\nWho, when; why?\n\"x\"\n", "Who, when; why?|||2\nx|||3"},
		"no header.csv":   {"a;b;d\ne;f;\n", "a|b|d|1\ne|f||2"},
		"questions.csv":   {"a?\nb?\n", "a?|||1\nb?|||2"},
		"unknown.csv":     {"topic,question\nt,a\n", "a|||2"},
		"newlines.csv":    {"question,answer\n\"a\n\nb\",c\n\nd,\"e\n\"\nf,g", "a\n\nb|c||2\nd|e\n||6\nf|g||8"},
		"case.CSV":        {"Question, ANSWER ,Gold-Answer 2\na,b,c\n", "a|b/c||2"},
		"json.csv":        {"question,answer\na,\"[\"\"b, c\"\", \"\"d\"\"]\"\ne,[f]\n", "a|b, c/d||2\ne|[f]||3"},
		"short rows.csv":  {"question,answer,document\na\nb,c\n", "a|||2\nb|c||3"},
		"long blanks.csv": {"question,answer\na,b,,\n", "a|b||2"},
		"quotes.tsv":      {"question\tanswer\nSay \"a\"\t\"b\"\n\"c\" d\t\"e\"\"\"\n", "Say \"a\"|b||2\n\"c\" d|e\"||3"},
		"open.tsv":        {"question\tanswer\n\"a\tb\nc\td\n", "\"a|b||2\nc|d||3"},
	} {
		if got := asked(mustRead(t, name, c.text)); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestBadRowsAreNamedByLine(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"quote.csv":    {"question,answer\n\"a\nb\",c\n\"d\n", "line 4: a quote that begins here is never closed"},
		"middle.csv":   {"question,answer\n\"a\"b,c\n", "line 2: a quote ends in the middle of a cell"},
		"cells.csv":    {"question,answer\na,b\nc,d,e\n", "line 3: there are 3 cells, but 2 columns"},
		"four.csv":     {"a,b,c,d\n", "line 1: there are 4 cells; a table of more than question, answer and document names its columns"},
		"none.csv":     {"answer,document\na,b\n", `line 1: the columns are answer, document, and none is "question"`},
		"twice.csv":    {"question,query\na,b\n", "line 1: two columns mean question"},
		"empty.csv":    {"question,answer\n,b\n", "line 2: there is no question"},
		"both.csv":     {"question,answer,no_answer\na,b,true\n", `line 2: it is marked as having no answer, and has the answer "b"`},
		"maybe.csv":    {"question,impossible\na,perhaps\n", `line 2: want true or false for no_answer, found "perhaps"`},
		"start.csv":    {"question,answer,answer_start\na,b,x\n", `line 2: the answer_start "x" is no position`},
		"many.csv":     {"question,answer\n" + strings.Repeat(",b\n", 12), "line 11: there is no question\nand 2 more"},
		"all.jsonl":    {"{\"question\": 1}\n{}\n{\"question\": \"a\"} x\n", "line 1: want text, found a number (in \"question\")\nline 2: there is no question\nline 3: more data"},
		"answer.jsonl": {"{\"question\": \"a\", \"answers\": [{\"answer_start\": 1}]}\n", `line 1: no "text"`},
		"lists.jsonl":  {"{\"question\": \"a\", \"answers\": {\"text\": [\"b\"], \"answer_start\": [1, 2]}}\n", "line 1: 1 answers, but 2 positions"},
		"yes.jsonl":    {"\n{\"question\": \"a\", \"impossible\": \"perhaps\"}\n", `line 2: want true or false, found "perhaps"`},
		"list.json":    {"[\n{\"question\": \"a\"},\n{\"question\": [\"a\"]}\n]", "line 3: want text, found a list"},
	} {
		_, err := Read(t.Context(), strings.NewReader(c.text), name)
		if err == nil || !strings.Contains(err.Error(), c.want) || qa.CodeOf(err) != qa.Invalid {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestRepeatsAreWarnedOf(t *testing.T) {
	s := mustRead(t, "x.csv", "id,question,document\n1,Who?,a\n2,Why?,a\n1,When?,a\n4,who?,a\n5, Who?  ,a\n6,Who?,b\n")
	want := []string{`questions that repeat an id (1): line 4 ("1")`, `questions that are asked again of the same text (1): line 6 ("5") as line 2 ("1")`}
	if !slices.Equal(s.Warnings, want) {
		t.Errorf("%q, want %q", s.Warnings, want)
	}
	s = mustRead(t, "x.txt", strings.Repeat("Who?\n", 8))
	if len(s.Warnings) != 1 || !strings.HasSuffix(s.Warnings[0], "and 2 more") {
		t.Errorf("%q", s.Warnings)
	}
	ids := map[string]bool{}
	for _, q := range s.Items {
		ids[q.ID] = true
	}
	if len(ids) != 8 {
		t.Errorf("ids %v", ids)
	}
}

// An id that was made stays when rows move, and is another for another text.
func TestMadeIDsStay(t *testing.T) {
	a := mustRead(t, "x.csv", "question,document\nWho?,a\nWhy?,a\nWho?,b\n")
	b := mustRead(t, "y.csv", "question,document\nWho?,b\nHow?,a\n Who?,a\n")
	if a.Items[0].ID != b.Items[2].ID || a.Items[2].ID != b.Items[0].ID || a.Items[0].ID == a.Items[2].ID || a.Items[1].ID == b.Items[1].ID {
		t.Errorf("%v, %v", a.Items, b.Items)
	}
}

// The table reader reads what encoding/csv reads, which alters line ends in quotes.
func compareWithCSV(t *testing.T, text string) {
	want := csv.NewReader(strings.NewReader(text))
	want.FieldsPerRecord = -1
	tb := &table{text: []byte(text), comma: ','}
	var got []record
	for r := range tb.records() {
		got = append(got, r)
	}
	all, err := want.ReadAll()
	if err != nil {
		return // it is stricter: it refuses quotes in the middle of cells without
	}
	if tb.err != nil && strings.Contains(text, "\r") {
		return // it takes \r\n for a line end wherever it stands, and a lone \r for text after a quote
	}
	if tb.err != nil {
		t.Fatalf("%q: %v; encoding/csv reads %q", text, tb.err, all)
	}
	all = slices.DeleteFunc(all, func(cells []string) bool { return strings.TrimSpace(strings.Join(cells, "")) == "" })
	got = slices.DeleteFunc(got, func(r record) bool { return strings.TrimSpace(strings.Join(r.cells, "")) == "" })
	if len(all) != len(got) {
		t.Fatalf("%q: %v, encoding/csv has %q", text, got, all)
	}
	for i := range all {
		if len(all[i]) != len(got[i].cells) {
			t.Fatalf("%q: %v, encoding/csv has %q", text, got, all)
		}
		for k, cell := range got[i].cells {
			if normalSpace(cell) != normalSpace(all[i][k]) {
				t.Fatalf("%q: %v, encoding/csv has %q", text, got, all)
			}
		}
	}
}

func FuzzTable(f *testing.F) {
	for _, s := range []string{"a,b\n", "\"a\"\"b\",\"c\nd\"\r\n\r\n x , y ,\n", "\"\",\n,", "\"a\" ,b"} {
		f.Add(s)
	}
	f.Fuzz(compareWithCSV)
}

func TestTableIsThatOfEncodingCSV(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cell := rapid.StringOf(rapid.SampledFrom([]rune{'a', 'é', ' ', ',', '"', '\n', ';'}))
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 1, 4), 0, 4).Draw(rt, "rows")
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		if err := w.WriteAll(rows); err != nil {
			rt.Fatal(err)
		}
		compareWithCSV(t, b.String())
	})
}

// anySet draws a set such as flat files have.
func anySet(t *rapid.T) *Set {
	text := rapid.StringOfN(rapid.OneOf(rapid.RuneFrom([]rune("ab é,;\"'[]{}\n\r\t|#")), rapid.Rune()), 1, 12, -1)
	solid := rapid.Map(text, func(s string) string { return "x" + strings.ReplaceAll(s, "\x00", "") + "y" })
	s := &Set{}
	for range rapid.IntRange(0, 3).Draw(t, "contexts") {
		title := rapid.SampledFrom([]string{"", "Title", "a.txt"}).Draw(t, "title")
		s.Articles = append(s.Articles, Article{Title: title})
		s.Contexts = append(s.Contexts, Context{Article: len(s.Articles) - 1, Text: solid.Draw(t, "context") + fmt.Sprint(len(s.Contexts))})
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "items") {
		q := Item{ID: fmt.Sprint("id", i), Text: solid.Draw(t, "question"), Context: rapid.IntRange(-1, len(s.Contexts)-1).Draw(t, "context")}
		q.Document = rapid.SampledFrom([]string{"", "a.txt", "dir/b, c.txt"}).Draw(t, "document")
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			q.Labelled, q.Impossible, s.V2 = true, true, true
		case 1:
			q.Labelled = true
			answer := rapid.OneOf(solid, rapid.SampledFrom([]string{`["a"]`, "[no answer]", "[x", "true", "1.5", "#"}))
			for range rapid.IntRange(1, 3).Draw(t, "answers") {
				q.Answers = append(q.Answers, Label{Text: answer.Draw(t, "answer"), Start: -1, Origin: Origin{How: Imported}})
			}
		}
		if rapid.Bool().Draw(t, "more") {
			q.Extra = layout{{key: "topic", written: `"topic"`, value: quote(solid.Draw(t, "topic"))}}.extra()
		}
		s.Items = append(s.Items, q)
	}
	return s
}

// said is what of a set every format keeps.
func said(s *Set) (out []string) {
	for i := range s.Items {
		q := &s.Items[i]
		context, title := s.textOf(q)
		if title == "" && context != "" {
			title = q.Document
		}
		out = append(out, fmt.Sprintf("%q %q %q %q %q %q %v %v %s", q.ID, q.Text, q.Texts(), q.Document, context, title, q.Labelled, q.Impossible, q.Extra))
	}
	return out
}

func TestWhatIsWrittenReadsBack(t *testing.T) {
	for name, write := range map[string]func(io.Writer, *Set) error{"x.csv": WriteCSV, "x.jsonl": WriteJSONL} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				s := anySet(rt)
				var b bytes.Buffer
				if err := write(&b, s); err != nil {
					rt.Fatal(err)
				}
				back, err := Read(t.Context(), bytes.NewReader(b.Bytes()), name)
				if err != nil {
					rt.Fatalf("%v\n%s", err, b.String())
				}
				if got, want := said(back), said(s); !slices.Equal(got, want) {
					rt.Fatalf("%q\nread back   %q\nwas written %q", b.String(), got, want)
				}
			})
		})
	}
}

// JSON lines keep everything that JSON lines can say.
func TestJSONLinesAreKept(t *testing.T) {
	for _, name := range []string{"jsonl", "json", "csv", "squad"} {
		s, _ := readTestdata(t, name)
		var b bytes.Buffer
		if err := WriteJSONL(&b, s); err != nil {
			t.Fatal(err)
		}
		first := b.String()
		back := mustRead(t, "x.jsonl", first)
		b.Reset()
		if err := WriteJSONL(&b, back); err != nil {
			t.Fatal(err)
		}
		if b.String() != first {
			t.Errorf("%s: first\n%s\nthen\n%s", name, first, b.String())
		}
		for i := range s.Items {
			a, b := &s.Items[i], &back.Items[i]
			for k := range a.Answers {
				if a.Answers[k].Start != b.Answers[k].Start || a.Answers[k].Origin != b.Answers[k].Origin {
					t.Errorf("%s: %+v became %+v", name, a.Answers[k], b.Answers[k])
				}
			}
			if !reflect.DeepEqual(a.Texts(), b.Texts()) || a.ID != b.ID || a.Document != b.Document || len(a.Plausible) != len(b.Plausible) {
				t.Errorf("%s: %+v became %+v", name, a, b)
			}
		}
	}
}
