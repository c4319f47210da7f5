package hub

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// Snapshot is a model at a commit in the cache.
type Snapshot struct {
	ID       string // org/name
	Revision string // as asked for: a branch, a tag or the commit
	Commit   string
	Dir      string // holds config.json and the others
}

// FS is the snapshot's folder, as DirFS gives it.
func (s Snapshot) FS() fs.FS { return DirFS(s.Dir) }

// Find looks a model up, as huggingface_hub does: a full commit is taken as it is, another revision
// (empty = main) is read from refs/. Besides, seven or more digits that begin just one commit on
// this machine stand for it. What is found need not be complete; see Complete.
func (c Cache) Find(id, revision string) (Snapshot, error) {
	if revision == "" {
		revision = "main"
	}
	if err := checkNames(id, revision); err != nil {
		return Snapshot{}, err
	}
	dir := c.repoDir(id)
	commits, err := listCommits(dir)
	if err != nil {
		return Snapshot{}, err
	}
	commit, err := resolve(dir, revision, commits)
	if err != nil {
		return Snapshot{}, wrapf(err, "%s@%s", id, revision)
	}
	if commit == "" || !slices.Contains(commits, commit) {
		have := ""
		if len(commits) > 0 {
			have = "; here are " + strings.Join(c.revisionsHere(dir, commits), ", ")
		}
		return Snapshot{}, errorf(NotCached, "%s@%s is not on this machine%s; get it with `%s`", id, revision, have, pullCommand(id, revision))
	}
	return Snapshot{ID: id, Revision: revision, Commit: commit, Dir: filepath.Join(dir, "snapshots", commit)}, nil
}

// resolve finds the commit of a revision; empty when it is not known here.
func resolve(dir, revision string, commits []string) (string, error) {
	if commitPattern.MatchString(revision) {
		return revision, nil
	}
	data, err := readSmall(filepath.Join(dir, "refs", filepath.FromSlash(revision)), 1<<10)
	if err == nil {
		commit := strings.TrimSpace(string(data))
		if !commitPattern.MatchString(commit) {
			return "", errorf(Corrupt, "the reference %s holds %s, which is no commit; pull it again", filepath.Join(dir, "refs", revision), quote(commit))
		}
		return commit, nil
	}
	if st, serr := os.Stat(filepath.Join(dir, "refs", filepath.FromSlash(revision))); serr == nil && !st.IsDir() {
		return "", wrapDisk(err, "read the reference %s", revision)
	}
	if !shortPattern.MatchString(revision) {
		return "", nil
	}
	var found []string
	for _, commit := range commits {
		if strings.HasPrefix(commit, revision) {
			found = append(found, commit)
		}
	}
	if len(found) > 1 {
		return "", errorf(Invalid, "several commits on this machine begin so: %s", strings.Join(found, ", "))
	}
	return strings.Join(found, ""), nil
}

// listCommits names the snapshots of a repository's folder; none when the folder is not there.
func listCommits(dir string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(dir, "snapshots"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, wrapDisk(err, "read the cache folder %s", dir)
	}
	var commits []string
	for _, e := range entries {
		if e.IsDir() {
			commits = append(commits, e.Name())
		}
	}
	return commits, nil
}

// revisionsHere names what is there: references where a commit has one, else the commit.
func (c Cache) revisionsHere(dir string, commits []string) []string {
	refs, _ := readRefs(dir)
	var names []string
	for _, commit := range commits {
		if len(refs[commit]) > 0 {
			names = append(names, refs[commit]...)
		} else {
			names = append(names, commit)
		}
	}
	sort.Strings(names)
	if len(names) > 8 {
		names = append(names[:8], "...")
	}
	return names
}

// readRefs reads refs/: commit to the branches and tags that stand for it.
func readRefs(dir string) (map[string][]string, error) {
	refs := map[string][]string{}
	root := filepath.Join(dir, "refs")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == ".DS_Store" {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		data, err := readSmall(path, 1<<10)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		commit := strings.TrimSpace(string(data))
		refs[commit] = append(refs[commit], filepath.ToSlash(name))
		return nil
	})
	for _, names := range refs {
		sort.Strings(names)
	}
	return refs, wrapDisk(err, "read %s", root)
}

// Complete tells what of the files that a question answering model needs is missing.
func (s Snapshot) Complete() error {
	var missing []string
	if sizeOf(s.path("config.json")) < 0 {
		missing = append(missing, "config.json")
	}
	if !slices.ContainsFunc(wanted, func(w struct {
		name string
		role Role
	}) bool {
		return w.role == RoleTokenizer && vocabulary(w.name) && sizeOf(s.path(w.name)) >= 0
	}) {
		missing = append(missing, "a vocabulary (tokenizer.json, vocab.txt, ...)")
	}
	missing = append(missing, s.missingWeights()...)
	if len(missing) == 0 {
		return nil
	}
	return errorf(NotCached, "%s@%s is only partly on this machine: %s missing; `%s` brings the rest", s.ID, s.Revision, strings.Join(missing, ", "), pullCommand(s.ID, s.Revision))
}

// vocabulary tells the tokenizer files of which a tokenizer can be made.
func vocabulary(name string) bool {
	return name == "tokenizer.json" || strings.HasPrefix(name, "vocab.") || strings.HasSuffix(name, ".model")
}

func (s Snapshot) missingWeights() []string {
	for _, w := range weightFormats {
		if sizeOf(s.path(w.single)) >= 0 {
			return nil
		}
		data, err := readSmall(s.path(w.index), maxJSON)
		if err != nil {
			continue
		}
		var doc struct {
			WeightMap map[string]string `json:"weight_map"`
		}
		if json.Unmarshal(data, &doc) != nil || len(doc.WeightMap) == 0 {
			return []string{w.index + " (damaged)"}
		}
		var missing []string
		for _, name := range doc.WeightMap {
			if !slices.Contains(missing, name) && (checkName(name) != nil || sizeOf(s.path(name)) < 0) {
				missing = append(missing, name)
			}
		}
		sort.Strings(missing)
		return missing
	}
	return []string{"weights (" + weightFormats[0].single + ")"}
}

func (s Snapshot) path(name string) string { return filepath.Join(s.Dir, filepath.FromSlash(name)) }

// Files lists the snapshot's files with sizes and, where links work, the hashes that name them.
func (s Snapshot) Files() ([]File, error) {
	var files []File
	err := filepath.WalkDir(s.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(s.Dir, path)
		if err != nil {
			return err
		}
		f := File{Path: filepath.ToSlash(name), Size: sizeOf(path), Role: roleOf(filepath.ToSlash(name))}
		if link, err := os.Readlink(path); err == nil {
			f.Digest = digestOf(filepath.Base(link))
		}
		files = append(files, f)
		return nil
	})
	return files, wrapDisk(err, "list %s", s.Dir)
}

// roleOf tells what a file is for; empty for files that are not used.
func roleOf(name string) Role {
	for _, w := range wanted {
		if w.name == name {
			return w.role
		}
	}
	for _, w := range weightFormats {
		stem := strings.TrimSuffix(w.index, ".index.json") // model.safetensors
		ext := filepath.Ext(stem)
		if name == w.single || name == w.index || strings.HasPrefix(name, strings.TrimSuffix(stem, ext)+"-") && strings.HasSuffix(name, ext) {
			return RoleWeights
		}
	}
	return ""
}

// FileCheck is the outcome of verifying one file of a snapshot.
type FileCheck struct {
	File
	Err error // nil = the bytes are right, or nothing is known to compare them with (no Digest)
}

// Verify hashes every file and compares it with the name of its blob. progress may be nil.
func (s Snapshot) Verify(ctx context.Context, progress func(f File, done int64)) ([]FileCheck, error) {
	files, err := s.Files()
	if err != nil {
		return nil, err
	}
	var checks []FileCheck
	for _, f := range files {
		check := FileCheck{File: f}
		switch {
		case f.Size < 0:
			check.Err = errorf(Corrupt, "%s: its link leads nowhere; `%s` brings it back", f.Path, pullCommand(s.ID, s.Revision))
		case !f.Digest.IsZero():
			var done int64
			check.Err = verifyFile(ctx, s.path(f.Path), f.Path, f.Digest, func(n int) {
				if done += int64(n); progress != nil {
					progress(f, done)
				}
			})
		}
		if ctx.Err() != nil {
			return checks, context.Cause(ctx)
		}
		checks = append(checks, check)
	}
	return checks, nil
}
