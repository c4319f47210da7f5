package weights

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ConvertedFolder is a folder of converted weights, of bounded size. Nothing in it is needed: whatever is missing or damaged
// is made again from the checkpoint.
type ConvertedFolder struct {
	Dir  string
	Most int64 // bytes that its files may take; the ones unused for longest go first
}

const (
	convertedSuffix = ".weights"
	unfinished      = ".unfinished" // ends the names of files that are being written
)

// File names the file for sources that somebody, who calls himself maker, has converted.
func (d ConvertedFolder) File(maker string, sources []string) string {
	sum := sha256.Sum256([]byte(maker + "\n" + strings.Join(sources, "\n")))
	return filepath.Join(d.Dir, hex.EncodeToString(sum[:16])+convertedSuffix)
}

// Open is OpenConverted, and notes that the file is in use.
func (d ConvertedFolder) Open(file, key string) (*Converted, error) {
	c, err := OpenConverted(file, key)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	if info, err := os.Stat(file); err == nil && now.Sub(info.ModTime()) > time.Hour {
		_ = os.Chtimes(file, now, now) // a folder that cannot be written needs no order of removal
	}
	return c, nil
}

// Write puts sections into a file of the folder, under a key and with the names of what they were made of. The file is there
// as a whole or not at all. Older files make room for it.
func (d ConvertedFolder) Write(file, key string, sources []string, sections []Section) error {
	head, size, err := encodeHead(key, sources, sections)
	if err != nil {
		return err
	}
	if size > d.Most {
		return fmt.Errorf("%d bytes of converted weights are more than the %d that are kept", size, d.Most)
	}
	if err := os.MkdirAll(d.Dir, 0o755); err != nil {
		return err
	}
	if err := d.trim(d.Most-size, file); err != nil {
		return err
	}
	f, err := os.CreateTemp(d.Dir, filepath.Base(file)+"*"+unfinished)
	if err != nil {
		return err
	}
	err = errors.Join(writeSections(f, head, sections), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// trim removes what others left unfinished, and the files that were unused for longest until the rest, but for the given
// one, has at most so many bytes.
func (d ConvertedFolder) trim(most int64, but string) error {
	files, err := d.list()
	if err != nil {
		return err
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	var sum int64
	for _, f := range files {
		path := filepath.Join(d.Dir, f.Name())
		left := strings.HasSuffix(f.Name(), unfinished) && time.Since(f.ModTime()) > time.Hour
		if path != but {
			sum += f.Size()
		}
		if left || sum > most && path != but && strings.HasSuffix(f.Name(), convertedSuffix) {
			sum -= f.Size()
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// list gives the files that are the folder's own.
func (d ConvertedFolder) list() ([]fs.FileInfo, error) {
	entries, err := os.ReadDir(d.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var files []fs.FileInfo
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && info.Mode().IsRegular() && (strings.HasSuffix(e.Name(), convertedSuffix) || strings.HasSuffix(e.Name(), unfinished)) {
			files = append(files, info)
		}
	}
	return files, err
}

// Remove deletes the files that were made of any source for which gone is true, and returns how many bytes they had.
func (d ConvertedFolder) Remove(gone func(source string) bool) (int64, error) {
	files, err := d.list()
	if err != nil {
		return 0, err
	}
	var freed int64
	for _, f := range files {
		path := filepath.Join(d.Dir, f.Name())
		if !slices.ContainsFunc(sourcesOf(path), gone) {
			continue
		}
		if err := os.Remove(path); err != nil {
			return freed, err
		}
		freed += f.Size()
	}
	return freed, nil
}

// sourcesOf reads what a file of converted weights was made of; nothing if it cannot be read.
func sourcesOf(file string) []string {
	c, err := mapConverted(file)
	if err != nil {
		return nil
	}
	defer c.Close()
	return c.head.Sources
}
