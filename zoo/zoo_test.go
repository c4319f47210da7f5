package zoo

import (
	"crypto/sha1"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "write revisions.go anew")

// digest is a hash over the names and contents of a repository's files.
func digest(t *testing.T, fsys fs.FS) string {
	t.Helper()
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		t.Fatal(err)
	}
	h := sha1.New()
	for _, e := range entries {
		f, err := fsys.Open(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		data := f.(interface{ Bytes() []byte }).Bytes()
		fmt.Fprintf(h, "%s %d\n", e.Name(), len(data))
		h.Write(data)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// TestRevisions holds revisions.go to the files: they are computed here, not when the program starts.
func TestRevisions(t *testing.T) {
	var out strings.Builder
	out.WriteString("package zoo\n\n//go:generate go test . -run TestRevisions -update\n\n// revisions are hashes of the models' files.\nvar revisions = map[string]string{\n")
	for _, m := range Models() {
		want := digest(t, m.FS)
		fmt.Fprintf(&out, "\t%q:%s %q,\n", m.Name, strings.Repeat(" ", len("tryall/minilm-l6-squad2")-len(m.Name)), want)
		if m.Revision != want && !*update {
			t.Errorf("%s has revision %q, its files have %q; run: go generate ./zoo", m.Name, m.Revision, want)
		}
	}
	if *update {
		out.WriteString("}\n")
		if err := os.WriteFile("revisions.go", []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestModels(t *testing.T) {
	ms := Models()
	if len(ms) != 4 {
		t.Fatalf("%d models", len(ms))
	}
	want := []string{"README.md", "config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
		"model.safetensors.index.json", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "tryall.json", "vocab.txt"}
	for _, m := range ms {
		if err := testShort(m.FS, want); err != nil {
			t.Errorf("%s: %v", m.Name, err)
		}
		entries, err := fs.ReadDir(m.FS, ".")
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		if err != nil || !slices.Equal(names, want) {
			t.Errorf("%s: %q, %v, want %q", m.Name, names, err, want)
		}
		for _, bad := range []string{"common/vocab.txt", "../common", "none", "/config.json"} {
			if _, err := m.FS.Open(bad); err == nil {
				t.Errorf("%s: %s can be opened", m.Name, bad)
			}
		}
	}
}

// testShort runs fstest.TestFS, which reads each file many times and byte by byte, over the first bytes of the weights.
func testShort(fsys fs.FS, want []string) error {
	whole := large
	defer func() { large = whole }()
	large = map[string][]byte{}
	for path, data := range whole {
		large[path] = data[:1000]
	}
	return fstest.TestFS(fsys, want...)
}

// TestShared checks that weights are lent and not copied, and that the first shard is the same memory for all models.
func TestShared(t *testing.T) {
	first := func(name, file string) *byte {
		for _, m := range Models() {
			if m.Name == name {
				f, err := m.FS.Open(file)
				if err != nil {
					t.Fatal(err)
				}
				return &f.(interface{ Bytes() []byte }).Bytes()[0]
			}
		}
		t.Fatalf("no model %s", name)
		return nil
	}
	const a, b = "tryall/minilm-l6-squad2", "tryall/minilm-l6-covid"
	if s := "model-00001-of-00002.safetensors"; first(a, s) != first(b, s) {
		t.Error("the common shard is there twice")
	}
	if s := "model-00002-of-00002.safetensors"; first(a, s) == first(b, s) {
		t.Error("the models' own shards are mixed up")
	}
}

func TestSettings(t *testing.T) {
	for _, m := range Models() {
		raw, err := fs.ReadFile(m.FS, "tryall.json")
		if err != nil {
			t.Fatal(err)
		}
		var s struct{ Abstains string }
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatal(m.Name, err)
		}
		want := map[bool]string{true: "yes", false: "no"}[strings.HasSuffix(m.Name, "squad2")]
		if s.Abstains != want {
			t.Errorf("%s: abstains %q, want %q", m.Name, s.Abstains, want)
		}
		card, err := fs.ReadFile(m.FS, "README.md")
		if err != nil {
			t.Fatal(err)
		}
		head := strings.SplitN(string(card), "---\n", 3)
		if len(head) != 3 || head[0] != "" || !strings.Contains(head[1], "\nlicense: apache-2.0\n") && !strings.HasPrefix(head[1], "license: apache-2.0\n") ||
			!strings.Contains(head[1], "pipeline_tag: question-answering\n") || !strings.Contains(head[1], "name: "+m.Name+"\n") {
			t.Errorf("%s: README.md has no proper head", m.Name)
		}
	}
}

// TestSample checks each data set as SQuAD defines it: every answer stands where it is said to, in code points.
func TestSample(t *testing.T) {
	for _, d := range Sample() {
		text, err := d.JSON()
		if err != nil {
			t.Fatal(err)
		}
		var squad struct {
			Data []struct {
				Title      string
				Paragraphs []struct {
					Context string
					Qas     []struct {
						ID       any
						Question string
						Answers  []struct {
							Text  string
							Start int `json:"answer_start"`
						}
						Impossible bool `json:"is_impossible"`
					}
				}
			}
		}
		if err := json.Unmarshal(text, &squad); err != nil {
			t.Fatal(d.Name, err)
		}
		questions, impossible, passages, ids := 0, 0, 0, []string{}
		for _, a := range squad.Data {
			if !strings.Contains(Notice, strings.ReplaceAll(a.Title, "_", " ")) || a.Title == "" {
				t.Errorf("%s: %q is not in NOTICE", d.Name, a.Title)
			}
			for _, p := range a.Paragraphs {
				passages++
				runes := []rune(p.Context)
				for _, q := range p.Qas {
					questions++
					ids = append(ids, fmt.Sprint(q.ID))
					if q.Impossible {
						impossible++
					}
					if q.Impossible != (len(q.Answers) == 0) {
						t.Errorf("%s: question %v: impossible is %t with %d answers", d.Name, q.ID, q.Impossible, len(q.Answers))
					}
					for _, w := range q.Answers {
						if n := utf8.RuneCountInString(w.Text); w.Start < 0 || w.Start+n > len(runes) || string(runes[w.Start:w.Start+n]) != w.Text {
							t.Errorf("%s: question %v: %q is not at %d", d.Name, q.ID, w.Text, w.Start)
						}
					}
				}
			}
		}
		slices.Sort(ids)
		if n := len(slices.Compact(ids)); n != questions || questions == 0 {
			t.Errorf("%s: %d ids for %d questions", d.Name, n, questions)
		}
		if !strings.HasPrefix(d.About, fmt.Sprintf("%d questions", questions)) {
			t.Errorf("%s has %d questions (%d impossible) over %d passages, not %q", d.Name, questions, impossible, passages, d.About)
		}
		t.Logf("%s: %d questions, %d impossible, %d passages, %d texts", d.Name, questions, impossible, passages, len(squad.Data))
	}
}
