package workbench

import (
	"context"
	"os"
	"sync"

	"github.com/tryall/tryall/qa"
)

// Additions read texts into the corpus in the background, one addition at a time, whoever looks on. They may be used from several
// goroutines at once.
type Additions struct {
	ctx    context.Context //nolint:containedctx // that of additions, which outlive the calls that begin them
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu      sync.Mutex
	last    *Addition
	changed chan struct{} // closed, and made anew, whenever last changes
}

// Addition is one as it goes on, or as it ended.
type Addition struct {
	Going    bool
	Progress AddProgress
	Added    *Added // what it came to; nil while it goes on
	Err      error
}

// NewAdditions makes one; Close ends what goes on in it.
func NewAdditions() *Additions {
	ctx, cancel := context.WithCancel(context.Background())
	return &Additions{ctx: ctx, cancel: cancel, changed: make(chan struct{})}
}

// Start begins an addition; while another goes on it is refused.
func (a *Additions) Start(p *Project, roots []string, o AddOptions) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ctx.Err() != nil {
		return ErrPoolClosed
	}
	if a.last != nil && a.last.Going {
		return qa.Errorf(qa.Unavailable, "texts are being added already; wait until that is done")
	}
	a.tell(Addition{Going: true})
	a.work.Go(func() {
		var last AddProgress
		added, err := p.Add(a.ctx, roots, o, func(s AddProgress) { // calls come one after the other
			last = s
			a.set(Addition{Going: true, Progress: s})
		})
		a.set(Addition{Progress: last, Added: added, Err: err})
	})
	return nil
}

// StartAgain reads all files of the corpus once more, and finds those that are gone.
func (a *Additions) StartAgain(ctx context.Context, p *Project) error {
	var roots []string
	for f, err := range p.Index.Files(ctx) {
		if err != nil {
			return err
		}
		path := p.File(f.Path)
		if _, err := os.Lstat(path); err == nil {
			roots = append(roots, path)
		}
	}
	return a.Start(p, roots, AddOptions{Again: true, Hidden: true})
}

func (a *Additions) set(x Addition) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tell(x)
}

// tell puts x in the place of the last and tells whoever looks on; nobody is waited for. Called with mu held.
func (a *Additions) tell(x Addition) {
	a.last = &x
	close(a.changed)
	a.changed = make(chan struct{})
}

// State is a copy of the last addition, nil when nothing was added yet, and a channel that is closed when that changes.
func (a *Additions) State() (*Addition, <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.last == nil {
		return nil, a.changed
	}
	x := *a.last
	return &x, a.changed
}

// Close ends an addition that goes on, and waits for that; what was read is kept.
func (a *Additions) Close() {
	a.mu.Lock()
	a.cancel()
	a.mu.Unlock()
	a.work.Wait()
}
