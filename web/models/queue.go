package models

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// How a download stands.
const (
	waiting = "waiting"
	going   = "going"
	done    = "done"
	stopped = "stopped"
	failed  = "failed"
)

// download is one model that comes, or came.
type download struct {
	ID, State  string
	Bytes, All int64
	Rate       float64 // bytes a second
	Err        error
	Pulled     workbench.Pulled // when done
	ref        hub.Ref
	began      time.Time
	first      int64 // bytes that were there before
	cancel     context.CancelFunc
}

// Left is about how long it takes still; 0 when nobody knows.
func (d *download) Left() time.Duration {
	if d.State != going || d.Rate <= 0 || d.All <= d.Bytes {
		return 0
	}
	return time.Duration(float64(d.All-d.Bytes) / d.Rate * float64(time.Second)).Round(time.Second)
}

// queue pulls one model after the other in the background.
type queue struct {
	env     *ui.Env
	mu      sync.Mutex
	all     []*download
	working bool
	changed chan struct{} // closed, and made anew, whenever something changes
}

func newQueue(e *ui.Env) *queue { return &queue{env: e, changed: make(chan struct{})} }

// list are copies of the downloads, the newest last.
func (q *queue) list() []download {
	l, _ := q.watch()
	return l
}

func (q *queue) watch() ([]download, <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := make([]download, len(q.all))
	for i, d := range q.all {
		out[i] = *d
	}
	return out, q.changed
}

// change does something to the queue and tells whoever looks on.
func (q *queue) change(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	f()
	close(q.changed)
	q.changed = make(chan struct{})
}

func (q *queue) add(ref hub.Ref) {
	q.change(func() {
		for _, d := range q.all {
			if d.ID == ref.Name() {
				if d.State != waiting && d.State != going {
					d.State, d.Err = waiting, nil
				}
				ref.ID = ""
			}
		}
		if ref.ID != "" {
			q.all = append(q.all, &download{ID: ref.Name(), State: waiting, ref: ref})
		}
		if !q.working {
			q.working = true
			q.env.Go(q.work)
		}
	})
}

func (q *queue) stop(id string) {
	q.change(func() {
		for _, d := range q.all {
			switch {
			case d.ID != id:
			case d.State == waiting:
				d.State = stopped
			case d.State == going && d.cancel != nil:
				d.cancel()
			case d.State == going: // it is about to begin
				d.State = stopped
			}
		}
	})
}

// work pulls what waits, until nothing does.
func (q *queue) work(ctx context.Context) {
	for d := q.take(ctx); d != nil; d = q.take(ctx) {
		q.pull(ctx, d)
		q.env.Changed()
	}
}

// take is the next that waits; nil when none does, or when the server ends.
func (q *queue) take(ctx context.Context) (next *download) {
	q.change(func() {
		for _, d := range q.all {
			if d.State == waiting && ctx.Err() == nil {
				d.State, d.began, d.first, d.Rate, d.cancel = going, time.Now(), -1, 0, nil
				next = d
				return
			}
		}
		q.working = false
	})
	return next
}

func (q *queue) pull(ctx context.Context, d *download) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	q.change(func() {
		if d.cancel = cancel; d.State == stopped { // meanwhile
			cancel()
		}
	})
	pulled, err := q.env.Bench.Pull(ctx, d.ref, workbench.PullOptions{Events: func(e hub.Event) { q.change(func() { d.note(e) }) }})
	stop := ctx.Err() != nil
	q.change(func() {
		switch {
		case err == nil:
			d.State, d.Pulled, d.Bytes = done, pulled, d.All
		case stop:
			d.State = stopped
		default:
			d.State, d.Err = failed, err
		}
	})
}

// note keeps how far a pull is.
func (d *download) note(e hub.Event) {
	if e.AllSize == 0 {
		return
	}
	if d.first < 0 {
		d.first = e.AllDone
	}
	d.Bytes, d.All = e.AllDone, e.AllSize
	if took := time.Since(d.began).Seconds(); took > 0.5 {
		d.Rate = float64(d.Bytes-d.first) / took
	}
}

// tellEvery is how often a page that looks on is told.
const tellEvery = 250 * time.Millisecond

// events tells a page how the downloads go on; when all have ended, what is here.
func (p panel) events(w http.ResponseWriter, r *http.Request) {
	e := ui.Stream(w)
	for {
		list, changed := p.queue.watch()
		if !busy(list) {
			break
		}
		if e.Part(r.Context(), downloads(list)) != nil {
			return
		}
		rest := time.After(tellEvery)
		select {
		case <-changed:
		case <-p.Ended():
			return
		case <-r.Context().Done():
			return
		}
		<-rest
	}
	v, err := p.view(r.Context(), nil)
	if err == nil && e.Part(r.Context(), downloads(v.Downloads), local(v)) == nil {
		_ = e.Done("The downloads have ended")
	}
}

func busy(list []download) bool {
	for _, d := range list {
		if d.State == waiting || d.State == going {
			return true
		}
	}
	return false
}
