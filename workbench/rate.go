package workbench

import "time"

// Rate measures how fast something comes, over the last seconds. The zero value is ready.
type Rate struct {
	samples []sample // oldest first
}

type sample struct {
	at   time.Time
	done int64
}

// rateWindow is how far back the measurement reaches, rateAfter how long it must last before it says anything.
const (
	rateWindow = 8 * time.Second
	rateAfter  = time.Second
)

// Add notes that done units are there. What falls starts the measurement anew.
func (r *Rate) Add(now time.Time, done int64) {
	if n := len(r.samples); n > 0 && done < r.samples[n-1].done {
		r.samples = nil
	}
	r.samples = append(r.samples, sample{now, done})
	for len(r.samples) > 2 && now.Sub(r.samples[1].at) > rateWindow {
		r.samples = r.samples[1:]
	}
}

// PerSecond is the mean over the window up to now, so that it falls while nothing comes; 0 when it is not known yet.
func (r *Rate) PerSecond(now time.Time) float64 {
	if len(r.samples) == 0 || now.Sub(r.samples[0].at) < rateAfter {
		return 0
	}
	first, last := r.samples[0], r.samples[len(r.samples)-1]
	return float64(last.done-first.done) / now.Sub(first.at).Seconds()
}

// Left is how long the rest takes at this rate; false when that is not known.
func (r *Rate) Left(now time.Time, rest int64) (time.Duration, bool) {
	speed := r.PerSecond(now)
	if speed <= 0 {
		return 0, false
	}
	seconds := float64(rest) / speed
	if seconds > 99*3600 {
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)), true
}
