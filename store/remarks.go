package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/tryall/tryall/qa"
)

// Decision is what people made of a run: who took what, and why. It is theirs, not the run's, so it may be said when the run is over,
// and said anew.
type Decision struct {
	Title    string    `json:"title,omitempty"` // of the report; empty: one is made of the figures
	Decision string    `json:"decision,omitempty"`
	Who      string    `json:"who,omitempty"`
	Notes    string    `json:"notes,omitempty"`
	When     time.Time `json:"when,omitzero"`
}

// mostSaid is how long a field of a decision may be, in bytes.
const mostSaid = 64 << 10

// noteDecision is where a decision is kept.
const noteDecision = "decision"

// Decide keeps what was decided on the ground of a run, in place of what was said before. When is filled in where it is zero.
func (s *Store) Decide(ctx context.Context, run string, d Decision) error {
	for _, text := range []string{d.Title, d.Decision, d.Who, d.Notes} {
		if len(text) > mostSaid {
			return qa.Errorf(qa.Invalid, "keep the decision on run %s: a text has %d bytes, at most %d are kept", run, len(text), mostSaid)
		}
		if !utf8.ValidString(text) {
			return qa.Errorf(qa.Invalid, "keep the decision on run %s: a text is not UTF-8", run)
		}
	}
	if d.When.IsZero() {
		d.When = time.Now()
	}
	d.When = d.When.UTC().Round(0)
	return s.remark(ctx, run, noteDecision, d)
}

// Decided is what was decided on the ground of a run; found is false where nothing was.
func (s *Store) Decided(ctx context.Context, run string) (d Decision, found bool, err error) {
	found, err = s.Noted(ctx, run, noteDecision, &d)
	return d, found, err
}

// remark keeps a note of a run in whatever state it is: what people say of it, unlike what it found, may come when it is over.
func (s *Store) remark(ctx context.Context, run, key string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("keep %q of run %s: %w", key, run, err)
	}
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, "insert or replace into notes select no, ?, ? from runs where id = ?", key, string(raw), run)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return qa.Errorf(qa.NotFound, "there is no run %s", run)
	})
}
