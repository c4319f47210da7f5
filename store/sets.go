package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
)

// SetInfo is what is known of a question set, and after PutQuestions what became of the judgements that it had.
type SetInfo struct {
	Name     string           `json:"name"`
	Format   string           `json:"format"`
	Digest   string           `json:"digest"` // of the file
	Imported time.Time        `json:"imported"`
	Counts   questions.Counts `json:"counts"` // of the questions as they are now, with what was judged
	Judged   int              `json:"judged"` // questions that somebody has given an answer, or none
	Warnings []string         `json:"warnings,omitempty"`

	// Kept are judged questions that the file no longer has: they stay at the end of the set. Changed are those whose text in
	// the file is another than the one that was judged; the judgement stands.
	Kept    []string `json:"kept,omitempty"`
	Changed []string `json:"changed,omitempty"`

	no int64
}

// setHead is what is kept of a set as a whole.
type setHead struct {
	Version  string              `json:"version,omitempty"`
	V2       bool                `json:"v2"`
	Articles []questions.Article `json:"articles,omitempty"`
	Warnings []string            `json:"warnings,omitempty"`
	Extra    questions.Extra     `json:"extra,omitempty"`
	Counts   questions.Counts    `json:"counts"`
}

// PutQuestions keeps a set under its name. A set of that name is replaced, but what people said of its questions is not: it holds
// for the questions of the same id, and questions that the file no longer has are kept if they were judged.
func (s *Store) PutQuestions(ctx context.Context, set *questions.Set) (info SetInfo, err error) {
	if set.Name == "" {
		return info, qa.Errorf(qa.Invalid, "keep questions: the set has no name")
	}
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		info = SetInfo{}
		merged, kept, err := s.merge(ctx, tx, set, &info)
		if err != nil {
			return err
		}
		head, err := json.Marshal(setHead{set.Version, set.V2, merged.Articles, set.Warnings, set.Extra, merged.Count()})
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `insert into question_sets (name, imported, format, digest, head) values (?, ?, ?, ?, ?)
			on conflict (name) do update set imported = excluded.imported, format = excluded.format, digest = excluded.digest, head = excluded.head`,
			set.Name, time.Now().UnixNano(), set.Format, set.Digest, string(head))
		if err != nil {
			return err
		}
		var no int64
		if err := tx.QueryRowContext(ctx, "select no from question_sets where name = ?", set.Name).Scan(&no); err != nil {
			return err
		}
		if err := clearSet(ctx, tx, no); err != nil {
			return err
		}
		return writeSet(ctx, tx, no, merged, kept)
	})
	if err != nil {
		return info, fmt.Errorf("keep the questions of %s: %w", set.Name, err)
	}
	sets, err := s.sets(ctx, set.Name)
	if err != nil {
		return info, err
	}
	sets[0].Kept, sets[0].Changed = info.Kept, info.Changed
	return sets[0], nil
}

// merge is the set with the judged questions of the old one that it lacks at its end; from item kept on they are such.
func (s *Store) merge(ctx context.Context, tx *sql.Tx, set *questions.Set, info *SetInfo) (merged *questions.Set, kept int, err error) {
	kept = len(set.Items)
	old, no, err := readSet(ctx, tx, set.Name)
	if qa.CodeOf(err) == qa.NotFound {
		return set, kept, nil
	}
	if err != nil {
		return nil, 0, err
	}
	judged, err := readJudgements(ctx, tx, no, "undone = 0")
	if err != nil {
		return nil, 0, err
	}
	last := map[string]*Judgement{}
	for i := range judged {
		last[judged[i].Item] = &judged[i]
	}
	for i := range set.Items {
		q := &set.Items[i]
		if j := last[q.ID]; j != nil && strings.TrimSpace(j.Question) != strings.TrimSpace(q.Text) {
			info.Changed = append(info.Changed, q.ID)
		}
		delete(last, q.ID)
	}
	all := *set
	all.Items = all.Items[:kept:kept]
	all.Contexts, all.Articles = all.Contexts[:len(all.Contexts):len(all.Contexts)], all.Articles[:len(all.Articles):len(all.Articles)]
	contexts := map[int]int{}
	for i := range old.Items {
		q := old.Items[i]
		if last[q.ID] == nil {
			continue
		}
		if q.Context >= 0 {
			n, there := contexts[q.Context]
			if !there {
				c := old.Contexts[q.Context]
				all.Articles = append(all.Articles, old.Articles[c.Article])
				c.Article = len(all.Articles) - 1
				n = len(all.Contexts)
				contexts[q.Context] = n
				all.Contexts = append(all.Contexts, c)
			}
			q.Context = n
		}
		q.Line = 0
		all.Items = append(all.Items, q)
		info.Kept = append(info.Kept, q.ID)
	}
	return &all, kept, nil
}

// Sets are all question sets, by name.
func (s *Store) Sets(ctx context.Context) ([]SetInfo, error) { return s.sets(ctx, "") }

// sets are all, or the one of a name.
func (s *Store) sets(ctx context.Context, name string) (out []SetInfo, err error) {
	err = eachRow(ctx, s.db.Read(), `select no, name, format, digest, imported, head,
		(select count(*) from question_items i where i.id between no<<32 and no<<32 | 4294967295),
		(select count(distinct item) from judgements where question_set = no and undone = 0 and kind <> 'skip'),
		(select count(*) from question_items i where i.id between no<<32 and no<<32 | 4294967295 and (labelled = 1 or
			exists (select 1 from judgements where question_set = no and item = i.name and undone = 0 and kind <> 'skip'))),
		(select coalesce(sum((j.kind = 'no answer') - (i.labelled = 1 and coalesce(json_array_length(i.body, '$.answers'), 0) = 0)), 0)
			from (select item, kind, max(id) from judgements where question_set = no and undone = 0 and kind <> 'skip' group by item) j
			join question_items i on i.name = j.item and i.id between no<<32 and no<<32 | 4294967295),
		(select count(distinct item) from judgements j join question_items i on i.name = j.item and i.id between no<<32 and no<<32 | 4294967295
			where question_set = no and undone = 0 and kind <> 'skip' and document <> '' and json_extract(i.body, '$.context') < 0 and coalesce(json_extract(i.body, '$.document'), '') = '')
		from question_sets where ?1 = '' or name = ?1 order by name`, []any{name}, func(scan func(...any) error) error {
		var i SetInfo
		var imported int64
		var raw string
		var all, labelled, none, placed int // none: by how many more judgements say that there is no answer; placed: that judgements gave a document
		if err := scan(&i.no, &i.Name, &i.Format, &i.Digest, &imported, &raw, &all, &i.Judged, &labelled, &none, &placed); err != nil {
			return err
		}
		var head setHead
		if err := json.Unmarshal([]byte(raw), &head); err != nil {
			return qa.Errorf(qa.Invalid, "read the question set %s: %w", i.Name, err)
		}
		i.Imported, i.Warnings, i.Counts = time.Unix(0, imported), head.Warnings, head.Counts
		i.Counts.Questions, i.Counts.Labelled = all, labelled
		i.Counts.NoAnswer += none
		i.Counts.NamingDocs += placed
		out = append(out, i)
		return nil
	})
	if err == nil && name != "" && len(out) == 0 {
		err = qa.Errorf(qa.NotFound, "there is no question set %q", name)
	}
	return out, err
}

// Questions are a whole set, as it was put, with what people have said of it since. Its Digest is that of the file as long as
// nobody has said anything, and else of both.
func (s *Store) Questions(ctx context.Context, name string) (*questions.Set, error) {
	tx, err := s.db.Read().BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // the set and its judgements of one moment
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }()
	set, no, err := readSet(ctx, tx, name)
	if err != nil {
		return nil, err
	}
	judged, err := readJudgements(ctx, tx, no, "undone = 0")
	if err != nil {
		return nil, err
	}
	apply(set, judged)
	return set, nil
}

// RemoveQuestions removes a set, with what people said of it.
func (s *Store) RemoveQuestions(ctx context.Context, name string) error {
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		var no int64
		err := tx.QueryRowContext(ctx, "select no from question_sets where name = ?", name).Scan(&no)
		if errors.Is(err, sql.ErrNoRows) {
			return qa.Errorf(qa.NotFound, "there is no question set %q", name)
		}
		if err == nil {
			err = clearSet(ctx, tx, no)
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, "delete from question_sets where no = ?", no)
		}
		return err
	})
}
