package hub

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// Repo is a model's folder in the cache.
type Repo struct {
	ID        string
	Dir       string
	Size      int64 // of the blobs that revisions use, each once
	Partial   int64 // of bytes from pulls that did not finish
	Revisions []Revision
	Modified  time.Time // newest blob
}

// Revision is one commit of a model in the cache.
type Revision struct {
	Commit   string
	Refs     []string // branches and tags that stand for it
	Size     int64
	Files    int
	Modified time.Time
}

// Snapshot is the revision as Find returns it, named by its first reference or else its commit.
func (r Repo) Snapshot(v Revision) Snapshot {
	name := v.Commit
	if len(v.Refs) > 0 {
		name = v.Refs[0]
		for _, ref := range v.Refs {
			if ref == "main" {
				name = ref
			}
		}
	}
	return Snapshot{ID: r.ID, Revision: name, Commit: v.Commit, Dir: filepath.Join(r.Dir, "snapshots", v.Commit)}
}

// Scan lists the models in the cache, by id. What is damaged is left out and named in warnings, as
// scan_cache_dir of huggingface_hub does. Data sets and spaces are not looked at.
func (c Cache) Scan() (repos []Repo, warnings []error, err error) {
	entries, err := os.ReadDir(c.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, wrapDisk(err, "read the model cache %s", c.Dir)
	}
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), modelPrefix)
		if !ok {
			continue
		}
		r, err := scanRepo(strings.ReplaceAll(rest, "--", "/"), filepath.Join(c.Dir, e.Name()))
		if err != nil {
			warnings = append(warnings, err)
			continue
		}
		repos = append(repos, r)
	}
	sort.Slice(repos, func(i, j int) bool { return repos[i].ID < repos[j].ID })
	return repos, warnings, nil
}

func scanRepo(id, dir string) (Repo, error) {
	r := Repo{ID: id, Dir: dir}
	if err := CheckID(id); err != nil {
		return r, errorf(Corrupt, "%s is not the folder of a model: %w", dir, err)
	}
	entries, err := os.ReadDir(filepath.Join(dir, "snapshots"))
	if err != nil {
		return r, errorf(Corrupt, "%s has no readable folder snapshots: remove it with `tryall rm %s` or pull the model again", dir, id)
	}
	refs, err := readRefs(dir)
	if err != nil {
		return r, err
	}
	blobs := map[string]int64{}
	for _, e := range entries {
		if e.Name() == ".DS_Store" {
			continue
		}
		if !e.IsDir() {
			return r, errorf(Corrupt, "%s: there is a file among the snapshots: %s", dir, e.Name())
		}
		v, err := scanRevision(filepath.Join(dir, "snapshots", e.Name()), blobs)
		if err != nil {
			return r, err
		}
		v.Commit, v.Refs = e.Name(), refs[e.Name()]
		delete(refs, e.Name())
		r.Revisions = append(r.Revisions, v)
		if v.Modified.After(r.Modified) {
			r.Modified = v.Modified
		}
	}
	for commit, names := range refs {
		return r, errorf(Corrupt, "%s: the reference %s stands for %s, which is not here: pull it again", dir, strings.Join(names, ", "), quote(commit))
	}
	for _, size := range blobs {
		r.Size += size
	}
	r.Partial = partial(dir)
	return r, nil
}

// scanRevision sums a snapshot; each blob is entered in blobs once.
func scanRevision(dir string, blobs map[string]int64) (Revision, error) {
	var v Revision
	mine := map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		blob, err := filepath.EvalSymlinks(path)
		if err != nil {
			return errorf(Corrupt, "%s: its link leads nowhere; pull the model again", path)
		}
		st, err := os.Stat(blob)
		if err != nil {
			return err
		}
		v.Files++
		if st.ModTime().After(v.Modified) {
			v.Modified = st.ModTime()
		}
		blobs[blob] = st.Size()
		if !mine[blob] {
			mine[blob] = true
			v.Size += st.Size()
		}
		return nil
	})
	if st, serr := os.Stat(dir); v.Files == 0 && serr == nil {
		v.Modified = st.ModTime()
	}
	return v, wrapDisk(err, "read %s", dir)
}

// partial sums what unfinished pulls left.
func partial(dir string) int64 {
	entries, _ := os.ReadDir(filepath.Join(dir, "blobs"))
	var n int64
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".incomplete") || strings.HasSuffix(e.Name(), ".part") {
			if st, err := e.Info(); err == nil {
				n += st.Size()
			}
		}
	}
	return n
}
