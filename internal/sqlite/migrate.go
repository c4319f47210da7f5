package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"github.com/tryall/tryall/qa"
)

// Migrate brings a component's tables to the newest schema: steps[i] is the SQL that leads from version i to i+1. Each runs
// once, in one transaction with the note that it ran. Before tables that hold something are changed, the file is copied beside
// itself as tryall.db.before-COMPONENT-VERSION. A file that a newer program has written is refused.
func (db *DB) Migrate(ctx context.Context, component string, steps []string) error {
	version, err := db.version(ctx, component)
	switch {
	case err != nil:
		return about(db.path, err)
	case version > len(steps):
		return qa.Errorf(qa.Invalid, "open %s: a newer version of this program has written it (schema %d of %s, this one knows %d); use that version", db.path, version, component, len(steps))
	case version == len(steps):
		return nil
	case version > 0:
		if err := db.copyTo(ctx, fmt.Sprintf("%s.before-%s-%d", db.path, component, version+1)); err != nil {
			return err
		}
	}
	return db.Write(ctx, func(tx *sql.Tx) error {
		var now int // another process may have been quicker
		if err := tx.QueryRowContext(ctx, "select coalesce(max(version), 0) from schema_versions where component = ?", component).Scan(&now); err != nil {
			return err
		}
		for ; now < len(steps); now++ {
			if _, err := tx.ExecContext(ctx, steps[now]); err != nil {
				return fmt.Errorf("bring the tables of %s to version %d: %w", component, now+1, err)
			}
		}
		_, err := tx.ExecContext(ctx, "insert or replace into schema_versions values (?, ?)", component, now)
		return err
	})
}

func (db *DB) version(ctx context.Context, component string) (v int, err error) {
	err = db.readers.QueryRowContext(ctx, "select coalesce(max(version), 0) from schema_versions where component = ?", component).Scan(&v)
	return v, err
}

// copyTo copies the database as it stands; a copy that is there already is kept, since it is of the older state.
func (db *DB) copyTo(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("copy the data before the schema changes: %w", err)
	}
	beside := path + ".part"
	if err := os.Remove(beside); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("copy the data before the schema changes: %w", err)
	}
	if _, err := db.readers.ExecContext(ctx, "vacuum into "+Quote(beside)); err != nil {
		return about(db.path, fmt.Errorf("copy the data before the schema changes: %w", err))
	}
	return os.Rename(beside, path)
}
