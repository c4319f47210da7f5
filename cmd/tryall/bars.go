package main

import (
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/workbench"
)

// bars draw one bar for each file that comes and one for all, and take them away when they are full.
type bars struct {
	a     *app
	p     *mpb.Progress
	name  int // columns of names
	total *fileBar
	files map[string]*fileBar
	got   int64 // bytes that came in this pull
}

// fileBar is a bar with the measurement beside it. Its mutex guards what the drawing reads.
type fileBar struct {
	bar  *mpb.Bar
	last int64 // bytes at the last event

	mu   sync.Mutex
	rate workbench.Rate
	name string
	rest int64
}

const (
	barColumns  = 44 // counters, rate and time left, with the spaces between
	leastBar    = 8
	longestName = 36
	totalRank   = 1 << 20 // below all files
)

func newBars(a *app) *bars {
	return &bars{a: a, files: map[string]*fileBar{}, name: max(12, min(longestName, a.err.width-barColumns-leastBar))}
}

func (b *bars) event(e hub.Event) {
	now := time.Now()
	switch e.Kind {
	case hub.Planned:
		b.close()
		b.p = mpb.New(mpb.WithOutput(b.a.stderr), mpb.WithAutoRefresh(), mpb.WithRefreshRate(150*time.Millisecond))
		b.print(planLine(e))
	case hub.Started, hub.Progress, hub.Verified:
		f := b.files[e.File]
		if f == nil { // what it begins with came earlier
			f = b.begin(e)
		}
		b.got += max(0, e.Done-f.last)
		f.last = e.Done
		f.set(now, e.File, e.Done, e.Done, e.Size)
		if e.Kind == hub.Verified {
			b.end(e.File)
		}
	case hub.Done:
		b.end(e.File)
	}
	if b.total != nil {
		b.total.set(now, totalName(e), e.AllDone, b.got, e.AllSize)
	}
	if text := notice(e); text != "" {
		b.print(text)
	}
	if e.Kind == hub.Finished {
		b.close()
	}
}

// begin draws the bar of a file, and with the first the one for all.
func (b *bars) begin(e hub.Event) *fileBar {
	if b.total == nil {
		b.total = b.add("", e.AllSize, totalRank)
	}
	f := b.add(e.File, e.Size, len(b.files))
	f.last = e.Done
	b.files[e.File] = f
	return f
}

// end takes the bar of a file away.
func (b *bars) end(file string) {
	if f := b.files[file]; f != nil {
		f.bar.Abort(true)
		delete(b.files, file)
	}
}

func totalName(e hub.Event) string {
	return fmt.Sprintf("%d of %s", e.FilesDone, plural(e.Files, "file"))
}

// print writes a line above the bars.
func (b *bars) print(text string) {
	line := visible(text) + "\n"
	if b.p != nil {
		if _, err := io.WriteString(b.p, line); err == nil {
			return
		}
	}
	fmt.Fprint(b.a.stderr, line) // the bars are gone already
}

func (b *bars) close() {
	if b.p == nil {
		return
	}
	for _, f := range b.files {
		f.bar.Abort(true)
	}
	if b.total != nil {
		b.total.bar.Abort(true)
	}
	b.p.Wait()
	b.p, b.total, b.files, b.got = nil, nil, map[string]*fileBar{}, 0
}

// add draws a new bar.
func (b *bars) add(name string, total int64, rank int) *fileBar {
	f := &fileBar{name: name}
	style := mpb.BarStyle().Lbound("").Rbound("").Filler("━").Tip("━").Padding("─")
	f.bar = b.p.New(0, style, mpb.BarPriority(rank), // a total of 0: a full bar stays until Abort, for its bytes may prove wrong
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return f.title(b.name) })),
		mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string { return f.figures(s.Current, total) })))
	f.bar.SetTotal(total, false)
	return f
}

// set says how far it is: done bytes of all are there, got of which the rate is measured.
func (f *fileBar) set(now time.Time, name string, done, got, all int64) {
	f.mu.Lock()
	f.name, f.rest = name, all-done
	f.rate.Add(now, got)
	f.mu.Unlock()
	f.bar.SetCurrent(done)
}

func (f *fileBar) title(width int) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return pad(shorten(visible(f.name), width), width, false) + " "
}

// figures are the bytes, the rate and the time left, always as wide.
func (f *fileBar) figures(done, all int64) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	now, speed, left := time.Now(), "", ""
	if s := f.rate.PerSecond(now); s > 0 {
		speed = perSecond(s)
	}
	if d, ok := f.rate.Left(now, f.rest); ok {
		left = clock(d)
	}
	return " " + pad(ofSize(done, all), 18, true) + "  " + pad(speed, 9, true) + "  " + pad(left, 8, true)
}

var byteUnits = []struct {
	bytes float64
	name  string
}{{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}}

// ofSize prints a part of so many bytes in the unit of the whole.
func ofSize(done, all int64) string {
	for _, u := range byteUnits {
		if float64(all) >= u.bytes {
			return decimal(float64(done)/u.bytes) + " / " + decimal(float64(all)/u.bytes) + " " + u.name
		}
	}
	return count(done) + " / " + count(all) + " B"
}

// perSecond prints a rate in three digits.
func perSecond(bytes float64) string {
	for _, u := range byteUnits {
		if bytes >= u.bytes {
			return decimal(bytes/u.bytes) + " " + u.name + "/s"
		}
	}
	return decimal(bytes) + " B/s"
}

func decimal(f float64) string {
	if f >= 100 {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	return strconv.FormatFloat(f, 'f', 1, 64)
}
