package corpus

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tryall/tryall/qa"
)

// tree makes files of a folder: name, content, name, content ... A name that ends with a slash is a folder.
func tree(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		p := filepath.Join(dir, filepath.FromSlash(files[i]))
		if strings.HasSuffix(files[i], "/") {
			if err := os.MkdirAll(p, 0o777); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(p), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(files[i+1]), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// found lists what Walk finds below dir: "a.txt", "b.txt: hidden", "nothing!: no file matches it".
func found(t *testing.T, dir string, roots []string, o WalkOptions) []string {
	t.Helper()
	var out []string
	rel := func(p string) string {
		if r, err := filepath.Rel(dir, p); err == nil {
			return filepath.ToSlash(r)
		}
		return p
	}
	for f, err := range Walk(context.Background(), roots, o) {
		switch {
		case err != nil:
			out = append(out, rel(f.Path)+"! "+string(qa.CodeOf(err)))
		case f.Skipped != "":
			out = append(out, rel(f.Path)+": "+strings.ReplaceAll(f.Skipped, dir+string(filepath.Separator), ""))
		default:
			info, e := os.Stat(f.Path)
			if e != nil || f.Size != info.Size() || !f.ModTime.Equal(info.ModTime()) {
				t.Errorf("%+v %v", f, e)
			}
			out = append(out, rel(f.Path))
		}
	}
	return out
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func TestWalk(t *testing.T) {
	dir := tree(t, "b.txt", "b", "a/z.md", "z", "a/b/c.md", "c", "a.txt", "a", ".hidden/x.txt", "x", ".secret", "s", "empty.txt", "", "big.txt", strings.Repeat("x", 100), "out/gen.txt", "g",
		".tryallignore", "out/\n*.log\n!keep.log\n", "x.log", "l", "keep.log", "k", "a/.tryallignore", "/b\n", "[odd].txt", "o")
	in := func(names ...string) []string {
		for i, n := range names {
			names[i] = filepath.Join(dir, filepath.FromSlash(n))
		}
		return names
	}
	o := WalkOptions{MaxBytes: 50, Exclude: []string{"b.*"}}
	same(t, "folder", found(t, dir, in("."), o),
		".hidden: hidden", ".secret: hidden", ".tryallignore: hidden", "[odd].txt", "a/.tryallignore: hidden", "a/b: ignored by a/.tryallignore: /b", "a/z.md", "a.txt", "b.txt: excluded: b.*",
		"big.txt: larger than 50 bytes", "empty.txt: empty", "keep.log", "out: ignored by .tryallignore: out/", "x.log: ignored by .tryallignore: *.log")
	same(t, "hidden and ignored too", found(t, dir, in("."), WalkOptions{Hidden: true, NoIgnore: true}),
		".hidden/x.txt", ".secret", ".tryallignore", "[odd].txt", "a/.tryallignore", "a/b/c.md", "a/z.md", "a.txt", "b.txt", "big.txt", "empty.txt: empty", "keep.log", "out/gen.txt", "x.log")
	same(t, "named files are read, wherever they are", found(t, dir, in("x.log", ".secret", ".hidden", "a/b"), WalkOptions{}), "x.log", ".secret", ".hidden/x.txt", "a/b/c.md")
	same(t, "each once", found(t, dir, in("a.txt", "a.txt", "a/../a.txt", "a", "a/z.md", "a"), WalkOptions{}), "a.txt", "a/.tryallignore: hidden", "a/b: ignored by a/.tryallignore: /b", "a/z.md", "a: the same folder as another root")
	same(t, "glob", found(t, dir, in("**/*.md"), WalkOptions{}), ".hidden: hidden", "a/b: ignored by a/.tryallignore: /b", "a/z.md", "out: ignored by .tryallignore: out/")
	same(t, "glob in a folder", found(t, dir, in("a/*.md", "{a,b}.txt", "?.txt"), WalkOptions{}), "a/z.md", "a.txt", "b.txt")
	same(t, "a name that looks like a pattern", found(t, dir, in("[odd].txt"), WalkOptions{}), "[odd].txt")
	same(t, "nothing there", found(t, dir, in("none.txt", "*.none", "nowhere/**", "b.txt"), WalkOptions{}), "none.txt! not_found", "*.none! not_found", "nowhere/**! not_found", "b.txt")
	n := 0
	for range Walk(context.Background(), in("."), WalkOptions{}) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Error(n)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for f, err := range Walk(ctx, in("."), WalkOptions{}) {
		if !errors.Is(err, context.Canceled) {
			t.Error(f, err)
		}
	}
}

func TestWalkMeetsOddThings(t *testing.T) {
	dir := tree(t, "a/f.txt", "f", "b/g.txt", "g", "locked/x.txt", "x")
	link := func(target, name string) {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	link("..", "a/loop")
	link("../a", "b/other")
	link("nothing", "dangling")
	link("a/f.txt", "zlink.txt")
	link(os.DevNull, "null")
	if err := makePipe(filepath.Join(dir, "pipe")); err != nil {
		t.Fatal(err)
	}
	old := readDir
	readDir = func(p string) ([]os.DirEntry, error) {
		if filepath.Base(p) == "locked" {
			return nil, &fs.PathError{Op: "open", Path: p, Err: fs.ErrPermission}
		}
		return old(p)
	}
	defer func() { readDir = old }()
	same(t, "odd things", found(t, dir, []string{dir}, WalkOptions{}),
		"a/f.txt", "a/loop: a link to a folder that it is in", "b/g.txt", "b/other: the same folder as a", "dangling: a link to nothing", "locked: cannot be read: permission denied",
		"null: a device, not a file", "pipe: a named pipe, not a file", "zlink.txt: the same file as a/f.txt")
	same(t, "a link that leads nowhere", found(t, dir, []string{filepath.Join(dir, "dangling")}, WalkOptions{}), "dangling! not_found")
	for name, want := range map[string]string{"pipe": "a named pipe, not a file", "a": "a folder; name a file in it", "none": "no such file", "null": "a device"} {
		_, err := ReadFile(context.Background(), filepath.Join(dir, name), name, Limits{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "read "+name+": ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestIgnoreAsGitDoes compares with git check-ignore.
func TestIgnoreAsGitDoes(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		if os.Getenv("TRYALL_TEST_ALL") == "1" {
			t.Fatal(err)
		}
		t.Skip("no git to compare with")
	}
	files := []string{"a.txt", "b.log", "build/x.txt", "sub/build/y.txt", "sub/a.txt", "sub/deep/a.md", "sub/deep/b.md", "doc/frotz/x", "a/doc/frotz/y", "foo/bar/baz.txt", "foo/x/bar/q.txt", "keep/me.log", "keep/other.log",
		"spaced name.txt", "trailing ", "#hash", "!bang", "q1.txt", "q2.txt", "qq.txt", "x{1}.txt", "x1.txt", "case.TXT", "sub/.only", "temp/a/b", "temp/c", "star*.txt", "starx.txt", "é.txt", "sub/node_modules/p/i.js"}
	ignore := []string{"# comment", "", "*.log", "build/", "/a.txt", "sub/deep/*.md", "!sub/deep/b.md", "doc/frotz", "foo/**/bar", "!keep/me.log", "spaced\\ name.txt", "trailing\\ ", "\\#hash", "\\!bang", "q[12].txt",
		"x{1}.txt", "*.TXT", "temp/**", "!temp/c", "star\\*.txt", "é*", "**/node_modules", "foo/*/   ", "[z-a]", "qq?"}
	var pairs []string
	for _, f := range files {
		pairs = append(pairs, f, "x")
	}
	dir := tree(t, append(pairs, ".gitignore", strings.Join(ignore, "\n"), "sub/.gitignore", "a.*\n!/nothing\n/deep/../x\n")...)
	if out, err := exec.Command(git, "-C", dir, "init", "-q").CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	got := map[string]bool{}
	for f, err := range Walk(context.Background(), []string{dir}, WalkOptions{Hidden: true}) {
		if err != nil {
			t.Fatal(err)
		}
		if f.Skipped == "" {
			rel, _ := filepath.Rel(dir, f.Path)
			got[filepath.ToSlash(rel)] = true
		}
	}
	for _, f := range files {
		ignored := exec.Command(git, "-C", dir, "check-ignore", "-q", "--", f).Run() == nil
		if got[f] == ignored {
			t.Errorf("%q: git ignores it: %v; we read it: %v", f, ignored, got[f])
		}
	}
	within := map[string]bool{}
	for f := range Walk(context.Background(), []string{filepath.Join(dir, "sub")}, WalkOptions{}) {
		if f.Skipped == "" {
			within[filepath.Base(f.Path)] = true
		}
	}
	if !within["b.md"] || within["a.md"] || within["a.txt"] || within["y.txt"] {
		t.Errorf("the rules of the repository around a root do not hold in it: %v", within)
	}
}
