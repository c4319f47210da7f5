package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tryall/tryall/qa"
)

func open(t *testing.T, path string) *DB {
	t.Helper()
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func count(t *testing.T, db *DB, query string) (n int) {
	t.Helper()
	if err := db.Read().QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// TestMigrate goes through two versions: the second copies the file first, keeps what was there, and runs once.
func TestMigrate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "with space & %41", "tryall.db")
	v1 := []string{"create table notes (body text) strict; insert into notes values ('old')"}
	v2 := append(v1, "alter table notes add column who text; insert into notes values ('new', 'x')")
	db := open(t, path)
	for range 2 {
		if err := db.Migrate(t.Context(), "notes", v1); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, db, "select count(*) from notes"); n != 1 {
		t.Fatalf("%d rows after version 1, want 1", n)
	}
	for range 2 {
		if err := db.Migrate(t.Context(), "notes", v2); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, db, "select count(*) from notes"); n != 2 {
		t.Errorf("%d rows after version 2, want 2", n)
	}
	before := open(t, path+".before-notes-2")
	if n := count(t, before, "select count(*) from notes"); n != 1 {
		t.Errorf("the copy has %d rows, want 1", n)
	}
	err := db.Migrate(t.Context(), "notes", v1)
	if qa.CodeOf(err) != qa.Invalid || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("an older program opened newer tables: %v", err)
	}
}

// TestFailedStep sees that a step that fails leaves neither its tables nor its note.
func TestFailedStep(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "tryall.db"))
	if err := db.Migrate(t.Context(), "x", []string{"create table a (b)", "create table c (d); select nonsense"}); err == nil {
		t.Fatal("a bad step passed")
	}
	if n := count(t, db, "select count(*) from sqlite_master where name in ('a', 'c')"); n != 0 {
		t.Errorf("%d tables of the failed migration are there", n)
	}
}

// TestTwoHandles has two handles on one file write in turns: none loses a row, none gets an error.
func TestTwoHandles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tryall.db")
	handles := []*DB{open(t, path), open(t, path)}
	const each = 50
	if err := handles[0].Migrate(t.Context(), "n", []string{"create table n (i integer) strict"}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for _, db := range handles {
		wg.Go(func() {
			for i := range each {
				err := db.Write(context.Background(), func(tx *sql.Tx) error {
					_, err := tx.Exec("insert into n values (?)", i)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := count(t, handles[1], "select count(*) from n"); n != 2*each {
		t.Errorf("%d rows, want %d", n, 2*each)
	}
}

// TestRollback sees that nothing of a failed transaction stays.
func TestRollback(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "tryall.db"))
	boom := errors.New("boom")
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		if _, err := tx.Exec("create table gone (x)"); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("error %v", err)
	}
	if n := count(t, db, "select count(*) from sqlite_master where name = 'gone'"); n != 0 {
		t.Error("the table is there")
	}
}

// TestView sees one state however often it looks, while others write.
func TestView(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "tryall.db"))
	insert := func() error {
		return db.Write(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.Exec("create table if not exists n (i integer); insert into n values (1)")
			return err
		})
	}
	if err := insert(); err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	err := db.View(t.Context(), func(tx *sql.Tx) error {
		for range 2 {
			var n int
			if err := tx.QueryRow("select count(*) from n").Scan(&n); err != nil || n != 1 {
				t.Errorf("%d rows, %v; want 1", n, err)
			}
			if err := insert(); err != nil {
				t.Error(err)
			}
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("error %v", err)
	}
	if n := count(t, db, "select count(*) from n"); n != 3 {
		t.Errorf("%d rows afterwards, want 3", n)
	}
}

// TestReadOnly: what may not be written to can be read, beside a log and without one.
func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tryall.db")
	db := open(t, path)
	if err := db.Migrate(t.Context(), "notes", []string{"create table notes (body text) strict; insert into notes values ('x')"}); err != nil {
		t.Fatal(err)
	}
	for _, logged := range []bool{true, false} {
		if !logged {
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(path + "-wal"); err == nil {
				t.Fatal("the log is still there")
			}
		}
		only, err := openReadOnly(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if n := count(t, only, "select count(*) from notes"); n != 1 {
			t.Errorf("log %v: %d rows", logged, n)
		}
		if err := only.Migrate(t.Context(), "notes", []string{"create table notes (body text) strict"}); err != nil {
			t.Errorf("log %v: nothing is to be changed: %v", logged, err)
		}
		err = only.Write(t.Context(), func(*sql.Tx) error { return nil })
		if qa.CodeOf(err) != qa.Forbidden || !strings.Contains(err.Error(), "for reading only") {
			t.Errorf("log %v: written: %v", logged, err)
		}
		if err := only.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := openReadOnly(t.Context(), filepath.Join(t.TempDir(), "none.db")); err == nil {
		t.Error("a file that is not there was opened")
	}
}

// TestNoDatabase opens what is none.
func TestNoDatabase(t *testing.T) {
	dir := t.TempDir()
	junk := filepath.Join(dir, "junk.db")
	if err := os.WriteFile(junk, []byte(strings.Repeat("this is no database. ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{junk: "no database", dir: "cannot be opened", filepath.Join(junk, "x.db"): "project's data"} {
		db, err := Open(t.Context(), path)
		if err == nil {
			db.Close()
			t.Errorf("%s opened", path)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", path, err, want)
		}
	}
}
