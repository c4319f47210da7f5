// Package store is what a project keeps between sessions: question sets with what people said of them, runs with the answers
// behind their figures, the logits that models were seen to give, and what was measured of models. It keeps all of it in the
// project's one database file, safe for several processes and for a kill at any moment. It judges nothing and runs nothing.
package store

import (
	"context"
	"sync"

	"github.com/tryall/tryall/internal/sqlite"
)

// Store is the project's data. It may be used from several goroutines and several processes at once.
type Store struct {
	db *sqlite.DB

	mu   sync.Mutex
	used map[[32]byte]struct{} // keys of cached values that were read since the last write
}

// Open brings the tables to the newest schema. The database stays the caller's to close.
func Open(ctx context.Context, db *sqlite.DB) (*Store, error) {
	if err := db.Migrate(ctx, "store", schema); err != nil {
		return nil, err
	}
	return &Store{db: db, used: map[[32]byte]struct{}{}}, nil
}
