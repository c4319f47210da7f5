// Package corpus turns files and folders into documents, and documents into passages.
//
// A format is a row of Formats: it knows its files by their content, and makes readable text with pages and headings of
// them. What could not be read is said, as an error or as a warning of the result; nothing is left out in silence. Files
// come from anywhere, so every reader bounds what a file can make it do: bytes, expanded bytes, pages, depth and time.
// The package knows nothing of questions, models or databases.
package corpus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tryall/tryall/qa"
)

// Input is a file's content.
type Input struct {
	Name   string // shown in messages; the beginning of the documents' ids
	Data   []byte
	Limits Limits
}

// Limits bound what one file may cost. A zero stands for the value in DefaultLimits.
type Limits struct {
	Bytes     int64         // of the file
	Text      int64         // bytes of text in one document
	Expanded  int64         // bytes that all entries of an archive expand to, as counted while expanding
	Entries   int           // files in an archive
	Pages     int           // of a PDF
	Documents int           // in one file
	Columns   int           // of a table
	PageTime  time.Duration // for one page of a PDF
	FileTime  time.Duration // for all pages of a PDF
}

// DefaultLimits is what files are held to unless the caller says otherwise.
var DefaultLimits = Limits{
	Bytes: 256 << 20, Text: 64 << 20, Expanded: 256 << 20, Entries: 10_000, Pages: 10_000, Documents: 1_000_000, Columns: 10_000,
	PageTime: 20 * time.Second, FileTime: 10 * time.Minute,
}

func orDefault[T int | int64 | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}

func (l Limits) filled() Limits {
	d := DefaultLimits
	orDefault(&l.Bytes, d.Bytes)
	orDefault(&l.Text, d.Text)
	orDefault(&l.Expanded, d.Expanded)
	orDefault(&l.Entries, d.Entries)
	orDefault(&l.Pages, d.Pages)
	orDefault(&l.Documents, d.Documents)
	orDefault(&l.Columns, d.Columns)
	orDefault(&l.PageTime, d.PageTime)
	orDefault(&l.FileTime, d.FileTime)
	return l
}

// Result is what a file holds. Documents is never empty, and the text of each is valid UTF-8 with something to read.
type Result struct {
	Format    string // Format.Name
	Documents []qa.Document
	Warnings  []string // what a reader of the answers should know: what was guessed, replaced or left out
	Digest    string   // SHA-256 of the content, in hex
}

// Read tells the format of a file by its content and name, and reads it. Its errors carry qa codes and say what to do.
func Read(ctx context.Context, in Input) (*Result, error) {
	in.Limits = in.Limits.filled()
	r, err := read(ctx, in)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		code := qa.Invalid
		if e := (*qa.Error)(nil); errors.As(err, &e) {
			code = e.Code
		}
		return nil, qa.Errorf(code, "read %s: %w", in.Name, err)
	}
	return r, nil
}

func read(ctx context.Context, in Input) (r *Result, err error) {
	defer func() { // libraries read hostile files here; a defect in one of them spoils one file, not the program
		if p := recover(); p != nil {
			r, err = nil, qa.Errorf(qa.Internal, "its reader broke (%v); convert the file to text, and please report it", p)
		}
	}()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if int64(len(in.Data)) > in.Limits.Bytes {
		return nil, tooLarge(in.Limits.Bytes)
	}
	if len(in.Data) == 0 {
		return nil, errors.New("it is empty; there is nothing to answer from")
	}
	f, warnings, err := tell(in)
	if err != nil {
		return nil, err
	}
	docs, more, err := f.Read(ctx, in)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(in.Data)
	r = &Result{Format: f.Name, Warnings: append(warnings, more...), Digest: hex.EncodeToString(sum[:])}
	for _, d := range docs {
		if strings.TrimSpace(d.Text) == "" {
			continue
		}
		if int64(len(d.Text)) > in.Limits.Text {
			return nil, tooMuchText(in.Limits.Text)
		}
		if !utf8.ValidString(d.Text) {
			return nil, qa.Errorf(qa.Internal, "its %s reader made text that is no UTF-8; please report it", f.Name)
		}
		if d.Source == "" {
			d.Source = in.Name
		}
		if d.Title = oneLine(d.Title); d.Title == "" {
			d.Title = filepath.Base(in.Name)
		}
		r.Documents = append(r.Documents, d)
	}
	if len(r.Documents) == 0 {
		return nil, errors.New("there is no text in it; there is nothing to answer from")
	}
	return r, nil
}

func tooLarge(limit int64) error {
	return fmt.Errorf("it is larger than %s, the most one file may have; split it", megabytes(limit))
}

func tooMuchText(limit int64) error {
	return fmt.Errorf("its text is larger than %s, the most one context may have; split it", megabytes(limit))
}

func megabytes(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}

// ReadFile reads the file at path. id is the beginning of the documents' ids and the name in messages: the path as the user
// should see it; empty means path.
func ReadFile(ctx context.Context, path, id string, l Limits) (*Result, error) {
	if id == "" {
		id = path
	}
	data, err := load(path, l.filled().Bytes)
	if err != nil {
		code := qa.Invalid
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, qa.Errorf(qa.NotFound, "read %s: there is no such file", id)
		case errors.Is(err, fs.ErrPermission):
			return nil, qa.Errorf(qa.Forbidden, "read %s: permission denied; make the file readable for you", id)
		}
		return nil, qa.Errorf(code, "read %s: %w", id, err)
	}
	return Read(ctx, Input{Name: id, Data: data, Limits: l})
}

// load reads a regular file of at most limit bytes. The kind is looked at before opening, because opening a pipe waits.
func load(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("it is a folder; name a file in it")
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("it is %s, not a file", kindOf(info.Mode()))
	}
	if info.Size() > limit {
		return nil, tooLarge(limit)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1)) // it may have grown
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, tooLarge(limit)
	}
	return data, nil
}

func kindOf(m fs.FileMode) string {
	switch {
	case m&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return "no regular file"
}
