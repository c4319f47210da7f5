package store

import (
	"context"
	"database/sql"
	"time"
)

// CacheSize is the number of values in the cache, and their bytes.
func (s *Store) CacheSize(ctx context.Context) (values int, bytes int64, err error) {
	err = s.db.Read().QueryRowContext(ctx, "select count(*), coalesce(sum(size), 0) from cache_keys").Scan(&values, &bytes)
	return values, bytes, err
}

// CacheTrim removes values, those that were used least recently first, until the cache holds at most maxBytes. It tells how many
// bytes went. The file does not get smaller; what is written next takes the room.
func (s *Store) CacheTrim(ctx context.Context, maxBytes int64) (removed int64, err error) {
	now := minutes(time.Now())
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		removed = 0
		if err := s.noteUsed(ctx, tx, now); err != nil {
			return err
		}
		keys, bytes, err := oldest(ctx, tx, maxBytes)
		if err != nil {
			return err
		}
		removed = bytes
		for len(keys) > 0 {
			n := min(manyKeys, len(keys))
			args := blobs(keys[:n])
			if _, err := tx.ExecContext(ctx, "delete from cache_values where id in (select id from cache_keys where key in "+list(n)+")", args...); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, "delete from cache_keys where key in "+list(n), args...); err != nil {
				return err
			}
			keys = keys[n:]
		}
		return nil
	})
	return removed, err
}

// oldest are the keys that have to go, with the bytes of their values.
func oldest(ctx context.Context, tx *sql.Tx, maxBytes int64) (keys [][32]byte, bytes int64, err error) {
	var total int64
	if err := tx.QueryRowContext(ctx, "select coalesce(sum(size), 0) from cache_keys").Scan(&total); err != nil || total <= maxBytes {
		return nil, 0, err
	}
	rows, err := tx.QueryContext(ctx, "select key, size from cache_keys order by used, id") // of one time those first that came first
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for total-bytes > maxBytes && rows.Next() {
		var key sql.RawBytes
		var size int64
		if err := rows.Scan(&key, &size); err != nil {
			return nil, 0, err
		}
		keys, bytes = append(keys, [32]byte(key)), bytes+size
	}
	return keys, bytes, rows.Err()
}

// noteUsed writes down which values were read since it was last called. When the transaction fails, that is forgotten: it only
// makes them look unused a little longer.
func (s *Store) noteUsed(ctx context.Context, tx *sql.Tx, now int64) error {
	s.mu.Lock()
	keys := make([][32]byte, 0, len(s.used))
	for key := range s.used {
		keys = append(keys, key)
	}
	clear(s.used)
	s.mu.Unlock()
	for len(keys) > 0 {
		n := min(manyKeys, len(keys))
		if _, err := tx.ExecContext(ctx, "update cache_keys set used = ? where key in "+list(n), append([]any{now}, blobs(keys[:n])...)...); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}
