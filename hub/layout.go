package hub

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Cache is a folder in the layout of huggingface_hub (hub-docs, local-cache.md):
//
//	models--org--name/blobs/<etag>              the bytes, named by their hash
//	models--org--name/snapshots/<commit>/<file> relative links to them
//	models--org--name/refs/<revision>           the commit of a branch or tag
//	models--org--name/.no_exist/<commit>/<file> files known not to exist
//	.locks/models--org--name/<etag>.lock        who downloads a blob holds this lock
//
// A blob that is not complete is <etag>.incomplete, always a prefix of the file, so that Python
// can go on with ours and we with Python's; ranges beyond the prefix are <etag>.<offset>.part.
type Cache struct{ Dir string }

const modelPrefix = "models--"

func repoFolder(id string) string { return modelPrefix + strings.ReplaceAll(id, "/", "--") }

func (c Cache) repoDir(id string) string { return filepath.Join(c.Dir, repoFolder(id)) }

func (c Cache) lockPath(id, etag string) string {
	return filepath.Join(c.Dir, ".locks", repoFolder(id), etag+".lock")
}

// repo is one model's folder in a cache.
type repo struct {
	id, dir  string
	cache    Cache
	symlinks bool // whether links work here; without them the files themselves lie in snapshots/
}

func (r repo) blob(etag string) string { return filepath.Join(r.dir, "blobs", etag) }

func (r repo) pointer(commit, file string) string {
	return filepath.Join(r.dir, "snapshots", commit, filepath.FromSlash(file))
}

// prepare makes the folders, snapshots first: huggingface_hub takes a folder without it for damaged.
func (r repo) prepare(commit string) error {
	for _, dir := range []string{filepath.Join(r.dir, "snapshots", commit), filepath.Join(r.dir, "blobs"), filepath.Dir(r.cache.lockPath(r.id, "x"))} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return wrapDisk(err, "make the folder %s", dir)
		}
	}
	r.sweep()
	return nil
}

// sweep removes temporary files that a process which was killed long ago left.
func (r repo) sweep() {
	entries, _ := os.ReadDir(r.dir)
	for _, e := range entries {
		if st, err := e.Info(); err == nil && strings.HasPrefix(e.Name(), "tmp_") && !e.IsDir() && time.Since(st.ModTime()) > 24*time.Hour {
			tidy(filepath.Join(r.dir, e.Name()))
		}
	}
}

// sweepParts removes what is left of blobs that are complete: parts of ours, when huggingface_hub
// went on from our prefix and finished first.
func (r repo) sweepParts() {
	entries, _ := os.ReadDir(filepath.Join(r.dir, "blobs"))
	for _, e := range entries {
		etag, rest, _ := strings.Cut(e.Name(), ".")
		if (rest != "incomplete" && !strings.HasSuffix(rest, ".part")) || sizeOf(r.blob(etag)) < 0 {
			continue
		}
		if release, got, err := r.cache.tryLockBlob(r.id, etag); err == nil && got {
			tidy(r.blob(e.Name()))
			release()
		}
	}
}

// link makes the snapshot's file stand for the blob. Where links do not work a new blob is moved
// there and one that others may use is copied, as huggingface_hub does.
func (r repo) link(etag, commit, file string, newBlob bool) error {
	pointer, blob := r.pointer(commit, file), r.blob(etag)
	if err := os.MkdirAll(filepath.Dir(pointer), 0o777); err != nil {
		return wrapDisk(err, "make the folder of %s", pointer)
	}
	if !r.symlinks {
		if newBlob {
			return wrapDisk(os.Rename(blob, pointer), "move %s into its snapshot", file)
		}
		return r.copy(blob, pointer)
	}
	rel, err := filepath.Rel(filepath.Dir(pointer), blob)
	if err != nil {
		return err
	}
	if err := os.Symlink(rel, pointer); !errors.Is(err, fs.ErrExist) {
		return wrapDisk(err, "link %s", pointer)
	}
	if have, err := os.Readlink(pointer); err == nil && have == rel {
		return nil
	}
	tmp := r.temp()
	if err := os.Symlink(rel, tmp); err != nil {
		return wrapDisk(err, "link %s", pointer)
	}
	if err := os.Rename(tmp, pointer); err != nil {
		tidy(tmp)
		return wrapDisk(err, "link %s", pointer)
	}
	return nil
}

func (r repo) copy(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return wrapDisk(err, "open %s", from)
	}
	defer in.Close()
	tmp := r.temp()
	out, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return wrapDisk(err, "create %s", tmp)
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err == nil {
		err = os.Rename(tmp, to)
	}
	if err != nil {
		tidy(tmp)
	}
	return wrapDisk(err, "copy %s to %s", from, to)
}

// temp names a file beside blobs/ and snapshots/, where huggingface_hub looks at nothing.
func (r repo) temp() string {
	return filepath.Join(r.dir, "tmp_"+strconv.FormatUint(rand.Uint64(), 36))
}

// writeRef records which commit a branch or tag stands for, in one step.
func (r repo) writeRef(revision, commit string) error {
	if revision == commit {
		return nil
	}
	path := filepath.Join(r.dir, "refs", filepath.FromSlash(revision))
	if have, err := readSmall(path, 1<<10); err == nil && string(have) == commit {
		return nil
	}
	tmp := r.temp()
	err := os.MkdirAll(filepath.Dir(path), 0o777)
	if err == nil {
		err = os.WriteFile(tmp, []byte(commit), 0o666)
	}
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		tidy(tmp)
	}
	return wrapDisk(err, "write the reference %s", path)
}

// markAbsent records files that this commit does not have, so that Python need not ask for them.
func (r repo) markAbsent(commit string, names []string) error {
	dir := filepath.Join(r.dir, ".no_exist", commit)
	for _, name := range names {
		path := filepath.Join(dir, name)
		if _, err := os.Lstat(path); err == nil {
			continue
		}
		err := os.MkdirAll(dir, 0o777)
		if err == nil {
			err = os.WriteFile(path, nil, 0o666)
		}
		if err != nil {
			return wrapDisk(err, "mark %s as absent", name)
		}
	}
	return nil
}

// symlinksWork tries whether links can be made in dir.
func symlinksWork(dir string) bool {
	name := filepath.Join(dir, "tmp_link_"+strconv.FormatUint(rand.Uint64(), 36))
	defer tidy(name)
	return os.Symlink("nowhere", name) == nil
}

// sizeOf is the size of the file that path leads to; -1 when there is none.
func sizeOf(path string) int64 {
	st, err := os.Stat(path)
	if err != nil || !st.Mode().IsRegular() {
		return -1
	}
	return st.Size()
}

// tidy removes a file that is of no use any more. When that fails it stays, and does no harm: nothing
// leads to it, and a later sweep or `tryall rm` takes it along.
func tidy(path string) { _ = os.Remove(path) }

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
