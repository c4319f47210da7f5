package hub

import (
	"errors"
	"io/fs"
	"os"
)

// DirFS is the folder of a repository, whose files are *os.File, so that they can be mapped. What is neither a file nor a
// folder is refused: to open a named pipe would wait for whoever writes to it, and no signal would end that.
func DirFS(dir string) fs.FS { return dirFS{os.DirFS(dir)} }

type dirFS struct{ fs.FS }

func (d dirFS) Open(name string) (fs.File, error) {
	info, err := fs.Stat(d.FS, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() && !info.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("it is not a regular file")}
	}
	return d.FS.Open(name)
}

func (d dirFS) Stat(name string) (fs.FileInfo, error)      { return fs.Stat(d.FS, name) }
func (d dirFS) Lstat(name string) (fs.FileInfo, error)     { return fs.Lstat(d.FS, name) }
func (d dirFS) ReadLink(name string) (string, error)       { return fs.ReadLink(d.FS, name) }
func (d dirFS) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(d.FS, name) }
