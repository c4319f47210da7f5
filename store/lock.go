package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/tryall/tryall/qa"
)

// A run is held by a lock on a small file beside the database. The operating system gives it back when the process ends, however it
// ends, so nothing is ever stale. The file says who holds it, for people only.

// lockPatience outlasts the moment that another process takes to look whether a run is held.
const (
	lockPatience = 300 * time.Millisecond
	lockPoll     = 10 * time.Millisecond
)

func (s *Store) lockPath(run string) string {
	return filepath.Join(filepath.Dir(s.db.Path()), "locks", "run-"+run)
}

// HoldRun sees to it that no other process goes on with the run until release is called or this process ends.
func (s *Store) HoldRun(ctx context.Context, run string) (release func(), err error) {
	if _, ok := idNumber(run); !ok { // it becomes the name of a file
		return nil, qa.Errorf(qa.NotFound, "there is no run %q", run)
	}
	var n int
	if err := s.db.Read().QueryRowContext(ctx, "select count(*) from runs where id = ?", run).Scan(&n); err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, qa.Errorf(qa.NotFound, "there is no run %s", run)
	}
	path := s.lockPath(run)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, qa.Errorf(qa.Unavailable, "hold run %s: %w", run, err)
	}
	l := flock.New(path, flock.SetPermissions(0o644))
	wait, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	got, err := l.TryLockContext(wait, lockPoll)
	switch {
	case ctx.Err() != nil:
		_ = l.Close()
		return nil, context.Cause(ctx)
	case !got && (err == nil || errors.Is(err, context.DeadlineExceeded)):
		_ = l.Close()
		return nil, qa.Errorf(qa.Unavailable, "run %s is going on in another process%s; wait for it or stop it", run, holder(path))
	case err != nil:
		_ = l.Close()
		return nil, qa.Errorf(qa.Unavailable, "hold run %s: %w", run, err)
	}
	host, _ := os.Hostname()
	_ = os.WriteFile(path, fmt.Appendf(nil, "%d %s\n", os.Getpid(), host), 0o644) // told to people only
	return func() { _ = l.Close() }, nil
}

// holder says who holds a lock, where that can be read.
func holder(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	var pid int
	var host string
	if _, err := fmt.Sscan(string(text), &pid, &host); err != nil {
		return ""
	}
	if here, _ := os.Hostname(); !strings.EqualFold(host, here) {
		return fmt.Sprintf(" (%d on %s)", pid, host)
	}
	return fmt.Sprintf(" (%d)", pid)
}

// held says whether a process holds the run.
func (s *Store) held(run string) bool {
	path := s.lockPath(run)
	if _, err := os.Stat(path); err != nil {
		return false
	}
	l := flock.New(path, flock.SetPermissions(0o644))
	defer l.Close()
	got, err := l.TryRLock()
	return err == nil && !got
}

// dropLock removes the file of a run that is no more.
func (s *Store) dropLock(run string) { _ = os.Remove(s.lockPath(run)) }
