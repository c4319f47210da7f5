package workbench

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
)

// PullState says where a download stands.
type PullState string

// The states of a download.
const (
	PullWaiting PullState = "waiting" // for its turn
	PullGoing   PullState = "going"
	PullPaused  PullState = "paused" // what came is kept, and Resume goes on from it
	PullDone    PullState = "done"
	PullFailed  PullState = "failed"
)

// Ended says whether nothing happens any more unless a person wants it.
func (s PullState) Ended() bool { return s != PullWaiting && s != PullGoing }

// PullStatus is a download and how far it is.
type PullStatus struct {
	ID             string    `json:"id"` // as it was asked for: owner/name, or owner/name@revision
	State          PullState `json:"state"`
	Bytes          int64     `json:"bytes"`            // that are here
	SizeBytes      int64     `json:"size_bytes"`       // of all its files; 0 until the Hub has said so
	BytesPerSecond float64   `json:"bytes_per_second"` // over the last seconds; 0 when that is not known
	SecondsLeft    float64   `json:"seconds_left"`     // at that rate; 0 when that is not known
	Note           string    `json:"note,omitempty"`   // what hinders it for the moment
	Error          string    `json:"error,omitempty"`  // why it has failed
	Model          *Pulled   `json:"model,omitempty"`  // when it is done
	Err            error     `json:"-"`                // Error with its code
}

// Bounds of the list: downloads that are to come, and those that have ended and are shown still.
const (
	maxPending = 100
	maxEnded   = 50
)

// Pulls bring models from the Hub in the background, one after the other, whoever looks on. The list of them lasts as long as the
// process; what has come lasts, so that a download that is asked for again goes on where it was. It may be used from several goroutines
// at once.
type Pulls struct {
	w    *Workbench
	came func() // a model has come

	ctx    context.Context //nolint:containedctx // that of downloads, which outlive the calls that begin them
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu      sync.Mutex
	all     []*pull // the newest last
	working bool
	changed chan struct{} // closed, and made anew, whenever something changes
}

// NewPulls makes a queue. came is called whenever a model has come; it may be nil.
func (w *Workbench) NewPulls(came func()) *Pulls {
	if came == nil {
		came = func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Pulls{w: w, came: came, ctx: ctx, cancel: cancel, changed: make(chan struct{})}
}

// Add puts a model of the Hub, like owner/name or owner/name@revision, at the end of the queue, and gives its state. One that is in the
// list already is gone on with, as Resume does.
func (p *Pulls) Add(name string) (PullStatus, error) {
	ref, err := hub.ParseRef(name)
	if err != nil {
		return PullStatus{}, qa.Errorf(qa.Invalid, "%w", err)
	}
	if ref.Dir != "" {
		return PullStatus{}, qa.Errorf(qa.Invalid, "%s is a directory; models of the Hub are named like deepset/roberta-base-squad2", ref.Dir)
	}
	ref.Precision = "" // the files are the same
	var out PullStatus
	err = p.change(func() error {
		d := p.find(ref.Name())
		if d == nil {
			if p.pending() >= maxPending {
				return qa.Errorf(qa.Unavailable, "download %s: %d models wait already; try again when some are here", ref.Name(), maxPending)
			}
			d = &pull{ref: ref, status: PullStatus{ID: ref.Name(), State: PullPaused}}
			p.forget()
			p.all = append(p.all, d)
		}
		err := p.enqueue(d)
		out = d.at(time.Now())
		return err
	})
	return out, err
}

// Pause stops a download; what came is kept. One that has ended stays as it is.
func (p *Pulls) Pause(id string) error {
	return p.change(func() error {
		d := p.find(id)
		if d == nil {
			return errNoPull(id)
		}
		if !d.status.State.Ended() {
			d.status.State = PullPaused
			d.stop()
		}
		return nil
	})
}

// Resume goes on with a download that was paused or has failed, when its turn comes. One that is here is looked at again.
func (p *Pulls) Resume(id string) error {
	return p.change(func() error {
		d := p.find(id)
		if d == nil {
			return errNoPull(id)
		}
		return p.enqueue(d)
	})
}

// Cancel stops a download and takes it off the list. What came stays in the cache, where removing the model deletes it.
func (p *Pulls) Cancel(id string) error {
	return p.change(func() error {
		d := p.find(id)
		if d == nil {
			return errNoPull(id)
		}
		d.stop()
		p.all = slices.DeleteFunc(p.all, func(o *pull) bool { return o == d })
		return nil
	})
}

// List are the downloads, the newest last.
func (p *Pulls) List() []PullStatus {
	list, _ := p.Watch()
	return list
}

// Watch are the downloads, and a channel that is closed when something of them changes.
func (p *Pulls) Watch() ([]PullStatus, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	out, now := make([]PullStatus, len(p.all)), time.Now()
	for i, d := range p.all {
		out[i] = d.at(now)
	}
	return out, p.changed
}

// Close stops all downloads and waits for that.
func (p *Pulls) Close() {
	p.mu.Lock()
	p.cancel()
	p.mu.Unlock()
	p.work.Wait()
}

func errNoPull(id string) error { return qa.Errorf(qa.NotFound, "there is no download of %s", id) }

// change does something to the list and tells whoever looks on; nobody is waited for.
func (p *Pulls) change(f func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := f()
	close(p.changed)
	p.changed = make(chan struct{})
	return err
}

// find is the download with an id; nil where there is none. Called with mu held, as are those below.
func (p *Pulls) find(id string) *pull {
	for _, d := range p.all {
		if d.status.ID == id {
			return d
		}
	}
	return nil
}

func (p *Pulls) pending() (n int) {
	for _, d := range p.all {
		if !d.status.State.Ended() {
			n++
		}
	}
	return n
}

// forget drops the oldest of those that have ended, where there are many.
func (p *Pulls) forget() {
	ended := len(p.all) - p.pending()
	p.all = slices.DeleteFunc(p.all, func(d *pull) bool {
		if ended < maxEnded || !d.status.State.Ended() {
			return false
		}
		ended--
		return true
	})
}

// enqueue has a download wait for its turn, and begins to work where nobody does.
func (p *Pulls) enqueue(d *pull) error {
	if p.ctx.Err() != nil {
		return ErrPoolClosed
	}
	if d.status.State.Ended() {
		d.status.State, d.status.Err, d.status.Error, d.status.Note, d.status.Model = PullWaiting, nil, "", "", nil
	}
	if !p.working {
		p.working = true
		p.work.Go(p.run)
	}
	return nil
}
