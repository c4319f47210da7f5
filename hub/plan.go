package hub

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
)

// File is one file of a model: what a pull will bring, or what the cache holds.
type File struct {
	Path string `json:"path"` // in the repository, with slashes
	Size int64  `json:"size"`
	Role Role   `json:"role,omitempty"`
	Digest
	URL string `json:"url,omitempty"` // where it can be fetched; redirects, and may need the token
}

// Plan is what a pull of a model at a revision takes. Making one writes nothing.
type Plan struct {
	ID       string `json:"id"`
	Revision string `json:"revision"` // as asked for
	Commit   string `json:"commit"`   // what it stands for
	Files    []File `json:"files"`    // weights last
	Model    Model  `json:"model"`
}

// Bytes is the size of all files.
func (p Plan) Bytes() int64 {
	var n int64
	for _, f := range p.Files {
		n += f.Size
	}
	return n
}

// Plan asks the Hub which commit a revision (empty = main) stands for, and which of its files a
// question answering model needs. With the addresses, sizes and hashes in it, somebody else can
// fetch them for a machine without a network.
func (c *Client) Plan(ctx context.Context, id, revision string) (Plan, error) {
	return c.plan(ctx, id, revision, nil)
}

func (c *Client) plan(ctx context.Context, id, revision string, notice retryNotice) (Plan, error) {
	if revision == "" {
		revision = "main"
	}
	if err := checkNames(id, revision); err != nil {
		return Plan{}, err
	}
	if c.cfg.Offline {
		return Plan{}, errorf(Offline, "%s@%s: the Hub is not asked; %s and run `%s`", id, revision, c.cfg.OfflineNote, pullCommand(id, revision))
	}
	model, err := c.info(ctx, id, revision, notice)
	if err != nil {
		return Plan{}, err
	}
	if model.Disabled {
		return Plan{}, errorf(Forbidden, "%s: the Hub has disabled this repository; pull another model", id)
	}
	p := Plan{ID: id, Revision: revision, Commit: model.Commit, Model: model}
	all, err := c.list(ctx, p, notice)
	if err != nil {
		return Plan{}, err
	}
	chosen, index, err := choose(all)
	if err != nil {
		return Plan{}, wrapf(err, "%s@%s", id, revision)
	}
	for i := range chosen {
		chosen[i].URL = c.FileURL(id, p.Commit, chosen[i].Path)
	}
	if index != "" {
		parts, err := c.indexed(ctx, p, chosen[len(chosen)-1], all, notice)
		if err != nil {
			return Plan{}, wrapf(err, "%s@%s", id, revision)
		}
		chosen = append(chosen, parts...)
	}
	p.Files = chosen
	return p, nil
}

// list lists the commit's files with sizes and hashes. A mirror may lack the listing of the tree; then
// the names are those of the model's page, and each file is asked for when it is pulled.
func (c *Client) list(ctx context.Context, p Plan, notice retryNotice) ([]File, error) {
	files, err := c.tree(ctx, p.ID, p.Commit, notice)
	if !errors.Is(err, RepoNotFound) && !errors.Is(err, EntryNotFound) || len(p.Model.Files) == 0 {
		return files, err
	}
	for _, name := range p.Model.Files {
		files = append(files, File{Path: name, Size: -1})
	}
	chosen, index, err := choose(files)
	if err != nil {
		return nil, err
	}
	for i, f := range files {
		needed := slices.ContainsFunc(chosen, func(c File) bool { return c.Path == f.Path }) || index != "" && filepath.Ext(f.Path) == filepath.Ext(index[:len(index)-len(".index.json")])
		if !needed {
			continue
		}
		info, err := c.head(ctx, target{p.ID, p.Commit, f.Path}, c.FileURL(p.ID, p.Commit, f.Path), notice)
		if err != nil {
			return nil, err
		}
		files[i].Size, files[i].Digest = info.size, digestOf(info.etag)
	}
	return files, nil
}

// indexed reads the weights index and adds the shards that it names.
func (c *Client) indexed(ctx context.Context, p Plan, index File, all []File, notice retryNotice) ([]File, error) {
	data, err := c.small(ctx, p, index, notice)
	if err != nil {
		return nil, err
	}
	parts, err := shards(index.Path, data, all)
	for i := range parts {
		parts[i].URL = c.FileURL(p.ID, p.Commit, parts[i].Path)
	}
	return parts, err
}

// small fetches a small file into memory, from the cache if it is there, and verifies it.
func (c *Client) small(ctx context.Context, p Plan, f File, notice retryNotice) ([]byte, error) {
	verify := func(data []byte) error {
		h := f.newHash(int64(len(data)))
		h.Write(data)
		return f.check(f.Path, h)
	}
	if f.Digest.IsZero() {
		return nil, errorf(BadResponse, "%s: the server names no hash to verify it with", f.Path)
	}
	cached, err := readSmall(filepath.Join(c.Cache().repoDir(p.ID), "blobs", f.name()), maxJSON)
	if err == nil && verify(cached) == nil {
		return cached, nil
	}
	if err != nil && !os.IsNotExist(err) {
		return nil, wrapDisk(err, "read %s from the cache", f.Path)
	}
	var data []byte
	err = c.retry(ctx, notice, func() (bool, error) {
		a, err := c.do(ctx, call{method: http.MethodGet, url: f.URL, stall: c.cfg.StallTimeout})
		if err != nil {
			return false, err
		}
		defer a.Close()
		if a.StatusCode != http.StatusOK {
			return false, c.statusError(a, target{p.ID, p.Revision, f.Path})
		}
		if data, err = readBounded(a, maxJSON); err != nil {
			return false, wrapf(err, "read %s", f.Path)
		}
		if err := verify(data); err != nil {
			return false, &temporary{err: err}
		}
		return false, nil
	})
	return data, err
}

func checkNames(id, revision string) error {
	if err := CheckID(id); err != nil {
		return err
	}
	return CheckRevision(revision)
}

func pullCommand(id, revision string) string {
	if revision == "" || revision == "main" {
		return "tryall pull " + id
	}
	return "tryall pull " + id + " --revision " + revision
}
