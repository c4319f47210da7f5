package workbench

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tryall/tryall/qa"
)

// uploads is the folder, in that of the data, where files lie that were sent.
const uploads = "uploads"

// KeepUpload writes a file that was sent into the folder of the data, and gives its path. Only the last part of its name counts,
// whatever the sender says.
func (w *Workbench) KeepUpload(name string, from io.Reader) (string, error) {
	dir, err := w.Data()
	if err != nil {
		return "", err
	}
	base := filepath.Base(filepath.Clean("/" + strings.ReplaceAll(name, `\`, "/")))
	if base == "/" || base == "." || strings.HasPrefix(base, ".") || strings.ContainsRune(base, 0) {
		return "", qa.Errorf(qa.Invalid, "%q is no name of a file", name)
	}
	if err := os.MkdirAll(filepath.Join(dir, uploads), 0o755); err != nil {
		return "", qa.Errorf(qa.Unavailable, "keep %s: %w", base, err)
	}
	path := filepath.Join(dir, uploads, base)
	return path, WriteFile(path, func(w io.Writer) error {
		_, err := io.Copy(w, from)
		return err
	})
}

// uploaded is the folder of files that were sent.
func (p *Project) uploaded() string { return filepath.Join(filepath.Dir(p.Path()), uploads) }

// dropUploads deletes the copies, among files of the corpus that go, that were made of what was sent. Files of people's own stay.
func (p *Project) dropUploads(names []string) error {
	var errs []error
	for _, name := range names {
		file := p.File(name)
		if filepath.Dir(file) != p.uploaded() {
			continue
		}
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// stale is how old the beginning of a file must be that nobody writes any more.
const stale = time.Hour

// Unread are files that were sent and that no corpus file tells of: whoever was to read them has ended before. What was sent in part only
// is deleted.
func (p *Project) Unread(ctx context.Context) (files []string, err error) {
	entries, err := os.ReadDir(p.uploaded())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	known := map[string]bool{}
	if err == nil {
		for f, ferr := range p.Index.Files(ctx) {
			if ferr != nil {
				return nil, ferr
			}
			known[p.File(f.Path)] = true
		}
	}
	for _, e := range entries {
		path := filepath.Join(p.uploaded(), e.Name())
		switch info, ierr := e.Info(); {
		case ierr != nil || !info.Mode().IsRegular() || known[path]:
		case !strings.HasPrefix(e.Name(), "."):
			files = append(files, path)
		case time.Since(info.ModTime()) > stale:
			_ = os.Remove(path) // tried again at the next start
		}
	}
	return files, err
}
