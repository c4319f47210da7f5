package nn

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tryall/tryall/internal/kernel"
)

// Pool is a number of threads for the arithmetic of any number of passes.
//
// A caller of For always works on its own items; the pool's workers help whoever has items left. At
// any time no more than the pool's threads compute, callers included: when all are busy, a caller waits
// its turn, in order of arrival, and workers give up their place to it.
type Pool struct {
	threads int
	busy    atomic.Int32 // threads that compute now
	waiting atomic.Int32 // len(queue)
	epoch   atomic.Uint32
	parked  atomic.Int32
	closed  atomic.Bool
	workers sync.WaitGroup
	idle    sync.Pool // of *Exec

	mu    sync.Mutex
	queue []chan struct{} // callers that wait for a thread
	jobs  []*job          // with items left, maybe
	turn  int             // job to help next
	wake  *sync.Cond      // parked workers
	at    []int           // processors where callers woke workers, [0], and workers woke up; -1: not yet, or parked
}

// NewPool starts a pool. threads below 1 means as many as the Go runtime uses, which honours CPU limits.
func NewPool(threads int) *Pool {
	if threads < 1 {
		threads = runtime.GOMAXPROCS(0)
	}
	p := &Pool{threads: threads, at: slices.Repeat([]int{-1}, threads)}
	p.wake = sync.NewCond(&p.mu)
	for i := 1; i < threads; i++ {
		p.workers.Go(func() { p.work(i) })
	}
	return p
}

// Threads is the number of threads.
func (p *Pool) Threads() int { return p.threads }

// Close ends the workers and waits for them. Passes that still run go on, on their own goroutine.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed.Store(true)
	p.epoch.Add(1)
	p.wake.Broadcast()
	p.mu.Unlock()
	p.workers.Wait()
}

// job is one call of For.
type job struct {
	f     func(i, worker int)
	n     int64
	next  atomic.Int64
	left  atomic.Int64  // items not done yet
	done  chan struct{} // closed when left reaches 0
	panic atomic.Pointer[string]
}

// For calls f(i, worker) for i in [0, n), on several threads, and returns when all have returned.
// worker is in [0, Threads()) and differs between calls that run at the same time, for scratch of their own.
// A panic of f ends the loop early and is passed on. f must not call methods of e.
func (e *Exec) For(n int, f func(i, worker int)) {
	if n <= 0 {
		return
	}
	if e.inside {
		panic("nn: Exec used by two loops at once: For may not be nested, and an Exec belongs to one goroutine")
	}
	e.inside = true
	defer func() { e.inside = false }()
	e.pool.run(n, f)
}

func (p *Pool) run(n int, f func(i, worker int)) {
	j := &job{f: f, n: int64(n), done: make(chan struct{})}
	j.left.Store(j.n)
	shared := n > 1 && p.threads > 1
	woke := shared && p.publish(j)
	p.enter()
	for j.step(0) {
		if woke && p.parked.Load() > 0 {
			yield() // to a worker that waits for this very processor, to leave it
		}
	}
	p.leave()
	if shared {
		p.retract(j)
		j.wait()
	}
	if m := j.panic.Load(); m != nil {
		panic(*m)
	}
}

// step does the next item, if there is one.
func (j *job) step(worker int) bool {
	i := j.next.Add(1) - 1
	if i >= j.n {
		return false
	}
	j.item(int(i), worker)
	return true
}

func (j *job) item(i, worker int) {
	defer func() {
		if r := recover(); r != nil {
			m := fmt.Sprintf("%v\n\nin item %d of a parallel loop:\n%s", r, i, debug.Stack())
			j.panic.CompareAndSwap(nil, &m)
		}
		if j.left.Add(-1) == 0 {
			close(j.done)
		}
	}()
	if j.panic.Load() == nil {
		j.f(i, worker)
	}
}

// wait returns when all items are done. The last ones end soon, as a rule sooner than a sleep takes: it
// spins for about 100 microseconds, the time of an item, before it sleeps.
func (j *job) wait() {
	for i := range 2000 {
		if j.left.Load() == 0 {
			return
		}
		if kernel.Pause(); i%128 == 127 {
			runtime.Gosched()
		}
	}
	<-j.done
}

// enter waits for a thread to be free. Those who wait get one in order.
func (p *Pool) enter() {
	if p.waiting.Load() == 0 && p.try() {
		return
	}
	p.mu.Lock()
	if p.try() {
		p.mu.Unlock()
		return
	}
	turn := make(chan struct{})
	p.queue = append(p.queue, turn)
	p.waiting.Add(1)
	// A thread that became free after try saw no one waiting: take it for the first in the queue.
	if p.try() {
		p.next()
	}
	p.mu.Unlock()
	<-turn
}

// try takes a thread if one is free.
func (p *Pool) try() bool {
	for {
		b := p.busy.Load()
		if int(b) >= p.threads {
			return false
		}
		if p.busy.CompareAndSwap(b, b+1) {
			return true
		}
	}
}

// leave gives the thread to the first who waits, or back.
func (p *Pool) leave() {
	p.busy.Add(-1)
	if p.waiting.Load() == 0 {
		return
	}
	p.mu.Lock()
	if len(p.queue) > 0 && p.try() {
		p.next()
	}
	p.mu.Unlock()
}

// next passes a thread that was taken to the first in the queue.
func (p *Pool) next() {
	close(p.queue[0])
	p.queue = p.queue[1:]
	p.waiting.Add(-1)
}

// publish offers a job to the workers, and reports whether any must wake first.
func (p *Pool) publish(j *job) (woke bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.jobs = append(p.jobs, j)
	p.epoch.Add(1)
	if woke = p.parked.Load() > 0; woke {
		p.at[0] = processor()
		p.wake.Broadcast()
	}
	return woke
}

func (p *Pool) retract(j *job) {
	p.mu.Lock()
	for i, k := range p.jobs {
		if k == j {
			p.jobs = append(p.jobs[:i], p.jobs[i+1:]...)
			break
		}
	}
	p.mu.Unlock()
}

// work is the life of a worker.
func (p *Pool) work(id int) {
	spin := spinMax
	for {
		seen := p.epoch.Load()
		if p.closed.Load() {
			return
		}
		if p.help(id) {
			continue
		}
		spin = p.rest(id, seen, spin)
	}
}

// help does items of one job, and reports whether it did any. It stops when a caller waits for a thread.
func (p *Pool) help(id int) bool {
	p.mu.Lock()
	var j *job
	for range p.jobs {
		p.turn++
		if k := p.jobs[p.turn%len(p.jobs)]; k.next.Load() < k.n {
			j = k
			break
		}
	}
	p.mu.Unlock()
	if j == nil || p.waiting.Load() > 0 || !p.try() {
		return false
	}
	did := false
	for p.waiting.Load() == 0 && j.step(id) {
		did = true
	}
	p.leave()
	return did
}

const (
	spinMin = 20 * time.Microsecond
	spinMax = time.Millisecond
)

// rest waits for the epoch to move on from seen: it spins for a while, since a pass has some hundred
// loops a few microseconds apart, and then sleeps. It returns how long to spin next time: longer after
// spinning helped, shorter after it was in vain.
func (p *Pool) rest(id int, seen uint32, spin time.Duration) time.Duration {
	start := time.Now()
	for {
		for range 64 {
			if p.epoch.Load() != seen {
				return min(2*spin, spinMax)
			}
			kernel.Pause()
		}
		if time.Since(start) > spin {
			break
		}
		runtime.Gosched()
	}
	p.mu.Lock()
	for p.at[id] = -1; p.epoch.Load() == seen; {
		p.parked.Add(1)
		p.wake.Wait()
		p.parked.Add(-1)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var move func()
	p.at[id], move = elsewhere(p.at)
	p.mu.Unlock()
	if move != nil {
		move()
	}
	return max(spin/2, spinMin)
}
