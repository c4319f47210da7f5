package hub

import (
	"context"
	"io"
	"path/filepath"
	"sort"
	"strings"
)

// ImportOptions are what a caller may want to be otherwise.
type ImportOptions struct {
	// As is the id to store a repository folder under; empty = what its path tells (the folder's name,
	// or the model whose snapshot it is). A cache says itself what it holds, so there As must be empty.
	As     string
	Events func(Event) // Planned, Progress, Verified, Done, Finished, as for a pull
}

// Import stores models that came by other means than Pull: a folder or an archive (tar, tar.gz,
// tar.bz2, zip) that holds either a repository (config.json at its top) or a cache (models--org--name
// folders, or the inside of one). Of a repository only the files that Pull would bring are taken.
// Bytes are verified where their hash is known. It returns what is in the cache now.
//
// The snapshot of a repository is filed under the commit that `hf download` noted beside the files,
// else under a hash of its own contents, so importing the same folder twice stores it once.
func (c Cache) Import(ctx context.Context, src string, o ImportOptions) ([]Snapshot, error) {
	s, err := openSource(src)
	if err != nil {
		return nil, wrapf(err, "import %s", src)
	}
	defer func() { _ = s.close() }()
	entries, err := listSource(ctx, s)
	if err != nil {
		return nil, wrapf(err, "import %s", src)
	}
	im := &importer{cache: c, src: s, entries: entries, events: newEmitter(o.Events), symlinks: symlinksWork}
	var snaps []Snapshot
	if models := im.cachedModels(src, o.As); len(models) > 0 {
		snaps, err = im.importCache(ctx, models, o.As)
	} else {
		snaps, err = im.importRepository(ctx, src, o.As)
	}
	if err != nil {
		return nil, wrapf(err, "import %s", src)
	}
	im.events.emit(Event{Kind: Finished})
	return snaps, nil
}

// maxImported bounds the entries of what is imported.
const maxImported = 100_000

// listSource reads all names, and refuses any that would lead outside.
func listSource(ctx context.Context, s source) (map[string]entry, error) {
	entries := map[string]entry{}
	err := s.walk(func(e entry) error {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if err := checkListed(e.name); err != nil {
			return err
		}
		if _, twice := entries[e.name]; twice {
			return errorf(Corrupt, "it holds %s twice", quote(e.name))
		}
		if len(entries) >= maxImported {
			return errorf(Corrupt, "it has more than %d entries", maxImported)
		}
		entries[e.name] = e
		return nil
	})
	return entries, err
}

type importer struct {
	cache    Cache
	src      source
	entries  map[string]entry
	events   *emitter
	symlinks func(string) bool
}

// names lists the entries in order.
func (im *importer) names() []string {
	names := make([]string, 0, len(im.entries))
	for name := range im.entries {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// importRepository stores one folder of files.
func (im *importer) importRepository(ctx context.Context, src, as string) ([]Snapshot, error) {
	root, err := im.root()
	if err != nil {
		return nil, err
	}
	id, commit, err := im.identify(src, root, as)
	if err != nil {
		return nil, err
	}
	var all []File
	for _, name := range im.names() {
		if rest, ok := strings.CutPrefix(name, root); ok && !strings.Contains(rest, "/") {
			e := im.entries[name]
			if e.link != "" {
				return nil, errorf(Corrupt, "%s is a link; pack the archive with the files themselves (tar -h)", quote(name))
			}
			all = append(all, File{Path: rest, Size: e.size, Digest: e.digest})
		}
	}
	files, index, err := choose(all)
	if err != nil {
		return nil, err
	}
	if index != "" {
		data, err := im.readSmall(root + index)
		if err != nil {
			return nil, err
		}
		more, err := shards(index, data[root+index], all)
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	return im.storeRepository(ctx, id, commit, root, files)
}

// root is the folder that holds config.json: the top, or the only folder there.
func (im *importer) root() (string, error) {
	if _, ok := im.entries["config.json"]; ok {
		return "", nil
	}
	var roots []string
	for _, name := range im.names() {
		if dir, ok := strings.CutSuffix(name, "/config.json"); ok && !strings.Contains(dir, "/") {
			roots = append(roots, dir+"/")
		}
	}
	switch len(roots) {
	case 1:
		return roots[0], nil
	case 0:
		return "", errorf(Corrupt, "there is no model: neither a config.json at its top nor models--owner--name folders of a cache")
	}
	return "", errorf(Corrupt, "there are several models (%s); import one folder at a time", clean(strings.Join(roots[:min(len(roots), 5)], ", ")))
}

// identify finds the id to store under and, if the path tells it, the commit.
func (im *importer) identify(src, root, as string) (id, commit string, err error) {
	abs, err := filepath.Abs(src)
	if err != nil {
		return "", "", err
	}
	base := filepath.Base(abs)
	if parent := filepath.Dir(abs); root == "" && commitPattern.MatchString(base) && filepath.Base(parent) == "snapshots" {
		commit = base
		if folder, ok := strings.CutPrefix(filepath.Base(filepath.Dir(parent)), modelPrefix); ok {
			id = strings.ReplaceAll(folder, "--", "/")
		}
	}
	switch {
	case as != "":
		id = as
	case id == "" && root != "":
		id = strings.TrimSuffix(root, "/")
	case id == "":
		if id = base; !im.src.isDir() {
			id = trimArchiveExt(base)
		}
	}
	if err := CheckID(id); err != nil {
		return "", "", wrapf(err, "give it a name (--as owner/name)")
	}
	return id, commit, nil
}

func trimArchiveExt(name string) string {
	for _, ext := range []string{".gz", ".bz2", ".tar", ".tgz", ".tbz2", ".zip"} {
		name = strings.TrimSuffix(name, ext)
	}
	return name
}

// readSmall reads small files into memory, in one pass; those that are not there are left out.
func (im *importer) readSmall(names ...string) (map[string][]byte, error) {
	var there []string
	for _, name := range names {
		if e, ok := im.entries[name]; ok && e.link == "" {
			there = append(there, name)
		}
	}
	out := map[string][]byte{}
	if len(there) == 0 {
		return out, nil
	}
	err := im.src.open(there, func(name string, r io.Reader) (err error) {
		out[name], err = readBounded(r, maxJSON)
		return wrapf(err, "read %s", name)
	})
	return out, err
}
