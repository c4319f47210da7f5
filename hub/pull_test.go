package hub

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/tryall/tryall/hub/hubtest"
)

func TestPullWritesTheCacheOfHuggingFace(t *testing.T) {
	hub, dir, files := startHub(t), t.TempDir(), tinyModel()
	commit := hub.Add("org/tiny", files).Commit("main", files)
	c, _ := testClient(t, hub, dir)
	var rec recorder
	s, err := c.Pull(context.Background(), "org/tiny", "", PullOptions{Events: rec.add})
	if err != nil {
		t.Fatal(err)
	}
	checkWhole(t, s, files, tinyTaken)
	var want []string
	for _, name := range tinyTaken {
		etag := hubtest.ETag(name, files[name])
		want = append(want, ".locks/models--org--tiny/"+etag+".lock", "models--org--tiny/blobs/"+etag, "models--org--tiny/snapshots/"+commit+"/"+name)
		if link, err := os.Readlink(filepath.Join(s.Dir, name)); err != nil || link != filepath.Join("..", "..", "blobs", etag) {
			t.Errorf("%s is a link to %q (%v)", name, link, err)
		}
	}
	for _, name := range []string{"added_tokens.json", "merges.txt", "sentencepiece.bpe.model", "sentencepiece.model", "special_tokens_map.json", "spiece.model", "spm.model", "tokenizer.model", "vocab.json"} {
		want = append(want, "models--org--tiny/.no_exist/"+commit+"/"+name)
	}
	want = append(want, "models--org--tiny/refs/main")
	got := diskFiles(t, dir)
	if missing, extra := difference(want, got); len(missing)+len(extra) > 0 {
		t.Errorf("cache lacks %v\nand holds besides %v", missing, extra)
	}
	if ref, _ := os.ReadFile(filepath.Join(dir, "models--org--tiny/refs/main")); string(ref) != commit {
		t.Errorf("refs/main is %q", ref)
	}
	last := rec.of(Finished)
	if len(last) != 1 || last[0].AllDone != last[0].AllSize || last[0].FilesDone != len(tinyTaken) || last[0].AllSize == 0 {
		t.Errorf("last event %+v", last)
	}
	if n := len(rec.of(Verified)); n != len(tinyTaken) {
		t.Errorf("%d files verified", n)
	}

	hub.Forget()
	again := mustPull(t, c, "org/tiny", "main")
	if again.Dir != s.Dir || hub.Sent("/resolve/")+hub.Sent("model.safetensors") != 0 {
		t.Errorf("the second pull fetched again: %+v", hub.Requests(""))
	}
}

func difference(a, b []string) (onlyA, onlyB []string) {
	in := func(x string, l []string) bool {
		for _, y := range l {
			if x == y {
				return true
			}
		}
		return false
	}
	for _, x := range a {
		if !in(x, b) {
			onlyA = append(onlyA, x)
		}
	}
	for _, x := range b {
		if !in(x, a) {
			onlyB = append(onlyB, x)
		}
	}
	return onlyA, onlyB
}

func TestPullOfRevisions(t *testing.T) {
	hub, dir, files := startHub(t), t.TempDir(), tinyModel()
	repo := hub.Add("tiny", files)
	newer := tinyModel()
	newer["config.json"] = []byte(`{"model_type":"roberta"}`)
	branch := repo.Commit("feature/x", newer)
	tag := repo.Commit("v1.0", files)
	pr := repo.Commit("refs/pr/1", newer)
	c, _ := testClient(t, hub, dir)
	for _, x := range []struct{ revision, commit string }{{"feature/x", branch}, {"v1.0", tag}, {"refs/pr/1", pr}, {tag, tag}} {
		s := mustPull(t, c, "tiny", x.revision)
		if s.Commit != x.commit {
			t.Errorf("%s is %s, want %s", x.revision, s.Commit, x.commit)
		}
		ref, err := os.ReadFile(filepath.Join(dir, "models--tiny", "refs", filepath.FromSlash(x.revision)))
		if x.revision != x.commit && string(ref) != x.commit {
			t.Errorf("refs/%s holds %q (%v)", x.revision, ref, err)
		}
		found, err := c.Cache().Find("tiny", x.revision)
		if err != nil || found.Dir != s.Dir {
			t.Errorf("Find %s: %v %v", x.revision, found, err)
		}
	}
	if sent := hub.Sent("model.safetensors"); sent != int64(len(files["model.safetensors"])) {
		t.Errorf("the same weights were fetched for several revisions: %d bytes", sent)
	}
	if _, err := c.Pull(context.Background(), "tiny", "nowhere", PullOptions{}); !errors.Is(err, RevisionNotFound) || !strings.Contains(err.Error(), `"nowhere"`) {
		t.Errorf("unknown revision: %v", err)
	}
}

func TestPullPrefersOneWeightFormat(t *testing.T) {
	base := map[string][]byte{"config.json": []byte("{}"), "vocab.txt": []byte("a\n")}
	shard := func(stem, ext string) map[string][]byte {
		m := map[string][]byte{
			stem + "-00001-of-00002" + ext: noise(1, 300_000), stem + "-00002-of-00002" + ext: noise(2, 200),
			stem + ext + ".index.json": fmt.Appendf(nil, `{"metadata":{},"weight_map":{"a":"%s-00002-of-00002%s","b":"%s-00001-of-00002%s","c":"%s-00001-of-00002%s"}}`, stem, ext, stem, ext, stem, ext),
		}
		return m
	}
	cases := []struct {
		name  string
		files []map[string][]byte
		taken []string
	}{
		{"single safetensors over all", []map[string][]byte{{"model.safetensors": noise(1, 10), "pytorch_model.bin": noise(2, 10)}, shard("model", ".safetensors")}, []string{"model.safetensors"}},
		{"sharded safetensors over bin", []map[string][]byte{{"pytorch_model.bin": noise(2, 10)}, shard("model", ".safetensors")}, []string{"model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"}},
		{"single bin over its shards", []map[string][]byte{{"pytorch_model.bin": noise(2, 10)}, shard("pytorch_model", ".bin")}, []string{"pytorch_model.bin"}},
		{"sharded bin", []map[string][]byte{{"tf_model.h5": noise(3, 9)}, shard("pytorch_model", ".bin")}, []string{"pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"}},
	}
	for _, x := range cases {
		for _, mirror := range []bool{false, true} {
			hub := startHub(t)
			hub.NoTree, hub.PageSize = mirror, 3
			files := map[string][]byte{}
			for _, m := range append(x.files, base) {
				for k, v := range m {
					files[k] = v
				}
			}
			hub.Add("a/b", files)
			c, _ := testClient(t, hub, t.TempDir())
			s := mustPull(t, c, "a/b", "")
			checkWhole(t, s, files, append([]string{"config.json", "vocab.txt"}, x.taken...))
			if err := s.Complete(); err != nil {
				t.Errorf("%s: %v", x.name, err)
			}
			if t.Failed() {
				t.Fatalf("%s, mirror without listing: %v", x.name, mirror)
			}
		}
	}
}

func TestPullNamesWeightsThatItCannotRead(t *testing.T) {
	hub := startHub(t)
	hub.Add("a/b", map[string][]byte{"config.json": nil, "tf_model.h5": nil, "onnx/model.onnx": nil})
	c, _ := testClient(t, hub, t.TempDir())
	_, err := c.Pull(context.Background(), "a/b", "", PullOptions{})
	if !errors.Is(err, NoWeights) || !strings.Contains(err.Error(), "onnx/model.onnx, tf_model.h5") {
		t.Errorf("%v", err)
	}
	if left := diskFiles(t, c.Cache().Dir); len(left) > 0 {
		t.Errorf("wrote %v", left)
	}
}

func TestPullFollowsRenames(t *testing.T) {
	hub, files := startHub(t), tinyModel()
	hub.Cached = true
	hub.Add("old-name", files).Move("new/name")
	hub.Add("new/name", files)
	c, _ := testClient(t, hub, t.TempDir())
	checkWhole(t, mustPull(t, c, "old-name", ""), files, tinyTaken)
}

func TestPullWithoutLinksMovesAndCopies(t *testing.T) {
	hub, dir, files := startHub(t), t.TempDir(), tinyModel()
	repo := hub.Add("org/tiny", files)
	c, _ := testClient(t, hub, dir)
	c.symlinks = func(string) bool { return false }
	first := mustPull(t, c, "org/tiny", "")
	checkWhole(t, first, files, tinyTaken)
	if blobs := diskFiles(t, filepath.Join(dir, "models--org--tiny/blobs")); len(blobs) > 0 {
		t.Errorf("files are stored twice: %v", blobs)
	}
	hub.Forget()
	mustPull(t, c, "org/tiny", "")
	if hub.Sent("/resolve/")+hub.Sent("safetensors") > 0 {
		t.Error("fetched again")
	}
	// A blob that a program with links left behind is copied, since others may lead to it.
	config := []byte(`{"new":1}`)
	blob := filepath.Join(dir, "models--org--tiny/blobs", hubtest.GitSHA1(config))
	if err := os.WriteFile(blob, config, 0o666); err != nil {
		t.Fatal(err)
	}
	files["config.json"] = config
	repo.Commit("main", files)
	second := mustPull(t, c, "org/tiny", "")
	checkWhole(t, second, files, tinyTaken)
	if sizeOf(blob) != int64(len(config)) {
		t.Error("the blob is gone")
	}
	if runtime.GOOS != "windows" {
		if _, err := os.Readlink(filepath.Join(second.Dir, "config.json")); err == nil {
			t.Error("a link was made")
		}
	}
}

func TestPullOfflineIsContentWithTheCache(t *testing.T) {
	hub, dir, files := startHub(t), t.TempDir(), tinyModel()
	hub.Add("org/tiny", files)
	online, _ := testClient(t, hub, dir)
	offline, _ := testClient(t, hub, dir, func(c *Config) { c.Offline = true })
	_, err := offline.Pull(context.Background(), "org/tiny", "", PullOptions{})
	if !errors.Is(err, Offline) || !strings.Contains(err.Error(), "`tryall pull org/tiny`") {
		t.Errorf("nothing there: %v", err)
	}
	s := mustPull(t, online, "org/tiny", "")
	hub.Forget()
	if got := mustPull(t, offline, "org/tiny", ""); got.Dir != s.Dir {
		t.Error(got)
	}
	if err := os.Remove(filepath.Join(s.Dir, "model.safetensors")); err != nil {
		t.Fatal(err)
	}
	_, err = offline.Pull(context.Background(), "org/tiny", "", PullOptions{})
	if !errors.Is(err, Offline) || !strings.Contains(err.Error(), "weights (model.safetensors) missing") {
		t.Errorf("partly there: %v", err)
	}
	if _, err := offline.Plan(context.Background(), "org/tiny", "v2"); !errors.Is(err, Offline) || !strings.Contains(err.Error(), "--revision v2") {
		t.Errorf("plan: %v", err)
	}
	if n := len(hub.Requests("")); n > 0 {
		t.Errorf("%d requests offline", n)
	}
}

func TestPlanListsWhatAnotherMachineCanFetch(t *testing.T) {
	hub, files := startHub(t), tinyModel()
	commit := hub.Add("org/tiny", files).Commit("main", files)
	c, _ := testClient(t, hub, t.TempDir())
	p, err := c.Plan(context.Background(), "org/tiny", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range p.Files {
		if f.Size != int64(len(files[f.Path])) || f.Digest.name() != hubtest.ETag(f.Path, files[f.Path]) || f.URL != hub.URL()+"/org/tiny/resolve/"+commit+"/"+f.Path {
			t.Errorf("%+v", f)
		}
	}
	if len(p.Files) != len(tinyTaken) || p.Commit != commit {
		t.Errorf("%+v", p)
	}
	if left := diskFiles(t, c.Cache().Dir); len(left) > 0 {
		t.Errorf("a plan wrote %v", left)
	}
}
