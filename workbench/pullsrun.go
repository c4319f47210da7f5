package workbench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tryall/tryall/hub"
)

// pull is a download with what only its work knows. Everything of it is guarded by the mutex of Pulls.
type pull struct {
	ref    hub.Ref
	status PullStatus
	cancel context.CancelFunc // of the attempt that goes on; nil when none does
	rate   Rate
	before int64 // bytes that were here before the attempt
}

// at is the state with what can be said of its pace by now.
func (d *pull) at(now time.Time) PullStatus {
	s := d.status
	if s.State == PullGoing {
		s.BytesPerSecond = d.rate.PerSecond(now)
		if left, ok := d.rate.Left(now, s.SizeBytes-s.Bytes); ok {
			s.SecondsLeft = left.Seconds()
		}
	}
	return s
}

func (d *pull) stop() {
	if d.cancel != nil {
		d.cancel()
	}
}

// run brings what waits, one after the other, until nothing does.
func (p *Pulls) run() {
	for {
		d, ctx := p.take()
		if d == nil {
			return
		}
		model, err := p.w.Pull(ctx, d.ref, PullOptions{Events: func(e hub.Event) {
			_ = p.change(func() error { d.note(time.Now(), e); return nil })
		}})
		_ = p.change(func() error { d.end(model, err, ctx.Err() != nil); return nil })
		p.came() // a part of a model shows too
	}
}

// take is the next that waits, with the context of its attempt; nil when none does, or when all is to end.
func (p *Pulls) take() (next *pull, ctx context.Context) {
	ctx, cancel := context.WithCancel(p.ctx)
	_ = p.change(func() error {
		at := slices.IndexFunc(p.all, func(d *pull) bool { return d.status.State == PullWaiting })
		if at < 0 || p.ctx.Err() != nil {
			p.working = false
			return nil
		}
		next = p.all[at]
		next.rate, next.before, next.status.State, next.cancel = Rate{}, 0, PullGoing, cancel
		return nil
	})
	if next == nil {
		cancel()
	}
	return next, ctx
}

// end notes how an attempt came out. What a person has said meanwhile stands, unless all has come.
func (d *pull) end(model Pulled, err error, stopped bool) {
	d.cancel()
	d.cancel = nil
	s := &d.status
	s.Note = ""
	switch {
	case err == nil:
		s.State, s.Model, s.SizeBytes, s.Bytes = PullDone, &model, model.SizeBytes, model.SizeBytes
	case s.State != PullGoing:
	case stopped:
		s.State = PullPaused
	default:
		s.State, s.Err, s.Error = PullFailed, err, err.Error()
	}
}

// note keeps how far an attempt is.
func (d *pull) note(now time.Time, e hub.Event) {
	s := &d.status
	switch e.Kind {
	case hub.Planned:
		d.before = 0
	case hub.Started:
		d.before += e.Done
	case hub.Done:
		if e.Cached {
			d.before += e.Size
		}
	case hub.Retry, hub.Waiting:
		s.Note = e.Message
		if e.Wait > 0 {
			s.Note = fmt.Sprintf("%s; trying again in %s", e.Message, e.Wait.Round(time.Second))
		}
	case hub.Progress:
		s.Note = ""
	}
	if e.AllSize > 0 {
		s.Bytes, s.SizeBytes = e.AllDone, e.AllSize
		d.rate.Add(now, e.AllDone-d.before)
	}
}
