package questions

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// wanted is what a file of questions says, written by hand.
type wanted struct {
	V2       bool     `json:"v2"`
	Warnings []string `json:"warnings"` // each warning begins so
	Items    []struct {
		Line     int      `json:"line"`
		ID       string   `json:"id"` // empty: made
		Question string   `json:"question"`
		Context  string   `json:"context"`
		Title    string   `json:"title"`
		Document string   `json:"document"`
		Answers  []string `json:"answers"`
		Starts   []int    `json:"starts"` // bytes
		NoAnswer bool     `json:"no_answer"`
	} `json:"items"`
}

func readTestdata(t *testing.T, format string) (*Set, string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", format, "input.*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("format %s: want one testdata/%s/input.*, found %v", format, format, files)
	}
	s, err := ReadFile(t.Context(), files[0])
	if err != nil {
		t.Fatal(err)
	}
	return s, files[0]
}

func TestFormats(t *testing.T) {
	dirs := map[string]bool{"fuzz": true}
	for _, f := range Formats {
		dirs[f.Name] = true
		t.Run(f.Name, func(t *testing.T) {
			s, _ := readTestdata(t, f.Name)
			raw, err := os.ReadFile(filepath.Join("testdata", f.Name, "want.json"))
			if err != nil {
				t.Fatal(err)
			}
			var want wanted
			d := json.NewDecoder(bytes.NewReader(raw))
			d.DisallowUnknownFields()
			if err := d.Decode(&want); err != nil {
				t.Fatal(err)
			}
			if s.Format != f.Name || s.V2 != want.V2 || f.About == "" || len(f.Extensions) == 0 {
				t.Errorf("format %s, v2 %v", s.Format, s.V2)
			}
			compareItems(t, s, want)
			if len(s.Warnings) != len(want.Warnings) {
				t.Errorf("warnings %q, want %q", s.Warnings, want.Warnings)
			}
			for i := range min(len(s.Warnings), len(want.Warnings)) {
				if !strings.HasPrefix(s.Warnings[i], want.Warnings[i]) {
					t.Errorf("warning %q, want %q", s.Warnings[i], want.Warnings[i])
				}
			}
		})
	}
	entries, err := os.ReadDir("testdata")
	if err != nil || len(entries) == 0 {
		t.Fatalf("testdata: %v", err)
	}
	for _, e := range entries {
		if !dirs[e.Name()] {
			t.Errorf("testdata/%s belongs to no format", e.Name())
		}
	}
}

func compareItems(t *testing.T, s *Set, want wanted) {
	t.Helper()
	if len(s.Items) != len(want.Items) {
		t.Fatalf("%d questions, want %d", len(s.Items), len(want.Items))
	}
	for i, w := range want.Items {
		q := &s.Items[i]
		context, title := s.textOf(q)
		if q.Line != w.Line || q.Text != w.Question || context != w.Context || q.Document != w.Document || w.ID != "" && q.ID != w.ID || w.Title != "" && title != w.Title {
			t.Errorf("question %d is %+v with the context %q of %q, want %+v", i+1, q, context, title, w)
		}
		if w.ID == "" && !strings.HasPrefix(q.ID, "q-") {
			t.Errorf("question %d has the id %q", i+1, q.ID)
		}
		var starts []int
		for _, g := range q.Answers {
			starts = append(starts, g.Start)
			if g.How != Imported {
				t.Errorf("question %d: an answer is from %q", i+1, g.How)
			}
		}
		if !slices.Equal(q.Texts(), w.Answers) || !slices.Equal(starts, w.Starts) || q.Labelled != (w.NoAnswer || len(w.Answers) > 0) {
			t.Errorf("question %d: answers %q at %v, labelled %v, want %+v", i+1, q.Texts(), starts, q.Labelled, w)
		}
		if w.NoAnswer != (q.Impossible && q.Labelled) {
			t.Errorf("question %d: impossible %v, labelled %v", i+1, q.Impossible, q.Labelled)
		}
	}
}

// What was read from a name that says nothing is the same.
func TestFormatsAreRecognised(t *testing.T) {
	for _, f := range Formats {
		want, path := readTestdata(t, f.Name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "tsv" { // without names of columns it is a list
			text = append([]byte("question\tanswer\tdocument\n"), text...)
		}
		got, err := Read(t.Context(), bytes.NewReader(text), "-")
		if err != nil || got.Format != f.Name {
			t.Errorf("%s: %v, %v", f.Name, got, err)
			continue
		}
		if f.Name != "tsv" && !reflect.DeepEqual(got.Items, want.Items) {
			t.Errorf("%s: the questions differ", f.Name)
		}
	}
	for name, c := range map[string]struct{ text, want string }{
		"x.json":       {`{"question": "a"}` + "\n" + `{"question": "b"}`, "jsonl"},
		"y.json":       {`{"question": "a"}`, "jsonl"},
		"z.json":       {`["a"]`, "json"},
		"lines.txt":    {"Who, when and where?\nWhy, then?", "list"},
		"table.txt":    {"question,answer\na,b", "csv"},
		"table.text":   {"question,answer\na,b", "list"},
		"X.CSV":        {"question\nWho, when?", "csv"},
		"tabs.txt":     {"question\tanswer\na\tb", "tsv"},
		"packed.CSV":   {"question\n", "csv"},
		"data.json":    {`{"version": "1.1", "data": []}`, "squad"},
		"noending":     {"question|answer\na|b", "csv"},
		"questions.md": {"What?", "list"},
	} {
		if s, err := Read(t.Context(), strings.NewReader(c.text), name); err != nil || s.Format != c.want {
			t.Errorf("%s: %v, %v, want %s", name, s, err, c.want)
		}
	}
}
