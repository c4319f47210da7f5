package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
)

// Status is where a run stands.
type Status string

// A run that is neither finished nor failed is running as long as a process holds it (HoldRun), else interrupted: it can be
// gone on with.
const (
	Running     Status = "running"
	Finished    Status = "finished"
	Interrupted Status = "interrupted"
	Failed      Status = "failed"
)

// RunInfo is what is known of a run.
type RunInfo struct {
	ID       string        `json:"id"`
	Name     string        `json:"name,omitempty"`
	Created  time.Time     `json:"created"`
	Finished time.Time     `json:"finished,omitzero"` // or failed
	Status   Status        `json:"status"`
	Reason   string        `json:"reason,omitempty"` // why it failed
	Answers  int           `json:"answers"`          // results that are kept
	Winner   string        `json:"winner,omitempty"`
	Verdict  string        `json:"verdict,omitempty"`
	Spec     eval.Spec     `json:"spec"`
	Bakeoff  *eval.Bakeoff `json:"bakeoff,omitempty"` // of a finished run; not in lists

	no int64
}

// CreateRun notes that a run begins, and gives it its id. The name is free, and may be empty.
func (s *Store) CreateRun(ctx context.Context, spec eval.Spec, name string) (id string, err error) {
	raw, err := json.Marshal(spec)
	if err != nil {
		return "", fmt.Errorf("keep what the run is to do: %w", err)
	}
	now := time.Now()
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		var last string
		if err := tx.QueryRowContext(ctx, "select coalesce(max(id), '') from runs").Scan(&last); err != nil {
			return err
		}
		id = nextID(now, last)
		_, err := tx.ExecContext(ctx, "insert into runs (id, name, created, finished, failed, winner, verdict, spec) values (?, ?, ?, 0, '', '', '', ?)",
			id, name, now.UnixNano(), string(raw))
		return err
	})
	return id, err
}

// FinishRun keeps what a run came to. A finished run takes no more results.
func (s *Store) FinishRun(ctx context.Context, run string, b *eval.Bakeoff) error {
	raw, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("keep the result of run %s: %w", run, err)
	}
	return s.endRun(ctx, run, "", b.Winner, b.Verdict, string(raw))
}

// FailRun notes that a run cannot go on, and why. What it has answered stays.
func (s *Store) FailRun(ctx context.Context, run, reason string) error {
	if reason == "" {
		reason = "no reason was given"
	}
	return s.endRun(ctx, run, reason, "", "", nil)
}

func (s *Store) endRun(ctx context.Context, run, failed, winner, verdict string, bakeoff any) error {
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		no, err := openRun(ctx, tx, run)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "update runs set finished = ?, failed = ?, winner = ?, verdict = ?, bakeoff = ? where no = ?",
			time.Now().UnixNano(), failed, winner, verdict, bakeoff, no)
		return err
	})
}

// ReopenRun takes back that a run has failed, so that it can be gone on with.
func (s *Store) ReopenRun(ctx context.Context, run string) error {
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, "update runs set finished = 0, failed = '' where id = ? and failed <> ''", run)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n > 0 {
			return err
		}
		_, err = openRun(ctx, tx, run)
		return err
	})
}

// openRun is the number of a run that still takes results.
func openRun(ctx context.Context, tx *sql.Tx, run string) (no int64, err error) {
	var finished int64
	err = tx.QueryRowContext(ctx, "select no, finished from runs where id = ?", run).Scan(&no, &finished)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, qa.Errorf(qa.NotFound, "there is no run %s", run)
	case err == nil && finished != 0:
		return 0, qa.Errorf(qa.Invalid, "run %s is over and takes no more results", run)
	}
	return no, err
}

// RemoveRun removes a run with its results. A run that a process holds stays.
func (s *Store) RemoveRun(ctx context.Context, id string) error {
	release, err := s.HoldRun(ctx, id)
	if err != nil {
		return err
	}
	defer release()
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		for _, table := range []string{"results", "spans"} {
			// One range a track: all rows of the run lie in them.
			_, err := tx.ExecContext(ctx, "delete from "+table+` where id in (
				select r.id from tracks t join runs on runs.no = t.run join `+table+` r on r.id between t.track<<32 and t.track<<32 | 4294967295
				where runs.id = ?)`, id)
			if err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, "delete from runs where id = ?", id)
		return err
	})
	if err == nil {
		s.dropLock(id)
	}
	return err
}

const runColumns = "no, id, name, created, finished, failed, winner, verdict, spec"

func (s *Store) scanRun(row interface{ Scan(...any) error }, more ...any) (RunInfo, error) {
	var (
		r                 RunInfo
		created, finished int64
		spec              string
	)
	if err := row.Scan(append([]any{&r.no, &r.ID, &r.Name, &created, &finished, &r.Reason, &r.Winner, &r.Verdict, &spec}, more...)...); err != nil {
		return r, err
	}
	if err := json.Unmarshal([]byte(spec), &r.Spec); err != nil {
		return r, qa.Errorf(qa.Invalid, "read run %s: %w", r.ID, err)
	}
	r.Created, r.Status = time.Unix(0, created), Finished
	if finished != 0 {
		r.Finished = time.Unix(0, finished)
	}
	if r.Reason != "" {
		r.Status = Failed
	}
	return r, nil
}

// Runs are all runs, the newest first, without their Bakeoff.
func (s *Store) Runs(ctx context.Context) ([]RunInfo, error) {
	rows, err := s.db.Read().QueryContext(ctx, "select "+runColumns+" from runs order by id desc")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []RunInfo
	for rows.Next() {
		r, err := s.scanRun(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range out {
		if err := s.complete(ctx, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// complete adds what the row of a run does not say.
func (s *Store) complete(ctx context.Context, r *RunInfo) error {
	if r.Finished.IsZero() {
		r.Status = Interrupted
		if s.held(r.ID) {
			r.Status = Running
		}
	}
	return s.db.Read().QueryRowContext(ctx, `select coalesce(sum((select count(*) from results where id between track<<32 and track<<32 | 4294967295)), 0)
		from tracks where run = ?`, r.no).Scan(&r.Answers)
}

// Run finds a run: by its id, the beginning or the end of one that only one run has, its name (the newest of that name), or
// "last" for the newest.
func (s *Store) Run(ctx context.Context, name string) (RunInfo, error) {
	id, err := s.findRun(ctx, name)
	if err != nil {
		return RunInfo{}, err
	}
	var bakeoff sql.NullString
	r, err := s.scanRun(s.db.Read().QueryRowContext(ctx, "select "+runColumns+", bakeoff from runs where id = ?", id), &bakeoff)
	if errors.Is(err, sql.ErrNoRows) {
		return r, qa.Errorf(qa.NotFound, "there is no run %s", id)
	}
	if err == nil && bakeoff.Valid {
		r.Bakeoff = &eval.Bakeoff{}
		if err = json.Unmarshal([]byte(bakeoff.String), r.Bakeoff); err != nil {
			err = qa.Errorf(qa.Invalid, "read the result of run %s: %w", id, err)
		}
	}
	if err != nil {
		return r, err
	}
	return r, s.complete(ctx, &r)
}

func (s *Store) findRun(ctx context.Context, name string) (string, error) {
	rows, err := s.db.Read().QueryContext(ctx, "select id, name from runs order by id desc")
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var ids, fit []string
	named := ""
	for rows.Next() {
		var id, called string
		if err := rows.Scan(&id, &called); err != nil {
			return "", err
		}
		ids = append(ids, id)
		switch {
		case id == name:
			return id, nil
		case called != "" && called == name && named == "":
			named = id
		case name != "" && (strings.HasPrefix(id, name) || strings.HasSuffix(id, "-"+name)):
			fit = append(fit, id)
		}
	}
	switch err := rows.Err(); {
	case err != nil:
		return "", err
	case len(ids) == 0:
		return "", qa.Errorf(qa.NotFound, "there are no runs yet; `tryall bakeoff` makes one")
	case name == "last":
		return ids[0], nil
	case named != "":
		return named, nil
	case len(fit) == 1:
		return fit[0], nil
	case len(fit) > 1:
		return "", qa.Errorf(qa.Invalid, "%q is the beginning of %d runs (%s, %s ...); give more of the id", name, len(fit), fit[0], fit[1])
	}
	return "", qa.Errorf(qa.NotFound, "there is no run %q; `tryall runs` lists them", name)
}
