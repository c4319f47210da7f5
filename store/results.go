package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
)

// Block is what one contestant made of some questions in one mode.
type Block struct {
	Mode, Contestant string
	Results          []eval.Result
	// Spans are what thresholds and decoding parameters move on, one for each result; nil where they are not to be kept.
	Spans []Spans
}

// Spans are a prediction's best spans, best first, with its no-answer score.
type Spans struct {
	Null     float64
	NullKind qa.NullKind
	Answers  []qa.Answer
}

// SpansOf is what is kept of a prediction.
func SpansOf(p qa.Prediction) Spans {
	return Spans{Null: p.Null, NullKind: p.NullKind, Answers: p.Candidates}
}

// SaveBlock keeps results with their spans, all or nothing. An example that was there already for the run, the mode and the
// contestant is replaced.
func (s *Store) SaveBlock(ctx context.Context, run, mode, contestant string, results []eval.Result, spans []Spans) error {
	return s.Save(ctx, run, []Block{{Mode: mode, Contestant: contestant, Results: results, Spans: spans}}, nil)
}

// Note keeps a small value, written as JSON, under a key of the run.
func (s *Store) Note(ctx context.Context, run, key string, v any) error {
	return s.Save(ctx, run, nil, map[string]any{key: v})
}

// Save keeps several blocks and notes at once, all or nothing.
func (s *Store) Save(ctx context.Context, run string, blocks []Block, notes map[string]any) error {
	encoded := make(map[string]string, len(notes))
	for key, v := range notes {
		raw, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("keep %q of run %s: %w", key, run, err)
		}
		encoded[key] = string(raw)
	}
	for _, b := range blocks {
		if b.Spans != nil && len(b.Spans) != len(b.Results) {
			return qa.Errorf(qa.Internal, "keep results of run %s: %d results of %s, but spans of %d", run, len(b.Results), b.Contestant, len(b.Spans))
		}
	}
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		no, err := openRun(ctx, tx, run)
		if err != nil {
			return err
		}
		for _, b := range blocks {
			if err := saveBlock(ctx, tx, no, b); err != nil {
				return fmt.Errorf("keep results of %s: %w", b.Contestant, err)
			}
		}
		for key, v := range encoded {
			if _, err := tx.ExecContext(ctx, "insert or replace into notes values (?, ?, ?)", no, key, v); err != nil {
				return err
			}
		}
		return nil
	})
}

func saveBlock(ctx context.Context, tx *sql.Tx, run int64, b Block) error {
	track, err := trackOf(ctx, tx, run, b.Mode, b.Contestant)
	if err != nil {
		return err
	}
	ids, results, spans := make([]any, len(b.Results)), make([]any, len(b.Results)), make([]any, len(b.Spans))
	for i := range b.Results {
		r := &b.Results[i]
		if r.Example < 0 || r.Example > math.MaxUint32 {
			return qa.Errorf(qa.Internal, "question %q has number %d", r.ID, r.Example)
		}
		ids[i], results[i] = track<<32|int64(r.Example), appendResult(nil, r)
	}
	for i := range b.Spans {
		spans[i] = appendSpans(nil, &b.Spans[i])
	}
	if err := insertPairs(ctx, tx, "results", ids, results); err != nil {
		return err
	}
	return insertPairs(ctx, tx, "spans", ids, spans)
}

// insertPairs writes rows of two columns, many with one statement: a call of the driver costs more than a row.
func insertPairs(ctx context.Context, tx *sql.Tx, table string, a, b []any) error {
	const most = 200
	for len(b) > 0 {
		n := min(most, len(b))
		args := make([]any, 0, 2*n)
		for i := range n {
			args = append(args, a[i], b[i])
		}
		statement := "insert or replace into " + table + " values (?, ?)" + strings.Repeat(", (?, ?)", n-1)
		if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
			return err
		}
		a, b = a[n:], b[n:]
	}
	return nil
}

// trackOf is the number of a contestant in a mode of a run; it gets one the first time.
func trackOf(ctx context.Context, tx *sql.Tx, run int64, mode, contestant string) (track int64, err error) {
	err = tx.QueryRowContext(ctx, "select track from tracks where run = ? and mode = ? and contestant = ?", run, mode, contestant).Scan(&track)
	if !errors.Is(err, sql.ErrNoRows) {
		return track, err
	}
	made, err := tx.ExecContext(ctx, "insert into tracks (run, mode, contestant) values (?, ?, ?)", run, mode, contestant)
	if err != nil {
		return 0, err
	}
	return made.LastInsertId()
}

// rowsOf are the rows of a table that belong to a contestant in a mode of a run, in the order of the examples.
func (s *Store) rowsOf(ctx context.Context, table, run, mode, contestant string, f func(example int, body []byte) error) error {
	rows, err := s.db.Read().QueryContext(ctx, "select r.id & 4294967295, r.body from runs join tracks t on t.run = runs.no join "+table+` r
		on r.id between t.track<<32 and t.track<<32 | 4294967295 where runs.id = ? and t.mode = ? and t.contestant = ? order by r.id`, run, mode, contestant)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var example int
		var body sql.RawBytes
		if err := rows.Scan(&example, &body); err != nil {
			return err
		}
		if err := f(example, body); err != nil {
			return qa.Errorf(qa.Invalid, "read what run %s has of %s, question %d: %w", run, contestant, example+1, err)
		}
	}
	return rows.Err()
}

// Results are what was kept of a contestant in a mode, in the order of the examples, as it was saved. It is empty where nothing was.
func (s *Store) Results(ctx context.Context, run, mode, contestant string) (out []eval.Result, err error) {
	err = s.rowsOf(ctx, "results", run, mode, contestant, func(_ int, body []byte) error {
		r, err := decodeResult(body)
		out = append(out, r)
		return err
	})
	return out, err
}

// AllSpans are the spans that were kept of a contestant in a mode, by example.
func (s *Store) AllSpans(ctx context.Context, run, mode, contestant string) (map[int]Spans, error) {
	out := map[int]Spans{}
	err := s.rowsOf(ctx, "spans", run, mode, contestant, func(example int, body []byte) (err error) {
		out[example], err = decodeSpans(body)
		return err
	})
	return out, err
}

// Spans are those of one example; ok is false where none were kept.
func (s *Store) Spans(ctx context.Context, run, mode, contestant string, example int) (sp Spans, ok bool, err error) {
	var body []byte
	err = s.db.Read().QueryRowContext(ctx, `select body from spans where id = ? | (select t.track<<32 from runs join tracks t on t.run = runs.no
		where runs.id = ? and t.mode = ? and t.contestant = ?)`, example, run, mode, contestant).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return sp, false, nil
	}
	if err == nil {
		sp, err = decodeSpans(body)
	}
	return sp, err == nil, err
}

// Track is a contestant in a mode with the number of its results.
type Track struct {
	Mode       string `json:"mode"`
	Contestant string `json:"contestant"`
	Answers    int    `json:"answers"`
}

// Tracks are what a run has results of, in the order in which they were begun.
func (s *Store) Tracks(ctx context.Context, run string) (out []Track, err error) {
	rows, err := s.db.Read().QueryContext(ctx, `select t.mode, t.contestant, (select count(*) from results where id between t.track<<32 and t.track<<32 | 4294967295)
		from runs join tracks t on t.run = runs.no where runs.id = ? order by t.track`, run)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var t Track
		if err := rows.Scan(&t.Mode, &t.Contestant, &t.Answers); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// Noted reads what Note kept into v; found is false where there is nothing.
func (s *Store) Noted(ctx context.Context, run, key string, v any) (found bool, err error) {
	var raw string
	err = s.db.Read().QueryRowContext(ctx, "select value from notes join runs on runs.no = notes.run where runs.id = ? and key = ?", run, key).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err == nil {
		if err = json.Unmarshal([]byte(raw), v); err != nil {
			err = qa.Errorf(qa.Invalid, "read %q of run %s: %w", key, run, err)
		}
	}
	return err == nil, err
}

// Notes are the keys of a run that begin with prefix, sorted.
func (s *Store) Notes(ctx context.Context, run, prefix string) (keys []string, err error) {
	rows, err := s.db.Read().QueryContext(ctx, "select key from notes join runs on runs.no = notes.run where runs.id = ? and substr(key, 1, length(?)) = ? order by key", run, prefix, prefix)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, rows.Err()
}
