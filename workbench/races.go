package workbench

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
)

// Races are bake-offs that go on in the background, one after the other as they were begun, whoever looks on. One that ends with the process is taken up by
// the next one (Restore), unless a person has stopped it. It may be used from several goroutines at once.
type Races struct {
	w    *Workbench
	host Host

	ctx    context.Context //nolint:containedctx // that of races, which outlive the calls that begin them
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu    sync.Mutex
	going map[string]*race
	queue []*race // those that go on, in the order in which they were begun; the first has its turn
}

// race is one that goes on.
type race struct {
	cancel  context.CancelFunc
	turn    chan struct{} // closed when it is its turn
	ended   chan struct{}
	state   RaceState
	changed chan struct{} // closed, and made anew, whenever state changes
}

// PhaseWaiting is that of a race that waits for another to end.
const PhaseWaiting = "waiting"

// RaceState is how a race stands.
type RaceState struct {
	Run, Phase, Mode string
	Contestant       string // that is being measured
	Done, Total      int
	Race             *eval.RaceEvent // the last one; nil before the race itself
	Since            time.Time
}

// NewRaces makes one whose races run on a host; its Event is told of all of them.
func (w *Workbench) NewRaces(host Host) *Races {
	ctx, cancel := context.WithCancel(context.Background())
	return &Races{w: w, host: host, ctx: ctx, cancel: cancel, going: map[string]*race{}}
}

// noteServed says that a run is to be taken up again by itself.
const noteServed = "served"

// Start begins a run of a plan, and gives its id. What is wrong with the plan shows here.
func (r *Races) Start(ctx context.Context, p *Project, plan Plan) (run string, err error) {
	return r.begin(ctx, p, "", plan)
}

// Resume goes on with a run that was stopped, was interrupted or has failed.
func (r *Races) Resume(ctx context.Context, p *Project, run string) error {
	plan, run, err := p.PlanOf(ctx, run)
	if err == nil {
		_, err = r.begin(ctx, p, run, plan)
	}
	return err
}

// Restore takes up the runs that were going on when the last process ended. What cannot be taken up is noted in the run.
func (r *Races) Restore(ctx context.Context, p *Project) error {
	runs, err := p.Store.Runs(ctx)
	if err != nil {
		return err
	}
	for i := len(runs) - 1; i >= 0; i-- { // the oldest first
		served := false
		if runs[i].Status != store.Interrupted {
			continue
		}
		if _, err := p.Store.Noted(ctx, runs[i].ID, noteServed, &served); err != nil {
			return err
		}
		if !served {
			continue
		}
		if err := r.Resume(ctx, p, runs[i].ID); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := p.Store.FailRun(ctx, runs[i].ID, err.Error()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Races) begin(ctx context.Context, p *Project, run string, plan Plan) (string, error) { //nolint:contextcheck // a race outlives the call that begins it
	models := make([]Model, len(plan.Models))
	for i, m := range plan.Models {
		var err error
		if models[i], err = r.w.Find(m.Name, m.Precision); err != nil {
			return "", err
		}
		if slices.ContainsFunc(models[:i], func(o Model) bool { return o.Contestant() == models[i].Contestant() }) {
			return "", qa.Errorf(qa.Invalid, "model %s is named twice", models[i].Contestant())
		}
	}
	if len(models) == 0 {
		return "", qa.Errorf(qa.Invalid, "there is no model to race")
	}
	plan.fill()
	if _, err := plan.check(); err != nil {
		return "", err
	}
	sets, err := p.ReadSets(ctx, plan)
	if err != nil {
		return "", err
	}
	m, err := p.Gather(ctx, sets, plan.Limit)
	if err != nil {
		return "", err
	}
	if len(m.Oracle.Examples)+len(m.Retrieved.Examples)+len(m.Unlabelled.Examples) == 0 {
		return "", qa.Errorf(qa.Invalid, "there are no questions to ask")
	}
	if run, err = p.Begin(ctx, run, plan, m); err != nil {
		return "", err
	}
	release, err := p.Store.HoldRun(ctx, run)
	if err != nil {
		return "", err
	}
	if err := p.Store.Note(ctx, run, noteServed, true); err != nil {
		release()
		return "", err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx.Err() != nil {
		release()
		return "", ErrPoolClosed
	}
	if r.going[run] != nil { // of this process, which holds it already
		release()
		return "", qa.Errorf(qa.Invalid, "run %s is going on already", run)
	}
	own, cancel := context.WithCancel(r.ctx)
	x := &race{cancel: cancel, turn: make(chan struct{}), ended: make(chan struct{}), changed: make(chan struct{}), state: RaceState{Run: run, Phase: PhaseWaiting, Since: time.Now()}}
	r.going[run] = x
	if r.queue = append(r.queue, x); len(r.queue) == 1 {
		close(x.turn)
	}
	r.work.Go(func() {
		defer r.end(x) // whoever waits for the end finds the run held by nobody
		defer release()
		defer cancel()
		r.run(own, x, p, plan, models, m)
	})
	return run, nil
}

// run waits for its turn and races.
func (r *Races) run(ctx context.Context, x *race, p *Project, plan Plan, models []Model, m *Material) {
	select {
	case <-x.turn:
	case <-ctx.Done():
		return
	}
	host := r.host
	host.Event = func(e BakeoffEvent) {
		r.note(x, e)
		if r.host.Event != nil {
			r.host.Event(e)
		}
	}
	// What went wrong is kept with the run.
	_, _ = r.w.Bakeoff(ctx, p, x.state.Run, plan, models, m, host)
}

// end takes a race off the list. If it had its turn, the next one has it now.
func (r *Races) end(x *race) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.going, x.state.Run)
	first := r.queue[0] == x
	r.queue = slices.DeleteFunc(r.queue, func(o *race) bool { return o == x })
	if first && len(r.queue) > 0 {
		close(r.queue[0].turn)
	}
	close(x.ended)
	close(x.changed)
}

// note keeps the state and tells whoever looks on; nobody is waited for.
func (r *Races) note(x *race, e BakeoffEvent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &x.state
	s.Phase, s.Mode, s.Contestant, s.Done, s.Total = e.Phase, e.Mode, e.Contestant, e.Done, e.Total
	if e.Race != nil {
		s.Race = e.Race
	}
	close(x.changed)
	x.changed = make(chan struct{})
}

// State is how a run of this process stands, and a channel that is closed when that changes; ok is false when it does not go on here.
func (r *Races) State(run string) (s RaceState, changed <-chan struct{}, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	x := r.going[run]
	if x == nil {
		return RaceState{}, nil, false
	}
	return x.state, x.changed, true
}

// Pause stops a run; what was answered is kept, and Resume goes on.
func (r *Races) Pause(ctx context.Context, p *Project, run string) error {
	if err := p.Store.Note(ctx, run, noteServed, false); err != nil {
		return err
	}
	return r.stop(ctx, run)
}

// ReasonCancelled is why a run that was cancelled has failed.
const ReasonCancelled = "it was cancelled"

// Cancel stops a run for good, as far as a person does not think better of it. One that has ended stays as it is.
func (r *Races) Cancel(ctx context.Context, p *Project, run string) error {
	err := r.Pause(ctx, p, run)
	if err == nil {
		err = p.Store.FailRun(ctx, run, ReasonCancelled)
	}
	if qa.CodeOf(err) == qa.Invalid { // it has ended, before or meanwhile
		return nil
	}
	return err
}

func (r *Races) stop(ctx context.Context, run string) error {
	r.mu.Lock()
	x := r.going[run]
	r.mu.Unlock()
	if x == nil {
		return nil
	}
	x.cancel()
	select {
	case <-x.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close stops all races and waits for that. They are taken up by Restore.
func (r *Races) Close() {
	r.mu.Lock()
	r.cancel()
	r.mu.Unlock()
	r.work.Wait()
}
