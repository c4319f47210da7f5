package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"time"

	"github.com/tryall/tryall/qa"
)

// Share is a key with which whoever has it may read the report of one run, and nothing else.
type Share struct {
	Key  string    `json:"key"` // 128 random bits, as text of an address
	Made time.Time `json:"made"`
	ID   string    `json:"-"` // names it without giving it away
}

// noteShare begins the notes that keys are kept in. What follows is a digest, so that a key is found by looking for one name.
const noteShare = "share/"

// keyBytes is how much of a key is chance.
const keyBytes = 16

// Share makes a key to the report of a finished run.
func (s *Store) Share(ctx context.Context, run string) (Share, error) {
	info, err := s.Run(ctx, run)
	if err != nil {
		return Share{}, err
	}
	if info.Status != Finished {
		return Share{}, qa.Errorf(qa.Invalid, "run %s is not finished, so there is no report to share", info.ID)
	}
	raw := make([]byte, keyBytes)
	if _, err := rand.Read(raw); err != nil {
		return Share{}, err
	}
	sh := Share{Key: base64.RawURLEncoding.EncodeToString(raw), Made: time.Now().UTC().Round(0)}
	sh.ID = shareID(sh.Key)
	return sh, s.remark(ctx, info.ID, noteShare+sh.ID, sh)
}

func shareID(key string) string {
	sum := sha256.Sum256([]byte("tryall share\x00" + key))
	return hex.EncodeToString(sum[:16])
}

// Shares are the keys to a run that open it, the oldest first.
func (s *Store) Shares(ctx context.Context, run string) ([]Share, error) {
	names, err := s.Notes(ctx, run, noteShare)
	if err != nil {
		return nil, err
	}
	var out []Share
	for _, name := range names {
		var sh Share
		found, err := s.Noted(ctx, run, name, &sh)
		if err != nil {
			return nil, err
		}
		if found { // it may have been taken back meanwhile
			sh.ID = name[len(noteShare):]
			out = append(out, sh)
		}
	}
	slices.SortStableFunc(out, func(a, b Share) int { return cmp.Compare(a.Made.UnixNano(), b.Made.UnixNano()) })
	return out, nil
}

// Unshare takes a key back: it opens nothing from now on.
func (s *Store) Unshare(ctx context.Context, run, id string) error {
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, "delete from notes where run = (select no from runs where id = ?) and key = ?", run, noteShare+id)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return qa.Errorf(qa.NotFound, "there is no such link to run %s; it may have been taken back already", run)
	})
}

// SharedRun is the run that a key opens. What it looks up is a digest of the key, once for each run, whether there is such a key or not:
// how long it takes tells nothing about keys.
func (s *Store) SharedRun(ctx context.Context, key string) (run string, err error) {
	err = s.db.Read().QueryRowContext(ctx, `select coalesce(max(case when notes.key is not null then runs.id end), '')
		from runs left join notes on notes.run = runs.no and notes.key = ?`, noteShare+shareID(key)).Scan(&run)
	if err == nil && run == "" {
		err = qa.Errorf(qa.NotFound, "this link opens nothing: it was taken back, or it is not whole")
	}
	return run, err
}
