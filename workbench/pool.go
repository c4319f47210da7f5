package workbench

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// Pool keeps models open between questions, so that only the first one waits for a load. It holds as many as fit into a budget of
// memory and closes those that were not used for longest. A model is loaded once, however many ask for it at the same time, and a load
// that was begun is finished even if whoever asked for it has gone. It may be used from several goroutines at once.
type Pool struct {
	w      *Workbench
	budget int64
	cache  Cache
	ctx    context.Context //nolint:containedctx // that of loads, which outlive the calls that begin them
	cancel context.CancelFunc
	loads  sync.WaitGroup

	mu     sync.Mutex
	closed bool
	open   map[string]*pooled // by what a model is opened as
	freed  chan struct{}      // closed and made anew whenever a model is no longer in use
}

// pooled is a model that is open, or about to be.
type pooled struct {
	as    string
	name  string
	bytes int64
	ready chan struct{} // closed once session or err is set
	s     *Session
	err   error
	users int
	used  time.Time
	// outdated says that its settings have changed meanwhile.
	outdated bool
}

// NewPool makes a pool of at most budget bytes, 0 for as many as are asked for. The cache may be nil.
func (w *Workbench) NewPool(budget int64, cache Cache) *Pool {
	ctx, cancel := context.WithCancel(context.Background())
	return &Pool{w: w, budget: budget, cache: cache, ctx: ctx, cancel: cancel, open: map[string]*pooled{}, freed: make(chan struct{})}
}

// longestAsked is how many bytes a text may have that is asked of a pool: what it comes to is held at once, up to some 160 bytes for each byte of
// the text where its tokenizer cannot take it in parts, and many may ask. A long novel has 3 MB.
const longestAsked = 4 << 20

// ErrPoolClosed is what a closed pool gives.
var ErrPoolClosed = errors.New("the program is ending")

// Use gives a model to ask with p, opened now or before. It stays open until release is called.
func (l *Pool) Use(ctx context.Context, m Model, p Params) (s *Session, release func(), err error) {
	o, err := l.acquire(ctx, m, p)
	if err != nil {
		return nil, nil, err
	}
	select {
	case <-o.ready:
	case <-ctx.Done():
		l.release(o)
		return nil, nil, ctx.Err()
	}
	if o.err != nil {
		l.release(o)
		return nil, nil, o.err
	}
	return o.s.as(m).With(p), sync.OnceFunc(func() { l.release(o) }), nil
}

// acquire finds the model among those that are open, or begins to open it as soon as there is room.
func (l *Pool) acquire(ctx context.Context, m Model, p Params) (*pooled, error) {
	as := openedAs(m)
	for {
		l.mu.Lock()
		if l.closed {
			l.mu.Unlock()
			return nil, ErrPoolClosed
		}
		if o := l.open[as]; o != nil {
			o.users++
			l.mu.Unlock()
			return o, nil
		}
		l.dropOutdated(m.Contestant())
		need := l.w.memoryOf(m)
		if l.makeRoom(need) {
			o := &pooled{as: as, name: m.Contestant(), bytes: need, ready: make(chan struct{}), users: 1}
			l.open[as] = o
			l.loads.Add(1)
			l.mu.Unlock()
			go l.load(o, m, p)
			return o, nil
		}
		freed := l.freed
		l.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// openedAs is what a model is opened as. Thresholds and probabilities are put on what is open; whether a model abstains goes deeper.
func openedAs(m Model) string { return m.Contestant() + " " + string(m.Abstains()) }

// dropOutdated closes a contestant that is open with other settings, at once or as soon as nobody uses it. Called with mu held.
func (l *Pool) dropOutdated(contestant string) {
	for _, o := range l.open {
		if o.name != contestant {
			continue
		}
		if o.outdated = true; o.users == 0 && o.loaded() {
			l.drop(o)
		}
	}
}

// idle closes a model that nobody uses where it is not to be used again, and tells whoever waits for room. Called with mu held.
func (l *Pool) idle(o *pooled) {
	if (l.closed || o.outdated) && o.users == 0 && o.loaded() && l.open[o.as] == o {
		l.drop(o)
	}
	close(l.freed)
	l.freed = make(chan struct{})
}

// load opens a model. One that cannot be opened is forgotten, so that the next question tries again.
func (l *Pool) load(o *pooled, m Model, p Params) {
	defer l.loads.Done()
	if o.s, o.err = l.w.OpenCached(l.ctx, m, Params{Decoder: p.Decoder}, l.cache); o.err == nil {
		o.s.longest = longestAsked
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	close(o.ready)
	if o.err != nil {
		delete(l.open, o.as)
	}
	if o.users == 0 { // whoever asked for it has gone
		l.idle(o)
	}
}

// loaded says whether a model is open by now.
func (o *pooled) loaded() bool {
	select {
	case <-o.ready:
		return o.err == nil
	default:
		return false
	}
}

// memoryOf is about how many bytes a model takes, 0 where that is not known.
func (w *Workbench) memoryOf(m Model) int64 {
	if w.CheckModel == nil {
		return 0
	}
	info, err := w.check(m, false)
	if err != nil {
		return 0 // opening it tells
	}
	return EstimateMemory(info.Parameters)
}

// makeRoom closes idle models, those that were not used for longest first, until there is room for need bytes. A model that is larger
// than the budget gets it alone. Called with mu held.
func (l *Pool) makeRoom(need int64) bool {
	if l.budget <= 0 {
		return true
	}
	total := need
	var idle []*pooled
	for _, o := range l.open {
		total += o.bytes
		if o.users == 0 && o.loaded() {
			idle = append(idle, o)
		}
	}
	slices.SortFunc(idle, func(a, b *pooled) int { return a.used.Compare(b.used) })
	for _, o := range idle {
		if total <= l.budget {
			break
		}
		total -= o.bytes
		l.drop(o)
	}
	return total <= l.budget || len(l.open) == 0
}

// drop closes a model that nobody uses. Called with mu held.
func (l *Pool) drop(o *pooled) {
	delete(l.open, o.as)
	_ = o.s.Close() // the weights were only read
}

func (l *Pool) release(o *pooled) {
	l.mu.Lock()
	defer l.mu.Unlock()
	o.users--
	o.used = time.Now()
	if o.users == 0 {
		l.idle(o)
	}
}

// Open names the contestants that are open, sorted.
func (l *Pool) Open() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	names := []string{}
	for _, o := range l.open {
		if o.loaded() {
			names = append(names, o.name)
		}
	}
	slices.Sort(names)
	return names
}

// Close closes what nobody uses, and the others as they are released; it waits for loads to end.
func (l *Pool) Close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.cancel()
	l.loads.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range l.open {
		if o.users == 0 {
			l.drop(o)
		}
	}
}
