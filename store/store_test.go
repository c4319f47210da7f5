package store

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tryall/tryall/internal/sqlite"
)

// TestMain lets the test binary be the process that is killed, or that holds a run.
func TestMain(m *testing.M) {
	if work := os.Getenv("STORE_TEST_CHILD"); work != "" {
		os.Exit(child(work, os.Getenv("STORE_TEST_DB")))
	}
	os.Exit(m.Run())
}

func openAt(t testing.TB, path string) *Store {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s, err := Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func open(t testing.TB) *Store {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "tryall.db"))
}
