package workbench

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Doctor examines models. The workbench does not know how; it is given one.
type Doctor struct {
	Tests []DoctorTest // what is checked, in that order
	// Examine checks a model and tells each check when it is done. Its error is the context's.
	Examine func(ctx context.Context, m Model, done func(Check)) error
}

// DoctorTest is what one check is about.
type DoctorTest struct {
	Name  string `json:"name"`
	About string `json:"about"`
}

// Check is how one check came out.
type Check struct {
	Name   string     `json:"name"`
	Level  CheckLevel `json:"level"`
	Detail string     `json:"detail"`
}

// CheckLevel says how a check came out.
type CheckLevel string

// The levels, from best to worst.
const (
	CheckPass    CheckLevel = "pass"
	CheckInfo    CheckLevel = "info"
	CheckWarn    CheckLevel = "warn"    // it runs, but not as well as it could, or not everywhere
	CheckSkipped CheckLevel = "skipped" // one that it builds on has failed
	CheckFail    CheckLevel = "fail"
)

// Exam is an examination and how far it is.
type Exam struct {
	Model  string    `json:"model"` // id@revision
	State  ExamState `json:"state"`
	Of     int       `json:"of"` // checks in all
	Checks []Check   `json:"checks"`
	At     time.Time `json:"at"` // when it began, or ended
}

// ExamState says where an examination stands.
type ExamState string

// The states of an examination.
const (
	ExamWaiting ExamState = "waiting" // for another one
	ExamGoing   ExamState = "going"
	ExamDone    ExamState = "done"
	ExamStopped ExamState = "stopped" // before the last check
)

// Ended says whether nothing happens any more.
func (e Exam) Ended() bool { return e.State == ExamDone || e.State == ExamStopped }

// Count is how many checks came out so.
func (e Exam) Count(level CheckLevel) (n int) {
	for _, c := range e.Checks {
		if c.Level == level {
			n++
		}
	}
	return n
}

// Verdict says what it came to, in words.
func (e Exam) Verdict() string {
	failed, warned := e.Count(CheckFail), e.Count(CheckWarn)
	switch {
	case e.State == ExamWaiting:
		return "waits for another examination"
	case e.State == ExamGoing:
		return fmt.Sprintf("%d of %d checks are done", len(e.Checks), e.Of)
	case e.State == ExamStopped:
		return fmt.Sprintf("stopped after %d of %d checks", len(e.Checks), e.Of)
	case failed > 0:
		return fmt.Sprintf("unfit, %d of %d checks failed", failed, e.Of)
	case warned == 1:
		return "fit, with 1 warning"
	case warned > 1:
		return fmt.Sprintf("fit, with %d warnings", warned)
	}
	return "fit"
}

// maxExams is how many examinations are remembered.
const maxExams = 200

// Exams examines models in the background, one after the other, and remembers what it found as long as the process lasts. It may be used
// from several goroutines at once.
type Exams struct {
	doctor Doctor
	ctx    context.Context //nolint:containedctx // that of examinations, which outlive the calls that begin them
	cancel context.CancelFunc
	work   sync.WaitGroup
	turn   chan struct{}

	mu      sync.Mutex
	all     map[string]*Exam
	changed chan struct{} // closed, and made anew, whenever something changes
}

// NewExams makes one of a doctor.
func NewExams(d Doctor) *Exams {
	ctx, cancel := context.WithCancel(context.Background())
	return &Exams{doctor: d, ctx: ctx, cancel: cancel, turn: make(chan struct{}, 1), all: map[string]*Exam{}, changed: make(chan struct{})}
}

// Tests are what is checked.
func (x *Exams) Tests() []DoctorTest { return x.doctor.Tests }

// examined is what an examination of a model is kept under: all precisions have the same files.
func examined(m Model) string {
	if m.Revision == "" {
		return m.ID
	}
	return m.ID + "@" + m.Revision
}

// Start begins to examine a model, unless that goes on already.
func (x *Exams) Start(m Model) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ctx.Err() != nil {
		return ErrPoolClosed
	}
	name := examined(m)
	if e := x.all[name]; e != nil && !e.Ended() {
		return nil
	}
	x.forget()
	e := &Exam{Model: name, State: ExamWaiting, Of: len(x.doctor.Tests), At: time.Now()}
	x.all[name] = e
	x.tell()
	x.work.Go(func() { x.run(e, m) })
	return nil
}

func (x *Exams) run(e *Exam, m Model) {
	end := func(s ExamState) { x.change(func() { e.State, e.At = s, time.Now() }) }
	select {
	case x.turn <- struct{}{}:
		defer func() { <-x.turn }()
	case <-x.ctx.Done():
		end(ExamStopped)
		return
	}
	x.change(func() { e.State = ExamGoing })
	err := x.doctor.Examine(x.ctx, m, func(c Check) { x.change(func() { e.Checks = append(e.Checks, c) }) })
	if err != nil {
		end(ExamStopped)
		return
	}
	end(ExamDone)
}

// State is the last examination of a model; ok is false where there was none. The channel is closed when any changes.
func (x *Exams) State(m Model) (e Exam, changed <-chan struct{}, ok bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if at := x.all[examined(m)]; at != nil {
		e, ok = *at, true
		e.Checks = append([]Check{}, at.Checks...)
	}
	return e, x.changed, ok
}

// Forget drops what was found of a model, whose files may have changed. One that goes on stays.
func (x *Exams) Forget(m Model) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if e := x.all[examined(m)]; e != nil && e.Ended() {
		delete(x.all, e.Model)
		x.tell()
	}
}

// Close stops what goes on and waits for that.
func (x *Exams) Close() {
	x.mu.Lock()
	x.cancel()
	x.mu.Unlock()
	x.work.Wait()
}

func (x *Exams) change(f func()) {
	x.mu.Lock()
	defer x.mu.Unlock()
	f()
	x.tell()
}

// tell wakes whoever looks on. Called with mu held, as is forget.
func (x *Exams) tell() {
	close(x.changed)
	x.changed = make(chan struct{})
}

// forget drops the oldest that has ended, where there are many.
func (x *Exams) forget() {
	var oldest *Exam
	for _, e := range x.all {
		if e.Ended() && (oldest == nil || e.At.Before(oldest.At)) {
			oldest = e
		}
	}
	if len(x.all) >= maxExams && oldest != nil {
		delete(x.all, oldest.Model)
	}
}
