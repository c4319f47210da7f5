package nn

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestForDoesEachItemOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 5} {
		e := newExec(t, threads)
		for _, n := range []int{0, 1, 2, 100, 1000} {
			count := make([]atomic.Int32, n)
			var using [5]atomic.Int32
			e.For(n, func(i, w int) {
				if using[w].Add(1) != 1 {
					t.Error("a worker number is in use twice at once")
				}
				count[i].Add(1)
				using[w].Add(-1)
			})
			for i := range count {
				if c := count[i].Load(); c != 1 {
					t.Fatalf("%d threads: item %d of %d done %d times", threads, i, n, c)
				}
			}
		}
	}
}

// Many passes at once share the threads; never do more than that many compute.
func TestManyAtOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 4} {
		p := NewPool(threads)
		var busy, most, done atomic.Int32
		var wg sync.WaitGroup
		for range 9 {
			wg.Go(func() {
				for range 20 {
					e := p.Exec()
					for range 5 {
						e.For(17, func(int, int) {
							b := busy.Add(1)
							for m := most.Load(); b > m && !most.CompareAndSwap(m, b); m = most.Load() {
							}
							runtime.Gosched()
							done.Add(1)
							busy.Add(-1)
						})
					}
					e.Release()
				}
			})
		}
		wg.Wait()
		p.Close()
		if done.Load() != 9*20*5*17 || int(most.Load()) > threads {
			t.Errorf("%d threads: %d items done, %d at once", threads, done.Load(), most.Load())
		}
	}
}

func TestPanicReachesTheCaller(t *testing.T) {
	for _, threads := range []int{1, 3} {
		e := newExec(t, threads)
		func() {
			defer func() {
				if r, ok := recover().(string); !ok || !strings.HasPrefix(r, "lost\n") || !strings.Contains(r, "pool_test.go") {
					t.Errorf("%d threads: recovered %v", threads, r)
				}
			}()
			e.For(50, func(i, _ int) {
				if i == 7 {
					panic("lost")
				}
			})
		}()
		n := atomic.Int32{}
		if e.For(10, func(int, int) { n.Add(1) }); n.Load() != 10 {
			t.Error("the pool does not work after a panic")
		}
	}
}

func TestNestedForIsRefused(t *testing.T) {
	e := newExec(t, 1)
	defer func() {
		if r, ok := recover().(string); !ok || !strings.Contains(r, "nested") {
			t.Errorf("recovered %v", r)
		}
	}()
	e.For(1, func(int, int) { e.For(1, func(int, int) {}) })
}

func TestCloseEndsTheWorkers(t *testing.T) {
	before := runtime.NumGoroutine()
	p := NewPool(8)
	e := p.Exec()
	e.For(100, func(int, int) {})
	p.Close()
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
	n := atomic.Int32{}
	if e.For(10, func(int, int) { n.Add(1) }); n.Load() != 10 {
		t.Error("a closed pool does not do the caller's work")
	}
	if NewPool(0).Threads() != runtime.GOMAXPROCS(0) {
		t.Error("the default is not the Go runtime's number")
	}
}

// An idle pool sleeps.
func TestIdlePoolParks(t *testing.T) {
	p := NewPool(4)
	defer p.Close()
	e := p.Exec()
	e.For(100, func(int, int) {})
	for deadline := time.Now().Add(5 * time.Second); p.parked.Load() != 3; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d of 3 workers sleep", p.parked.Load())
		}
	}
	n := atomic.Int32{}
	if e.For(100, func(int, int) { n.Add(1) }); n.Load() != 100 {
		t.Error("no work after sleep")
	}
}
