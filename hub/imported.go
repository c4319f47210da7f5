package hub

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"sort"
)

// contentName names a snapshot that came without a commit by a hash of its files' names and contents, which are in
// order. It looks like a commit, as the cache wants it, and is a name only.
func contentName(files []File) string {
	h := sha1.New()
	for _, f := range files {
		h.Write([]byte(f.Path + "\x00" + f.SHA256 + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Imported tells whether the snapshot is one that Import named after its contents, so that no Hub knows its commit.
// It reads the files whose SHA-256 their blobs do not tell.
func (s Snapshot) Imported(ctx context.Context) (bool, error) {
	files, err := s.Files()
	if err != nil {
		return false, err
	}
	for i, f := range files {
		if f.SHA256 != "" || f.Size < 0 {
			continue
		}
		if files[i].SHA256, err = sha256Of(ctx, s.path(f.Path), f.Size); err != nil {
			return false, err
		}
	}
	sort.Slice(files, func(i, j int) bool { return files[i].Path < files[j].Path })
	return contentName(files) == s.Commit, nil
}

func sha256Of(ctx context.Context, path string, size int64) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", wrapDisk(err, "open %s", path)
	}
	defer f.Close()
	h := sha256.New()
	if err := hashFile(ctx, f, size, h, nil); err != nil {
		return "", wrapf(err, "read %s", path)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
