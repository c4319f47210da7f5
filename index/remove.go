package index

import (
	"context"
	"database/sql"
)

// RemovedCounts is what was removed.
type RemovedCounts struct{ Files, Documents, Passages int }

// removeAtOnce is how many passages go in one transaction, or one file if that has more, so that others get their turn.
const removeAtOnce = 5000

// Remove takes out the files whose path match says yes to, with all that was read from them; the space is used again. When it
// is stopped in the middle, what is left are whole files, and the counts are of those that went.
func (x *Index) Remove(ctx context.Context, match func(path string) bool) (removed RemovedCounts, err error) {
	var files []FileState
	for f, err := range x.Files(ctx) {
		if err != nil {
			return removed, err
		}
		if match(f.Path) {
			files = append(files, f)
		}
	}
	for len(files) > 0 {
		n, passages := 0, 0
		for ; n < len(files) && n < removeAtOnce && passages < removeAtOnce; n++ {
			passages += files[n].Passages
		}
		went, err := x.removeSome(ctx, files[:n])
		if err != nil {
			return removed, err
		}
		files = files[n:]
		removed.Files += went.Files
		removed.Documents += went.Documents
		removed.Passages += went.Passages
	}
	return removed, x.tidy(ctx, removed.Passages)
}

// removeSome takes out files, those of them that nobody else has taken out.
func (x *Index) removeSome(ctx context.Context, files []FileState) (went RemovedCounts, err error) {
	err = x.db.Write(ctx, func(tx *sql.Tx) error {
		w, err := newWriter(ctx, tx)
		if err != nil {
			return err
		}
		var ids []int64
		for _, f := range files {
			id, _, err := w.known(f.Path)
			if err != nil {
				return err
			}
			if id != 0 {
				ids = append(ids, id)
			}
		}
		if went, err = w.clear(ids); err != nil {
			return err
		}
		list, err := writeJSON(ids)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "delete from index_files where id in (select value from json_each(?))", list); err != nil {
			return err
		}
		return w.close()
	})
	return went, err
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
