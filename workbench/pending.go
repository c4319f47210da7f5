package workbench

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/tryall/tryall/qa"
)

// pending is a file that is written beside its place and gets its name once it is whole.
type pending struct {
	*os.File
	path string
}

// A link is followed; what is there and is no regular file (a device, a folder) is refused, since renaming would replace it.
func newPending(path string) (*pending, error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is there already and is not a regular file; give another name", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, err
	}
	return &pending{f, path}, nil
}

// commit gives the file its name.
func (p *pending) commit() error {
	if err := p.Chmod(0o644); err != nil {
		return err
	}
	if err := p.Close(); err != nil {
		return err
	}
	return os.Rename(p.Name(), p.path)
}

// discard removes a file that was not committed; after commit it does nothing.
func (p *pending) discard() {
	p.Close()
	os.Remove(p.Name())
}

// WriteFile writes a file beside its place and gives it its name once it is whole. A link is followed.
func WriteFile(path string, write func(io.Writer) error) error {
	f, err := newPending(path)
	if err != nil {
		return qa.Errorf(qa.Invalid, "write %s: %w", path, err)
	}
	defer f.discard()
	if err := write(f); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := f.commit(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
