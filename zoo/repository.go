package zoo

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// repository is a flat file system: the files of some folders of the source tree as one.
type repository struct{ folders [2]string }

// Open opens a file, which also has Bytes() []byte, or the one folder, ".".
func (r repository) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	if name == "." {
		entries, err := r.ReadDir(name)
		return &folder{entries: entries}, err
	}
	for _, f := range r.folders {
		if data, err := find(f + "/" + name); err == nil {
			return &file{info{name, int64(len(data))}, *bytes.NewReader(data), data}, nil
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadDir lists the files, sorted by name.
func (r repository) ReadDir(name string) ([]fs.DirEntry, error) {
	if name != "." {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	var entries []fs.DirEntry
	for _, f := range r.folders {
		for _, p := range list(f) {
			entries = append(entries, fs.FileInfoToDirEntry(info{path.Base(p), size(p)}))
		}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// size is the size of an embedded file, found without reading it.
func size(p string) int64 {
	if data, ok := large[p]; ok {
		return int64(len(data))
	}
	if st, err := fs.Stat(small, p); err == nil {
		return st.Size()
	}
	return 0
}

// info describes a file, or the folder when it has no name.
type info struct {
	name string
	size int64
}

func (i info) Name() string {
	if i.name == "" {
		return "."
	}
	return i.name
}
func (i info) Size() int64      { return i.size }
func (info) ModTime() time.Time { return time.Time{} }
func (info) Sys() any           { return nil }
func (i info) IsDir() bool      { return i.name == "" }
func (i info) Mode() fs.FileMode {
	if i.IsDir() {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

// file reads, seeks, and lends its contents.
type file struct {
	info info
	bytes.Reader
	data []byte
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *file) Close() error               { return nil }

// Bytes lends the contents.
func (f *file) Bytes() []byte { return f.data }

// folder lists itself, a part at a time as fs.ReadDirFile asks.
type folder struct {
	entries []fs.DirEntry
	at      int
}

func (f *folder) Stat() (fs.FileInfo, error) { return info{}, nil }
func (f *folder) Close() error               { return nil }
func (f *folder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: ".", Err: fs.ErrInvalid}
}

func (f *folder) ReadDir(n int) ([]fs.DirEntry, error) {
	rest := f.entries[f.at:]
	if n > 0 && len(rest) == 0 {
		return nil, io.EOF
	}
	if n > 0 && n < len(rest) {
		rest = rest[:n]
	}
	f.at += len(rest)
	return slices.Clone(rest), nil
}
