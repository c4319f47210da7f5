package store

import (
	"context"
	"database/sql"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"github.com/tryall/tryall/qa"
)

// Cache is the store as reader.Cache has it: what models made of windows, by the hash of all that could change it.
type Cache struct{ s *Store }

// Cache gives the project's cache.
func (s *Store) Cache() Cache { return Cache{s} }

// Get is CacheGet.
func (c Cache) Get(ctx context.Context, keys [][32]byte) ([][]byte, error) {
	return c.s.CacheGet(ctx, keys)
}

// Put is CachePut.
func (c Cache) Put(ctx context.Context, keys [][32]byte, values [][]byte) error {
	return c.s.CachePut(ctx, keys, values)
}

// manyKeys is how many keys one statement looks up.
const manyKeys = 128

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is of the value under its key, so that a value in the wrong place does not pass either.
func checksum(key, value []byte) int64 {
	return int64(crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value))
}

// CacheGet gives the values of keys, nil where there is none. A value that does not have the checksum it was kept with counts as
// none. What was read counts as used from the next CachePut or CacheTrim on, so that reading writes nothing.
func (s *Store) CacheGet(ctx context.Context, keys [][32]byte) ([][]byte, error) {
	out := make([][]byte, len(keys))
	at := make(map[[32]byte][]int, len(keys))
	for i, k := range keys {
		at[k] = append(at[k], i)
	}
	now := minutes(time.Now())
	for part := range slices.Chunk(keys, manyKeys) {
		if err := s.cacheGet(ctx, part, now, func(key [32]byte, value []byte) {
			for _, i := range at[key] {
				out[i] = value
			}
		}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Store) cacheGet(ctx context.Context, keys [][32]byte, now int64, found func(key [32]byte, value []byte)) error {
	rows, err := s.db.Read().QueryContext(ctx, "select k.key, k.used, k.sum, v.value from cache_keys k join cache_values v on v.id = k.id where k.key in "+list(len(keys)), blobs(keys)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var stale [][32]byte
	for rows.Next() {
		var raw sql.RawBytes
		var used, sum int64
		var value []byte
		if err := rows.Scan(&raw, &used, &sum, &value); err != nil {
			return err
		}
		if value == nil {
			value = []byte{} // it is there, and empty
		}
		if len(raw) != 32 || checksum(raw, value) != sum {
			continue
		}
		if used < now-usedStep {
			stale = append(stale, [32]byte(raw))
		}
		found([32]byte(raw), value)
	}
	if len(stale) > 0 {
		s.mu.Lock()
		for _, key := range stale {
			s.used[key] = struct{}{}
		}
		s.mu.Unlock()
	}
	return rows.Err()
}

// usedStep is how exactly it is kept when a value was last used, in minutes.
const usedStep = 10

func minutes(t time.Time) int64 { return t.Unix() / 60 }

// CachePut keeps values under their keys, all or none. Values that are there already are replaced.
func (s *Store) CachePut(ctx context.Context, keys [][32]byte, values [][]byte) error {
	if len(keys) != len(values) {
		return qa.Errorf(qa.Internal, "cache %d values under %d keys", len(values), len(keys))
	}
	if len(keys) == 0 {
		return nil
	}
	now := minutes(time.Now())
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		if err := s.noteUsed(ctx, tx, now); err != nil {
			return err
		}
		for len(keys) > 0 {
			n := min(manyKeys, len(keys))
			if err := cachePut(ctx, tx, keys[:n], values[:n], now); err != nil {
				return err
			}
			keys, values = keys[n:], values[n:]
		}
		return nil
	})
}

func cachePut(ctx context.Context, tx *sql.Tx, keys [][32]byte, values [][]byte, now int64) error {
	ids, err := cacheIDs(ctx, tx, keys)
	if err != nil {
		return err
	}
	keyRows, valueRows := make([]any, 0, 5*len(keys)), make([]any, 0, 2*len(keys))
	for i := range keys {
		value := values[i]
		if value == nil {
			value = []byte{}
		}
		keyRows = append(keyRows, keys[i][:], ids[keys[i]], now, len(value), checksum(keys[i][:], value))
		valueRows = append(valueRows, ids[keys[i]], value)
	}
	more := len(keys) - 1
	if _, err := tx.ExecContext(ctx, "insert or replace into cache_values values (?, ?)"+strings.Repeat(", (?, ?)", more), valueRows...); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "insert or replace into cache_keys values (?, ?, ?, ?, ?)"+strings.Repeat(", (?, ?, ?, ?, ?)", more), keyRows...)
	return err
}

// cacheIDs gives each key the id that it has, else the next free one.
func cacheIDs(ctx context.Context, tx *sql.Tx, keys [][32]byte) (map[[32]byte]int64, error) {
	ids := make(map[[32]byte]int64, len(keys))
	rows, err := tx.QueryContext(ctx, "select key, id from cache_keys where key in "+list(len(keys)), blobs(keys)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var key []byte
		var id int64
		if err := rows.Scan(&key, &id); err != nil {
			return nil, err
		}
		ids[[32]byte(key)] = id
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	var last int64
	if err := tx.QueryRowContext(ctx, "select coalesce(max(id), 0) from cache_values").Scan(&last); err != nil {
		return nil, err
	}
	for _, k := range keys {
		if _, ok := ids[k]; !ok {
			last++
			ids[k] = last
		}
	}
	return ids, nil
}

// list is "(?, ?, ?)".
func list(n int) string { return "(?" + strings.Repeat(", ?", n-1) + ")" }

func blobs(keys [][32]byte) []any {
	out := make([]any, len(keys))
	for i := range keys {
		out[i] = keys[i][:]
	}
	return out
}
