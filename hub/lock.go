package hub

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// lockPoll is how often a lock that another holds is tried.
const lockPoll = 50 * time.Millisecond

// lockBlob takes the lock that huggingface_hub takes too (flock on Unix, LockFileEx on Windows, on
// the same file). The file stays afterwards: removing it would give two waiters two locks.
// waiting is called once when another process holds it; unlocked when the disk knows no locks:
// then two pulls of one file at once can spoil each other's bytes, which verification finds.
func (c Cache) lockBlob(ctx context.Context, id, etag string, waiting, unlocked func()) (release func(), err error) {
	path := c.lockPath(id, etag)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, wrapDisk(err, "make the folder of the lock %s", path)
	}
	l := flock.New(path, flock.SetPermissions(0o644))
	got, err := l.TryLock()
	if err == nil && !got {
		waiting()
		_, err = l.TryLockContext(ctx, lockPoll)
	}
	switch {
	case ctx.Err() != nil:
		unlock(l)
		return nil, context.Cause(ctx)
	case noLocks(err):
		unlock(l)
		unlocked()
		return func() {}, nil
	case err != nil:
		unlock(l)
		return nil, wrapDisk(err, "lock %s", path)
	}
	return func() { unlock(l) }, nil
}

// tryLockBlob takes the lock if nobody holds it.
func (c Cache) tryLockBlob(id, etag string) (release func(), got bool, err error) {
	path := c.lockPath(id, etag)
	if _, err := os.Stat(path); os.IsNotExist(err) {
		return func() {}, true, nil // nobody ever downloaded it under a lock
	}
	l := flock.New(path, flock.SetPermissions(0o644))
	got, err = l.TryLock()
	if err != nil && !noLocks(err) {
		return nil, false, wrapDisk(err, "lock %s", path)
	}
	if err == nil && !got {
		unlock(l)
		return nil, false, nil
	}
	return func() { unlock(l) }, true, nil
}

// unlock gives the lock back; the operating system does so too when the process ends.
func unlock(l *flock.Flock) { _ = l.Close() }
