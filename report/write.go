package report

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/tryall/tryall/qa"
)

// Write writes all files of a report into a folder, which it makes where it is missing, and gives their paths. Each is
// written beside and renamed, when all of them are whole. Only these names are replaced, and only in a folder that holds a
// report already; files of these names anywhere else are somebody's own, and an error names them.
func Write(dir string, in Input) (paths []string, err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, qa.Errorf(qa.Forbidden, "write the report: %w", err)
	}
	if err := mayReplace(dir); err != nil {
		return nil, err
	}
	var written []string // temporary files that are whole
	defer func() {
		for _, name := range written {
			os.Remove(name) // what was renamed is not there
		}
	}()
	for _, f := range Files {
		name, err := writeBeside(dir, f, in)
		if err != nil {
			return nil, qa.Errorf(qa.Unavailable, "write the report to %s: %w", filepath.Join(dir, f.Name), err)
		}
		written = append(written, name)
	}
	for i, f := range Files {
		path := filepath.Join(dir, f.Name)
		if err := os.Rename(written[i], path); err != nil {
			return nil, qa.Errorf(qa.Unavailable, "write the report: %w", err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func writeBeside(dir string, f File, in Input) (name string, err error) {
	// Not os.CreateTemp: who may read the file is for the umask to say.
	t, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf(".%s-%08x", f.Name, rand.Uint32())), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			os.Remove(t.Name())
		}
	}()
	w := bufio.NewWriterSize(t, 1<<16)
	err = f.Write(w, in)
	err = errors.Join(err, w.Flush(), t.Close())
	return t.Name(), err
}

// mayReplace refuses folders with files of a report's names that are no report.
func mayReplace(dir string) error {
	var there []string
	for _, f := range Files {
		info, err := os.Lstat(filepath.Join(dir, f.Name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return qa.Errorf(qa.Forbidden, "write the report: %w", err)
		case info.IsDir():
			return qa.Errorf(qa.Invalid, "write the report: %s is a folder", filepath.Join(dir, f.Name))
		default:
			there = append(there, f.Name)
		}
	}
	if len(there) == 0 || isReport(filepath.Join(dir, "report.json")) {
		return nil
	}
	return qa.Errorf(qa.Invalid, "write the report: %s in %s are not of a report of tryall (report.json does not say so); name another folder",
		strings.Join(there, ", "), dir)
}

// isReport looks at the beginning of a report.json.
func isReport(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	d := json.NewDecoder(f)
	for _, want := range []json.Token{json.Delim('{'), "format"} {
		if t, err := d.Token(); err != nil || t != want {
			return false
		}
	}
	t, err := d.Token()
	s, ok := t.(string)
	return err == nil && ok && strings.HasPrefix(s, "tryall-report-")
}
