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

// TestWhatWasSentIsCalledByItsName: its folder is shown to nobody, wherever the data lie; names of people's own stay as they are.
func TestWhatWasSentIsCalledByItsName(t *testing.T) {
	for _, folder := range []string{"data", dataFolder} { // outside a project, and in one
		w, _ := fakeBench()
		dir := filepath.Join(t.TempDir(), folder)
		w.Data = func() (string, error) { return dir, nil }
		p, err := w.OpenProject(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sent, err := w.KeepUpload("../a b.csv", strings.NewReader("id,text\nx/y,The lease ends on 31 March 2027.\nz,The rent is due.\n"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Add(t.Context(), []string{sent}, AddOptions{Hidden: true}, nil); err != nil {
			t.Fatal(err)
		}
		name := p.Name(sent)
		for of, want := range map[string]string{name: "a b.csv", name + "#x/y": "a b.csv#x/y", "/home/ann/a b.csv": "/home/ann/a b.csv", "uploads/a b.csv": "uploads/a b.csv", "": ""} {
			if got := p.Shown(of); got != want {
				t.Errorf("%s: %q is shown as %q, want %q", folder, of, got, want)
			}
		}
		for _, of := range []string{sent, name} {
			if got := p.ShownIn("read " + of + ": it is empty"); got != "read a b.csv: it is empty" {
				t.Errorf("%s: %q", folder, got)
			}
		}
		found, err := p.Retrieve(t.Context(), "When does the lease end?", 3)
		if err != nil || len(found.Hits) == 0 {
			t.Fatal(found, err)
		}
		m, err := w.Find("tryall/can", "")
		if err != nil {
			t.Fatal(err)
		}
		for shown, bench := range map[bool]*Workbench{false: w, true: w.Only([]string{"tryall/can"}, true)} {
			s, err := bench.Open(t.Context(), m, Params{})
			if err != nil {
				t.Fatal(err)
			}
			out, err := s.Ask(t.Context(), []Ask{{Question: "The", Corpus: found}})
			if err != nil || out[0].Err != nil || len(out[0].Result.Answers) == 0 {
				t.Fatal(out, err)
			}
			r := &out[0].Result
			want := name + "#x/y"
			if shown {
				want = "a b.csv#x/y"
			}
			for _, a := range append([]Answer{r.Best()}, r.Answers...) {
				if a.Document != want || r.Shown(a.Document) != "a b.csv#x/y" {
					t.Errorf("%s, shown %v: %q, as people see it %q", folder, shown, a.Document, r.Shown(a.Document))
				}
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}
