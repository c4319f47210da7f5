package corpus

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tryall/tryall/qa"
)

var show = flag.Bool("show", false, "print what the readers make of testdata, to compare with want.txt by eye")

// dump writes all that a result says: marks stand in the text as ‹kind label›, the end of a document as a line.
func dump(r *Result) string {
	var out strings.Builder
	for _, w := range r.Warnings {
		fmt.Fprintf(&out, "warning: %s\n", w)
	}
	for _, d := range r.Documents {
		fmt.Fprintf(&out, "== %s == %s\n", d.ID, d.Title)
		at := 0
		for _, m := range d.Marks {
			out.WriteString(d.Text[at:m.At])
			fmt.Fprintf(&out, "‹%s %s›", m.Kind, m.Label)
			at = m.At
		}
		out.WriteString(strings.ReplaceAll(d.Text[at:], "\r", "␍") + "\n")
	}
	return out.String()
}

// TestGoldens holds each format to files whose text was written down by hand: testdata/FORMAT/input.* and want.txt, or NAME.* and
// NAME.want.txt. A format without files fails, and so does a folder without a format.
func TestGoldens(t *testing.T) {
	folders, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		known := slices.ContainsFunc(Formats, func(x Format) bool { return x.Name == f.Name() })
		if f.IsDir() && !known && f.Name() != "fuzz" {
			t.Errorf("testdata/%s belongs to no format", f.Name())
		}
	}
	for _, format := range Formats {
		wants, err := filepath.Glob(filepath.Join("testdata", format.Name, "*want.txt"))
		if err != nil || !slices.Contains(wants, filepath.Join("testdata", format.Name, "want.txt")) {
			t.Errorf("format %s: no testdata/%s/want.txt; write a small input and by hand what is in it", format.Name, format.Name)
		}
		for _, want := range wants {
			name, ok := strings.CutSuffix(filepath.Base(want), ".want.txt")
			if !ok {
				name = "input"
			}
			inputs, err := filepath.Glob(filepath.Join("testdata", format.Name, name+".*"))
			inputs = slices.DeleteFunc(inputs, func(p string) bool { return strings.HasSuffix(p, ".want.txt") })
			if err != nil || len(inputs) != 1 {
				t.Errorf("%s: inputs %v", want, inputs)
				continue
			}
			golden(t, format.Name, inputs[0], want)
		}
	}
}

func golden(t *testing.T, format, input, want string) {
	t.Helper()
	r, err := ReadFile(context.Background(), input, filepath.Base(input), Limits{})
	if err != nil {
		t.Error(err)
		return
	}
	got := dump(r)
	if *show {
		fmt.Printf("---- %s (%s)\n%s", input, r.Format, got)
	}
	text, err := os.ReadFile(want)
	if err != nil {
		t.Error(err)
		return
	}
	if r.Format != format || got != string(text) {
		t.Errorf("%s is %s:\n%s\nwant:\n%s", input, r.Format, got, text)
	}
	for _, d := range r.Documents {
		if d.Source != filepath.Base(input) {
			t.Errorf("%s: source %q", d.ID, d.Source)
		}
		for _, words := range []int{3, DefaultWords} {
			checkPassages(t, d, Passages(d, PassageOptions{Words: words}), words)
		}
	}
}

func TestEveryFormatSaysWhatItIs(t *testing.T) {
	names, extensions := map[string]bool{}, map[string]string{}
	for _, f := range Formats {
		if f.Name == "" || f.About == "" || len(f.Extensions) == 0 || f.Sniff == nil || f.Read == nil || names[f.Name] {
			t.Errorf("%+v", f)
		}
		names[f.Name] = true
		for _, e := range f.Extensions {
			if e != strings.ToLower(e) || !strings.HasPrefix(e, ".") {
				t.Errorf("%s: extension %q", f.Name, e)
			}
			if other := extensions[e]; other != "" && other != "squad" {
				t.Errorf("%s belongs to %s and %s", e, other, f.Name)
			}
			extensions[e] = f.Name
		}
	}
	if names["text"] != true || Formats[len(Formats)-1].Name != "text" {
		t.Error("text takes what nothing else takes, so it comes last")
	}
}

// TestContentDecides gives contents under other names.
func TestContentDecides(t *testing.T) {
	read := func(p string) string {
		b, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(p)))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, c := range []struct{ name, data, format, warning string }{
		{"a.txt", read("pdf/cairo.pdf"), "pdf", "named .txt but is pdf"},
		{"a", read("docx/input.docx"), "docx", ""},
		{"a.zip", read("odt/input.odt"), "odt", ""},
		{"a.docx", read("epub/input.epub"), "epub", "named .docx but is epub"},
		{"a.docx", "Only text.", "text", "named .docx but is text"},
		{"a.pdf", "<!DOCTYPE html><p>Not found</p>", "html", "named .pdf but is html"},
		{"a", " \n<HTML><p>x</p>", "html", ""},
		{"a.xml", `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>x</p></body></html>`, "html", ""},
		{"a.json", read("squad/input.json"), "squad", ""},
		{"a.txt", read("squad/input.json"), "squad", "named .txt but is squad"},
		{"a", read("json/flat.json"), "json", ""},
		{"a", `{"text":"a"}` + "\n" + `{"text":"b"}`, "jsonl", ""},
		{"a.json", `{"text":"a"}` + "\n" + `{"text":"b"}`, "json", ""},
		{"a.txt", `{"text":"a"}`, "text", ""},
		{"README", "# Title\n\ntext", "text", ""},
		{"main.go", "package main\n", "text", ""},
	} {
		r, err := Read(context.Background(), Input{Name: c.name, Data: []byte(c.data)})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if w := strings.Join(r.Warnings, "|"); r.Format != c.format || (c.warning == "") != (len(r.Warnings) == 0) && c.format != "pdf" && c.format != "epub" && c.format != "squad" || !strings.Contains(w, c.warning) {
			t.Errorf("%s (%.20q): %s %q", c.name, c.data, r.Format, r.Warnings)
		}
	}
}

func TestJoin(t *testing.T) {
	docs := []qa.Document{
		{ID: "a#1", Source: "a", Title: "One", Text: "first text", Marks: []qa.Mark{{At: 0, Kind: qa.MarkPage, Label: "1"}, {At: 6, Kind: qa.MarkPage, Label: "2"}}},
		{ID: "a#2", Source: "a", Title: "Two", Text: "second", Marks: []qa.Mark{{At: 3, Kind: qa.MarkHeading, Label: "Inner"}}},
		{ID: "a#3", Source: "a", Title: "", Text: "third"},
	}
	j := Join(docs)
	if j.Text != "first text\n\nsecond\n\nthird" || j.ID != "a#1" || j.Source != "a" || j.Title != "" {
		t.Fatalf("%+v", j)
	}
	for _, c := range []struct {
		at            int
		page, heading string
	}{{0, "1", "One"}, {7, "2", "One"}, {12, "", "Two"}, {15, "", "Inner"}, {20, "", ""}} {
		if p, h := qa.Label(j.Marks, qa.MarkPage, c.at), qa.Label(j.Marks, qa.MarkHeading, c.at); p != c.page || h != c.heading {
			t.Errorf("byte %d: page %q, heading %q; want %q, %q", c.at, p, h, c.page, c.heading)
		}
	}
	if !slices.IsSortedFunc(j.Marks, func(a, b qa.Mark) int { return a.At - b.At }) {
		t.Errorf("%v", j.Marks)
	}
	if one := Join(docs[:1]); one.Text != docs[0].Text || one.Title != "One" || one.ID != "a#1" {
		t.Errorf("%+v", one)
	}
	if none := Join(nil); none.Text != "" {
		t.Errorf("%+v", none)
	}
}
