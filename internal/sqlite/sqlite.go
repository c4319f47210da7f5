// Package sqlite opens the one database file of a project: several processes may use it at once, and a process that is killed
// at any moment leaves it whole. It knows no tables; each part of the program that keeps something brings its own schema.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite" // registers the driver, without cgo
	lib "modernc.org/sqlite/lib"

	"github.com/tryall/tryall/qa"
)

// DB is an open database file. It may be used from several goroutines at once.
type DB struct {
	path    string
	writer  *sql.DB // one connection, so that the goroutines of this process wait for each other and not for a lock; nil: only read
	readers *sql.DB
}

// busyWait is how long a statement waits for another process's transaction.
const busyWait = 30 * time.Second

// Open opens the file, and makes it and its folder where they are missing. One that may not be written to is opened for reading.
func Open(ctx context.Context, path string) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, qa.Errorf(qa.Unavailable, "open the project's data: %w", err)
	}
	db := &DB{path: path}
	var err error
	if db.writer, err = sql.Open("sqlite", dsn(path, "immediate")); err != nil {
		return nil, about(path, err)
	}
	db.writer.SetMaxOpenConns(1)
	if db.readers, err = sql.Open("sqlite", dsn(path, "deferred")); err != nil {
		return nil, errors.Join(about(path, err), db.writer.Close())
	}
	db.readers.SetMaxOpenConns(4)
	// The first transaction shows whether the file is a database, and may be written to.
	err = db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "create table if not exists schema_versions (component text primary key, version integer not null) strict")
		return err
	})
	if qa.CodeOf(err) == qa.Forbidden {
		if only, roErr := openReadOnly(ctx, path); roErr == nil {
			return only, db.Close()
		}
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// openReadOnly opens a file that is there. Where nothing of a log lies beside it, nobody is writing, and so it is taken as it is, without the
// files that sharing takes.
func openReadOnly(ctx context.Context, path string) (*DB, error) {
	name := dsn(path, "deferred") + "&mode=ro"
	if _, err := os.Stat(path + "-wal"); errors.Is(err, os.ErrNotExist) {
		name += "&immutable=1"
	}
	readers, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, about(path, err)
	}
	db := &DB{path: path, readers: readers}
	if _, err := db.version(ctx, ""); err != nil {
		return nil, errors.Join(about(path, err), readers.Close())
	}
	return db, nil
}

// dsn sets write-ahead logging: readers never wait, and a kill loses nothing that was committed.
func dsn(path, lock string) string {
	q := url.Values{"_txlock": {lock}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyWait.Milliseconds()), "journal_mode(wal)", "synchronous(normal)",
		"foreign_keys(1)", "cache_size(-32000)", "temp_store(memory)", "journal_size_limit(67108864)",
	}}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// Path is the file.
func (db *DB) Path() string { return db.path }

// Read is for statements that change nothing. They see what was committed when they begin, and never wait for a writer.
func (db *DB) Read() *sql.DB { return db.readers }

// View runs f in a transaction that changes nothing: all its statements see the same state.
func (db *DB) View(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := db.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return about(db.path, err)
	}
	defer func() { _ = tx.Rollback() }()
	return about(db.path, f(tx))
}

// Write runs f in a transaction that is committed when f returns nil, and else leaves no trace. Transactions of all processes
// follow one another, so f is to be short.
func (db *DB) Write(ctx context.Context, f func(tx *sql.Tx) error) error {
	if db.writer == nil {
		return qa.Errorf(qa.Forbidden, "write %s: it could be opened for reading only; look at the rights of the file and its folder", db.path)
	}
	tx, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return about(db.path, err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if err := f(tx); err != nil {
		return about(db.path, err)
	}
	return about(db.path, tx.Commit())
}

// Close closes the file; what the log still holds is moved into it when this is the last process that has it open.
func (db *DB) Close() error {
	err := db.readers.Close()
	if db.writer != nil {
		err = errors.Join(err, db.writer.Close())
	}
	return err
}

// about puts SQLite's errors into the words of someone who has to do something about them. Others pass as they are.
func about(path string, err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case lib.SQLITE_FULL:
		return qa.Errorf(qa.Unavailable, "write %s: the disk is full; nothing of this step was kept, what was there before is whole: %w", path, err)
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return qa.Errorf(qa.Unavailable, "write %s: another process has been writing to it for %s; try again when it is done: %w", path, busyWait, err)
	case lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN, lib.SQLITE_PERM:
		return qa.Errorf(qa.Forbidden, "open %s: it cannot be opened for writing; look at the rights of the file and its folder: %w", path, err)
	case lib.SQLITE_NOTADB, lib.SQLITE_CORRUPT:
		return qa.Errorf(qa.Invalid, "open %s: the file is damaged or no database; move it away, a copy may lie beside it (*.before-*): %w", path, err)
	case lib.SQLITE_IOERR:
		return qa.Errorf(qa.Unavailable, "use %s: the disk fails: %w", path, err)
	}
	return fmt.Errorf("%s: %w", path, err)
}

// Quote writes text as an SQL string, for the few places that take no parameters.
func Quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
