package workbench_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/web/webtest"
	. "github.com/tryall/tryall/workbench"
)

// track is a project with questions, and races over it.
type track struct {
	*testing.T
	f *webtest.Fake
	p *Project
	r *Races
}

func newTrack(t *testing.T) *track {
	t.Helper()
	x := &track{T: t, f: webtest.Bench(t)}
	x.open()
	t.Cleanup(x.close)
	return x
}

// open begins as a process does: with the project's file and nothing else.
func (x *track) open() {
	x.Helper()
	var err error
	if x.p, err = x.f.OpenProject(x.Context()); err != nil {
		x.Fatal(err)
	}
	x.r = x.f.NewRaces(Host{Version: "test"})
}

// close ends as a process does that is asked to.
func (x *track) close() {
	if x.r == nil {
		return
	}
	x.r.Close()
	if err := x.p.Close(); err != nil {
		x.Error(err)
	}
	x.r = nil
}

// set keeps n questions, the answer to which Agrees knows and Differs does not.
func (x *track) set(name string, n int) {
	x.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "{\"id\": \"q%d\", \"question\": \"When does lease %d end?\", \"answer\": \"31 March 2027\", \"context\": %q}\n", i, i, fmt.Sprintf("Lease %d. %s", i, webtest.Lease))
	}
	s, err := questions.Read(x.Context(), strings.NewReader(b.String()), name)
	if err != nil {
		x.Fatal(err)
	}
	if _, err := x.p.Store.PutQuestions(x.Context(), s); err != nil {
		x.Fatal(err)
	}
}

func (x *track) plan() Plan {
	return Plan{Models: []PlanModel{{Name: webtest.Agrees}, {Name: webtest.Differs}}, Sets: []string{"q.jsonl"}, Seed: DefaultSeed, Full: true}
}

func (x *track) start(p Plan) string {
	x.Helper()
	run, err := x.r.Start(x.Context(), x.p, p)
	if err != nil {
		x.Fatal(err)
	}
	return run
}

// soon waits until something holds.
func (x *track) soon(what string, holds func() bool) {
	x.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			x.Fatalf("it does not come to this: %s", what)
		}
	}
}

func (x *track) info(run string) store.RunInfo {
	x.Helper()
	i, err := x.p.Store.Run(x.Context(), run)
	if err != nil {
		x.Fatal(err)
	}
	return i
}

// racing waits until contestants answer, and are held.
func (x *track) racing(run string) {
	x.Helper()
	x.soon("contestants answer", func() bool {
		s, _, ok := x.r.State(run)
		return ok && s.Phase == PhaseRace && s.Race != nil && s.Race.Done > 0
	})
}

func (x *track) finished(run string) {
	x.Helper()
	x.soon("it has ended", func() bool { _, _, ok := x.r.State(run); return !ok })
	if i := x.info(run); i.Status != store.Finished || !strings.HasPrefix(i.Winner, webtest.Agrees) {
		x.Errorf("run %s: %s, %q won, %s", run, i.Status, i.Winner, i.Reason)
	}
}

// TestRacesTellEachChange: whoever looks on sees the race from its beginning to its end, and its channel is closed at every change.
func TestRacesTellEachChange(t *testing.T) {
	x := newTrack(t)
	x.set("q.jsonl", 60)
	release := x.f.Hold(webtest.Agrees)
	run := x.start(x.plan())
	slow, slowChanged, ok := x.r.State(run)
	if !ok || slow.Run != run || slow.Since.IsZero() {
		t.Errorf("at first: %+v %v", slow, ok)
	}
	release()
	var kinds []string
	last := 0
	for {
		s, changed, going := x.r.State(run)
		if !going {
			break
		}
		if s.Race != nil {
			if s.Race.Done < last {
				t.Errorf("%d answers after %d", s.Race.Done, last)
			}
			last = s.Race.Done
			kinds = append(kinds, s.Race.Kind)
		}
		select {
		case <-changed:
		case <-time.After(10 * time.Second):
			t.Fatalf("nothing is told after %+v", s)
		}
	}
	if last != 120 || !slices.Contains(kinds, eval.RaceEnds) {
		t.Errorf("%d answers were told, by %v", last, kinds)
	}
	select {
	case <-slowChanged: // nobody waited for whoever held it
	default:
		t.Error("the first channel is open still")
	}
	x.finished(run)
	if n := x.info(run).Answers; n != 120 {
		t.Errorf("%d answers are kept", n)
	}
}

// TestRacesSteer: a race is paused, gone on with, and cancelled; each as often as somebody likes.
func TestRacesSteer(t *testing.T) {
	x := newTrack(t)
	x.set("q.jsonl", 60)
	release := x.f.Hold(webtest.Differs)
	defer release()
	run := x.start(x.plan())
	x.racing(run)
	if err := x.r.Resume(t.Context(), x.p, run); qa.CodeOf(err) != qa.Unavailable {
		t.Errorf("it goes on already: %v", err)
	}
	if err := x.p.Store.RemoveRun(t.Context(), run); qa.CodeOf(err) != qa.Unavailable {
		t.Errorf("it goes on, and is removed: %v", err)
	}
	for range 2 {
		if err := x.r.Pause(t.Context(), x.p, run); err != nil {
			t.Fatal(err)
		}
		if _, _, ok := x.r.State(run); ok || x.info(run).Status != store.Interrupted {
			t.Error("it goes on")
		}
	}
	kept := x.info(run).Answers
	if kept == 0 {
		t.Error("what was answered is lost")
	}
	if err := x.r.Resume(t.Context(), x.p, run); err != nil {
		t.Fatal(err)
	}
	x.racing(run)
	for range 2 {
		if err := x.r.Cancel(t.Context(), x.p, run); err != nil {
			t.Fatal(err)
		}
	}
	if i := x.info(run); i.Status != store.Failed || i.Reason != "it was cancelled" || i.Answers < kept {
		t.Errorf("%+v", i)
	}
	release()
	if err := x.r.Resume(t.Context(), x.p, run); err != nil { // one may think better of it
		t.Fatal(err)
	}
	x.finished(run)
	for name, do := range map[string]func(context.Context, *Project, string) error{"resume": x.r.Resume, "pause": x.r.Pause} {
		if err := do(t.Context(), x.p, run); qa.CodeOf(err) != qa.Invalid {
			t.Errorf("%s one that is finished: %v", name, err)
		}
		if err := do(t.Context(), x.p, "20990101-zzzz"); qa.CodeOf(err) != qa.NotFound {
			t.Errorf("%s one that is not there: %v", name, err)
		}
	}
}

// TestRacesTakeTurns: one race goes on at a time, the others wait and can be stopped meanwhile.
func TestRacesTakeTurns(t *testing.T) {
	x := newTrack(t)
	x.set("q.jsonl", 20)
	release := x.f.Hold(webtest.Differs)
	defer release()
	first := x.start(x.plan())
	x.racing(first)
	second, third := x.start(x.plan()), x.start(x.plan())
	for _, run := range []string{second, third} {
		if s, _, ok := x.r.State(run); !ok || s.Phase != PhaseWaiting {
			t.Errorf("%s: %+v %v", run, s, ok)
		}
	}
	if err := x.r.Pause(t.Context(), x.p, second); err != nil {
		t.Fatal(err)
	}
	if _, _, ok := x.r.State(second); ok {
		t.Error("it waits still")
	}
	if s, _, ok := x.r.State(third); !ok || s.Phase != PhaseWaiting {
		t.Errorf("out of turn: %+v", s)
	}
	fourth := x.start(x.plan())
	release()
	x.finished(third)
	if i := x.info(first); i.Status != store.Finished {
		t.Errorf("the third has ended before the first: %s", i.Status)
	}
	x.finished(fourth)
	if a, b := x.info(third), x.info(fourth); a.Finished.After(b.Finished) {
		t.Error("the fourth has ended before the third")
	}
	if i := x.info(second); i.Status != store.Interrupted || i.Answers != 0 {
		t.Errorf("%+v", i)
	}
}

// TestRacesRestore: what went on when a process ended goes on in the next, without asking again; what a person stopped does not.
func TestRacesRestore(t *testing.T) {
	x := newTrack(t)
	x.set("q.jsonl", 60)
	x.set("gone.jsonl", 20)
	release := x.f.Hold(webtest.Differs)
	defer release()
	going, waiting := x.start(x.plan()), x.start(x.plan())
	x.racing(going)
	paused, cancelled := x.start(x.plan()), x.start(x.plan())
	if err := errors.Join(x.r.Pause(t.Context(), x.p, paused), x.r.Cancel(t.Context(), x.p, cancelled)); err != nil {
		t.Fatal(err)
	}
	lost := x.plan()
	lost.Sets = []string{"gone.jsonl"}
	without := x.start(lost)
	x.close()
	release()

	x.open()
	kept := x.info(going).Answers
	if kept == 0 || x.info(going).Status != store.Interrupted || x.info(waiting).Status != store.Interrupted {
		t.Errorf("%d answers, %s, %s", kept, x.info(going).Status, x.info(waiting).Status)
	}
	if err := x.p.Store.RemoveQuestions(t.Context(), "gone.jsonl"); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second time there is nothing to take up
		if err := x.r.Restore(t.Context(), x.p); err != nil {
			t.Fatal(err)
		}
	}
	x.finished(going)
	x.finished(waiting)
	if i := x.info(paused); i.Status != store.Interrupted {
		t.Errorf("paused: %s", i.Status)
	}
	if i := x.info(cancelled); i.Status != store.Failed || i.Reason != "it was cancelled" {
		t.Errorf("cancelled: %s %s", i.Status, i.Reason)
	}
	if i := x.info(without); i.Status != store.Failed || !strings.Contains(i.Reason, "gone.jsonl") {
		t.Errorf("its questions are gone: %s %s", i.Status, i.Reason)
	}
}

// TestRacesRefuse: what is wrong with a plan shows at once, and leaves no run.
func TestRacesRefuse(t *testing.T) {
	x := newTrack(t)
	x.set("q.jsonl", 4)
	for what, c := range map[string]struct {
		change func(*Plan)
		code   qa.Code
	}{
		"no such model":   {func(p *Plan) { p.Models[0].Name = "fake/nobody" }, qa.NotFound},
		"no model":        {func(p *Plan) { p.Models = nil }, qa.Invalid},
		"a model twice":   {func(p *Plan) { p.Models[1].Name = webtest.Agrees + ":fp32" }, qa.Invalid},
		"no metric":       {func(p *Plan) { p.Metric = "luck" }, qa.Invalid},
		"decides nothing": {func(p *Plan) { p.Metric = "coverage_at_90" }, qa.Invalid},
		"no mode":         {func(p *Plan) { p.Modes = []string{"guess"} }, qa.Invalid},
		"no such set":     {func(p *Plan) { p.Sets = []string{"none"} }, qa.NotFound},
		"no questions":    {func(p *Plan) { p.Sets = nil }, qa.Invalid},
		"no such file":    {func(p *Plan) { p.Data = []string{"none.json"} }, qa.NotFound},
	} {
		p := x.plan()
		c.change(&p)
		if run, err := x.r.Start(t.Context(), x.p, p); qa.CodeOf(err) != c.code || run != "" {
			t.Errorf("%s: %q, %v", what, run, err)
		}
	}
	if runs, err := x.p.Store.Runs(t.Context()); err != nil || len(runs) != 0 {
		t.Errorf("%v %v", runs, err)
	}
	bad := x.plan()
	bad.Models[1].Name = webtest.Broken
	run := x.start(bad) // one that cannot be opened is out, the other goes on
	x.finished(run)
	x.r.Close()
	if _, err := x.r.Start(t.Context(), x.p, x.plan()); !errors.Is(err, ErrPoolClosed) {
		t.Errorf("after the end: %v", err)
	}
}

// TestRacesLeaveNothing: after Close no goroutine is left, whether races went on, waited, or had ended, and whoever looked on is told.
func TestRacesLeaveNothing(t *testing.T) {
	x := newTrack(t)
	x.set("q.jsonl", 20)
	x.finished(x.start(x.plan())) // the database has opened what it opens
	before := runtime.NumGoroutine()
	release := x.f.Hold(webtest.Differs)
	defer release()
	going, waiting := x.start(x.plan()), x.start(x.plan())
	x.racing(going)
	told := make(chan string, 2)
	for _, run := range []string{going, waiting} {
		go func() {
			for {
				_, changed, ok := x.r.State(run)
				if !ok {
					told <- run
					return
				}
				<-changed
			}
		}()
	}
	x.r.Close()
	for range 2 {
		select {
		case <-told:
		case <-time.After(10 * time.Second):
			t.Fatal("whoever looks on is not told of the end")
		}
	}
	x.soon("the goroutines have ended", func() bool { return runtime.NumGoroutine() <= before })
}
