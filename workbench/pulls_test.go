package workbench

import (
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tryall/tryall/hub/hubtest"
	"github.com/tryall/tryall/qa"
)

// heavyRepository has weights that take more than one write.
func heavyRepository() map[string][]byte {
	files := tinyRepository()
	files["model.safetensors"] = make([]byte, 3<<20)
	for i := range files["model.safetensors"] {
		files["model.safetensors"][i] = byte(i * 7)
	}
	return files
}

// reach waits until the list of downloads is as ok says.
func reach(t *testing.T, p *Pulls, what string, ok func([]PullStatus) bool) []PullStatus {
	t.Helper()
	end := time.After(20 * time.Second)
	for {
		list, changed := p.Watch()
		if ok(list) {
			return list
		}
		select {
		case <-changed:
		case <-end:
			t.Fatalf("the downloads do not come to %q: %+v", what, list)
		}
	}
}

// partly says that some of the weights of the first are here.
func partly(list []PullStatus) bool { return list[0].Bytes > 10_000 }

func inState(id string, s PullState) func([]PullStatus) bool {
	return func(list []PullStatus) bool {
		for _, d := range list {
			if d.ID == id {
				return d.State == s
			}
		}
		return false
	}
}

func TestPulls(t *testing.T) {
	w, s := hubBench(t)
	s.Add("org/tiny", tinyRepository())
	s.Add("org/gated", tinyRepository()).Gate()
	var came atomic.Int32
	p := w.NewPulls(func() { came.Add(1) })
	defer p.Close()
	for _, name := range []string{"org/tiny", "org/gated", "tryall/can:int8"} {
		if d, err := p.Add(name); err != nil || d.State != PullWaiting && d.State != PullGoing {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
	list := reach(t, p, "the last is here", inState("tryall/can", PullDone))
	if d := list[0]; d.State != PullDone || d.Bytes != 42 || d.SizeBytes != 42 || d.Model == nil || d.Model.DownloadedBytes != 42 || !d.Model.Runnable {
		t.Errorf("%+v", d)
	}
	if d := list[1]; d.State != PullFailed || qa.CodeOf(d.Err) != qa.Forbidden || d.Error != d.Err.Error() || d.Model != nil {
		t.Errorf("%+v", d)
	}
	if d := list[2]; d.Model == nil || !d.Model.Builtin {
		t.Errorf("%+v", d)
	}
	if came.Load() != 3 {
		t.Errorf("told %d times", came.Load())
	}
	if _, err := p.Add("org/tiny"); err != nil { // it is looked at again: nothing has to come
		t.Error(err)
	}
	list = reach(t, p, "here again", inState("org/tiny", PullDone))
	if len(list) != 3 || list[0].Model.DownloadedBytes != 0 {
		t.Errorf("%+v", list)
	}
	for name, code := range map[string]qa.Code{"./dir": qa.Invalid, "/etc": qa.Invalid, "a b": qa.Invalid, "": qa.Invalid} {
		if _, err := p.Add(name); qa.CodeOf(err) != code {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, step := range []func(string) error{p.Pause, p.Resume, p.Cancel} {
		if err := step("org/nobody"); qa.CodeOf(err) != qa.NotFound {
			t.Errorf("%v", err)
		}
	}
	if err := p.Pause("org/gated"); err != nil || p.List()[1].State != PullFailed {
		t.Errorf("what has failed is paused: %v", err)
	}
	if err := p.Cancel("org/gated"); err != nil || len(p.List()) != 2 {
		t.Errorf("%v: %+v", err, p.List())
	}
}

// TestPullsGoOn: what came before a pause does not come again, and the next in the queue has its turn meanwhile.
func TestPullsGoOn(t *testing.T) {
	w, s := hubBench(t)
	files := heavyRepository()
	size := int64(len(files["model.safetensors"]))
	s.Add("org/heavy", files)
	s.Add("org/tiny", tinyRepository())
	s.Fail(&hubtest.Fault{Host: "cdn", Method: http.MethodGet, Times: 1, StallAfter: 1 << 20})
	p := w.NewPulls(nil)
	defer p.Close()
	if _, err := p.Add("org/heavy"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Add("org/tiny"); err != nil {
		t.Fatal(err)
	}
	list := reach(t, p, "a part is here", partly)
	if d := list[0]; d.State != PullGoing || d.SizeBytes <= size || list[1].State != PullWaiting {
		t.Errorf("%+v", list)
	}
	if err := p.Pause("org/heavy"); err != nil || p.List()[0].State != PullPaused {
		t.Fatal(err)
	}
	reach(t, p, "the next is here", inState("org/tiny", PullDone))
	kept := p.List()[0]
	if kept.State != PullPaused || kept.Err != nil || kept.Bytes < 10_000 || kept.BytesPerSecond != 0 {
		t.Errorf("%+v", kept)
	}
	s.Forget()
	if err := p.Resume("org/heavy"); err != nil {
		t.Fatal(err)
	}
	list = reach(t, p, "it is here", inState("org/heavy", PullDone))
	if sent := s.Sent("/"); sent > size-kept.Bytes+4096 || sent == 0 { // with what the Hub says of it
		t.Errorf("%d of %d bytes were sent again", sent, size)
	}
	if d := list[0]; d.Bytes != d.SizeBytes || d.Model.DownloadedBytes == 0 || d.Model.DownloadedBytes > d.SizeBytes-kept.Bytes {
		t.Errorf("%+v %+v", d, d.Model)
	}
}

// TestPullsPausedAtOnce: pausing and going on in one breath comes to a whole model, and one that is cancelled is gone.
func TestPullsPausedAtOnce(t *testing.T) {
	w, s := hubBench(t)
	s.Add("org/heavy", heavyRepository())
	s.Add("org/other", heavyRepository())
	s.Fail(&hubtest.Fault{Host: "cdn", Drip: time.Millisecond, DripSize: 64 << 10})
	p := w.NewPulls(nil)
	defer p.Close()
	for _, name := range []string{"org/heavy", "org/other"} {
		if _, err := p.Add(name); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		if err := errors.Join(p.Pause("org/heavy"), p.Resume("org/heavy"), p.Pause("org/other"), p.Resume("org/other")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	reach(t, p, "something comes", func(l []PullStatus) bool { return l[0].State == PullGoing && l[0].Bytes > 0 || l[0].State == PullDone })
	if err := p.Cancel("org/other"); err != nil {
		t.Fatal(err)
	}
	list := reach(t, p, "it is here", inState("org/heavy", PullDone))
	if len(list) != 1 {
		t.Errorf("%+v", list)
	}
}

// TestPullsClose: what goes on stops, nothing begins any more, and no goroutine is left.
func TestPullsClose(t *testing.T) {
	w, s := hubBench(t)
	s.Add("org/heavy", heavyRepository())
	s.Fail(&hubtest.Fault{Host: "cdn", Method: http.MethodGet, StallAfter: 1 << 20})
	p := w.NewPulls(nil)
	if _, err := p.Add("org/heavy"); err != nil {
		t.Fatal(err)
	}
	reach(t, p, "a part is here", partly)
	ended := make(chan struct{})
	go func() { p.Close(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("it does not end")
	}
	if d := p.List()[0]; d.State != PullPaused {
		t.Errorf("%+v", d)
	}
	if _, err := p.Add("org/tiny"); !errors.Is(err, ErrPoolClosed) {
		t.Errorf("%v", err)
	}
	if err := p.Resume("org/heavy"); !errors.Is(err, ErrPoolClosed) {
		t.Errorf("%v", err)
	}
}

// TestPullsBounded: the list does not grow with what was asked for.
func TestPullsBounded(t *testing.T) {
	w, s := hubBench(t)
	p := w.NewPulls(nil)
	defer p.Close()
	for i := range maxEnded + 10 {
		name := fmt.Sprintf("org/none%d", i)
		if _, err := p.Add(name); err != nil {
			t.Fatal(err)
		}
		reach(t, p, "failed", inState(name, PullFailed))
	}
	if list := p.List(); len(list) != maxEnded || list[0].ID != "org/none10" {
		t.Errorf("%d are kept, the first is %s", len(list), list[0].ID)
	}
	s.Add("org/heavy", heavyRepository())
	s.Fail(&hubtest.Fault{Hang: time.Minute})
	for i := range maxPending {
		if _, err := p.Add(fmt.Sprintf("org/more%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Add("org/heavy"); qa.CodeOf(err) != qa.Unavailable {
		t.Errorf("%v", err)
	}
}
