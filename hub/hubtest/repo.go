// Package hubtest is a Hugging Face Hub for tests: model pages, listings, searches and files over
// HTTP on this machine, with a second server as the host of large files. It can be told to fail in
// all the ways that networks and servers do, and it remembers every request.
package hubtest

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path"
	"sync"
	"unsafe"
)

// Repo is a model repository. Change it only through its methods once the server runs.
type Repo struct {
	ID   string
	Info map[string]any // further fields of the model's page: tags, cardData, config, downloads...

	mu      sync.Mutex
	gated   bool
	private bool
	moved   string
	refs    map[string]string
	commits map[string]map[string][]byte
}

// Commit adds a commit that holds exactly these files and lets the revision stand for it. It returns
// the commit's hash.
func (r *Repo) Commit(revision string, files map[string][]byte) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := sha1.Sum(fmt.Appendf(nil, "%s %d %s", r.ID, len(r.commits), revision))
	sha := hex.EncodeToString(h[:])
	r.commits[sha] = maps.Clone(files)
	r.refs[revision] = sha
	return sha
}

// Tamper changes a file of an existing commit, which no honest Hub does.
func (r *Repo) Tamper(commit, file string, data []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.commits[commit][file] = data
}

// Gate makes the files need a token whose owner has accepted the terms.
func (r *Repo) Gate() { r.mu.Lock(); r.gated = true; r.mu.Unlock() }

// Hide makes the repository private: without the token it does not exist.
func (r *Repo) Hide() { r.mu.Lock(); r.private = true; r.mu.Unlock() }

// Describe sets a field of the model's page.
func (r *Repo) Describe(field string, value any) { r.mu.Lock(); r.Info[field] = value; r.mu.Unlock() }

// Move makes the repository answer with redirects to its new name.
func (r *Repo) Move(id string) { r.mu.Lock(); r.moved = id; r.mu.Unlock() }

// at finds the commit that a revision stands for.
func (r *Repo) at(revision string) (commit string, files map[string][]byte, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	commit = revision
	if c, ok := r.refs[revision]; ok {
		commit = c
	}
	files, ok = r.commits[commit]
	return commit, maps.Clone(files), ok
}

// Large tells which files are in large file storage, whose bytes the other host serves.
func Large(file string) bool {
	switch path.Ext(file) {
	case ".safetensors", ".bin", ".model":
		return true
	}
	return false
}

// GitSHA1 is git's name for a blob with these bytes.
func GitSHA1(data []byte) string {
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", len(data))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}

// SHA256 is the hash that names large files.
func SHA256(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// hashes remembers the hashes of files that are served, which come in many ranges.
type hashes struct{ known sync.Map }

func (h *hashes) sha256(data []byte) string {
	type key struct {
		start *byte
		size  int
	}
	k := key{unsafe.SliceData(data), len(data)}
	if sum, ok := h.known.Load(k); ok {
		return sum.(string)
	}
	sum := SHA256(data)
	h.known.Store(k, sum)
	return sum
}

// ETag is the hash under which the Hub knows a file.
func ETag(file string, data []byte) string {
	if Large(file) {
		return SHA256(data)
	}
	return GitSHA1(data)
}
