package ui

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

// kept makes texts that lie in a folder.
func kept(dir string, limit int64) *Texts {
	t := NewTexts(1 << 20)
	t.KeepIn(func() (string, error) { return dir, nil }, limit)
	return t
}

// TestTextsOutliveTheServer: a text is found by its id in another process, with pages and warnings; one that is damaged is not.
func TestTextsOutliveTheServer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data", "texts")
	text := workbench.Text{Text: "It ends on 31 March 2027.", Marks: []qa.Mark{{At: 3, Kind: qa.MarkPage, Label: "2"}}, Warnings: []string{"a picture is left out"}}
	first := kept(dir, 1<<20)
	h := first.Hold("lease.pdf", text)
	if h.Unkept != nil {
		t.Fatal(h.Unkept)
	}
	got, err := kept(dir, 1<<20).Get(h.ID)
	if err != nil || got.Name != "lease.pdf" || !reflect.DeepEqual(got.Text, text) {
		t.Errorf("%+v, %v", got, err)
	}
	if again := first.Hold("lease.pdf", text); again != h {
		t.Error("the same text is held twice")
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("others may read it: %v, %v", info.Mode(), err)
	}
	file := filepath.Join(dir, h.ID+".json")
	for _, damage := range []string{"", "{", `{"version": 1, "name": "lease.pdf", "text": "It ends on 1 April 2027."}`, `{"version": 2, "name": "lease.pdf", "text": "It ends on 31 March 2027."}`} {
		if err := os.WriteFile(file, []byte(damage), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := kept(dir, 1<<20).Get(h.ID); qa.CodeOf(err) != qa.NotFound {
			t.Errorf("%q: %+v, %v", damage, got, err)
		}
	}
}

// TestTextsStayInTheirFolder: an id that is none is never made into a path.
func TestTextsStayInTheirFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "0123456789abcdef.json"), []byte(`{"version": 1, "text": "secret"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	texts := kept(filepath.Join(dir, "texts"), 1<<20)
	for _, id := range []string{"../0123456789abcdef", "..%2f0123456789abcdef", "0123456789abcdef", "", "/etc/passwd", `..\0123456789abcdef`, "0123456789ABCDEF", "0123456789abcdef\x00"} {
		if h, err := texts.Get(id); qa.CodeOf(err) != qa.NotFound {
			t.Errorf("%q: %+v, %v", id, h, err)
		}
	}
}

// TestTextsAreTrimmed: those that were not used for longest go, on disk as in memory; the newest stays whatever its size.
func TestTextsAreTrimmed(t *testing.T) {
	dir := t.TempDir()
	var ids []string
	for i := range 4 {
		h := kept(dir, 3500).Hold("", workbench.Text{Text: fmt.Sprint(i) + strings.Repeat("x", 1000)})
		ids = append(ids, h.ID)
		at := time.Now().Add(time.Duration(i-10) * time.Hour)
		if err := errors.Join(h.Unkept, os.Chtimes(filepath.Join(dir, h.ID+".json"), at, at)); err != nil {
			t.Fatal(err)
		}
		if i == 1 { // the first was used again
			at = at.Add(30 * time.Minute)
			if err := os.Chtimes(filepath.Join(dir, ids[0]+".json"), at, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	texts := kept(dir, 3500)
	for i, want := range []bool{true, false, true, true} {
		if _, err := texts.Get(ids[i]); (err == nil) != want {
			t.Errorf("text %d is there: %v", i, !want)
		}
	}
	large := kept(dir, 3500).Hold("", workbench.Text{Text: strings.Repeat("y", 10_000)})
	if _, err := kept(dir, 3500).Get(large.ID); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("%d files are left beside one that is larger than all may be", len(left)-1)
	}
}

// TestTextsWithoutAFolder: where nothing can be written the text is held all the same, and it is said how long.
func TestTextsWithoutAFolder(t *testing.T) {
	texts := NewTexts(1 << 20)
	texts.KeepIn(func() (string, error) { return "", errors.New("there is no folder for data") }, 1<<20)
	h := texts.Hold("", workbench.Text{Text: "It ends."})
	if h.Unkept == nil {
		t.Error("nothing is said")
	}
	if got, err := texts.Get(h.ID); err != nil || got.Text.Text != "It ends." {
		t.Errorf("%v, %v", got, err)
	}
}
