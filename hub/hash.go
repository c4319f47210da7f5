package hub

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"strconv"
)

// Digest is what the repository says a file's bytes hash to: SHA256 for files in large file storage,
// GitSHA1 (of "blob", the size and the bytes, as git names objects) for the others.
type Digest struct {
	SHA256  string `json:"sha256,omitempty"`
	GitSHA1 string `json:"git_sha1,omitempty"`
}

// digestOf reads a digest out of a blob's name: huggingface_hub names blobs by their hash.
func digestOf(etag string) Digest {
	switch {
	case sha256Pattern.MatchString(etag):
		return Digest{SHA256: etag}
	case commitPattern.MatchString(etag):
		return Digest{GitSHA1: etag}
	}
	return Digest{}
}

// IsZero tells that no hash is known.
func (d Digest) IsZero() bool { return d == Digest{} }

// String is the hash with its kind in front.
func (d Digest) String() string {
	if d.SHA256 != "" {
		return "sha256:" + d.SHA256
	}
	if d.GitSHA1 != "" {
		return "git-sha1:" + d.GitSHA1
	}
	return "none"
}

// name is the blob's name under which huggingface_hub stores a file with this digest.
func (d Digest) name() string {
	if d.SHA256 != "" {
		return d.SHA256
	}
	return d.GitSHA1
}

// newHash starts the hash that the digest needs, for size bytes.
func (d Digest) newHash(size int64) hash.Hash {
	if d.SHA256 != "" {
		return sha256.New()
	}
	return newGitHash(size)
}

func newGitHash(size int64) hash.Hash {
	h := sha1.New()
	h.Write([]byte("blob " + strconv.FormatInt(size, 10) + "\x00"))
	return h
}

// check compares what was hashed with the digest; nil when they agree.
func (d Digest) check(file string, h hash.Hash) error {
	got := hex.EncodeToString(h.Sum(nil))
	if got == d.name() {
		return nil
	}
	kind := "git blob sha1"
	if d.SHA256 != "" {
		kind = "sha256"
	}
	e := errorf(HashMismatch, "%s: its %s is %s, the repository says %s", file, kind, got, d.name())
	e.File, e.Want, e.Got = file, d.name(), got
	return e
}

// hashFile feeds the first n bytes of a file to h.
func hashFile(ctx context.Context, f *os.File, n int64, h hash.Hash, progress func(int)) error {
	buf := make([]byte, 1<<20)
	for at := int64(0); at < n; {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		k, err := f.ReadAt(buf[:min(int64(len(buf)), n-at)], at)
		h.Write(buf[:k])
		at += int64(k)
		if progress != nil {
			progress(k)
		}
		if err != nil && (!errors.Is(err, io.EOF) || at < n) {
			return err
		}
	}
	return nil
}

// verifyFile hashes a whole file and compares; the error says what was wanted and what was there.
func verifyFile(ctx context.Context, path, file string, d Digest, progress func(int)) error {
	f, err := os.Open(path)
	if err != nil {
		return wrapDisk(err, "open %s", path)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	h := d.newHash(st.Size())
	if err := hashFile(ctx, f, st.Size(), h, progress); err != nil {
		return wrapf(err, "read %s", path)
	}
	return d.check(file, h)
}

// readSmall reads a file that should be small.
func readSmall(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readBounded(f, limit)
}

// readBounded reads all of r, which must not be longer than limit bytes.
func readBounded(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = errorf(BadResponse, "longer than %d bytes", limit)
	}
	return data, err
}

// syncFile puts a file's bytes on the disk. Tests, which are not afraid of power cuts, do without.
var syncFile = (*os.File).Sync
