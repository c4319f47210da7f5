package hub

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
)

// Removal is what taking a model, or one revision of it, out of the cache deletes. Nothing happens
// before Do.
type Removal struct {
	ID      string
	Commits []string // snapshots that go
	Refs    []string // branches and tags that go
	Blobs   []string // names of the files that no other revision uses
	Whole   bool     // the whole folder goes, with what unfinished pulls left
	Bytes   int64    // freed

	cache Cache
	dir   string
}

// PlanRemove says what Do would delete for a revision (a branch, tag, full or short commit; empty =
// everything of the model).
func (c Cache) PlanRemove(id, revision string) (Removal, error) {
	if err := CheckID(id); err != nil {
		return Removal{}, err
	}
	r := Removal{ID: id, cache: c, dir: c.repoDir(id)}
	if !exists(r.dir) {
		return Removal{}, errorf(NotCached, "%s is not on this machine", id)
	}
	commits, err := listCommits(r.dir)
	if err != nil {
		return Removal{}, err
	}
	refs, err := readRefs(r.dir)
	if err != nil {
		return Removal{}, err
	}
	if revision == "" {
		r.Commits = commits
	} else {
		s, err := c.Find(id, revision)
		if err != nil {
			return Removal{}, err
		}
		r.Commits = []string{s.Commit}
	}
	r.Whole = len(r.Commits) == len(commits)
	for commit, names := range refs {
		if r.Whole || slices.Contains(r.Commits, commit) {
			r.Refs = append(r.Refs, names...)
		}
	}
	sort.Strings(r.Refs)
	return r, r.countBlobs(commits)
}

// countBlobs finds the blobs that only the revisions to be removed use, and the bytes that go.
func (r *Removal) countBlobs(commits []string) error {
	goes, stays := map[string]int64{}, map[string]int64{}
	for _, commit := range commits {
		into := stays
		if slices.Contains(r.Commits, commit) {
			into = goes
		}
		dir := filepath.Join(r.dir, "snapshots", commit)
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			if link, err := os.Readlink(path); err == nil {
				path = filepath.Join(filepath.Dir(path), link)
				if filepath.Dir(path) != filepath.Join(r.dir, "blobs") {
					return nil // leads elsewhere: the link goes, what it leads to stays
				}
			}
			into[path] = max(0, sizeOf(path))
			return nil
		})
		if err != nil {
			return wrapDisk(err, "read %s", dir)
		}
	}
	for path, size := range goes {
		if _, used := stays[path]; used {
			continue
		}
		r.Bytes += size
		if filepath.Dir(path) == filepath.Join(r.dir, "blobs") {
			r.Blobs = append(r.Blobs, filepath.Base(path))
		}
	}
	sort.Strings(r.Blobs)
	if r.Whole {
		return r.countRest()
	}
	return nil
}

// countRest adds what lies in blobs/ besides: left overs of pulls, blobs without a revision.
func (r *Removal) countRest() error {
	entries, err := os.ReadDir(filepath.Join(r.dir, "blobs"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return wrapDisk(err, "read %s", r.dir)
	}
	for _, e := range entries {
		if st, err := e.Info(); err == nil && !slices.Contains(r.Blobs, e.Name()) {
			r.Bytes += st.Size()
		}
	}
	return nil
}

// Do deletes. References go first and blobs last, so that a removal that is cut leaves nothing that
// leads nowhere. A blob that another process is fetching right now stops it before anything goes.
func (r Removal) Do() error {
	locks, err := os.ReadDir(filepath.Dir(r.cache.lockPath(r.ID, "x")))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return wrapDisk(err, "read the locks of %s", r.ID)
	}
	for _, l := range locks {
		etag := l.Name()[:len(l.Name())-len(filepath.Ext(l.Name()))]
		release, got, err := r.cache.tryLockBlob(r.ID, etag)
		if err != nil {
			return err
		}
		if !got {
			return errorf(Busy, "remove %s: another process is pulling it; wait for it or stop it", r.ID)
		}
		defer release()
	}
	var paths []string
	for _, ref := range r.Refs {
		paths = append(paths, filepath.Join(r.dir, "refs", filepath.FromSlash(ref)))
	}
	for _, commit := range r.Commits {
		paths = append(paths, filepath.Join(r.dir, "snapshots", commit), filepath.Join(r.dir, ".no_exist", commit))
	}
	for _, blob := range r.Blobs {
		paths = append(paths, filepath.Join(r.dir, "blobs", blob))
	}
	if r.Whole {
		paths = append(paths, r.dir)
	}
	for _, path := range paths {
		if err := os.RemoveAll(path); err != nil {
			return wrapDisk(err, "remove %s", path)
		}
	}
	return nil
}
