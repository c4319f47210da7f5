//go:build unix

package hub

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
)

// A pipe in a repository is refused at once, by whatever opens or reads it; files, links and folders are as they are.
func TestDirFS(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "config.json"), []byte("{}"), 0o666)
	os.Mkdir(filepath.Join(dir, "onnx"), 0o777)
	os.WriteFile(filepath.Join(dir, "onnx", "model.onnx"), []byte("x"), 0o666)
	os.Symlink("config.json", filepath.Join(dir, "link.json"))
	fsys := DirFS(dir)
	if err := fstest.TestFS(fsys, "config.json", "onnx/model.onnx"); err != nil {
		t.Error(err)
	}
	if to, err := fs.ReadLink(fsys, "link.json"); err != nil || to != "config.json" {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	if f, err := fsys.Open("link.json"); err != nil {
		t.Error(err)
	} else if _, ok := f.(*os.File); !ok {
		t.Errorf("%T cannot be mapped", f)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.json"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, read := range []func() error{
		func() error { _, err := fsys.Open("pipe.json"); return err },
		func() error { _, err := fs.ReadFile(fsys, "pipe.json"); return err },
	} {
		if err := read(); err == nil || !strings.Contains(err.Error(), "pipe.json: it is not a regular file") {
			t.Errorf("error %v", err)
		}
	}
}
