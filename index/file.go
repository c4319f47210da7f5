package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"
)

// FileState is what is known of a file: how it was when it was read, and what came of it.
type FileState struct {
	Path      string
	Size      int64
	ModTime   time.Time
	Digest    string // SHA-256 of the contents
	Format    string
	Documents int
	Passages  int
	Error     string // why it could not be read; it has no documents then
	Warnings  []string
	Added     time.Time
}

const fileColumns = "path, size, modified, digest, format, documents, passages, error, warnings, added"

// File is the state of one file; false when the index does not know it.
func (x *Index) File(ctx context.Context, path string) (FileState, bool, error) {
	var f FileState
	err := x.db.View(ctx, func(tx *sql.Tx) (err error) {
		f, err = scanFile(tx.QueryRowContext(ctx, "select "+fileColumns+" from index_files where path = ?", path))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return FileState{}, false, nil
	}
	return f, err == nil, err
}

// filesAtOnce is how many files are read in one go, so that going through them slowly holds up nobody.
const filesAtOnce = 500

// Files goes through all files by path. The index may be changed meanwhile.
func (x *Index) Files(ctx context.Context) iter.Seq2[FileState, error] {
	return func(yield func(FileState, error) bool) {
		after, first := "", true
		for {
			some, err := x.filesAfter(ctx, after, first)
			if err != nil {
				yield(FileState{}, err)
				return
			}
			for _, f := range some {
				if !yield(f, nil) {
					return
				}
			}
			if len(some) < filesAtOnce {
				return
			}
			after, first = some[len(some)-1].Path, false
		}
	}
}

func (x *Index) filesAfter(ctx context.Context, path string, first bool) (some []FileState, err error) {
	err = x.db.View(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, "select "+fileColumns+" from index_files where path > ? or ? order by path limit ?", path, first, filesAtOnce)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			f, err := scanFile(rows)
			if err != nil {
				return err
			}
			some = append(some, f)
		}
		return rows.Err()
	})
	return some, err
}

func scanFile(row interface{ Scan(...any) error }) (f FileState, err error) {
	var modified, warnings, added string
	err = row.Scan(&f.Path, &f.Size, &modified, &f.Digest, &f.Format, &f.Documents, &f.Passages, &f.Error, &warnings, &added)
	if err != nil {
		return f, err
	}
	if f.ModTime, err = readTime(modified); err != nil {
		return f, fmt.Errorf("read the state of %s: %w", f.Path, err)
	}
	if f.Added, err = readTime(added); err != nil {
		return f, fmt.Errorf("read the state of %s: %w", f.Path, err)
	}
	if err = json.Unmarshal([]byte(warnings), &f.Warnings); err != nil {
		return f, fmt.Errorf("read the state of %s: %w", f.Path, err)
	}
	return f, nil
}

func writeTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func readTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339Nano, s)
}

func writeJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}
