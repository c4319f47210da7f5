package index

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/tryall/tryall/internal/sqlite"
	"github.com/tryall/tryall/qa"
)

func openAt(t testing.TB, path string) *Index {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	x, err := Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func openNew(t testing.TB) *Index {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "tryall.db"))
}

// doc makes a document whose passages are the given texts, with a line between them.
func doc(id, title string, passages ...string) Document {
	d := Document{Document: qa.Document{ID: qa.DocumentID(id), Source: "file:" + id, Title: title}}
	for i, p := range passages {
		if i > 0 {
			d.Text += "\n"
		}
		at := len(d.Text)
		d.Text += p
		d.Passages = append(d.Passages, qa.Passage{Doc: d.ID, Range: qa.Range{Start: at, End: at + len(p)}, Text: p, Title: title})
	}
	return d
}

func put(t testing.TB, x *Index, path string, docs ...Document) {
	t.Helper()
	if err := x.Put(t.Context(), FileState{Path: path}, docs); err != nil {
		t.Fatal(err)
	}
}

func mustSearch(t testing.TB, x *Index, q Query) []Found {
	t.Helper()
	found, err := x.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("search %.100q: %v", q.Text, err)
	}
	return found
}

// places are the results as "document:start", in order.
func places(found []Found) (s []string) {
	for _, f := range found {
		s = append(s, fmt.Sprintf("%s:%d", f.Passage.Doc, f.Passage.Range.Start))
	}
	return s
}

func whole(t testing.TB, x *Index) {
	t.Helper()
	if err := x.Check(t.Context()); err != nil {
		t.Error(err)
	}
}
