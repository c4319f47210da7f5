package tokenizer

import (
	"fmt"
	"io/fs"
)

// maxFile is more than any tokenizer's file holds.
const maxFile = 256 << 20

// readFile reads a file of a repository. A device or a pipe, which might never end, is refused.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s has %d bytes; a tokenizer's file has %d at most", name, info.Size(), maxFile)
	}
	return fs.ReadFile(fsys, name)
}
