package project

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tryall/tryall/qa"
)

func sample() Sample {
	return Sample{
		Description: `Papers: about "viruses"`,
		Files:       map[string][]byte{"corpus/a.md": []byte("# A\n"), "corpus/deep/b.txt": []byte("b"), "questions.csv": []byte("question,answer\n")},
		Corpus:      []string{"corpus/**/*.md"}, Questions: []string{"questions.csv"},
		Models: []string{"tryall/minilm-l6-squad2", "tryall/minilm-l6-squad2:int8"},
	}
}

func TestInit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "project")
	got, err := Init(dir, sample())
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, name := range []string{"corpus/a.md", "corpus/deep/b.txt", "questions.csv", FileName} {
		want = append(want, filepath.Join(dir, filepath.FromSlash(name)))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "corpus", "a.md")); string(text) != "# A\n" {
		t.Errorf("%q, %v", text, err)
	}
	c, err := Load(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	if c.Description != sample().Description || len(c.Models) != 2 || c.Models[1].ID != "tryall/minilm-l6-squad2:int8" || c.Corpus[0].Text != "corpus/**/*.md" ||
		c.Questions[0].Text != "questions.csv" || c.Eval.Start != 16 || c.Params.Decoder != "gap" || len(c.Gate) != 0 {
		t.Errorf("%+v", c)
	}
	s := sample()
	s.Gate = []string{`f1: ">=50"`}
	other := t.TempDir()
	if _, err := Init(other, s); err != nil {
		t.Fatal(err)
	}
	if c, err := Load(filepath.Join(other, FileName)); err != nil || len(c.Gate) != 1 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestInitWritesOverNothing(t *testing.T) {
	for _, there := range []string{FileName, "questions.csv", "corpus/deep/b.txt", "corpus"} {
		dir := t.TempDir()
		path := filepath.Join(dir, filepath.FromSlash(there))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Init(dir, sample())
		if err == nil || there != "corpus" && !strings.Contains(err.Error(), path+" is there already") {
			t.Errorf("%s: %v", there, err)
		}
		var files []string
		err = filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files = append(files, p)
			}
			return err
		})
		if data, _ := os.ReadFile(path); err != nil || len(files) != 1 || string(data) != "mine" {
			t.Errorf("%s: %q, %q, %v", there, files, data, err)
		}
	}
}

// TestInitStaysInside holds that a link in the folder leads nothing out of it.
func TestInitStaysInside(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "corpus")); err != nil {
		t.Skip("no links here:", err)
	}
	if _, err := Init(dir, sample()); err == nil {
		t.Error("written through a link")
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
}

func TestInitRefusesASampleThatDoesNotLoad(t *testing.T) {
	s := sample()
	s.Models = []string{"a b"}
	dir := filepath.Join(t.TempDir(), "p")
	if _, err := Init(dir, s); qa.CodeOf(err) != qa.Internal {
		t.Error(err)
	}
	s = sample()
	s.Files = map[string][]byte{FileName: nil}
	if _, err := Init(dir, s); qa.CodeOf(err) != qa.Internal {
		t.Error(err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder was made")
	}
}
