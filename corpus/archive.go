package corpus

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// archive is a ZIP file whose entries are read within limits. What an entry says of its own size is not believed.
type archive struct {
	ctx    context.Context
	files  map[string]*zip.File
	names  []string // in the archive's order
	budget int64    // bytes that may still be expanded
	limit  int64
}

func openArchive(ctx context.Context, in Input) (*archive, error) {
	z, err := zip.NewReader(bytes.NewReader(in.Data), int64(len(in.Data)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // paths are never used on the disk
		return nil, fmt.Errorf("its archive is damaged (%w); open it in its program and save it anew", err)
	}
	if len(z.File) > in.Limits.Entries {
		return nil, fmt.Errorf("its archive has %d entries, more than the limit of %d", len(z.File), in.Limits.Entries)
	}
	a := &archive{ctx: ctx, files: map[string]*zip.File{}, budget: in.Limits.Expanded, limit: in.Limits.Expanded}
	for _, f := range z.File {
		name := strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(f.Name, `\`, "/")), "/")
		if _, again := a.files[name]; !again {
			a.files[name] = f
			a.names = append(a.names, name)
		}
	}
	return a, nil
}

// open reads an entry as a stream that fails when the archive expands beyond its limit.
func (a *archive) open(name string) (io.ReadCloser, error) {
	f := a.files[name]
	if f == nil {
		return nil, fmt.Errorf("its part %s is missing: %w", name, fs.ErrNotExist)
	}
	if f.Flags&1 != 0 {
		return nil, errors.New("it is protected by a password; save a copy without one")
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("its part %s is damaged: %w", name, err)
	}
	return &entry{a: a, r: r, name: name}, nil
}

func (a *archive) read(name string) ([]byte, error) {
	r, err := a.open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func (a *archive) has(name string) bool { return a.files[name] != nil }

type entry struct {
	a    *archive
	r    io.ReadCloser
	name string
}

func (e *entry) Read(p []byte) (int, error) {
	if err := e.a.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := e.r.Read(p)
	if e.a.budget -= int64(n); e.a.budget < 0 {
		return 0, fmt.Errorf("its archive expands to more than %s; it may be made to fill the memory", megabytes(e.a.limit))
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("its part %s is damaged: %w", e.name, err)
	}
	return n, err
}

func (e *entry) Close() error { return e.r.Close() }

func isZip(data []byte) bool { return bytes.HasPrefix(data, []byte("PK\x03\x04")) }

// zipNames are the names of the entries, and the content of the entry "mimetype" that OpenDocument and EPUB begin with.
func zipNames(data []byte) (names []string, mimetype string) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if z == nil || err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, ""
	}
	for _, f := range z.File[:min(len(z.File), DefaultLimits.Entries)] {
		names = append(names, f.Name)
		if f.Name != "mimetype" || mimetype != "" {
			continue
		}
		if r, err := f.Open(); err == nil {
			b, _ := io.ReadAll(io.LimitReader(r, 256)) // what cannot be read is no type that we know
			mimetype = strings.TrimSpace(string(b))
			_ = r.Close()
		}
	}
	return names, mimetype
}

// zipped says whether a ZIP archive is of a kind: by its mimetype, by an entry of it or, when it is too damaged to tell, by the file's name.
func zipped(data []byte, name, mimetype, entry string, extensions ...string) bool {
	if !isZip(data) {
		return false
	}
	names, mime := zipNames(data)
	if names == nil {
		return slices.Contains(extensions, suffix(name))
	}
	return mimetype != "" && strings.HasPrefix(mime, mimetype) || entry != "" && slices.Contains(names, entry)
}

// zipKind says what a ZIP archive is that no format takes.
func zipKind(data []byte) *kind {
	names, mime := zipNames(data)
	has := func(prefix string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, prefix) })
	}
	switch {
	case has("xl/"), strings.Contains(mime, "spreadsheet"):
		return &kind{what: "a spreadsheet", doing: "save its sheets as CSV"}
	case has("ppt/"), strings.Contains(mime, "presentation"):
		return &kind{what: "a presentation", doing: "export it as PDF"}
	case has("word/"):
		return &kind{what: "an Office document without its main part", doing: giveDOCX}
	case strings.HasPrefix(mime, "application/vnd.oasis.opendocument"):
		return &kind{what: "an OpenDocument file of a kind that is not text", doing: "export it as PDF"}
	case names == nil:
		return &kind{what: "a damaged ZIP archive (or Office document)", doing: "open it in its program and save it anew"}
	}
	return &kind{what: "a ZIP archive (or an Office document)", doing: giveUnpack}
}
