package index

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tryall/tryall/internal/sqlite"
	"github.com/tryall/tryall/qa"
)

func TestMain(m *testing.M) {
	if path := os.Getenv("INDEX_TEST_DATABASE"); path != "" {
		os.Exit(child(path, os.Getenv("INDEX_TEST_WORK")))
	}
	os.Exit(m.Run())
}

// child is the whole of another process. Its work is "churn", which goes on until it is killed, or "part/of": to add one part of
// the files.
func child(path, work string) int {
	err := func() error {
		ctx := context.Background()
		db, err := sqlite.Open(ctx, path)
		if err != nil {
			return err
		}
		defer db.Close()
		x, err := Open(ctx, db)
		if err != nil {
			return err
		}
		if work == "churn" {
			return churn(ctx, x)
		}
		var part, of int
		if _, err := fmt.Sscanf(work, "%d/%d", &part, &of); err != nil {
			return err
		}
		return addAll(ctx, x, 0, func(i int) bool { return i%of == part })
	}()
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

const churned = 24 // files

// oneFile is a file of the kill test in one of its two versions: the number of documents and passages differs from file to file.
func oneFile(i, version int) (f FileState, docs []Document) {
	l := &language{rng: rand.New(rand.NewPCG(uint64(i), uint64(version))), sum: smallLanguage.sum, words: smallLanguage.words}
	for d := range 1 + i%3 {
		var texts []string
		for range 1 + (i+version)%5 {
			texts = append(texts, l.text(12))
		}
		docs = append(docs, doc(fmt.Sprintf("f%02d#%d", i, d), l.text(3), texts...))
	}
	return FileState{Path: fmt.Sprintf("f%02d", i), Digest: strconv.Itoa(version)}, docs
}

var smallLanguage = func() *language {
	l := &language{}
	for i := range 2000 {
		l.sum = append(l.sum, float64(i+1)/float64(i+50))
		l.words = append(l.words, fmt.Sprintf("w%dx", i))
	}
	return l
}()

// addAll goes on with what is there, as adding a folder again does.
func addAll(ctx context.Context, x *Index, version int, which func(i int) bool) error {
	b := x.Begin(ctx)
	b.most = 20
	for i := range churned {
		f, docs := oneFile(i, version)
		if old, ok, err := x.File(ctx, f.Path); err != nil {
			return err
		} else if !which(i) || ok && old.Digest == f.Digest {
			continue
		}
		if err := b.Put(f, docs); err != nil {
			return err
		}
		fmt.Println("put", f.Path)
	}
	return b.Close()
}

// churn adds, replaces and removes for ever.
func churn(ctx context.Context, x *Index) error {
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	for round := 0; ; round++ {
		if err := addAll(ctx, x, round%2, func(int) bool { return true }); err != nil {
			return err
		}
		for range 5 {
			f, docs := oneFile(rng.IntN(churned), rng.IntN(2))
			if err := x.Put(ctx, f, docs); err != nil {
				return err
			}
			fmt.Println("put", f.Path)
		}
		share := 1 + rng.IntN(4)
		if _, err := x.Remove(ctx, func(string) bool { return rng.IntN(share) == 0 }); err != nil {
			return err
		}
	}
}

func process(t *testing.T, path, work string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), "INDEX_TEST_DATABASE="+path, "INDEX_TEST_WORK="+work)
	out := &bytes.Buffer{}
	cmd.Stderr = out
	return cmd, out
}

// TestKilled kills a process that adds, replaces and removes, at random moments, again and again on the same database. After each
// the database is whole and holds whole files only; in the end, going on leads to what an undisturbed run has.
func TestKilled(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	path := filepath.Join(t.TempDir(), "tryall.db")
	changed, before := 0, ""
	for round := range 20 {
		killOne(t, path, 1+rng.IntN(churned), time.Duration(rng.Int64N(int64(10*time.Millisecond))))
		now := afterKill(t, path)
		if t.Failed() {
			t.Fatalf("after kill %d", round)
		}
		if now != before {
			changed++
		}
		before = now
	}
	t.Logf("%d of 20 kills left another state than the one before", changed)
	if changed < 10 {
		t.Error("too few kills hit work: the moments are badly chosen")
	}
	goesOn(t, path)
}

// killOne starts a process, and kills it some time after it has put some files.
func killOne(t *testing.T, path string, puts int, after time.Duration) {
	t.Helper()
	cmd, out := process(t, path, "churn")
	r, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(r)
	for n := 0; n < puts && lines.Scan(); n++ {
	}
	time.Sleep(after)
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	if cmd.Wait(); cmd.ProcessState.Exited() {
		t.Errorf("the process ended by itself: %s", out)
	}
}

// afterKill opens the database and looks at all of it; it returns what files there are in which version.
func afterKill(t *testing.T, path string) (state string) {
	t.Helper()
	x := openAt(t, path)
	defer x.db.Close()
	var ok string
	if err := x.db.Read().QueryRow("pragma integrity_check").Scan(&ok); err != nil || ok != "ok" {
		t.Errorf("integrity check: %s, %v", ok, err)
	}
	whole(t, x)
	want := map[qa.DocumentID][]qa.Passage{}
	for f, err := range x.Files(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		i, _ := strconv.Atoi(f.Path[1:])
		version, _ := strconv.Atoi(f.Digest)
		_, docs := oneFile(i, version)
		state += f.Path + "=" + f.Digest + " "
		for _, d := range docs {
			want[d.ID] = d.Passages
		}
		if f.Documents != len(docs) {
			t.Errorf("%s has %d documents; want %d", f.Path, f.Documents, len(docs))
		}
	}
	agree(t, x, want)
	return state
}

// agree compares the documents with the wanted ones, and what FTS5 holds with the passages, term by term.
func agree(t *testing.T, x *Index, wanted map[qa.DocumentID][]qa.Passage) {
	t.Helper()
	held := map[string]string{} // by passage and column
	err := x.db.Write(t.Context(), func(tx *sql.Tx) error {
		if _, err := tx.Exec("create virtual table temp.held using fts5vocab(main, index_terms, instance)"); err != nil {
			return err
		}
		rows, err := tx.Query("select doc, col, term from temp.held order by doc, col, offset")
		if err != nil {
			return err
		}
		for rows.Next() {
			var id int
			var column, term string
			if err := rows.Scan(&id, &column, &term); err != nil {
				return err
			}
			held[fmt.Sprint(id, column)] += term + " "
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		_, err = tx.Exec("drop table temp.held")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := x.db.Read().Query("select name, first from index_documents")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var first int
		if err := rows.Scan(&name, &first); err != nil {
			t.Fatal(err)
		}
		passages, err := x.Passages(t.Context(), qa.DocumentID(name))
		if err != nil || !reflect.DeepEqual(passages, wanted[qa.DocumentID(name)]) {
			t.Errorf("document %s is not whole, or not of the version that its file says: %v", name, err)
		}
		delete(wanted, qa.DocumentID(name))
		for i, p := range passages {
			for column, text := range map[string]string{"title": p.Title, "text": p.Text} {
				var want strings.Builder
				list(text, &want)
				key := fmt.Sprint(first+i, column)
				if held[key] != want.String() {
					t.Errorf("%s, passage %d: FTS5 holds %q, its %s is %q", name, i, held[key], column, want.String())
				}
				delete(held, key)
			}
		}
	}
	if len(held) > 0 || len(wanted) > 0 || rows.Err() != nil {
		t.Errorf("FTS5 holds %d columns of no passage, %d documents are missing, %v", len(held), len(wanted), rows.Err())
	}
}

// goesOn brings the database up to date, and compares it with one that was never disturbed.
func goesOn(t *testing.T, path string) {
	t.Helper()
	disturbed, other := openAt(t, path), openNew(t)
	var stats [2]Stats
	var results [2][]Found
	for i, x := range []*Index{disturbed, other} {
		err := addAll(t.Context(), x, 1, func(int) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		if stats[i], err = x.Stats(t.Context()); err != nil {
			t.Fatal(err)
		}
		for q := range 20 {
			results[i] = append(results[i], mustSearch(t, x, Query{Text: fmt.Sprintf("w%dx w%dx w%dx", q, 2*q, q*q%2000), K: 20, Snippets: true, Why: true})...)
		}
		whole(t, x)
	}
	if stats[0] != stats[1] {
		t.Errorf("stats %+v, undisturbed %+v", stats[0], stats[1])
	}
	if len(results[0]) < 100 || !reflect.DeepEqual(results[0], results[1]) {
		t.Errorf("%d results are not the %d undisturbed ones", len(results[0]), len(results[1]))
	}
}

// TestSeveralProcesses has three processes add a third each, while this one searches and looks at files.
func TestSeveralProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tryall.db")
	x := openAt(t, path)
	var running []*exec.Cmd
	var outs []*bytes.Buffer
	for part := range 3 {
		cmd, out := process(t, path, fmt.Sprintf("%d/3", part))
		cmd.Stdout = out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		running, outs = append(running, cmd), append(outs, out)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i, cmd := range running {
			if err := cmd.Wait(); err != nil {
				t.Errorf("process %d: %v: %s", i, err, outs[i])
			}
		}
	}()
	for going := true; going; {
		select {
		case <-done:
			going = false
		default:
		}
		for _, f := range mustSearch(t, x, Query{Text: "w1x w2x w3x", K: 20}) {
			if len(f.Passage.Text) == 0 || f.Score <= 0 {
				t.Errorf("%+v", f)
			}
		}
		for f, err := range x.Files(t.Context()) {
			if err != nil || f.Documents == 0 {
				t.Errorf("%+v, %v", f, err)
			}
		}
	}
	if s, err := x.Stats(t.Context()); err != nil || s.Files != churned {
		t.Errorf("%+v, %v", s, err)
	}
	goesOn(t, path)
}

// TestSearchesAtOnce searches from several goroutines while another writes.
func TestSearchesAtOnce(t *testing.T) {
	x := openNew(t)
	if err := addAll(t.Context(), x, 0, func(int) bool { return true }); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	for g := range 4 {
		go func() {
			defer func() { done <- struct{}{} }()
			for i := range 8 {
				if _, err := x.Search(t.Context(), Query{Text: fmt.Sprintf("w%dx w%dx", g, i), Snippets: true}); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	if err := addAll(t.Context(), x, 1, func(int) bool { return true }); err != nil {
		t.Error(err)
	}
	for range 4 {
		<-done
	}
	whole(t, x)
}
