package workbench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"

	"github.com/tryall/tryall/hub"
)

// trace says where a model's files are from, and enters their hashes, roles and addresses. A file of the cache bears its
// hash in its name; others are read.
func (w *Workbench) trace(ctx context.Context, m Model, list []File) (origin string, err error) {
	known := map[string]hub.File{}
	origin = "this program"
	switch {
	case m.Snapshot != nil:
		if origin, err = w.traceSnapshot(ctx, *m.Snapshot, known); err != nil {
			return "", err
		}
	case !m.Builtin:
		origin = "a folder of this machine"
	}
	for i, f := range list {
		k := known[f.Name]
		list[i].Role, list[i].Digest, list[i].URL = k.Role, k.Digest, k.URL
		if k.Digest.IsZero() {
			if list[i].SHA256, err = hash(ctx, m.FS, f.Name); err != nil {
				return "", err
			}
		}
	}
	return origin, nil
}

func (w *Workbench) traceSnapshot(ctx context.Context, s hub.Snapshot, known map[string]hub.File) (string, error) {
	files, err := s.Files()
	if err != nil {
		return "", err
	}
	for _, f := range files {
		known[f.Path] = f
	}
	imported, err := s.Imported(ctx)
	switch {
	case err != nil:
		return "", err
	case imported:
		return "an import", nil
	}
	c, err := w.Hub()
	if err != nil {
		return "", err
	}
	defer c.Close()
	for name, f := range known {
		f.URL = c.FileURL(s.ID, s.Commit, name)
		known[name] = f
	}
	return c.Config().Endpoint + "/" + s.ID + "/tree/" + s.Commit, nil
}

// hash reads a file of a repository.
func hash(ctx context.Context, fsys fs.FS, name string) (string, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	buf := make([]byte, 1<<20)
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		n, err := f.Read(buf)
		h.Write(buf[:n])
		if errors.Is(err, io.EOF) {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		if err != nil {
			return "", err
		}
	}
}
