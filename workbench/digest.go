package workbench

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
)

// ContentID says what a model's files are: the commit of a repository, and for a directory a hash of all that lies in it.
func (m Model) ContentID() (string, error) {
	if m.Revision != "" {
		return m.Revision, nil
	}
	list, err := files(m.FS)
	if err != nil {
		return "", fmt.Errorf("model %s: %w", m.Name, err)
	}
	sum := sha256.New()
	for _, f := range list {
		fmt.Fprintf(sum, "%d %s\n%d\n", len(f.Name), f.Name, f.SizeBytes)
		if err := hashFile(sum, m.FS, f.Name); err != nil {
			return "", fmt.Errorf("model %s: %w", m.Name, err)
		}
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
}

func hashFile(w io.Writer, fsys fs.FS, name string) error {
	f, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}
