package hub

import (
	"sync"
	"time"
)

// Kind is what an Event tells.
type Kind string

// The kinds, in the order in which a file meets them.
const (
	Planned  Kind = "planned"  // Plan is set, with all files and sizes; again when they changed meanwhile
	Started  Kind = "started"  // bytes of File begin to come; Done of them are there from an earlier pull
	Waiting  Kind = "waiting"  // another process pulls File; we wait for it
	Progress Kind = "progress" // at most ten a second and file; Done can fall when bytes proved wrong
	Retry    Kind = "retry"    // something failed and is tried again after Wait; Message says what
	Warning  Kind = "warning"  // worth knowing; the pull goes on
	Verified Kind = "verified" // all bytes are there and their hash is right
	Done     Kind = "done"     // File is in the cache; Cached when it was before
	Failed   Kind = "failed"   // File could not be had; the pull ends with this error
	Finished Kind = "finished" // once: everything is in the cache
)

// Event is one step of a pull. The sums over all files are of the moment.
type Event struct {
	Kind    Kind          `json:"kind"`
	File    string        `json:"file,omitempty"`
	Done    int64         `json:"done"`              // bytes of File
	Size    int64         `json:"size"`              // of File
	Cached  bool          `json:"cached,omitempty"`  // Done: nothing had to be fetched
	Wait    time.Duration `json:"wait,omitempty"`    // Retry
	Message string        `json:"message,omitempty"` // Retry, Warning, Failed
	Plan    *Plan         `json:"plan,omitempty"`    // Planned

	AllDone   int64 `json:"all_done"` // bytes of all files that are there
	AllSize   int64 `json:"all_size"`
	FilesDone int   `json:"files_done"`
	Files     int   `json:"files"`
}

// progressEvery is the least time between two Progress events of one file.
const progressEvery = 100 * time.Millisecond

// emitter keeps the sums and hands events to the callback, one at a time.
type emitter struct {
	mu   sync.Mutex
	to   func(Event)
	sum  Event
	file map[string]*fileProgress
}

type fileProgress struct {
	size, done int64
	last       time.Time
}

func newEmitter(to func(Event)) *emitter {
	if to == nil {
		to = func(Event) {}
	}
	return &emitter{to: to, file: map[string]*fileProgress{}}
}

func (e *emitter) planned(p Plan) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sum = Event{AllSize: p.Bytes(), Files: len(p.Files)}
	e.file = map[string]*fileProgress{}
	for _, f := range p.Files {
		e.file[f.Path] = &fileProgress{size: f.Size}
	}
	e.send(Event{Kind: Planned, Plan: &p})
}

// emit sends an event about a file, or about none.
func (e *emitter) emit(ev Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if ev.Kind == Done {
		e.set(ev.File, -1)
		e.sum.FilesDone++
	}
	e.send(ev)
}

// progress says that done bytes of a file are there.
func (e *emitter) progress(file string, done int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.set(file, done)
	if p := e.file[file]; p != nil && time.Since(p.last) >= progressEvery {
		p.last = time.Now()
		e.send(Event{Kind: Progress, File: file})
	}
}

// set records a file's bytes; -1 means all.
func (e *emitter) set(file string, done int64) {
	p := e.file[file]
	if p == nil {
		return
	}
	if done < 0 {
		done = p.size
	}
	e.sum.AllDone += done - p.done
	p.done = done
}

func (e *emitter) send(ev Event) {
	if p := e.file[ev.File]; p != nil {
		ev.Done, ev.Size = p.done, p.size
	}
	ev.AllDone, ev.AllSize, ev.FilesDone, ev.Files = e.sum.AllDone, e.sum.AllSize, e.sum.FilesDone, e.sum.Files
	e.to(ev)
}

// notice makes retry notices of one file into events.
func (e *emitter) notice(file string) retryNotice {
	return func(err error, wait time.Duration) {
		e.emit(Event{Kind: Retry, File: file, Message: err.Error(), Wait: wait})
	}
}

// start records the bytes of a file that are there before it begins to come.
func (e *emitter) start(file string, done int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.set(file, done)
}
