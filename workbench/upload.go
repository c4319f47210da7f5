package workbench

import (
	"io"
	"os"
	"path/filepath"
	"strings"

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
