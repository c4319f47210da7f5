package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/tryall/tryall/internal/sqlite"
	"github.com/tryall/tryall/qa"
)

// ModelSettings are what was measured of a model, or set by hand, where that cannot be written into its own folder. They have the
// shape of the tryall.json that lies in such a folder, and say besides what they rest on.
type ModelSettings struct {
	Abstains    string       `json:"abstains,omitempty"` // yes, no or unknown
	Threshold   *float64     `json:"threshold,omitempty"`
	Calibration *Calibration `json:"calibration,omitempty"`

	Run    string    `json:"run,omitempty"`    // that they were measured in
	Labels int       `json:"labels,omitempty"` // questions that they were measured on
	When   time.Time `json:"when,omitzero"`
}

// Calibration maps a gap to a probability of being right: sigmoid(a*gap + b).
type Calibration struct {
	A float64 `json:"a"`
	B float64 `json:"b"`
}

// SetModel keeps settings under a model's name, which may be a contestant's (with revision and precision); settings without anything
// in them remove what was there.
func (s *Store) SetModel(ctx context.Context, model string, m ModelSettings) error {
	if model == "" {
		return qa.Errorf(qa.Invalid, "keep settings: the model has no name")
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return qa.Errorf(qa.Invalid, "keep the settings of %s: %w", model, err)
	}
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		if m == (ModelSettings{}) {
			_, err := tx.ExecContext(ctx, "delete from model_settings where model = ?", model)
			return err
		}
		_, err := tx.ExecContext(ctx, "insert or replace into model_settings values (?, ?)", model, string(raw))
		return err
	})
}

// Model are the settings under the first of the names that has some; ok is false where none has.
func (s *Store) Model(ctx context.Context, names ...string) (m ModelSettings, ok bool, err error) {
	return ModelIn(ctx, s.db, names...)
}

// ModelIn is Model for a database that is only looked into: it is not brought to the newest schema, and one of a newer program will do.
// One that has no settings yet has none of the model.
func ModelIn(ctx context.Context, db *sqlite.DB, names ...string) (m ModelSettings, ok bool, err error) {
	var there int
	if err := db.Read().QueryRowContext(ctx, "select count(*) from sqlite_master where type = 'table' and name = 'model_settings'").Scan(&there); err != nil || there == 0 {
		return m, false, err
	}
	for _, name := range names {
		var raw string
		err := db.Read().QueryRowContext(ctx, "select settings from model_settings where model = ?", name).Scan(&raw)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err == nil {
			if err = json.Unmarshal([]byte(raw), &m); err != nil {
				err = qa.Errorf(qa.Invalid, "read the settings of %s: %w", name, err)
			}
		}
		return m, err == nil, err
	}
	return m, false, nil
}
