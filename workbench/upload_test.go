package workbench

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestUploads: what was sent and not read is found again; removing it from the corpus deletes the copy, and nobody's own file.
func TestUploads(t *testing.T) {
	w := keptBench(t)
	ctx := context.Background()
	p, err := w.OpenProject(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if files, err := p.Unread(ctx); err != nil || len(files) > 0 {
		t.Fatal(files, err)
	}
	sent, err := w.KeepUpload("lease.txt", strings.NewReader("The lease ends on 31 March 2027."))
	if err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(t.TempDir(), "own.txt")
	fresh, old := filepath.Join(filepath.Dir(sent), ".a.txt.1"), filepath.Join(filepath.Dir(sent), ".b.txt.2")
	for _, f := range []string{own, fresh, old} {
		if err := os.WriteFile(f, []byte("It is the tenant's own."), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(old, time.Time{}, time.Now().Add(-2*stale)); err != nil {
		t.Fatal(err)
	}
	files, err := p.Unread(ctx)
	if err != nil || len(files) != 1 || files[0] != sent {
		t.Fatal(files, err)
	}
	if _, err := os.Stat(old); err == nil {
		t.Error("what was sent in part, long ago, is still there")
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Error("what is being sent was deleted")
	}
	if _, err := p.Add(ctx, []string{sent, own}, AddOptions{}, nil); err != nil {
		t.Fatal(err)
	}
	if files, err := p.Unread(ctx); err != nil || len(files) > 0 {
		t.Fatal(files, err)
	}
	for _, f := range []string{sent, own} {
		if removed, err := p.RemoveFile(ctx, p.Name(f)); err != nil || removed.Files != 1 {
			t.Fatal(removed, err)
		}
	}
	if _, err := os.Stat(sent); err == nil {
		t.Error("the copy of what was sent is still there")
	}
	if _, err := os.Stat(own); err != nil {
		t.Error("a file of somebody's own is gone")
	}
}
