package workbench

import (
	"testing"
	"time"
)

func TestRate(t *testing.T) {
	start := time.Unix(1000, 0)
	at := func(s float64) time.Time { return start.Add(time.Duration(s * float64(time.Second))) }
	var r Rate
	if r.PerSecond(start) != 0 {
		t.Error("a rate of nothing")
	}
	r.Add(at(0), 500) // came earlier: it does not count
	r.Add(at(0.5), 550)
	if got := r.PerSecond(at(0.6)); got != 0 {
		t.Errorf("%v after half a second; too early to say", got)
	}
	r.Add(at(2), 700)
	if got := r.PerSecond(at(2)); got != 100 {
		t.Errorf("%v, not (700-500)/2", got)
	}
	if left, ok := r.Left(at(2), 1000); !ok || left != 10*time.Second {
		t.Errorf("%v %v, not 1000/100", left, ok)
	}
	if got := r.PerSecond(at(4)); got != 50 {
		t.Errorf("%v: a rate must fall while nothing comes", got)
	}
	for i := range 20 {
		r.Add(at(float64(3+i)), int64(700+10*i))
	}
	if got := r.PerSecond(at(22)); got != 10 {
		t.Errorf("%v, not that of the last seconds", got)
	}
	r.Add(at(23), 100) // bytes proved wrong
	r.Add(at(25), 120)
	if got := r.PerSecond(at(25)); got != 10 {
		t.Errorf("%v after a fall, not (120-100)/2", got)
	}
	if _, ok := r.Left(at(25), 1<<60); ok {
		t.Error("a time left of years")
	}
}
