package store

import (
	"bytes"
	"database/sql"
	"path/filepath"
	"sync"
	"testing"
)

func get(t *testing.T, s *Store, keys ...[32]byte) [][]byte {
	t.Helper()
	values, err := s.CacheGet(t.Context(), keys)
	if err != nil || len(values) != len(keys) {
		t.Fatalf("%d values of %d keys, %v", len(values), len(keys), err)
	}
	return values
}

func exec1(t *testing.T, s *Store, statement string, args ...any) {
	t.Helper()
	err := s.db.Write(t.Context(), func(tx *sql.Tx) error {
		done, err := tx.ExecContext(t.Context(), statement, args...)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			t.Errorf("%s changed nothing, %v", statement, err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCache(t *testing.T) {
	s := open(t)
	var keys [][32]byte
	var values [][]byte
	for n := range 5 { // more than one statement takes
		k, v := cacheBlock(64*n, 100+n)
		keys, values = append(keys, k...), append(values, v...)
	}
	c := s.Cache()
	if err := c.Put(t.Context(), keys, values); err != nil {
		t.Fatal(err)
	}
	got, err := c.Get(t.Context(), append(keys, cacheKey(999), keys[0]))
	if err != nil || got[320] != nil || !bytes.Equal(got[321], values[0]) {
		t.Fatalf("%v, %v", got[320], err)
	}
	for i := range keys {
		if !bytes.Equal(got[i], values[i]) {
			t.Fatalf("value %d is another", i)
		}
	}
	if n, size, err := s.CacheSize(t.Context()); err != nil || n != 320 || size != 64*(100+101+102+103+104) {
		t.Errorf("%d values of %d bytes, %v", n, size, err)
	}
	// Replaced, twice in one call, empty.
	if err := c.Put(t.Context(), [][32]byte{keys[0], keys[1], keys[0]}, [][]byte{{1}, nil, {2}}); err != nil {
		t.Fatal(err)
	}
	if v := get(t, s, keys[0], keys[1], keys[2]); !bytes.Equal(v[0], []byte{2}) || v[1] == nil || len(v[1]) != 0 || !bytes.Equal(v[2], values[2]) {
		t.Errorf("%v", v)
	}
	if n, _, err := s.CacheSize(t.Context()); err != nil || n != 320 {
		t.Errorf("%d values, %v", n, err)
	}
	if err := c.Put(t.Context(), keys[:2], values[:1]); err == nil {
		t.Error("values are missing, and nobody says so")
	}
	if v := get(t, s); len(v) != 0 {
		t.Errorf("%v", v)
	}
}

// What is damaged, or lies under another key, is not there, and can be put again.
func TestDamagedValuesAreAbsent(t *testing.T) {
	s := open(t)
	keys, values := cacheBlock(0, 3000)
	if err := s.CachePut(t.Context(), keys, values); err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(values[0])
	damaged[1234] ^= 4
	exec1(t, s, "update cache_values set value = ? where id = (select id from cache_keys where key = ?)", damaged, keys[0][:])
	exec1(t, s, "update cache_values set value = ? where id = (select id from cache_keys where key = ?)", values[1][:2999], keys[1][:])
	exec1(t, s, "update cache_keys set id = (select id from cache_keys where key = ?) where key = ?", keys[3][:], keys[2][:])
	exec1(t, s, "delete from cache_values where id = (select id from cache_keys where key = ?)", keys[4][:])
	v := get(t, s, keys[:6]...)
	for i, there := range []bool{false, false, false, true, false, true} {
		if (v[i] != nil) != there || there && !bytes.Equal(v[i], values[i]) {
			t.Errorf("value %d: there %v", i, v[i] != nil)
		}
	}
	for i := range 5 { // one by one: what lies under two keys is told apart again
		if err := s.CachePut(t.Context(), keys[i:i+1], values[i:i+1]); err != nil {
			t.Fatal(err)
		}
	}
	for i, v := range get(t, s, keys[0], keys[1], keys[4]) {
		if !bytes.Equal(v, values[[]int{0, 1, 4}[i]]) {
			t.Errorf("value %d was not put again", i)
		}
	}
}

func TestTrimTakesWhatWasUsedLeastRecently(t *testing.T) {
	s := open(t)
	keys, values := cacheBlock(0, 1000)
	if err := s.CachePut(t.Context(), keys, values); err != nil {
		t.Fatal(err)
	}
	exec1(t, s, "update cache_keys set used = used - 100 - id") // the last ones longest ago
	get(t, s, keys[50:60]...)
	if removed, err := s.CacheTrim(t.Context(), 20_500); err != nil || removed != 44_000 {
		t.Errorf("removed %d, %v", removed, err)
	}
	for i, v := range get(t, s, keys...) {
		if want := i < 10 || i >= 50 && i < 60; (v != nil) != want {
			t.Errorf("value %d: there %v, want %v", i, v != nil, want)
		}
	}
	if n, size, err := s.CacheSize(t.Context()); err != nil || n != 20 || size != 20_000 {
		t.Errorf("%d values of %d bytes, %v", n, size, err)
	}
	var rows int
	if err := s.db.Read().QueryRowContext(t.Context(), "select count(*) from cache_values").Scan(&rows); err != nil || rows != 20 {
		t.Errorf("%d values left, %v", rows, err)
	}
	if removed, err := s.CacheTrim(t.Context(), 20_000); err != nil || removed != 0 {
		t.Errorf("removed %d of what fits, %v", removed, err)
	}
	if removed, err := s.CacheTrim(t.Context(), 0); err != nil || removed != 20_000 {
		t.Errorf("removed %d of all, %v", removed, err)
	}
}

// Several handles read, write and trim at once.
func TestCacheOfSeveral(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tryall.db")
	stores := []*Store{openAt(t, path), openAt(t, path)}
	var wg sync.WaitGroup
	for n, s := range append(stores, stores[0]) {
		wg.Go(func() {
			for i := range 10 {
				keys, values := cacheBlock(32*(i+n), 500)
				if err := s.CachePut(t.Context(), keys, values); err != nil {
					t.Error(err)
				}
				got, err := s.CacheGet(t.Context(), keys)
				if err != nil {
					t.Error(err)
				}
				for k, v := range got {
					if v != nil && len(v) != 500 {
						t.Errorf("value %d has %d bytes", k, len(v))
					}
				}
				if _, err := s.CacheTrim(t.Context(), 100_000); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
