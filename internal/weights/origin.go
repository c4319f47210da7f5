package weights

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Origin says where the set's numbers come from without reading them: its files by the hash of their contents, where they
// lie in the Hub's cache under that name, else by their paths; and a state that is another after every change of a file.
// ok is false if nobody can tell: for what is no file of the operating system, and for a file so young that it could change
// without looking changed.
func (s *Set) Origin() (sources []string, state string, ok bool) {
	var states []string
	for _, f := range s.files {
		if f.origin == "" {
			return nil, "", false
		}
		sources, states = append(sources, f.origin), append(states, f.state)
	}
	return sources, strings.Join(states, "\n"), len(sources) > 0
}

// byContents is the end of a link to a file of the Hub's cache.
var byContents = regexp.MustCompile(`(?:^|/)blobs/([0-9a-f]{40}|[0-9a-f]{64})$`)

// BlobSource is how Origin calls a file of the Hub's cache by its name there.
func BlobSource(name string) string { return "blob:" + name }

// young is how long a file can change without its time telling.
const young = 2 * time.Second

// origin describes an open file for Origin.
func origin(fsys fs.FS, name string, f *os.File) (origin, state string) {
	info, err := f.Stat()
	if err != nil {
		return "", ""
	}
	if target, err := fs.ReadLink(fsys, name); err == nil {
		if m := byContents.FindStringSubmatch(path.Clean(filepath.ToSlash(target))); m != nil {
			return BlobSource(m[1]), fmt.Sprint(info.Size())
		}
	}
	full, err := filepath.Abs(f.Name())
	if err != nil || time.Since(info.ModTime()) < young {
		return "", ""
	}
	return full, fmt.Sprintf("%d bytes of %s%s", info.Size(), info.ModTime().UTC().Format(time.RFC3339Nano), changes(f))
}
