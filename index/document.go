package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tryall/tryall/qa"
)

// Document is a document as it was given, its text and marks included.
func (x *Index) Document(ctx context.Context, id qa.DocumentID) (qa.Document, error) {
	d := qa.Document{ID: id}
	err := x.db.View(ctx, func(tx *sql.Tx) (err error) {
		d, _, _, err = readDocument(ctx, tx, id)
		return err
	})
	return d, err
}

// readDocument returns with the document its first passage and their number.
func readDocument(ctx context.Context, tx *sql.Tx, id qa.DocumentID) (d qa.Document, first int64, passages int, err error) {
	d.ID = id
	var row int64
	var bytes int
	var marks string
	err = tx.QueryRowContext(ctx, "select id, source, title, marks, bytes, first, passages from index_documents where name = ?", string(id)).
		Scan(&row, &d.Source, &d.Title, &marks, &bytes, &first, &passages)
	if errors.Is(err, sql.ErrNoRows) {
		return d, 0, 0, qa.Errorf(qa.NotFound, "find document %q: it is not in the corpus", id)
	}
	if err != nil {
		return d, 0, 0, err
	}
	if err := json.Unmarshal([]byte(marks), &d.Marks); err != nil {
		return d, 0, 0, fmt.Errorf("read the marks of %q: %w", id, err)
	}
	t := texts{tx, map[int64][]byte{}}
	whole := part{row, qa.Range{Start: 0, End: bytes}}
	if err := t.load(ctx, []part{whole}); err != nil {
		return d, 0, 0, err
	}
	d.Text, err = t.of(whole)
	return d, first, passages, err
}

// Passages is the passages of a document, in order.
func (x *Index) Passages(ctx context.Context, id qa.DocumentID) (passages []qa.Passage, err error) {
	err = x.db.View(ctx, func(tx *sql.Tx) error {
		d, first, n, err := readDocument(ctx, tx, id)
		if err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, `select start, "end", title, page, heading from index_passages where id >= ? and id < ? order by id`, first, first+int64(n))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			p := qa.Passage{Doc: id, Title: d.Title}
			var title sql.NullString
			if err := rows.Scan(&p.Range.Start, &p.Range.End, &title, &p.Page, &p.Heading); err != nil {
				return err
			}
			if title.Valid {
				p.Title = title.String
			}
			p.Text = p.Range.Of(d.Text)
			passages = append(passages, p)
		}
		return rows.Err()
	})
	return passages, err
}

// DocumentInfo is a document without its text.
type DocumentInfo struct {
	ID       qa.DocumentID
	Path     string // the file that it was read from
	Source   string
	Title    string
	Bytes    int // of its text
	Passages int
}

// DocumentQuery chooses documents.
type DocumentQuery struct {
	Match  string // glob on id or path, as in Query; empty for all
	Offset int
	Limit  int // 0 for all
}

// Documents lists documents by id, and says how many there are in all that match.
func (x *Index) Documents(ctx context.Context, q DocumentQuery) (list []DocumentInfo, total int, err error) {
	match, err := newGlob(q.Match)
	if err != nil {
		return nil, 0, err
	}
	err = x.db.View(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `select d.name, f.path, d.source, d.title, d.bytes, d.passages
			from index_documents d join index_files f on f.id = d.file order by d.name`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var d DocumentInfo
			if err := rows.Scan(&d.ID, &d.Path, &d.Source, &d.Title, &d.Bytes, &d.Passages); err != nil {
				return err
			}
			if !match.document(string(d.ID), d.Path) {
				continue
			}
			if total++; total > q.Offset && (q.Limit == 0 || len(list) < q.Limit) {
				list = append(list, d)
			}
		}
		return rows.Err()
	})
	return list, total, err
}
