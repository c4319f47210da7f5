package hub

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tryall/tryall/hub/hubtest"
)

// fill pulls two revisions that share all but one file.
func twoRevisions(t *testing.T) (c *Client, first, second Snapshot, files map[string][]byte) {
	t.Helper()
	hub, dir := startHub(t), t.TempDir()
	files = tinyModel()
	repo := hub.Add("org/tiny", files)
	c, _ = testClient(t, hub, dir)
	first = mustPull(t, c, "org/tiny", "")
	newer := tinyModel()
	newer["config.json"] = []byte(`{"model_type":"bert","newer":true}`)
	repo.Commit("v2", newer)
	return c, first, mustPull(t, c, "org/tiny", "v2"), newer
}

func TestFind(t *testing.T) {
	c, first, second, _ := twoRevisions(t)
	cache := c.Cache()
	for revision, want := range map[string]Snapshot{"": first, "main": first, "v2": second, first.Commit: first, second.Commit[:7]: second} {
		if got, err := cache.Find("org/tiny", revision); err != nil || got.Dir != want.Dir {
			t.Errorf("%q: %v %v", revision, got, err)
		}
	}
	for _, x := range []struct{ id, revision, says string }{
		{"org/tiny", "v3", "org/tiny@v3 is not on this machine; here are main, v2; get it with `tryall pull org/tiny --revision v3`"},
		{"org/other", "", "get it with `tryall pull org/other`"},
		{"org/tiny", second.Commit[:6], "not on this machine"}, // too short to be a commit
		{"org/tiny", strings.Repeat("0", 40), "not on this machine"},
	} {
		if _, err := cache.Find(x.id, x.revision); !errors.Is(err, NotCached) || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s@%s: %v", x.id, x.revision, err)
		}
	}
	for _, x := range [][2]string{{"../x", ""}, {"a/b/c", ""}, {"a", "../../etc"}, {"a", "x/../y"}, {"a", "/x"}} {
		if _, err := cache.Find(x[0], x[1]); !errors.Is(err, Invalid) {
			t.Errorf("%v: %v", x, err)
		}
	}
	ref := filepath.Join(cache.Dir, "models--org--tiny/refs/main")
	if err := os.WriteFile(ref, []byte("../../../etc\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Find("org/tiny", "main"); !errors.Is(err, Corrupt) {
		t.Errorf("%v", err)
	}
}

func TestSnapshotFilesCanBeMapped(t *testing.T) {
	_, _, s, files := twoRevisions(t)
	f, err := s.FS().Open("model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, ok := f.(*os.File); !ok {
		t.Errorf("it is a %T", f)
	}
	if b, err := fs.ReadFile(s.FS(), "config.json"); err != nil || string(b) != string(files["config.json"]) {
		t.Errorf("%s %v", b, err)
	}
	card, err := s.Card()
	if err != nil || card.License != "mit" || fmt.Sprint(card.Datasets) != "[squad_v2]" {
		t.Errorf("%+v %v", card, err)
	}
	list, err := s.Files()
	if err != nil || len(list) != len(tinyTaken) {
		t.Fatalf("%v %v", list, err)
	}
	for _, f := range list {
		if f.Size != int64(len(files[f.Path])) || f.Digest.name() != hubtest.ETag(f.Path, files[f.Path]) || f.Role == "" {
			t.Errorf("%+v", f)
		}
	}
}

func TestScan(t *testing.T) {
	c, first, second, newer := twoRevisions(t)
	cache := c.Cache()
	write := func(name, text string) {
		path := filepath.Join(cache.Dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	write("models--org--tiny/blobs/abc.incomplete", "12345")
	write("models--org--tiny/blobs/abc.100.part", "678")
	write("CACHEDIR.TAG", "x")
	write("version.txt", "1")
	write("datasets--squad/refs/main", "x")
	repos, warnings, err := cache.Scan()
	if err != nil || len(warnings) > 0 || len(repos) != 1 {
		t.Fatalf("%v %v %v", repos, warnings, err)
	}
	r := repos[0]
	size := int64(0)
	for _, name := range tinyTaken {
		size += int64(len(newer[name]))
	}
	both := size + int64(len(tinyModel()["config.json"]))
	if r.ID != "org/tiny" || r.Size != both || r.Partial != 8 || len(r.Revisions) != 2 {
		t.Errorf("%+v, want %d bytes", r, both)
	}
	for _, v := range r.Revisions {
		want := map[string]string{first.Commit: "[main]", second.Commit: "[v2]"}[v.Commit]
		if fmt.Sprint(v.Refs) != want || v.Files != len(tinyTaken) || v.Modified.IsZero() {
			t.Errorf("%+v", v)
		}
		if v.Commit == second.Commit && v.Size != size {
			t.Errorf("%d bytes, want %d", v.Size, size)
		}
		if s := r.Snapshot(v); s.Complete() != nil || s.Revision != strings.Trim(want, "[]") {
			t.Errorf("%+v", s)
		}
	}

	// Damage of each kind is named, and hides only the model that it befell.
	write("models--a--no-snapshots/blobs/x", "")
	write("models--a--file-among-snapshots/snapshots/x", "")
	write("models--a--lost-ref/refs/main", strings.Repeat("1", 40))
	write("models--a--lost-ref/snapshots/"+strings.Repeat("2", 40)+"/config.json", "{}")
	write("models--a--b--c--d/snapshots/x/config.json", "{}")
	broken := filepath.Join(cache.Dir, "models--a--broken-link/snapshots", strings.Repeat("3", 40))
	if err := errors.Join(os.MkdirAll(broken, 0o777), os.Symlink("../../blobs/gone", filepath.Join(broken, "config.json"))); err != nil {
		t.Fatal(err)
	}
	repos, warnings, err = cache.Scan()
	if err != nil || len(repos) != 1 || len(warnings) != 5 {
		t.Fatalf("%d models, %v, %v", len(repos), warnings, err)
	}
	all := fmt.Sprint(warnings)
	for _, says := range []string{"no-snapshots has no readable folder snapshots", "a file among the snapshots", "lost-ref: the reference main", "models--a--b--c--d is not the folder", "config.json: its link leads nowhere"} {
		if !strings.Contains(all, says) {
			t.Errorf("no warning %q in %s", says, all)
		}
	}
	if repos, warnings, err := (Cache{Dir: filepath.Join(t.TempDir(), "none")}).Scan(); len(repos)+len(warnings) > 0 || err != nil {
		t.Error("a cache that is not there yet is an empty one")
	}
}

func TestRemoveKeepsWhatOthersUse(t *testing.T) {
	c, first, second, newer := twoRevisions(t)
	cache := c.Cache()
	plan, err := cache.PlanRemove("org/tiny", "main")
	if err != nil {
		t.Fatal(err)
	}
	old := tinyModel()["config.json"]
	if fmt.Sprint(plan.Commits, plan.Refs, plan.Blobs, plan.Whole, plan.Bytes) != fmt.Sprint([]string{first.Commit}, []string{"main"}, []string{hubtest.GitSHA1(old)}, false, len(old)) {
		t.Errorf("%+v", plan)
	}
	if sizeOf(first.path("config.json")) < 0 {
		t.Fatal("a plan removed something")
	}
	if err := plan.Do(); err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Find("org/tiny", "main"); !errors.Is(err, NotCached) {
		t.Error(err)
	}
	checkWhole(t, second, newer, tinyTaken)
	if repos, warnings, _ := cache.Scan(); len(repos) != 1 || len(warnings) > 0 {
		t.Errorf("%v %v", repos, warnings)
	}

	plan, err = cache.PlanRemove("org/tiny", second.Commit[:8])
	if err != nil || !plan.Whole || plan.Bytes < 1<<20 {
		t.Fatalf("%+v %v", plan, err)
	}
	release, _, _ := lockFor(t, cache, "org/tiny", hubtest.SHA256(newer["model.safetensors"]))
	if err := plan.Do(); !errors.Is(err, Busy) || sizeOf(second.path("config.json")) < 0 {
		t.Errorf("while it is pulled: %v", err)
	}
	release()
	if err := plan.Do(); err != nil {
		t.Fatal(err)
	}
	if left := diskFiles(t, filepath.Join(cache.Dir, "models--org--tiny")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	if _, err := cache.PlanRemove("org/tiny", ""); !errors.Is(err, NotCached) {
		t.Error(err)
	}
}

func lockFor(t *testing.T, c Cache, id, etag string) (func(), bool, error) {
	t.Helper()
	release, err := c.lockBlob(context.Background(), id, etag, func() { t.Error("busy") }, func() {})
	if err != nil {
		t.Fatal(err)
	}
	return release, true, nil
}

// A link that leads out of the cache, made by whoever, is removed; what it leads to stays.
func TestRemoveFollowsNoLinks(t *testing.T) {
	c, _, second, _ := twoRevisions(t)
	outside := filepath.Join(t.TempDir(), "precious")
	if err := errors.Join(os.WriteFile(outside, []byte("x"), 0o666), os.Symlink(outside, second.path("extra")), os.Symlink(filepath.Dir(outside), second.path("dir"))); err != nil {
		t.Fatal(err)
	}
	plan, err := c.Cache().PlanRemove("org/tiny", "")
	if err == nil {
		err = plan.Do()
	}
	if err != nil || sizeOf(outside) != 1 {
		t.Errorf("%v, %d", err, sizeOf(outside))
	}
}

func TestComplete(t *testing.T) {
	_, s, _, _ := twoRevisions(t)
	if err := s.Complete(); err != nil {
		t.Error(err)
	}
	for _, x := range [][]string{{"config.json"}, {"vocab.txt", "tokenizer.json"}, {"model.safetensors"}} {
		for _, name := range x {
			os.Remove(s.path(name))
		}
		if err := s.Complete(); !errors.Is(err, NotCached) {
			t.Errorf("without %v: %v", x, err)
		}
	}
	index := `{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"../x"}}`
	if err := os.WriteFile(s.path("model.safetensors.index.json"), []byte(index), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := s.Complete(); !strings.Contains(err.Error(), "../x, model-00001-of-00002.safetensors missing") {
		t.Error(err)
	}
}
