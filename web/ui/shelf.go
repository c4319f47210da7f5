package ui

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

// shelf is the folder where held texts lie, so that a link to one holds when the server was started anew. Each is a file with the name of
// its id, which is a hash of what is in it; those that were used last stay, up to a number of bytes.
type shelf struct {
	folder func() (string, error)
	limit  int64
}

// shelved is a text in its file.
type shelved struct {
	Version  int       `json:"version"`
	Name     string    `json:"name,omitempty"`
	Text     string    `json:"text"`
	Marks    []qa.Mark `json:"marks,omitempty"`
	Warnings []string  `json:"warnings,omitempty"`
}

// The version of the files, and how many of them there may be besides their bytes.
const (
	shelfVersion = 1
	mostShelved  = 1000
)

// idPattern is what an id looks like: whatever else an address holds is never made into a path.
var idPattern = regexp.MustCompile(`^[0-9a-f]{16}$`)

func (s *shelf) path(id string) (string, error) {
	if !idPattern.MatchString(id) {
		return "", os.ErrNotExist
	}
	dir, err := s.folder()
	return filepath.Join(dir, id+".json"), err
}

// put writes a text and trims the folder.
func (s *shelf) put(h *Held) error {
	path, err := s.path(h.ID)
	if err != nil {
		return err
	}
	now := time.Now()
	if os.Chtimes(path, now, now) == nil { // it lies there already
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	err = workbench.WriteFile(path, func(w io.Writer) error {
		return json.NewEncoder(w).Encode(shelved{shelfVersion, h.Name, h.Text.Text, h.Marks, h.Text.Warnings})
	})
	if err != nil {
		return err
	}
	return s.trim(filepath.Dir(path), filepath.Base(path))
}

// get reads a text. One that is damaged is as good as gone.
func (s *shelf) get(id string) (*Held, error) {
	path, err := s.path(id)
	if err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var x shelved
	if err := json.Unmarshal(raw, &x); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if x.Version != shelfVersion || heldID(x.Name, x.Text) != id {
		return nil, fmt.Errorf("read %s: it is not what was written there", path)
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // else it goes a little earlier
	return &Held{Text: workbench.Text{Text: x.Text, Marks: x.Marks, Warnings: x.Warnings}, ID: id, Name: x.Name}, nil
}

// trim removes those that were not used for longest, until the rest is within bounds; the newest stays whatever its size.
func (s *shelf) trim(dir, newest string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var files []os.FileInfo
	var total int64
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() { // it has gone meanwhile, or is not ours
			continue
		}
		files, total = append(files, info), total+info.Size()
	}
	slices.SortFunc(files, func(a, b os.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	n := len(files)
	for _, f := range files {
		if total <= s.limit && n <= mostShelved {
			return nil
		}
		if f.Name() == newest {
			continue
		}
		if err := os.Remove(filepath.Join(dir, f.Name())); err != nil && !os.IsNotExist(err) {
			return err
		}
		total, n = total-f.Size(), n-1
	}
	return nil
}
