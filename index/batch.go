package index

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tryall/tryall/qa"
)

// A batch writes what it has when one of these is reached.
const (
	batchPassages = 2000
	batchBytes    = 16 << 20
	batchFiles    = 2000
	batchTime     = time.Second // looked at when a file comes
)

// Batch puts many files, several to a transaction, which is much faster for small ones. Each file is whole at any moment; what
// was put last is there once the batch is closed. It may be used from several goroutines.
type Batch struct {
	x   *Index
	ctx context.Context // Begin's, for all that the batch does

	mu       sync.Mutex
	most     int
	waiting  []entry
	passages int
	bytes    int
	since    time.Time
}

// Begin begins a batch. It holds no lock between its transactions.
func (x *Index) Begin(ctx context.Context) *Batch { return &Batch{x: x, ctx: ctx, most: batchPassages} }

// Put is Index.Put, later. An error may be about a file that was put before; it names it, and the others are written.
func (b *Batch) Put(f FileState, docs []Document) error {
	e, err := check(f, docs)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) == 0 {
		b.since = time.Now()
	}
	b.waiting = append(b.waiting, e)
	b.passages += e.passages()
	b.bytes += e.bytes()
	if b.passages < b.most && b.bytes < batchBytes && len(b.waiting) < batchFiles && time.Since(b.since) < batchTime {
		return nil
	}
	return b.write()
}

// Flush writes what waits.
func (b *Batch) Flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.write()
}

// Close is Flush, for symmetry: a batch holds nothing else. Without it the last files are not there.
func (b *Batch) Close() error { return b.Flush() }

func (b *Batch) write() error {
	waiting := b.waiting
	b.waiting, b.passages, b.bytes = nil, 0, 0
	if len(waiting) == 0 {
		return nil
	}
	err := b.x.put(b.ctx, waiting)
	if qa.CodeOf(err) != qa.Invalid || len(waiting) == 1 {
		return err
	}
	// One of them is wrong, and the others are not to suffer for it.
	var all []error
	for _, e := range waiting {
		all = append(all, b.x.put(b.ctx, []entry{e}))
	}
	return errors.Join(all...)
}
