package project

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/tryall/tryall/qa"
)

// Sample is what a first project is made of. Its files are written as they lie in Files; the other fields go into
// tryall.yaml, with paths relative to it.
type Sample struct {
	Description string
	Files       map[string][]byte // corpus and questions by path, such as corpus/a.md and questions.csv
	Corpus      []string          // "corpus/**/*.md"
	Questions   []string          // "questions.csv"
	Models      []string          // that run at once
	Gate        []string          // lines such as `f1: ">=50"`
}

//go:embed init.yaml.tmpl
var initTemplate string

// Init writes a project into a folder, which it makes where it is missing, and gives the paths of the files written. It
// writes over nothing: a file that is there already is an error that names it, before anything is written.
func Init(dir string, s Sample) ([]string, error) {
	files, err := sampleFiles(s)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, qa.Errorf(qa.Forbidden, "make the project's folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, qa.Errorf(qa.Forbidden, "make the project: %w", err)
	}
	defer root.Close()
	var there []string
	for _, f := range files {
		switch _, err := root.Lstat(f.name); {
		case err == nil:
			there = append(there, filepath.Join(dir, filepath.FromSlash(f.name)))
		case !errors.Is(err, fs.ErrNotExist):
			return nil, qa.Errorf(qa.Forbidden, "make the project: %w", err)
		}
	}
	if len(there) > 0 {
		return nil, qa.Errorf(qa.Invalid, "make a project in %s: %s is there already, and nothing is written over; name another folder", dir, strings.Join(there, ", "))
	}
	var written []string
	for _, f := range files {
		if err := writeNew(root, f); err != nil {
			for _, name := range written {
				err = errors.Join(err, root.Remove(name))
			}
			return nil, qa.Errorf(qa.Forbidden, "make the project in %s: %w", dir, err)
		}
		written = append(written, f.name)
	}
	for i, name := range written {
		written[i] = filepath.Join(dir, filepath.FromSlash(name))
	}
	return written, nil
}

type newFile struct {
	name string // with slashes
	data []byte
}

// sampleFiles are all files of a first project, tryall.yaml last: a folder with that file is a project, and whole.
func sampleFiles(s Sample) ([]newFile, error) {
	var files []newFile
	for _, name := range slices.Sorted(maps.Keys(s.Files)) {
		if !fs.ValidPath(name) {
			return nil, qa.Errorf(qa.Internal, "the sample has a file %q, which is no path within the project", name)
		}
		files = append(files, newFile{name, s.Files[name]})
	}
	config, err := s.config()
	if err != nil {
		return nil, qa.Errorf(qa.Internal, "make %s: %w", FileName, err)
	}
	if slices.ContainsFunc(files, func(f newFile) bool { return f.name == FileName }) {
		return nil, qa.Errorf(qa.Internal, "the sample has a %s of its own", FileName)
	}
	return append(files, newFile{FileName, config}), nil
}

// config is the text of tryall.yaml; what it says is read back before it is written.
func (s Sample) config() ([]byte, error) {
	t, err := template.New(FileName).Funcs(template.FuncMap{"quote": yamlQuote}).Parse(initTemplate)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, s); err != nil {
		return nil, err
	}
	_, err = Parse(FileName, b.Bytes())
	return b.Bytes(), err
}

// yamlQuote leaves plain words as they are; the quotes of Go are also YAML's.
func yamlQuote(s string) string {
	for _, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./", r)) {
			return strconv.Quote(s)
		}
	}
	if s == "" || strings.HasPrefix(s, "-") || s[0] >= '0' && s[0] <= '9' {
		return strconv.Quote(s)
	}
	return s
}

func writeNew(root *os.Root, f newFile) error {
	if dir := path.Dir(f.name); dir != "." {
		if err := root.MkdirAll(dir, 0o777); err != nil {
			return err
		}
	}
	w, err := root.OpenFile(f.name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = w.Write(f.data)
	if err := errors.Join(err, w.Close()); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", f.name, err), root.Remove(f.name))
	}
	return nil
}
