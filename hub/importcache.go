package hub

import (
	"context"
	"io"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// cachedModel is a model's folder of a cache inside a source.
type cachedModel struct {
	id   string
	root string // of its folder in the source, with a slash at the end; empty = the source itself
}

// cachedModels finds folders in the layout of a cache.
func (im *importer) cachedModels(src, as string) []cachedModel {
	seen := map[string]bool{}
	var models []cachedModel
	for _, name := range im.names() {
		parts := strings.Split(name, "/")
		i := slices.Index(parts, "snapshots")
		if i < 0 || len(parts) < i+3 || !commitPattern.MatchString(parts[i+1]) {
			continue
		}
		m := cachedModel{id: as}
		folder := trimArchiveExt(filepath.Base(src))
		if i > 0 {
			folder, m.root = parts[i-1], strings.Join(parts[:i], "/")+"/"
		}
		if rest, ok := strings.CutPrefix(folder, modelPrefix); ok {
			m.id = strings.ReplaceAll(rest, "--", "/")
		}
		if !seen[m.root] {
			seen[m.root] = true
			models = append(models, m)
		}
	}
	return models
}

// cachedSnapshot is a snapshot to be stored: its files, and where in the source their bytes are.
type cachedSnapshot struct {
	id, commit string
	refs       []string
	files      []File
	from       map[string]string
}

// importCache stores every snapshot that has weights, with the references to it. All of them are
// looked at before anything is written.
func (im *importer) importCache(ctx context.Context, models []cachedModel, as string) ([]Snapshot, error) {
	var found []cachedSnapshot
	var skipped error
	for _, m := range models {
		if as != "" && m.id != as {
			return nil, errorf(Invalid, "it is a cache, which names its models itself (%s); leave the name away", m.id)
		}
		if err := CheckID(m.id); err != nil {
			return nil, wrapf(err, "the folder of a model in a cache is called models--owner--name")
		}
		refs, err := im.refs(m)
		if err != nil {
			return nil, err
		}
		for _, commit := range im.commits(m) {
			files, from, err := im.snapshotFiles(m, commit)
			switch {
			case CodeOf(err) == NoWeights:
				skipped = wrapf(err, "%s@%s", m.id, commit)
				im.events.emit(Event{Kind: Warning, Message: skipped.Error()})
			case err != nil:
				return nil, err
			default:
				found = append(found, cachedSnapshot{m.id, commit, refs[commit], files, from})
			}
		}
	}
	if len(found) == 0 && skipped != nil {
		return nil, skipped
	}
	var snaps []Snapshot
	for _, s := range found {
		got, err := im.storeSnapshot(ctx, s)
		if err != nil {
			return nil, wrapf(err, "%s@%s", s.id, s.commit)
		}
		snaps = append(snaps, got...)
	}
	return snaps, nil
}

func (im *importer) commits(m cachedModel) []string {
	var commits []string
	for _, name := range im.names() {
		if rest, ok := strings.CutPrefix(name, m.root+"snapshots/"); ok {
			if commit, _, ok := strings.Cut(rest, "/"); ok && commitPattern.MatchString(commit) && !slices.Contains(commits, commit) {
				commits = append(commits, commit)
			}
		}
	}
	return commits
}

// refs reads the references: commit to names.
func (im *importer) refs(m cachedModel) (map[string][]string, error) {
	var names []string
	for _, name := range im.names() {
		if strings.HasPrefix(name, m.root+"refs/") && path.Base(name) != ".DS_Store" {
			names = append(names, name)
		}
	}
	data, err := im.readSmall(names...)
	if err != nil {
		return nil, err
	}
	refs := map[string][]string{}
	for name, text := range data {
		ref := strings.TrimPrefix(name, m.root+"refs/")
		if err := CheckRevision(ref); err != nil {
			return nil, err
		}
		commit := strings.TrimSpace(string(text))
		refs[commit] = append(refs[commit], ref)
	}
	for _, names := range refs {
		sort.Strings(names)
	}
	return refs, nil
}

// snapshotFiles chooses what is needed of a snapshot, and finds where in the source its bytes are.
func (im *importer) snapshotFiles(m cachedModel, commit string) (files []File, from map[string]string, err error) {
	prefix := m.root + "snapshots/" + commit + "/"
	var all []File
	from = map[string]string{}
	for _, name := range im.names() {
		file, ok := strings.CutPrefix(name, prefix)
		if !ok {
			continue
		}
		e, err := im.follow(m, im.entries[name])
		if err != nil {
			return nil, nil, err
		}
		all = append(all, File{Path: file, Size: e.size, Digest: e.digest})
		from[file] = e.name
	}
	files, index, err := choose(all)
	if err != nil || index == "" {
		return files, from, err
	}
	data, err := im.readSmall(from[index])
	if err != nil {
		return nil, nil, err
	}
	more, err := shards(index, data[from[index]], all)
	return append(files, more...), from, err
}

// follow finds the blob that a snapshot's link leads to. Links that lead anywhere else are refused.
func (im *importer) follow(m cachedModel, e entry) (entry, error) {
	if e.link == "" {
		return e, nil
	}
	to := path.Join(path.Dir(e.name), e.link)
	name, ok := strings.CutPrefix(to, m.root+"blobs/")
	if path.IsAbs(e.link) || !ok || strings.Contains(name, "/") {
		return e, &Error{Code: UnsafePath, File: e.name, Msg: "the link " + quote(e.name) + " leads to " + quote(e.link) + ", outside the blobs of its model: refused, nothing was written"}
	}
	blob, ok := im.entries[to]
	if !ok || blob.link != "" {
		return e, errorf(Corrupt, "the link %s leads to %s, which is not there", quote(e.name), quote(e.link))
	}
	blob.digest = digestOf(name)
	return blob, nil
}

// storeSnapshot stores one commit's files. Blobs that are there already are not read again.
func (im *importer) storeSnapshot(ctx context.Context, c cachedSnapshot) ([]Snapshot, error) {
	im.events.planned(Plan{ID: c.id, Revision: c.commit, Commit: c.commit, Files: c.files})
	r, err := im.repo(c.id, c.files)
	if err != nil {
		return nil, err
	}
	byName := map[string][]File{}
	var names []string
	var have []stored
	for _, f := range c.files {
		if etag := f.Digest.name(); etag != "" && sizeOf(r.blob(etag)) == f.Size {
			have = append(have, stored{file: f.Path, etag: etag})
			continue
		}
		if len(byName[c.from[f.Path]]) == 0 {
			names = append(names, c.from[f.Path])
		}
		byName[c.from[f.Path]] = append(byName[c.from[f.Path]], f)
	}
	if len(names) > 0 {
		err = im.src.open(names, func(name string, in io.Reader) error {
			s, err := im.put(ctx, r, byName[name][0], in)
			for _, f := range byName[name] {
				s.file = f.Path
				have = append(have, s)
			}
			return err
		})
	}
	if err != nil {
		return nil, err
	}
	return im.file(r, c.commit, c.refs, have)
}
