//go:build unix

package weights

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A named pipe where converted weights should be is no file and nothing to wait for; what is written anew takes its place.
func TestConvertedPipe(t *testing.T) {
	d := newFolder(t)
	file, want := d.File("me", nil), sections(5, 64)
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(file, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Open(file, "key"); err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("error %v", err)
	}
	if err := d.Write(file, "key", nil, want); err != nil {
		t.Fatal(err)
	}
	c, err := d.Open(file, "key")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := same(c, want); err != nil {
		t.Error(err)
	}
}
