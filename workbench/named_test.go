package workbench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tryall/tryall/index"
	"github.com/tryall/tryall/questions"
)

// TestCountsKnowTheCorpus: how many questions are about a document of the corpus is what it is now, after documents were added and removed.
func TestCountsKnowTheCorpus(t *testing.T) {
	w := keptBench(t)
	p, err := w.OpenProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	dir := t.TempDir()
	add := func(name string) {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("It ends in May. This is "+name), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Add(t.Context(), []string{file}, AddOptions{}, nil); err != nil {
			t.Fatal(err)
		}
	}
	check := func(what string, missing int) {
		t.Helper()
		sets, err := p.Sets(t.Context())
		if err != nil || len(sets) != 1 || sets[0].Counts.NamingDocs != 4 || sets[0].Counts.Missing != missing {
			t.Errorf("%s: %+v, %v; want %d missing", what, sets, err, missing)
		}
		s, err := p.Store.Questions(t.Context(), "q.csv")
		if err != nil {
			t.Fatal(err)
		}
		if c, err := p.Count(t.Context(), s); err != nil || c != sets[0].Counts {
			t.Errorf("%s: %+v and %+v, %v", what, c, sets[0].Counts, err)
		}
	}
	add("a.txt")
	s, err := questions.Read(t.Context(), strings.NewReader("question,answer,document,context\nWhen?,May,a.txt,\nWhy?,,A,\nWho?,,b.txt,\nWhat?,,sub/b,\nHow?,,,\nWhere?,x,gone.txt,x y\n"), "q.csv")
	if err != nil {
		t.Fatal(err)
	}
	imported, err := p.Import(t.Context(), s)
	if err != nil || imported.Counts.NamingDocs != 4 || imported.Counts.Missing != 2 {
		t.Errorf("%+v, %v", imported.Counts, err)
	}
	check("imported", 2)
	add("b.txt")
	check("b was added", 0)
	add("sub/b.txt")
	check("there are two of the name b", 2)
	if _, err := p.RemoveFile(t.Context(), p.Name(filepath.Join(dir, "b.txt"))); err != nil {
		t.Fatal(err)
	}
	check("one of them was removed", 0)
	if _, err := p.RemoveFiles(t.Context(), []string{"*"}); err != nil {
		t.Fatal(err)
	}
	check("there is nothing", 4)
}

// TestDocumentNames: what a name may mean is found as by looking at all documents.
func TestDocumentNames(t *testing.T) {
	var called []string
	for _, a := range []string{"a", "A.txt", "b.c.txt", "b", "", "x y.pdf"} {
		for _, b := range []string{"", "dir/", "/dir/Sub/"} {
			for _, c := range []string{"", "#1", "#r/s.t"} {
				called = append(called, b+a+c)
			}
		}
	}
	n := &documentNames{by: map[string][]int{}}
	for i, s := range called {
		n.enter(index.DocumentInfo{ID: "id", Path: s, Source: called[len(called)-1-i], Title: fmt.Sprint("Title ", i)})
	}
	found := 0
	for _, name := range append(called, "Title 3", `dir\a.txt`, " a ", "nothing", "a.pdf") {
		var want []string
		for _, d := range n.all {
			if mayMean(d, name) {
				want = append(want, d.Title)
			}
		}
		var got []string
		for _, d := range n.of(name) {
			got = append(got, d.Title)
		}
		if strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
		found += len(want)
	}
	if found < 100 {
		t.Errorf("only %d were found", found)
	}
}
