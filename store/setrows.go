package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
)

func clearSet(ctx context.Context, tx *sql.Tx, no int64) error {
	for _, table := range []string{"question_items", "question_contexts"} {
		if _, err := tx.ExecContext(ctx, "delete from "+table+" where id between ?1<<32 and ?1<<32 | 4294967295", no); err != nil {
			return err
		}
	}
	return nil
}

func writeSet(ctx context.Context, tx *sql.Tx, no int64, set *questions.Set, kept int) error {
	contexts := newInsert(tx, "question_contexts", 4)
	for i := range set.Contexts {
		c := &set.Contexts[i]
		if err := valid(c.Text, string(c.Extra)); err != nil {
			return err
		}
		if err := contexts.add(ctx, no<<32|int64(i), c.Article, c.Text, string(c.Extra)); err != nil {
			return err
		}
	}
	if err := contexts.flush(ctx); err != nil {
		return err
	}
	items := newInsert(tx, "question_items", 5)
	for i := range set.Items {
		q := &set.Items[i]
		texts := []string{q.ID, q.Text, q.Document, string(q.Extra)}
		for _, labels := range [][]questions.Label{q.Answers, q.Plausible} {
			for k := range labels {
				texts = append(texts, labels[k].Text, labels[k].Who, labels[k].How, string(labels[k].Extra))
			}
		}
		if err := valid(texts...); err != nil {
			return err
		}
		body, err := json.Marshal(q)
		if err != nil {
			return err
		}
		if err := items.add(ctx, no<<32|int64(i), q.ID, number(q.Labelled), number(i >= kept), string(body)); err != nil {
			return err
		}
	}
	return items.flush(ctx)
}

// valid refuses what JSON would not give back.
func valid(texts ...string) error {
	for _, t := range texts {
		if !utf8.ValidString(t) {
			return qa.Errorf(qa.Invalid, "the text %.40q is not UTF-8", t)
		}
	}
	return nil
}

func number(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// insert writes rows, many with one statement.
type insert struct {
	tx      *sql.Tx
	table   string
	columns int
	args    []any
}

// rowsAtOnce is how many rows a statement takes.
const rowsAtOnce = 100

func newInsert(tx *sql.Tx, table string, columns int) *insert {
	return &insert{tx: tx, table: table, columns: columns}
}

func (i *insert) add(ctx context.Context, values ...any) error {
	if i.args = append(i.args, values...); len(i.args) == rowsAtOnce*i.columns {
		return i.flush(ctx)
	}
	return nil
}

func (i *insert) flush(ctx context.Context) error {
	n := len(i.args) / i.columns
	if n == 0 {
		return nil
	}
	_, err := i.tx.ExecContext(ctx, "insert or replace into "+i.table+" values "+list(i.columns)+strings.Repeat(", "+list(i.columns), n-1), i.args...)
	i.args = i.args[:0]
	return err
}

// querier is what reads need: a transaction, or the pool of readers.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// readSet is a set as it was put, with the questions that were kept at its end.
func readSet(ctx context.Context, db querier, name string) (set *questions.Set, no int64, err error) {
	set = &questions.Set{Name: name}
	var raw string
	err = db.QueryRowContext(ctx, "select no, format, digest, head from question_sets where name = ?", name).Scan(&no, &set.Format, &set.Digest, &raw)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, 0, qa.Errorf(qa.NotFound, "there is no question set %q", name)
	}
	if err != nil {
		return nil, 0, err
	}
	var head setHead
	if err := json.Unmarshal([]byte(raw), &head); err != nil {
		return nil, 0, qa.Errorf(qa.Invalid, "read the question set %s: %w", name, err)
	}
	set.Version, set.V2, set.Articles, set.Warnings, set.Extra = head.Version, head.V2, head.Articles, head.Warnings, head.Extra
	err = eachRow(ctx, db, "select article, body, extra from question_contexts where id between ?1<<32 and ?1<<32 | 4294967295 order by id", []any{no}, func(scan func(...any) error) error {
		var c questions.Context
		err := scan(&c.Article, &c.Text, &c.Extra)
		set.Contexts = append(set.Contexts, c)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	err = eachRow(ctx, db, "select body from question_items where id between ?1<<32 and ?1<<32 | 4294967295 order by id", []any{no}, func(scan func(...any) error) error {
		var body sql.RawBytes
		if err := scan(&body); err != nil {
			return err
		}
		var q questions.Item
		if err := json.Unmarshal(body, &q); err != nil {
			return qa.Errorf(qa.Invalid, "read the question set %s: %w", name, err)
		}
		set.Items = append(set.Items, q)
		return nil
	})
	return set, no, err
}

// eachRow calls f with each row.
func eachRow(ctx context.Context, db querier, query string, args []any, f func(scan func(...any) error) error) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
