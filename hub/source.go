package hub

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// source is a folder or an archive that models are imported from.
type source interface {
	walk(func(entry) error) error
	// open calls f with the contents of each named file, in any order, each once.
	open(names []string, f func(name string, r io.Reader) error) error
	isDir() bool
	close() error
}

// entry is a file or a symbolic link. Names are relative, with slashes; folders are not listed.
type entry struct {
	name string
	size int64
	link string // where a symbolic link leads, as it is written; empty for a file

	digest Digest // known from the name of the blob that a snapshot's file leads to
}

// openSource tells by its first bytes what src is.
func openSource(src string) (source, error) {
	st, err := os.Stat(src)
	if err != nil {
		return nil, wrapDisk(err, "open it")
	}
	if st.IsDir() {
		return dirSource(src), nil
	}
	f, err := os.Open(src)
	if err != nil {
		return nil, wrapDisk(err, "open it")
	}
	head := make([]byte, 512)
	n, _ := io.ReadFull(f, head)
	f.Close()
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		z, err := zip.OpenReader(src)
		if err != nil {
			return nil, errorf(Corrupt, "it is a damaged zip: %w", err)
		}
		return zipSource{z}, nil
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return tarSource{src, "gzip"}, nil
	case bytes.HasPrefix(head, []byte("BZh")):
		return tarSource{src, "bzip2"}, nil
	case len(head) == 512 && bytes.HasPrefix(head[257:], []byte("ustar")):
		return tarSource{src, ""}, nil
	}
	return nil, errorf(Corrupt, "it is neither a folder nor a tar, tar.gz, tar.bz2 or zip archive")
}

type dirSource string

func (d dirSource) isDir() bool  { return true }
func (d dirSource) close() error { return nil }

// walk lists the files. Links of a cache stay links; elsewhere what they lead to is the file, for the
// folder is the user's own.
func (d dirSource) walk(f func(entry) error) error {
	return filepath.WalkDir(string(d), func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(string(d), p)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		if e.Type()&fs.ModeSymlink != 0 && inSnapshots(name) {
			link, err := os.Readlink(p)
			if err != nil {
				return err
			}
			return f(entry{name: name, link: filepath.ToSlash(link)})
		}
		out := entry{name: name, size: sizeOf(p)}
		if out.size < 0 {
			return nil // a dangling link, a pipe: choose will miss it if it is needed
		}
		if link, err := os.Readlink(p); err == nil && filepath.Base(filepath.Dir(link)) == "blobs" {
			out.digest = digestOf(filepath.Base(link))
		}
		return f(out)
	})
}

func inSnapshots(name string) bool { return slices.Contains(strings.Split(name, "/"), "snapshots") }

func (d dirSource) open(names []string, f func(string, io.Reader) error) error {
	for _, name := range names {
		file, err := os.Open(filepath.Join(string(d), filepath.FromSlash(name)))
		if err != nil {
			return wrapDisk(err, "open %s", name)
		}
		err = f(name, file)
		file.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

type zipSource struct{ z *zip.ReadCloser }

func (s zipSource) isDir() bool  { return false }
func (s zipSource) close() error { return s.z.Close() }

func (s zipSource) walk(f func(entry) error) error {
	for _, e := range s.z.File {
		mode := e.Mode()
		out := entry{name: archiveName(e.Name), size: int64(min(e.UncompressedSize64, 1<<62))}
		switch {
		case mode.IsDir() || strings.HasSuffix(e.Name, "/"):
			continue
		case mode&fs.ModeSymlink != 0:
			r, err := e.Open()
			if err != nil {
				return errorf(Corrupt, "%s: %w", quote(e.Name), err)
			}
			link, err := readBounded(r, 4<<10)
			r.Close()
			if err != nil {
				return wrapf(err, "link %s", quote(e.Name))
			}
			out.link, out.size = string(link), 0
		case !mode.IsRegular():
			return errorf(Corrupt, "%s is neither a file nor a link", quote(e.Name))
		}
		if err := f(out); err != nil {
			return err
		}
	}
	return nil
}

func (s zipSource) open(names []string, f func(string, io.Reader) error) error {
	for _, e := range s.z.File {
		name := archiveName(e.Name)
		if !slices.Contains(names, name) {
			continue
		}
		r, err := e.Open()
		if err != nil {
			return errorf(Corrupt, "%s: %w", quote(e.Name), err)
		}
		err = f(name, r)
		r.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

type tarSource struct{ path, packed string }

func (s tarSource) isDir() bool  { return false }
func (s tarSource) close() error { return nil }

// each reads the archive from its start to its end.
func (s tarSource) each(f func(*tar.Header, io.Reader) error) error {
	file, err := os.Open(s.path)
	if err != nil {
		return wrapDisk(err, "open it")
	}
	defer file.Close()
	var r io.Reader = bufio.NewReaderSize(file, 256<<10)
	switch s.packed {
	case "gzip":
		if r, err = gzip.NewReader(r); err != nil {
			return errorf(Corrupt, "it is a damaged gzip: %w", err)
		}
	case "bzip2":
		r = bzip2.NewReader(r)
	}
	for t := tar.NewReader(r); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errorf(Corrupt, "it is a damaged archive: %w", err)
		}
		if err := f(h, t); err != nil {
			return err
		}
	}
}

func (s tarSource) walk(f func(entry) error) error {
	return s.each(func(h *tar.Header, _ io.Reader) error {
		e := entry{name: archiveName(h.Name), size: h.Size}
		switch h.Typeflag {
		case tar.TypeReg, '\x00', tar.TypeGNUSparse:
		case tar.TypeDir, tar.TypeXGlobalHeader:
			return nil
		case tar.TypeSymlink:
			e.link, e.size = h.Linkname, 0
		default:
			return errorf(Corrupt, "%s is neither a file nor a symbolic link; pack it again without hard links and devices", quote(h.Name))
		}
		return f(e)
	})
}

func (s tarSource) open(names []string, f func(string, io.Reader) error) error {
	left := slices.Clone(names)
	return s.each(func(h *tar.Header, r io.Reader) error {
		i := slices.Index(left, archiveName(h.Name))
		if i < 0 || h.Typeflag == tar.TypeDir {
			return nil
		}
		name := left[i]
		left = slices.Delete(left, i, i+1)
		return f(name, r)
	})
}

// archiveName drops the ./ that tar puts in front; anything else odd stays, to be refused by name.
func archiveName(name string) string {
	for strings.HasPrefix(name, "./") {
		name = name[2:]
	}
	if strings.HasSuffix(name, "/") && name != "/" {
		name = path.Clean(name)
	}
	return name
}
