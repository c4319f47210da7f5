package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// stored is a file whose bytes are in the cache.
type stored struct {
	file  string
	etag  string // its blob
	fresh bool   // the blob was not there before
	both  Digest // both hashes
}

// storeRepository stores the files, finds the commit when the path did not tell it, and files them.
func (im *importer) storeRepository(ctx context.Context, id, commit, root string, files []File) ([]Snapshot, error) {
	im.events.planned(Plan{ID: id, Revision: "main", Commit: commit, Files: files})
	r, err := im.repo(id, files)
	if err != nil {
		return nil, err
	}
	var names []string
	byName := map[string]File{}
	for _, f := range files {
		names, byName[root+f.Path] = append(names, root+f.Path), f
	}
	var have []stored
	err = im.src.open(names, func(name string, in io.Reader) error {
		s, err := im.put(ctx, r, byName[name], in)
		have = append(have, s)
		return err
	})
	if err != nil {
		return nil, err
	}
	sort.Slice(have, func(i, j int) bool { return have[i].file < have[j].file })
	if commit == "" {
		if commit, err = im.notedCommit(root, have); err != nil {
			return nil, err
		}
	}
	return im.file(r, commit, []string{"main"}, have)
}

// repo makes the folder to import into, after a look at the room there.
func (im *importer) repo(id string, files []File) (repo, error) {
	r := repo{id: id, dir: im.cache.repoDir(id), cache: im.cache}
	var need int64
	for _, f := range files {
		if err := checkName(f.Path); err != nil {
			return r, err
		}
		need += f.Size
	}
	for _, dir := range []string{"snapshots", "blobs"} {
		if err := os.MkdirAll(filepath.Join(r.dir, dir), 0o777); err != nil {
			return r, wrapDisk(err, "make the folder %s", r.dir)
		}
	}
	if free, known := freeSpace(r.dir); known && need > free {
		return r, errorf(DiskFull, "%s are needed, but the disk of %s has room for %s: make room or point HF_HUB_CACHE at a larger disk", humanBytes(need), im.cache.Dir, humanBytes(free))
	}
	r.symlinks = im.symlinks(r.dir)
	return r, nil
}

// put stores the bytes of one file as a blob.
func (im *importer) put(ctx context.Context, r repo, f File, in io.Reader) (stored, error) {
	tmp := r.temp()
	defer tidy(tmp)
	both, err := im.copy(ctx, tmp, f, in)
	if err != nil {
		return stored{}, err
	}
	if want := f.Digest; (want.SHA256 != "" && want.SHA256 != both.SHA256) || (want.GitSHA1 != "" && want.GitSHA1 != both.GitSHA1) {
		return stored{}, &Error{Code: HashMismatch, File: f.Path, Want: want.name(), Got: both.SHA256, Msg: f.Path + ": its bytes are not those that its name in the cache stands for (" + want.String() + "): the source is damaged; copy it again"}
	}
	im.events.emit(Event{Kind: Verified, File: f.Path})
	s := stored{file: f.Path, both: both, etag: f.Digest.name()}
	for _, name := range []string{both.SHA256, both.GitSHA1} {
		if s.etag == "" && sizeOf(r.blob(name)) == f.Size {
			s.etag = name
		}
	}
	if s.etag == "" {
		s.etag = blobName(f, both)
	}
	release, err := im.cache.lockBlob(ctx, r.id, s.etag, func() { im.events.emit(Event{Kind: Waiting, File: f.Path}) }, func() {})
	if err != nil {
		return stored{}, err
	}
	defer release()
	if sizeOf(r.blob(s.etag)) == f.Size {
		return s, nil
	}
	s.fresh = true
	return s, wrapDisk(os.Rename(tmp, r.blob(s.etag)), "name the blob of %s", f.Path)
}

// copy writes exactly the file's bytes to tmp and hashes them both ways.
func (im *importer) copy(ctx context.Context, tmp string, f File, in io.Reader) (Digest, error) {
	out, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return Digest{}, wrapDisk(err, "create %s", tmp)
	}
	sha, git := sha256.New(), newGitHash(f.Size)
	to := io.MultiWriter(out, sha, git)
	buf := make([]byte, 1<<20)
	var done int64
	for err == nil && ctx.Err() == nil {
		var n int
		n, err = in.Read(buf)
		if done += int64(n); done > f.Size {
			err = errorf(Corrupt, "%s is longer than the %d bytes that are listed", f.Path, f.Size)
			break
		}
		if _, werr := to.Write(buf[:n]); werr != nil {
			err = wrapDisk(werr, "write %s", f.Path)
			break
		}
		im.events.progress(f.Path, done)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	} else if err == nil && done != f.Size {
		err = errorf(Corrupt, "%s ends after %d of %d bytes", f.Path, done, f.Size)
	}
	if err = errors.Join(err, syncFile(out), out.Close()); err != nil {
		return Digest{}, wrapDisk(err, "store %s", f.Path)
	}
	return Digest{SHA256: hex.EncodeToString(sha.Sum(nil)), GitSHA1: hex.EncodeToString(git.Sum(nil))}, nil
}

// blobName names a blob as the Hub most likely does: weights and other large files are in large file
// storage there, named by SHA-256, and the rest in git.
func blobName(f File, d Digest) string {
	switch path.Ext(f.Path) {
	case ".safetensors", ".bin", ".model":
		return d.SHA256
	}
	if f.Size > 10<<20 {
		return d.SHA256
	}
	return d.GitSHA1
}

// file links a snapshot to its blobs and writes its references.
func (im *importer) file(r repo, commit string, refs []string, have []stored) ([]Snapshot, error) {
	if err := r.prepare(commit); err != nil {
		return nil, err
	}
	used := map[string]bool{}
	for _, s := range have {
		if err := r.link(s.etag, commit, s.file, s.fresh && !used[s.etag]); err != nil {
			return nil, err
		}
		used[s.etag] = true
		im.events.emit(Event{Kind: Done, File: s.file, Cached: !s.fresh})
	}
	revision := commit
	for _, ref := range refs {
		if err := r.writeRef(ref, commit); err != nil {
			return nil, err
		}
		if revision == commit || ref == "main" {
			revision = ref
		}
	}
	return []Snapshot{{ID: r.id, Revision: revision, Commit: commit, Dir: filepath.Join(r.dir, "snapshots", commit)}}, nil
}

// notedCommit is the commit that `hf download --local-dir` noted beside every one of the files, if it
// is one and the same and the files are still what it brought; else a hash of the names and contents.
func (im *importer) notedCommit(root string, have []stored) (string, error) {
	var names []string
	for _, s := range have {
		names = append(names, metadataName(root, s.file))
	}
	notes, err := im.readSmall(names...)
	if err != nil {
		return "", err
	}
	commit := ""
	var files []File
	for _, s := range have {
		files = append(files, File{Path: s.file, Digest: s.both})
		lines := strings.SplitN(string(notes[metadataName(root, s.file)]), "\n", 3)
		noted := strings.TrimSpace(lines[0])
		same := len(lines) > 1 && slices.Contains([]string{s.both.SHA256, s.both.GitSHA1}, strings.TrimSpace(lines[1]))
		if !commitPattern.MatchString(noted) || !same || (commit != "" && commit != noted) {
			commit = "none"
			continue
		}
		commit = noted
	}
	if commitPattern.MatchString(commit) {
		return commit, nil
	}
	return contentName(files), nil
}

func metadataName(root, file string) string {
	return root + ".cache/huggingface/download/" + file + ".metadata"
}
