package hub

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/tryall/tryall/hub/hubtest"
)

// member is a file or, with link, a symbolic link of an archive.
type member struct {
	name, text, link string
	kind             byte // tar's, when neither
}

func members(prefix string, files map[string][]byte) []member {
	var ms []member
	for name, data := range files {
		ms = append(ms, member{name: prefix + name, text: string(data)})
	}
	sort.Slice(ms, func(i, j int) bool { return ms[i].name < ms[j].name })
	return ms
}

func makeTar(t *testing.T, path string, ms []member) string {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, m := range ms {
		h := &tar.Header{Name: m.name, Size: int64(len(m.text)), Mode: 0o644, Typeflag: tar.TypeReg, Linkname: m.link}
		if m.link != "" {
			h.Typeflag, h.Size = tar.TypeSymlink, 0
		}
		if m.kind != 0 {
			h.Typeflag, h.Size = m.kind, 0
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := w.Write([]byte(m.text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.Close()
	data := buf.Bytes()
	if strings.HasSuffix(path, "gz") {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		z.Write(data)
		z.Close()
		data = packed.Bytes()
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func makeZip(t *testing.T, path string, ms []member) string {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, m := range ms {
		h := &zip.FileHeader{Name: m.name, Method: zip.Deflate}
		text := m.text
		h.SetMode(0o644)
		if m.link != "" {
			h.SetMode(fs.ModeSymlink | 0o777)
			text = m.link
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		f.Write([]byte(text))
	}
	w.Close()
	if err := os.WriteFile(path, buf.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func makeDir(t *testing.T, dir string, ms []member) string {
	t.Helper()
	for _, m := range ms {
		path := filepath.Join(dir, filepath.FromSlash(m.name))
		err := os.MkdirAll(filepath.Dir(path), 0o777)
		if m.link != "" {
			err = errors.Join(err, os.Symlink(m.link, path))
		} else {
			err = errors.Join(err, os.WriteFile(path, []byte(m.text), 0o666))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func mustImport(t *testing.T, c Cache, src, as string) Snapshot {
	t.Helper()
	snaps, err := c.Import(context.Background(), src, ImportOptions{As: as})
	if err != nil || len(snaps) != 1 {
		t.Fatalf("import %s: %v %v", src, snaps, err)
	}
	return snaps[0]
}

func TestImportOfARepository(t *testing.T) {
	files := tinyModel()
	tmp := t.TempDir()
	flat, nested := members("", files), members("./my-model/", files)
	commits := map[string]bool{}
	for _, x := range []struct{ src, as, id string }{
		{makeDir(t, filepath.Join(tmp, "my-model"), flat), "", "my-model"},
		{makeDir(t, filepath.Join(tmp, "dir2"), flat), "org/tiny", "org/tiny"},
		{makeTar(t, filepath.Join(tmp, "my-model.tar"), flat), "", "my-model"},
		{makeTar(t, filepath.Join(tmp, "x.tar.gz"), nested), "", "my-model"},
		{makeZip(t, filepath.Join(tmp, "x.zip"), nested), "org/tiny", "org/tiny"},
	} {
		c := Cache{Dir: t.TempDir()}
		s := mustImport(t, c, x.src, x.as)
		if s.ID != x.id || s.Revision != "main" {
			t.Errorf("%s: %+v", x.src, s)
		}
		commits[s.Commit] = true
		checkWhole(t, s, files, tinyTaken)
		if found, err := c.Find(x.id, ""); err != nil || found.Dir != s.Dir || found.Complete() != nil {
			t.Errorf("%s: %v", x.src, err)
		}
		before := diskFiles(t, c.Dir)
		if again := mustImport(t, c, x.src, x.as); again != s || fmt.Sprint(diskFiles(t, c.Dir)) != fmt.Sprint(before) {
			t.Errorf("%s: importing twice stores twice", x.src)
		}
	}
	if len(commits) != 1 {
		t.Errorf("the same files got the commits %v", commits)
	}
}

// What a pull brought is recognised when the same files are imported, and the other way round.
func TestImportAndPullShareBlobs(t *testing.T) {
	hub, dir, files := startHub(t), t.TempDir(), tinyModel()
	hub.Add("org/tiny", files)
	c, _ := testClient(t, hub, dir)
	imported := mustImport(t, c.Cache(), makeDir(t, filepath.Join(t.TempDir(), "x"), members("", files)), "org/tiny")
	pulled := mustPull(t, c, "org/tiny", "")
	for s, want := range map[Snapshot]bool{imported: true, pulled: false} {
		if got, err := s.Imported(context.Background()); err != nil || got != want {
			t.Errorf("%s: imported %v, %v", s.Commit, got, err)
		}
	}
	if sent := hub.Sent("/resolve/") + hub.Sent("model.safetensors"); sent > 0 {
		t.Errorf("%d bytes were fetched that had been imported", sent)
	}
	if n := len(diskFiles(t, filepath.Join(dir, "models--org--tiny/blobs"))); n != len(tinyTaken) {
		t.Errorf("%d blobs for %d files", n, len(tinyTaken))
	}
}

// `hf download --local-dir` notes commit and etag beside the files.
func TestImportTakesTheNotedCommit(t *testing.T) {
	files := tinyModel()
	commit := strings.Repeat("ab", 20)
	ms := members("", files)
	for name, data := range files {
		ms = append(ms, member{name: ".cache/huggingface/download/" + name + ".metadata", text: commit + "\n" + hubtest.ETag(name, data) + "\n1700000000.0\n"})
	}
	s := mustImport(t, Cache{Dir: t.TempDir()}, makeDir(t, filepath.Join(t.TempDir(), "tiny"), ms), "")
	if s.Commit != commit {
		t.Errorf("commit %s", s.Commit)
	}
	for i := range ms {
		if ms[i].name == "config.json" {
			ms[i].text = "{}" // edited since
		}
	}
	s = mustImport(t, Cache{Dir: t.TempDir()}, makeTar(t, filepath.Join(t.TempDir(), "tiny.tar"), ms), "")
	if s.Commit == commit || s.ID != "tiny" {
		t.Errorf("%+v", s)
	}
}

// cacheMembers is a cache with one model, as `tar` packs it.
func cacheMembers(prefix string, files map[string][]byte, commit string) []member {
	root := prefix + "models--org--tiny/"
	ms := []member{
		{name: root + "refs/main", text: commit}, {name: root + "refs/refs/pr/1", text: commit},
		{name: root + ".no_exist/" + commit + "/added_tokens.json"}, {name: root + "blobs/left.incomplete", text: "x"},
	}
	for _, m := range members("", files) {
		etag := hubtest.ETag(m.name, []byte(m.text))
		up := strings.Repeat("../", strings.Count(m.name, "/"))
		ms = append(ms, member{name: root + "blobs/" + etag, text: m.text}, member{name: root + "snapshots/" + commit + "/" + m.name, link: up + "../../blobs/" + etag})
	}
	return ms
}

func TestImportOfACache(t *testing.T) {
	files, commit, tmp := tinyModel(), strings.Repeat("c0", 20), t.TempDir()
	for _, src := range []string{
		makeDir(t, filepath.Join(tmp, "hub"), cacheMembers("", files, commit)),
		filepath.Join(tmp, "hub/models--org--tiny"),
		makeTar(t, filepath.Join(tmp, "a.tar"), cacheMembers("./", files, commit)),
		makeTar(t, filepath.Join(tmp, "b.tgz"), cacheMembers("huggingface/hub/", files, commit)),
		makeZip(t, filepath.Join(tmp, "c.zip"), cacheMembers("hub/", files, commit)),
	} {
		c := Cache{Dir: t.TempDir()}
		s := mustImport(t, c, src, "")
		if s.ID != "org/tiny" || s.Commit != commit || s.Revision != "main" {
			t.Errorf("%s: %+v", src, s)
		}
		checkWhole(t, s, files, tinyTaken)
		if pr, err := c.Find("org/tiny", "refs/pr/1"); err != nil || pr.Commit != commit {
			t.Errorf("%s: %v", src, err)
		}
		if again := mustImport(t, c, src, ""); again != s {
			t.Errorf("%+v", again)
		}
	}
	// A snapshot's own folder says what it is.
	s := mustImport(t, Cache{Dir: t.TempDir()}, filepath.Join(tmp, "hub/models--org--tiny/snapshots", commit), "")
	if s.ID != "org/tiny" || s.Commit != commit {
		t.Errorf("%+v", s)
	}
	checkWhole(t, s, files, tinyTaken)
	if _, err := (Cache{Dir: t.TempDir()}).Import(context.Background(), filepath.Join(tmp, "a.tar"), ImportOptions{As: "x/y"}); !errors.Is(err, Invalid) {
		t.Error(err)
	}
}

func TestImportRefusesByName(t *testing.T) {
	files, commit := tinyModel(), strings.Repeat("c0", 20)
	flat, cached := members("", files), cacheMembers("", files, commit)
	with := func(ms []member, more ...member) []member { return append(append([]member(nil), ms...), more...) }
	var wrong []member
	for _, m := range cached {
		if strings.HasSuffix(m.name, "blobs/"+hubtest.SHA256(files["model.safetensors"])) {
			m.text = "X" + m.text[1:]
		}
		wrong = append(wrong, m)
	}
	pointer := "models--org--tiny/snapshots/" + commit + "/extra"
	for _, x := range []struct {
		name string
		ms   []member
		code Code
		says string
	}{
		{"climbs", with(flat, member{name: "../evil", text: "x"}), UnsafePath, "../evil"},
		{"climbs inside", with(flat, member{name: "a/../../evil", text: "x"}), UnsafePath, "evil"},
		{"absolute", with(flat, member{name: "/etc/evil", text: "x"}), UnsafePath, "/etc/evil"},
		{"backslash", with(flat, member{name: `..\evil`, text: "x"}), UnsafePath, "evil"},
		{"link out of a cache", with(cached, member{name: pointer, link: "../../../../etc/passwd"}), UnsafePath, "/etc/passwd"},
		{"absolute link", with(cached, member{name: pointer, link: "/etc/passwd"}), UnsafePath, "/etc/passwd"},
		{"link to nothing", with(cached, member{name: pointer, link: "../../blobs/none"}), Corrupt, "which is not there"},
		{"link in a repository", with(members("", map[string][]byte{"config.json": nil}), member{name: "model.safetensors", link: "/etc/passwd"}), Corrupt, "tar -h"},
		{"wrong bytes", wrong, HashMismatch, "the source is damaged"},
		{"twice", with(flat, member{name: "config.json", text: "{}"}), Corrupt, "twice"},
		{"a bad reference", with(cached, member{name: "models--org--tiny/refs/x y", text: commit}), Invalid, "x y"},
		{"no model", []member{{name: "notes.txt", text: "x"}}, Corrupt, "there is no model"},
		{"two models", append(members("a/", files), members("b/", files)...), Corrupt, "several models"},
		{"no weights", []member{{name: "config.json"}, {name: "model.onnx"}}, NoWeights, "model.onnx"},
	} {
		for _, kind := range []string{".tar", ".zip"} {
			dir := t.TempDir()
			src := filepath.Join(dir, "x"+kind)
			if kind == ".tar" {
				makeTar(t, src, x.ms)
			} else {
				makeZip(t, src, x.ms)
			}
			c := Cache{Dir: filepath.Join(dir, "cache")}
			_, err := c.Import(context.Background(), src, ImportOptions{})
			if !errors.Is(err, x.code) || !strings.Contains(err.Error(), x.says) {
				t.Errorf("%s%s: %v (%s)", x.name, kind, err, CodeOf(err))
			}
			for _, name := range diskFiles(t, dir) {
				if strings.Contains(name, "evil") || strings.Contains(name, "/refs/") || strings.Contains(name, "tmp_") {
					t.Errorf("%s%s: wrote %s", x.name, kind, name)
				}
			}
		}
	}
	for _, kind := range []byte{tar.TypeLink, tar.TypeChar, tar.TypeFifo} {
		src := makeTar(t, filepath.Join(t.TempDir(), "x.tar"), with(flat, member{name: "odd", kind: kind, link: "config.json"}))
		if _, err := (Cache{Dir: t.TempDir()}).Import(context.Background(), src, ImportOptions{}); !errors.Is(err, Corrupt) || !strings.Contains(err.Error(), "odd") {
			t.Errorf("%c: %v", kind, err)
		}
	}
	for text, says := range map[string]string{"PK\x03\x04xxx": "damaged zip", "\x1f\x8bxxx": "damaged gzip", "hello": "neither a folder nor", "": "neither a folder nor"} {
		src := filepath.Join(t.TempDir(), "x")
		os.WriteFile(src, []byte(text), 0o666)
		if _, err := (Cache{Dir: t.TempDir()}).Import(context.Background(), src, ImportOptions{}); !errors.Is(err, Corrupt) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := (Cache{Dir: t.TempDir()}).Import(context.Background(), filepath.Join(t.TempDir(), "none"), ImportOptions{}); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// A small archive that unpacks to more than the disk holds is refused before a byte is unpacked.
func TestImportOfABomb(t *testing.T) {
	src := filepath.Join(t.TempDir(), "bomb.tar")
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	w.WriteHeader(&tar.Header{Name: "config.json", Typeflag: tar.TypeReg})
	w.WriteHeader(&tar.Header{Name: "model.safetensors", Size: 1 << 60, Typeflag: tar.TypeReg, Format: tar.FormatGNU})
	os.WriteFile(src, buf.Bytes(), 0o666)
	_, err := (Cache{Dir: t.TempDir()}).Import(context.Background(), src, ImportOptions{})
	if !errors.Is(err, Corrupt) && !errors.Is(err, DiskFull) {
		t.Error(err)
	}
}

func TestImportStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	c := Cache{Dir: t.TempDir()}
	src := makeDir(t, filepath.Join(t.TempDir(), "m"), members("", tinyModel()))
	_, err := c.Import(ctx, src, ImportOptions{Events: func(e Event) {
		if e.Kind == Verified {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || strings.Contains(fmt.Sprint(diskFiles(t, c.Dir)), "tmp_") {
		t.Errorf("%v, %v", err, diskFiles(t, c.Dir))
	}
}
