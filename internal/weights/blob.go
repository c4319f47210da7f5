package weights

import (
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/edsrzf/mmap-go"
)

// blob is a whole file as one slice of memory.
type blob struct {
	name string
	data []byte
	m    mmap.MMap // nil where nothing was mapped

	origin, state string // what it is and what may change about it, as Set.Origin has them; empty where nobody knows
}

// readBlob maps a file of the operating system, borrows the bytes of a file that has them (an embedded one), and reads
// any other.
func readBlob(fsys fs.FS, name string) (*blob, error) {
	info, err := fs.Stat(fsys, name) // before Open, which would wait on a named pipe
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := &blob{name: name}
	switch f := f.(type) {
	case interface{ Bytes() []byte }:
		b.data = f.Bytes()
	case *os.File:
		if info.Size() == 0 { // cannot be mapped
			break
		}
		if int64(int(info.Size())) != info.Size() {
			return nil, fmt.Errorf("%s has %d bytes, too many to map on this machine", name, info.Size())
		}
		if b.m, err = mmap.MapRegion(f, int(info.Size()), mmap.RDONLY, 0, 0); err != nil {
			return nil, fmt.Errorf("map %s: %w", name, err)
		}
		b.data = b.m
		b.sparsely(true) // as long as the beginning is looked at
		b.origin, b.state = origin(fsys, name, f)
	default:
		if b.data, err = io.ReadAll(f); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
	}
	return b, nil
}

// Close unmaps the file. It may be called again.
func (b *blob) Close() error {
	b.data = nil
	if b.m == nil {
		return nil
	}
	return b.m.Unmap()
}
