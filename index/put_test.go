package index

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tryall/tryall/qa"
)

// TestFileState sees that everything that is said of a file is kept.
func TestFileState(t *testing.T) {
	x := openNew(t)
	if _, ok, err := x.File(t.Context(), "nothing"); ok || err != nil {
		t.Errorf("a file that is not there: %v, %v", ok, err)
	}
	want := []FileState{
		{Path: "a b/ü%'\".txt", Size: 1 << 40, ModTime: time.Date(1969, 7, 20, 20, 17, 0, 123456789, time.UTC), Digest: "ab", Format: "text",
			Documents: 1, Passages: 2, Warnings: []string{"one", "zwei"}, Added: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
		{Path: "b.pdf", Error: "it is locked", Warnings: []string{}, Added: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
	}
	for i, f := range want {
		docs := []Document{doc("one", "", "a", "b")}
		if i == 1 {
			docs = nil
		}
		f.Documents, f.Passages = 99, 99 // the index counts by itself
		if err := x.Put(t.Context(), f, docs); err != nil {
			t.Fatal(err)
		}
		got, ok, err := x.File(t.Context(), f.Path)
		if err != nil || !ok || !reflect.DeepEqual(got, want[i]) {
			t.Errorf("got  %+v, %v, %v\nwant %+v", got, ok, err, want[i])
		}
	}
	var all []FileState
	for f, err := range x.Files(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	if !reflect.DeepEqual(all, want) {
		t.Errorf("all: %+v", all)
	}
	whole(t, x)
}

// TestManyFiles goes through more files than are read at once, with the empty-looking ones at the edges.
func TestManyFiles(t *testing.T) {
	x := openNew(t)
	b := x.Begin(t.Context())
	for i := range 2*filesAtOnce + 1 {
		if err := b.Put(FileState{Path: fmt.Sprintf("%05d", i)}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	n := 0
	for f, err := range x.Files(t.Context()) {
		if err != nil || f.Path != fmt.Sprintf("%05d", n) {
			t.Fatalf("file %d is %q, %v", n, f.Path, err)
		}
		n++
	}
	if n != 2*filesAtOnce+1 {
		t.Errorf("%d files", n)
	}
}

// TestDocumentIsKept stores texts of all lengths and contents and has them back as they were.
func TestDocumentIsKept(t *testing.T) {
	x := openNew(t)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom([]string{"", "x", "\x00\xff", "日本語", "word "}).Draw(t, "unit")
		near := rapid.SampledFrom([]int{0, leastPacked, blockSize, 3 * blockSize}).Draw(t, "near")
		text = strings.Repeat(text, near/max(len(text), 1)) + rapid.String().Draw(t, "more")
		d := doc("d", rapid.String().Draw(t, "title"))
		d.Source, d.Text = rapid.String().Draw(t, "source"), text
		for at := 0; at < len(text); at += 1000 {
			r := qa.Range{Start: at, End: min(at+1500, len(text))}
			d.Passages = append(d.Passages, qa.Passage{Doc: "d", Range: r, Text: r.Of(text), Title: rapid.SampledFrom([]string{d.Title, "", "own"}).Draw(t, "own title"), Page: "iv", Heading: "H"})
			d.Marks = append(d.Marks, qa.Mark{At: at, Kind: qa.MarkPage, Label: rapid.String().Draw(t, "label")})
		}
		if err := x.Put(context.Background(), FileState{Path: "f"}, []Document{d}); err != nil {
			t.Fatal(err)
		}
		got, err := x.Document(context.Background(), "d")
		if err != nil || !reflect.DeepEqual(got, d.Document) {
			t.Fatalf("got %+v, %v; want %+v", got, err, d.Document)
		}
		passages, err := x.Passages(context.Background(), "d")
		if err != nil || !reflect.DeepEqual(passages, d.Passages) {
			t.Fatalf("got %+v, %v; want %+v", passages, err, d.Passages)
		}
	})
	whole(t, x)
}

// TestPutRefuses what would make the index disagree with itself, and leaves what was there.
func TestPutRefuses(t *testing.T) {
	x := openNew(t)
	put(t, x, "old", doc("a", "", "the old text"))
	broken := func(change func(d *Document)) []Document {
		d := doc("a", "", "the new text", "and more")
		change(&d)
		return []Document{d}
	}
	for _, c := range []struct {
		want string
		file FileState
		docs []Document
	}{
		{"no path", FileState{}, nil},
		{"could not be read", FileState{Path: "old", Error: "torn"}, broken(func(*Document) {})},
		{"two documents", FileState{Path: "old"}, append(broken(func(*Document) {}), doc("a", "", "x"))},
		{"no id", FileState{Path: "old"}, broken(func(d *Document) { d.ID = "" })},
		{"bytes 13 to 22 of a text of 21", FileState{Path: "old"}, broken(func(d *Document) { d.Passages[1].Range.End++ })},
		{"bytes 13 to 13", FileState{Path: "old"}, broken(func(d *Document) { d.Passages[1].Range.End = 13 })},
		{"not the text at", FileState{Path: "old"}, broken(func(d *Document) { d.Passages[1].Text = "xyz" })},
		{"is of document", FileState{Path: "old"}, broken(func(d *Document) { d.Passages[1].Doc = "b" })},
		{"does not come after", FileState{Path: "old"}, broken(func(d *Document) { d.Passages[1] = d.Passages[0] })},
		{"not UTF-8", FileState{Path: "old"}, broken(func(d *Document) { d.Marks = []qa.Mark{{At: 3, Kind: qa.MarkPage, Label: "\xff"}} })},
		{"is in old already", FileState{Path: "new"}, broken(func(*Document) {})},
	} {
		err := x.Put(t.Context(), c.file, c.docs)
		if qa.CodeOf(err) != qa.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want %q: %v", c.want, err)
		}
	}
	if d, err := x.Document(t.Context(), "a"); err != nil || d.Text != "the old text" {
		t.Errorf("now there is %q, %v", d.Text, err)
	}
	if s, err := x.Stats(t.Context()); err != nil || s.Files != 1 {
		t.Errorf("%+v, %v", s, err)
	}
	whole(t, x)
}

// TestPutAgain replaces a file's documents, and does no work for equal ones.
func TestPutAgain(t *testing.T) {
	x := openNew(t)
	put(t, x, "f", doc("a", "", "apples"), doc("b", "", "pears"))
	put(t, x, "g", doc("c", "", "cherries"))
	next := func() (n int) {
		if err := x.db.Read().QueryRow("select next_passage from index_totals").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := next()
	if err := x.Put(t.Context(), FileState{Path: "f", Size: 7}, []Document{doc("a", "", "apples"), doc("b", "", "pears")}); err != nil {
		t.Fatal(err)
	}
	if after := next(); after != before {
		t.Errorf("equal documents were indexed again: the next passage went from %d to %d", before, after)
	}
	if f, _, err := x.File(t.Context(), "f"); err != nil || f.Size != 7 || f.Passages != 2 {
		t.Errorf("%+v, %v", f, err)
	}
	put(t, x, "f", doc("b", "", "plums"))
	for q, want := range map[string][]string{"apples": nil, "pears": nil, "plums": {"b:0"}, "cherries": {"c:0"}} {
		if got := places(mustSearch(t, x, Query{Text: q})); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", q, got, want)
		}
	}
	if _, err := x.Document(t.Context(), "a"); qa.CodeOf(err) != qa.NotFound {
		t.Errorf("a document that went: %v", err)
	}
	if _, err := x.Passages(t.Context(), "a"); qa.CodeOf(err) != qa.NotFound {
		t.Errorf("passages of a document that went: %v", err)
	}
	whole(t, x)
}

// TestBatchErrors has one wrong file among others: it is named, and they are there.
func TestBatchErrors(t *testing.T) {
	x := openNew(t)
	b := x.Begin(t.Context())
	for _, f := range []struct{ path, id string }{{"one", "a"}, {"two", "a"}, {"three", "b"}} {
		if err := b.Put(FileState{Path: f.path}, []Document{doc(f.id, "", "words of "+f.path)}); err != nil {
			t.Fatal(err)
		}
	}
	if got := mustSearch(t, x, Query{Text: "words"}); got != nil {
		t.Errorf("before the batch is closed there is %v", places(got))
	}
	err := b.Close()
	if qa.CodeOf(err) == "" || !strings.Contains(err.Error(), `index two: its document "a" is in one already`) {
		t.Errorf("%v", err)
	}
	if err := b.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	if got := places(mustSearch(t, x, Query{Text: "words"})); !reflect.DeepEqual(got, []string{"a:0", "b:0"}) {
		t.Errorf("%v", got)
	}
	whole(t, x)
}

// TestBatchLast has a file come twice in one batch, and a document move from one file to another.
func TestBatchLast(t *testing.T) {
	x := openNew(t)
	put(t, x, "one", doc("a", "", "apples"))
	b := x.Begin(t.Context())
	for _, f := range []struct{ path, id, text string }{{"two", "a", "pears"}, {"one", "b", "plums"}, {"two", "a", "cherries"}} {
		if err := b.Put(FileState{Path: f.path}, []Document{doc(f.id, "", f.text)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	for q, want := range map[string][]string{"apples": nil, "pears": nil, "plums": {"b:0"}, "cherries": {"a:0"}} {
		if got := places(mustSearch(t, x, Query{Text: q})); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", q, got, want)
		}
	}
	whole(t, x)
}

// TestCancelled leaves nothing of what was stopped.
func TestCancelled(t *testing.T) {
	x := openNew(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := x.Put(ctx, FileState{Path: "f"}, []Document{doc("a", "", "x")}); !errors.Is(err, context.Canceled) {
		t.Errorf("put: %v", err)
	}
	if _, err := x.Search(ctx, Query{Text: "x"}); !errors.Is(err, context.Canceled) {
		t.Errorf("search: %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	go func() {
		time.Sleep(20 * time.Millisecond)
		cancel()
	}()
	texts := slices.Repeat([]string{strings.Repeat("many different words ", 3)}, 300)
	var docs []Document
	for i := range 60 {
		docs = append(docs, doc(fmt.Sprint(i), "", texts...))
	}
	if err := x.Put(ctx, FileState{Path: "f"}, docs); !errors.Is(err, context.Canceled) {
		t.Errorf("put that takes long: %v", err)
	}
	if s, err := x.Stats(t.Context()); err != nil || s.Files != 0 {
		t.Errorf("%+v, %v", s, err)
	}
	whole(t, x)
}

// TestRemove takes files out, and what is added afterwards needs no new space.
func TestRemove(t *testing.T) {
	x := openNew(t)
	fill := func() {
		b := x.Begin(t.Context())
		l := newLanguage(3)
		for i := range 40 {
			if err := b.Put(FileState{Path: fmt.Sprintf("f%02d", i)}, []Document{doc(fmt.Sprint(i), "title", l.text(40), l.text(40), fmt.Sprintf("only%d here", i))}); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
	size := func() int64 {
		if _, err := x.db.Read().Exec("pragma wal_checkpoint(truncate)"); err != nil {
			t.Fatal(err)
		}
		i, err := os.Stat(x.db.Path())
		if err != nil {
			t.Fatal(err)
		}
		return i.Size()
	}
	fill()
	first := size()
	for _, share := range []int{1, 2, 10, 1, 2} { // all, half, a tenth
		var want RemovedCounts
		got, err := x.Remove(t.Context(), func(path string) bool {
			i, err := strconv.Atoi(path[1:])
			if err != nil {
				t.Error(err)
			}
			yes := i%share == 0
			if yes {
				want.Files++
				want.Documents++
				want.Passages += 3
			}
			return yes
		})
		if err != nil || got != want || want.Files == 0 {
			t.Errorf("removed %+v, %v; want %+v", got, err, want)
		}
		if s, err := x.Stats(t.Context()); err != nil || s.Files != 40-want.Files || s.Passages != 120-want.Passages {
			t.Errorf("left: %+v, %v", s, err)
		}
		if got := mustSearch(t, x, Query{Text: "only0"}); len(got) > 0 {
			t.Errorf("what was removed is found: %v", places(got))
		}
		if got := mustSearch(t, x, Query{Text: "only1"}); (len(got) == 0) != (share == 1) {
			t.Errorf("what was not removed is not found, or the other way round: %v", places(got))
		}
		whole(t, x)
		fill()
		whole(t, x)
		if now := size(); now > 2*first { // removing needs some room itself
			t.Errorf("the file grew from %d to %d bytes", first, now)
		}
	}
	if n, err := x.Remove(t.Context(), func(string) bool { return false }); err != nil || n != (RemovedCounts{}) {
		t.Errorf("removed %+v, %v; want nothing", n, err)
	}
}

// TestStats counts by hand, and the digest tells every change of the documents but not the order they came in.
func TestStats(t *testing.T) {
	var digests []string
	for _, order := range [][]int{{0, 1, 2}, {2, 0, 1}} {
		x := openNew(t)
		for _, i := range order {
			f := FileState{Path: fmt.Sprintf("%d-%d", len(digests), i)} // where it lies does not matter either
			docs := []Document{doc(fmt.Sprint(i), "T", "Two words.", "日本語")}
			if i == 2 {
				f.Error, docs = "no", nil
			}
			if err := x.Put(t.Context(), f, docs); err != nil {
				t.Fatal(err)
			}
		}
		s, err := x.Stats(t.Context())
		digests = append(digests, s.Digest)
		s.Digest = ""
		// 10 letters, 9 bytes of three characters, a line; 日本, 本語 and 語 are three grams.
		if want := (Stats{Files: 3, Failed: 1, Documents: 2, Passages: 4, Words: 10, Bytes: 40}); err != nil || s != want {
			t.Errorf("%+v, %v; want %+v", s, err, want)
		}
	}
	if digests[0] != digests[1] {
		t.Error("the digest depends on the order")
	}
	seen := map[string]int{}
	for i, change := range []func(d *Document){
		func(*Document) {},
		func(d *Document) { d.ID, d.Passages[0].Doc, d.Passages[1].Doc = "e", "e", "e" },
		func(d *Document) { d.Title = "other" },
		func(d *Document) { d.Text += "." },
		func(d *Document) { d.Marks = []qa.Mark{{At: 1, Kind: qa.MarkPage, Label: "1"}} },
		func(d *Document) { d.Marks = []qa.Mark{{At: 1, Kind: qa.MarkHeading, Label: "1"}} },
		func(d *Document) { d.Passages = d.Passages[:1] },
		func(d *Document) { d.Passages[1].Page = "2" },
		func(d *Document) { d.Passages[1].Heading = "2" },
		func(d *Document) { d.Passages[1].Title = "2" },
	} {
		x, d := openNew(t), doc("d", "title", "one", "two")
		change(&d)
		put(t, x, "f", d)
		s, err := x.Stats(t.Context())
		if before, ok := seen[s.Digest]; ok || err != nil {
			t.Errorf("changes %d and %d have one digest, %v", before, i, err)
		}
		seen[s.Digest] = i
	}
}

// TestDocuments lists, chooses and counts.
func TestDocuments(t *testing.T) {
	x := openNew(t)
	put(t, x, "dir/a.txt", doc("dir/a.txt", "A", "abc", "d"))
	put(t, x, "dir/sub/b.csv", doc("rows#1", "B", "x"), doc("rows#2", "B", "y"))
	put(t, x, "c.txt", doc("c.txt", "C", "z"))
	for _, c := range []struct {
		q     DocumentQuery
		want  string
		total int
	}{
		{DocumentQuery{}, "c.txt dir/a.txt rows#1 rows#2", 4},
		{DocumentQuery{Offset: 1, Limit: 2}, "dir/a.txt rows#1", 4},
		{DocumentQuery{Match: "*.txt"}, "c.txt dir/a.txt", 2},
		{DocumentQuery{Match: "dir"}, "dir/a.txt rows#1 rows#2", 3},
		{DocumentQuery{Match: "dir/"}, "dir/a.txt rows#1 rows#2", 3},
		{DocumentQuery{Match: "dir/*"}, "dir/a.txt rows#1 rows#2", 3},
		{DocumentQuery{Match: "dir/*.txt"}, "dir/a.txt", 1},
		{DocumentQuery{Match: "**/*.{csv,txt}", Offset: 3}, "rows#2", 4},
		{DocumentQuery{Match: "rows#[2-9]"}, "rows#2", 1},
		{DocumentQuery{Match: "a"}, "", 0},
	} {
		got, total, err := x.Documents(t.Context(), c.q)
		var ids []string
		for _, d := range got {
			ids = append(ids, string(d.ID))
		}
		if s := strings.Join(ids, " "); err != nil || s != c.want || total != c.total {
			t.Errorf("%+v: %s of %d, %v; want %s of %d", c.q, s, total, err, c.want, c.total)
		}
	}
	got, _, err := x.Documents(t.Context(), DocumentQuery{Match: "dir/a.txt"})
	if want := (DocumentInfo{"dir/a.txt", "dir/a.txt", "file:dir/a.txt", "A", 5, 2}); err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	if _, _, err := x.Documents(t.Context(), DocumentQuery{Match: "a[b"}); qa.CodeOf(err) != qa.Invalid {
		t.Errorf("a broken pattern: %v", err)
	}
}
