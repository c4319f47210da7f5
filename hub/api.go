package hub

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Bounds of what a server may make us hold. The largest real listings are far below them.
const (
	maxJSON    = 64 << 20
	maxPages   = 1000
	maxEntries = 200_000
)

// treeEntry is a line of /api/models/{id}/tree/{commit}.
type treeEntry struct {
	Type string `json:"type"` // "file" or "directory"
	Path string `json:"path"`
	OID  string `json:"oid"` // git's name of the blob; for LFS files that of the pointer
	Size int64  `json:"size"`
	LFS  *struct {
		OID  string `json:"oid"` // sha256 of the file
		Size int64  `json:"size"`
	} `json:"lfs"`
}

func (e treeEntry) file() (File, error) {
	f := File{Path: e.Path, Size: e.Size, Digest: Digest{GitSHA1: e.OID}}
	if e.LFS != nil {
		f.Size, f.Digest = e.LFS.Size, Digest{SHA256: e.LFS.OID}
	}
	if f.Size < 0 || digestOf(f.Digest.name()) != f.Digest {
		return File{}, errorf(BadResponse, "the listing gives %s the size %d and the hash %s", quote(e.Path), f.Size, quote(f.Digest.name()))
	}
	return f, nil
}

// info asks for a model at a revision.
func (c *Client) info(ctx context.Context, id, revision string, notice retryNotice) (Model, error) {
	var raw apiModel
	address := c.cfg.Endpoint + "/api/models/" + id + "/revision/" + url.PathEscape(revision)
	if _, err := c.getJSON(ctx, address, target{id: id, revision: revision}, &raw, notice); err != nil {
		return Model{}, err
	}
	if !commitPattern.MatchString(raw.SHA) {
		return Model{}, errorf(BadResponse, "%s@%s: the server gives %s as its commit", id, revision, quote(raw.SHA))
	}
	for _, s := range raw.Siblings {
		if err := checkListed(s.Name); err != nil {
			return Model{}, wrapf(err, "%s@%s", id, revision)
		}
	}
	return raw.model(), nil
}

// tree lists all files of a commit, page by page.
func (c *Client) tree(ctx context.Context, id, commit string, notice retryNotice) ([]File, error) {
	address := c.cfg.Endpoint + "/api/models/" + id + "/tree/" + commit + "?recursive=true"
	var files []File
	entries := 0
	for range maxPages {
		var page []treeEntry
		next, err := c.getJSON(ctx, address, target{id: id, revision: commit}, &page, notice)
		if err != nil {
			return nil, err
		}
		if entries += len(page); entries > maxEntries {
			return nil, errorf(BadResponse, "%s: more than %d files are listed", id, maxEntries)
		}
		for _, e := range page {
			if err := checkListed(e.Path); err != nil {
				return nil, wrapf(err, "%s@%s", id, commit)
			}
			if e.Type != "file" {
				continue
			}
			f, err := e.file()
			if err != nil {
				return nil, wrapf(err, "%s@%s", id, commit)
			}
			files = append(files, f)
		}
		if next == "" {
			return files, nil
		}
		address = next
	}
	return nil, errorf(BadResponse, "%s: the listing has more than %d pages", id, maxPages)
}

// getJSON reads one JSON answer into v and returns the address of the next page, if there is one.
func (c *Client) getJSON(ctx context.Context, address string, t target, v any, notice retryNotice) (next string, err error) {
	err = c.retry(ctx, notice, func() (bool, error) {
		a, err := c.do(ctx, call{method: http.MethodGet, url: address, stall: c.cfg.MetaTimeout})
		if err != nil {
			return false, err
		}
		defer a.Close()
		if a.StatusCode != http.StatusOK {
			return false, c.statusError(a, t)
		}
		data, err := readBounded(a, maxJSON)
		if err != nil {
			return false, wrapf(err, "read %s", address)
		}
		if err := json.Unmarshal(data, v); err != nil {
			return false, errorf(BadResponse, "%s: what came is not the JSON of a Hub (%s): check HF_ENDPOINT and proxies", address, clean(err.Error()))
		}
		next, err = nextPage(a.Header, address)
		return false, err
	})
	return next, err
}

// nextPage reads the Link header. Only the query of the next address is taken: the page is on the same
// host and path, whatever name of itself a mirror's Link carries, and the token cannot be sent astray.
func nextPage(h http.Header, address string) (string, error) {
	for _, link := range strings.Split(strings.Join(h.Values("Link"), ","), ",") {
		ref, params, ok := strings.Cut(link, ";")
		ref = strings.TrimSpace(ref)
		if !ok || !strings.HasPrefix(ref, "<") || !strings.HasSuffix(ref, ">") || !hasRelNext(params) {
			continue
		}
		next, err := url.Parse(ref[1 : len(ref)-1])
		here, err2 := url.Parse(address)
		if err != nil || err2 != nil || next.RawQuery == "" || next.RawQuery == here.RawQuery {
			return "", errorf(BadResponse, "%s: its next page is %s", address, quote(ref))
		}
		here.RawQuery = next.RawQuery
		return here.String(), nil
	}
	return "", nil
}

func hasRelNext(params string) bool {
	for _, p := range strings.Split(params, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if strings.EqualFold(name, "rel") && strings.Trim(value, `"`) == "next" {
			return true
		}
	}
	return false
}

// fileInfo is what a HEAD of a file's resolve address says.
type fileInfo struct {
	etag   string
	size   int64
	commit string
}

// head asks for a file without following it to the host of the bytes: the Hub itself says its etag,
// size and commit (X-Linked-Etag, X-Linked-Size, X-Repo-Commit).
func (c *Client) head(ctx context.Context, t target, address string, notice retryNotice) (fileInfo, error) {
	var info fileInfo
	err := c.retry(ctx, notice, func() (bool, error) {
		a, err := c.do(ctx, call{method: http.MethodHead, url: address, stall: c.cfg.MetaTimeout, relativeOnly: true})
		if err != nil {
			return false, err
		}
		defer a.Close()
		if a.StatusCode >= 400 {
			return false, c.statusError(a, t)
		}
		if a.commit == "" || a.etag == "" || a.size < 0 {
			return false, errorf(BadResponse, "%s: the answer lacks commit, etag or size, as no Hub's does: check HF_ENDPOINT, proxies and firewalls", t)
		}
		etag, err := normalizeETag(a.etag)
		info = fileInfo{etag: etag, size: a.size, commit: a.commit}
		return false, wrapf(err, "%s", t)
	})
	return info, err
}

// FileURL is the address of a file at a commit, branch or tag.
func (c *Client) FileURL(id, revision, file string) string {
	return c.cfg.Endpoint + "/" + id + "/resolve/" + url.PathEscape(revision) + "/" + escapePath(file)
}

// apiTime reads the Hub's times, and takes what it cannot read for no time.
type apiTime struct{ time.Time }

func (t *apiTime) UnmarshalJSON(b []byte) error {
	t.Time, _ = time.Parse(time.RFC3339, strings.Trim(string(b), `"`))
	return nil
}
