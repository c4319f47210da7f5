package workbench

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

// fakeDoctor has three tests; each waits for its channel, and the model "bad" fails the second.
func fakeDoctor(next chan struct{}) Doctor {
	d := Doctor{Tests: []DoctorTest{{"files", "they are there"}, {"weights", "they are whole"}, {"answers", "it answers"}}}
	d.Examine = func(ctx context.Context, m Model, done func(Check)) error {
		for i, t := range d.Tests {
			select {
			case <-next:
			case <-ctx.Done():
				return ctx.Err()
			}
			level := CheckPass
			switch {
			case m.ID == "bad" && i == 1:
				level = CheckFail
			case m.ID == "odd" && i > 0:
				level = CheckWarn
			}
			done(Check{t.Name, level, "as it was found"})
		}
		return nil
	}
	return d
}

// comes waits until an examination says something.
func comes(t *testing.T, x *Exams, m Model, want string) Exam {
	t.Helper()
	end := time.After(10 * time.Second)
	for {
		e, changed, _ := x.State(m)
		if e.Verdict() == want {
			return e
		}
		select {
		case <-changed:
		case <-end:
			t.Fatalf("%s: %q, not %q", m.ID, e.Verdict(), want)
		}
	}
}

func TestExams(t *testing.T) {
	next := make(chan struct{})
	x := NewExams(fakeDoctor(next))
	defer x.Close()
	good, bad, odd := poolModel("good"), poolModel("bad"), poolModel("odd")
	if _, _, ok := x.State(good); ok {
		t.Error("nobody has examined it")
	}
	for _, m := range []Model{good, good, bad, odd} { // twice is once
		if err := x.Start(m); err != nil {
			t.Fatal(err)
		}
		comes(t, x, good, "0 of 3 checks are done")
	}
	comes(t, x, bad, "waits for another examination")
	next <- struct{}{}
	comes(t, x, good, "1 of 3 checks are done")
	close(next)
	comes(t, x, bad, "unfit, 1 of 3 checks failed")
	comes(t, x, odd, "fit, with 2 warnings")
	e := comes(t, x, good, "fit")
	if len(e.Checks) != 3 || e.Checks[2].Detail != "as it was found" || e.Model != "good@1" || !e.Ended() {
		t.Errorf("%+v", e)
	}
	half := good
	half.Precision = "int8"
	if _, _, ok := x.State(half); !ok {
		t.Error("another precision has the same files")
	}
	x.Forget(good)
	if _, _, ok := x.State(good); ok {
		t.Error("it is not forgotten")
	}
}

func TestExamsClose(t *testing.T) {
	x := NewExams(fakeDoctor(make(chan struct{})))
	a, b := poolModel("a"), poolModel("b")
	if err := errors.Join(x.Start(a), x.Start(b)); err != nil {
		t.Fatal(err)
	}
	x.Close()
	for _, m := range []Model{a, b} {
		comes(t, x, m, "stopped after 0 of 3 checks")
	}
	if err := x.Start(a); !errors.Is(err, ErrPoolClosed) {
		t.Errorf("%v", err)
	}
}

func TestExamsBounded(t *testing.T) {
	next := make(chan struct{})
	close(next)
	x := NewExams(fakeDoctor(next))
	defer x.Close()
	for i := range maxExams + 5 {
		m := poolModel(fmt.Sprintf("m%d", i))
		if err := x.Start(m); err != nil {
			t.Fatal(err)
		}
		comes(t, x, m, "fit")
	}
	if _, _, ok := x.State(poolModel("m4")); ok || len(x.all) != maxExams {
		t.Errorf("%d are kept, the first ones among them: %v", len(x.all), ok)
	}
}
