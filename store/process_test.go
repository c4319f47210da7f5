package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/internal/sqlite"
)

// child is the whole of a second process: it holds the last run, or writes until it is killed and tells each step that is done.
func child(work, path string) int {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, path)
	if err == nil {
		defer db.Close()
		var s *Store
		if s, err = Open(ctx, db); err == nil {
			err = childWork(ctx, s, work)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

func childWork(ctx context.Context, s *Store, work string) error {
	r, err := s.Run(ctx, "last")
	if err != nil {
		return err
	}
	release, err := s.HoldRun(ctx, r.ID)
	if err != nil {
		return err
	}
	defer release()
	fmt.Println("held", r.ID)
	for n := 0; work == "write"; n++ {
		rs, spans := block(64 * n)
		if err := s.Save(ctx, r.ID, []Block{{"oracle", "m", rs, spans}}, map[string]any{"n": n}); err != nil {
			return err
		}
		fmt.Println("saved", n)
		keys, values := childValues(n)
		if err := s.CachePut(ctx, keys, values); err != nil {
			return err
		}
		fmt.Println("cached", n)
	}
	time.Sleep(time.Minute)
	return errors.New("nobody killed it")
}

// childValues are those of step n: every value follows from its key.
func childValues(n int) (keys [][32]byte, values [][]byte) {
	for i := range 64 {
		keys = append(keys, cacheKey(64*n+i))
		values = append(values, bytes.Repeat(sha256Of(keys[i]), 20+i))
	}
	return keys, values
}

func sha256Of(key [32]byte) []byte {
	sum := sha256.Sum256(key[:])
	return sum[:]
}

// A process that writes is killed at random moments. All that it told to be done must be there and whole; of the step in hand, all or nothing.
func TestKillsLoseNothing(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	for round := range 20 {
		steps, share := rng.IntN(6), rng.Float64()
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			t.Parallel()
			killed(t, steps, share)
		})
	}
}

// killed kills a process that has done some steps, after a share of the time that a step takes, and looks at what is there.
func killed(t *testing.T, steps int, share float64) {
	path := filepath.Join(t.TempDir(), "tryall.db")
	s := openAt(t, path)
	id := create(t, s, "")
	cmd, out := startChild(t, "write", path)
	saved, cached := -1, -1
	begun := time.Now()
	for line := range lines(out) {
		var n int
		if _, err := fmt.Sscanf(line, "saved %d", &n); err == nil {
			saved = n
		} else if _, err := fmt.Sscanf(line, "cached %d", &n); err == nil {
			cached = n
		}
		if cached == steps-1 && saved == cached { // the first time: before anything is written, or between two steps
			time.AfterFunc(time.Duration(share*float64(time.Since(begun))), func() { cmd.Process.Kill() })
		}
		if saved == cached {
			begun = time.Now()
		}
	}
	cmd.Wait()
	var verdict string
	if err := s.db.Read().QueryRowContext(t.Context(), "pragma integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Fatalf("the file: %s, %v", verdict, err)
	}
	results, err := s.Results(t.Context(), id, "oracle", "m")
	if err != nil || len(results)%64 != 0 || len(results) < 64*(saved+1) || len(results) > 64*(saved+2) {
		t.Fatalf("%d results after %d blocks, %v", len(results), saved+1, err)
	}
	spans, err := s.AllSpans(t.Context(), id, "oracle", "m")
	if err != nil || len(spans) != len(results) {
		t.Fatalf("spans of %d questions of %d, %v", len(spans), len(results), err)
	}
	for n := range len(results) / 64 {
		rs, sp := block(64 * n)
		if !reflect.DeepEqual(results[64*n:64*n+64], rs) || !reflect.DeepEqual(spans[64*n+63], sp[63]) {
			t.Fatalf("block %d is not what was saved", n)
		}
	}
	noted := -1
	if _, err := s.Noted(t.Context(), id, "n", &noted); err != nil || noted != len(results)/64-1 {
		t.Errorf("the note says %d after %d blocks, %v", noted, len(results)/64, err)
	}
	for n := range cached + 3 {
		keys, values := childValues(n)
		there := 0
		for i, v := range get(t, s, keys...) {
			if v != nil {
				there++
				if !bytes.Equal(v, values[i]) {
					t.Fatalf("step %d: value %d is not what was put", n, i)
				}
			}
		}
		if n <= cached && there != 64 || n == cached+1 && there != 0 && there != 64 || n > cached+1 && there != 0 {
			t.Errorf("step %d, where %d was the last told to be done: %d values of 64", n, cached, there)
		}
	}
	if r := runOf(t, s, id); r.Status != Interrupted {
		t.Errorf("status %s", r.Status)
	}
	if err := s.SaveBlock(t.Context(), id, eval.Oracle, "n", results[:min(1, len(results))], nil); err != nil {
		t.Errorf("it cannot be gone on with: %v", err)
	}
}
