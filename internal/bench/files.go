package bench

import (
	"bytes"
	"io/fs"
	"time"
)

// files is a file system in memory. Package weights uses what Bytes returns without a copy.
type files map[string][]byte

func (f files) Open(name string) (fs.File, error) {
	data, ok := f[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &file{*bytes.NewReader(data), name, data}, nil
}

type file struct {
	bytes.Reader
	name string
	data []byte
}

func (f *file) Bytes() []byte              { return f.data }
func (f *file) Close() error               { return nil }
func (f *file) Stat() (fs.FileInfo, error) { return f, nil }
func (f *file) Name() string               { return f.name }
func (f *file) Mode() fs.FileMode          { return 0o444 }
func (f *file) ModTime() time.Time         { return time.Time{} }
func (f *file) IsDir() bool                { return false }
func (f *file) Sys() any                   { return nil }
