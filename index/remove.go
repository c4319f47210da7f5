package index

import (
	"context"
	"database/sql"
	"errors"
)

// RemovedCounts is what was removed.
type RemovedCounts struct{ Files, Documents, Passages int }

// removeAtOnce is how many passages go in one transaction, or one file if that has more, so that others get their turn.
const removeAtOnce = 5000

// Remove takes out the files whose path match says yes to, with all that was read from them; the space is used again. When it
// is stopped in the middle, what is left are whole files, and the counts are of those that went.
func (x *Index) Remove(ctx context.Context, match func(path string) bool) (removed RemovedCounts, err error) {
	var paths []string
	for f, err := range x.Files(ctx) {
		if err != nil {
			return removed, err
		}
		if match(f.Path) {
			paths = append(paths, f.Path)
		}
	}
	for len(paths) > 0 {
		var some RemovedCounts
		n := 0
		err := x.db.Write(ctx, func(tx *sql.Tx) error {
			w, err := newWriter(ctx, tx)
			if err != nil {
				return err
			}
			some, n = RemovedCounts{}, 0
			for ; n < len(paths) && n < removeAtOnce && some.Passages < removeAtOnce; n++ {
				if err := w.remove(paths[n], &some); err != nil {
					return err
				}
			}
			return w.close()
		})
		if err != nil {
			return removed, err
		}
		paths = paths[n:]
		removed.Files += some.Files
		removed.Documents += some.Documents
		removed.Passages += some.Passages
	}
	return removed, x.tidy(ctx, removed.Passages)
}

// remove takes out one file, if nobody else has done so.
func (w *writer) remove(path string, removed *RemovedCounts) error {
	var id int64
	switch err := w.tx.QueryRowContext(w.ctx, "select id from index_files where path = ?", path).Scan(&id); {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	went, err := w.clear(id)
	if err != nil {
		return err
	}
	removed.Files++
	removed.Documents += went.Documents
	removed.Passages += went.Passages
	_, err = w.tx.ExecContext(w.ctx, "delete from index_files where id = ?", id)
	return err
}

// tidy has FTS5 forget what was removed, where that is much of what there was: by itself it does so only as more is written.
func (x *Index) tidy(ctx context.Context, removed int) error {
	if removed == 0 {
		return nil
	}
	var left state
	if err := x.db.View(ctx, func(tx *sql.Tx) (err error) {
		left, err = readState(ctx, tx)
		return err
	}); err != nil {
		return err
	}
	switch {
	case left.passages == 0:
		return x.db.Write(ctx, func(tx *sql.Tx) error {
			// Another process may have added something since.
			_, err := tx.ExecContext(ctx, "insert into index_terms (index_terms) select 'delete-all' from index_totals where passages = 0")
			return err
		})
	case removed < left.passages/4:
		return nil
	}
	for more := true; more && ctx.Err() == nil; {
		err := x.db.Write(ctx, func(tx *sql.Tx) (err error) {
			more, err = merge(ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// merge does a bounded part of merging all of the FTS index into one, and says whether there is more to do.
func merge(ctx context.Context, tx *sql.Tx) (more bool, err error) {
	var before, after int
	const changes = "select total_changes()"
	if err := tx.QueryRowContext(ctx, changes).Scan(&before); err != nil {
		return false, err
	}
	// A negative number of pages has it begin with all segments; see "merge" in SQLite's manual of FTS5.
	if _, err := tx.ExecContext(ctx, "insert into index_terms (index_terms, rank) values ('merge', -500)"); err != nil {
		return false, err
	}
	err = tx.QueryRowContext(ctx, changes).Scan(&after)
	return after-before >= 2, err
}
