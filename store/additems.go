package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
)

// AddQuestions adds questions without a context to a set, at its end, and makes the set where there is none. A question that the
// set has already, by its text and document, is not added again. It gives the ids of all of them, in order. What was judged stays.
func (s *Store) AddQuestions(ctx context.Context, set string, add []questions.Item) (ids []string, err error) {
	if strings.TrimSpace(set) == "" {
		return nil, qa.Errorf(qa.Invalid, "add questions: the set has no name")
	}
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		ids = ids[:0]
		no, err := s.orNewSet(ctx, tx, set)
		if err != nil {
			return err
		}
		old, _, err := readSet(ctx, tx, set)
		if err != nil {
			return err
		}
		have, taken := map[string]string{}, map[string]bool{}
		for i := range old.Items {
			have[asked(&old.Items[i])] = old.Items[i].ID
			taken[old.Items[i].ID] = true
		}
		var next int64
		if err := tx.QueryRowContext(ctx, "select coalesce(max(id) + 1, ?1<<32) from question_items where id between ?1<<32 and ?1<<32 | 4294967295", no).Scan(&next); err != nil {
			return err
		}
		h := sha256.New()
		fmt.Fprintf(h, "%s\n", old.Digest)
		rows := newInsert(tx, "question_items", 5)
		changed := false
		for _, q := range add {
			q.Context, q.Line = -1, 0
			if id, there := have[asked(&q)]; there {
				ids = append(ids, id)
				continue
			}
			q.ID = freeID(&q, taken)
			body, err := encoded(&q)
			if err != nil {
				return err
			}
			h.Write(body)
			if err := rows.add(ctx, next, q.ID, number(q.Labelled), 0, string(body)); err != nil {
				return err
			}
			ids, have[asked(&q)], taken[q.ID] = append(ids, q.ID), q.ID, true
			next, changed = next+1, true
		}
		if !changed {
			return nil
		}
		if err := rows.flush(ctx); err != nil {
			return err
		}
		return recount(ctx, tx, no, set, "sha256:"+hex.EncodeToString(h.Sum(nil)))
	})
	if err != nil {
		return nil, fmt.Errorf("add questions to %s: %w", set, err)
	}
	return ids, nil
}

// asked is what tells questions apart that come without a context.
func asked(q *questions.Item) string {
	if q.Context >= 0 {
		return "\x00" + q.ID
	}
	return strings.Join(strings.Fields(q.Text), " ") + "\x00" + q.Document
}

// freeID is made of the question, so that it is the same wherever it is added.
func freeID(q *questions.Item, taken map[string]bool) string {
	sum := sha256.Sum256([]byte(asked(q)))
	id := "q-" + hex.EncodeToString(sum[:5])
	for n := 2; taken[id]; n++ {
		id = fmt.Sprintf("q-%s-%d", hex.EncodeToString(sum[:5]), n)
	}
	return id
}

func encoded(q *questions.Item) ([]byte, error) {
	if strings.TrimSpace(q.Text) == "" {
		return nil, qa.Errorf(qa.Invalid, "the question is empty")
	}
	if err := valid(q.ID, q.Text, q.Document); err != nil {
		return nil, err
	}
	return json.Marshal(q)
}

// orNewSet is the number of a set, which is made where it is not there.
func (s *Store) orNewSet(ctx context.Context, tx *sql.Tx, name string) (no int64, err error) {
	err = tx.QueryRowContext(ctx, "select no from question_sets where name = ?", name).Scan(&no)
	if !errors.Is(err, sql.ErrNoRows) {
		return no, err
	}
	if err := valid(name); err != nil {
		return 0, err
	}
	made, err := tx.ExecContext(ctx, "insert into question_sets (name, imported, format, digest, head) values (?, ?, 'jsonl', '', '{}')", name, time.Now().UnixNano())
	if err != nil {
		return 0, err
	}
	return made.LastInsertId()
}

// recount writes what is kept of a set as a whole, after questions were added.
func recount(ctx context.Context, tx *sql.Tx, no int64, name, digest string) error {
	set, _, err := readSet(ctx, tx, name)
	if err != nil {
		return err
	}
	head, err := json.Marshal(setHead{set.Version, set.V2, set.Articles, set.Warnings, set.Extra, set.Count()})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "update question_sets set digest = ?, head = ? where no = ?", digest, string(head), no)
	return err
}
