package eval

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/tryall/tryall/stats"
)

// finish decides what can be decided when the time is up: on the questions that all have answered who have answered any.
func (r *race) finish() error {
	n := len(r.order)
	for _, c := range r.runners {
		if c.in() && len(c.results) == 0 {
			if err := r.fail(c, errors.New("the time was up before its first question")); err != nil {
				return err
			}
		}
		if c.in() {
			n = min(n, len(c.results))
		}
	}
	if r.left() < 2 {
		return nil
	}
	return r.look(n, true)
}

// look asks the referee who is worse for certain after n questions; the last time with all of alpha that is left.
func (r *race) look(n int, last bool) error {
	if r.referee == nil {
		return nil
	}
	scores := make([][]float64, len(r.runners))
	names := make([]string, len(r.runners))
	byIndex := make([]*runner, len(r.runners))
	for _, c := range r.runners {
		names[c.index], byIndex[c.index] = c.Name, c
		if !c.in() {
			continue
		}
		s := make([]float64, n)
		for i := range s {
			s[i], _ = r.o.Metric.Each(&c.results[i]) // newRace has left out what it does not apply to
		}
		scores[c.index] = s
	}
	ask := r.referee.Look
	if last {
		ask = r.referee.Finish
	}
	drops, err := ask(scores, r.cluster[:n])
	if err != nil {
		return fmt.Errorf("race: look after %d questions: %w", n, err)
	}
	for _, d := range drops {
		c := byIndex[d.System]
		c.out = &Elimination{After: n, By: names[d.By], Diff: math.Abs(d.Diff), P: d.P}
		c.out.Reason = fmt.Sprintf("worse than %s by %.1f %s on %d questions (p = %s; p below %s was asked at this look)",
			names[d.By], math.Abs(d.Diff), Unit(r.o.Metric.Name), n, probability(d.P), probability(d.Bound))
		r.garage.close(c)
		r.tell(RaceEvent{Kind: RaceDrops, Contestant: c.Name, Elimination: c.out})
	}
	return nil
}

// clusters are what the questions come in, in the order they are asked.
func (r *race) clusters() []int {
	documents := map[int]bool{}
	for i := range r.d.Examples {
		documents[r.d.Passages[r.d.Examples[i].Passage].Article] = true
	}
	out := make([]int, len(r.order))
	for k, i := range r.order {
		if out[k] = r.d.Examples[i].Passage; len(documents) >= manyDocuments {
			out[k] = r.d.Passages[out[k]].Article
		}
	}
	return out
}

// The kinds of RaceEvent.
const (
	RaceBegins = "begin"
	RaceGoesOn = "part" // a contestant has answered some questions
	RaceDrops  = "drop"
	RaceFails  = "fail"
	RaceEnds   = "end"
)

// RaceEvent is something that happened, with the state of the race.
type RaceEvent struct {
	Kind        string        `json:"kind"`
	Contestant  string        `json:"contestant,omitempty"`
	Elimination *Elimination  `json:"elimination,omitempty"`
	Reason      string        `json:"reason,omitempty"` // of a failure
	Lines       []RaceLine    `json:"lines"`            // in the order given
	Questions   int           `json:"questions"`
	Done        int           `json:"done"`  // predictions so far
	Total       int           `json:"total"` // predictions if nobody else is dropped
	Elapsed     time.Duration `json:"elapsed_ns"`
	Left        time.Duration `json:"left_ns"` // estimate, if nobody else is dropped; 0 while there is none
	Stopped     string        `json:"stopped,omitempty"`
}

// RaceLine is how one contestant stands.
type RaceLine struct {
	Contestant string       `json:"contestant"`
	N          int          `json:"n"`
	Mean       float64      `json:"mean"` // of the metric, percent
	CI         [2]float64   `json:"ci"`   // 95 %, rough while the race goes on
	Eliminated *Elimination `json:"eliminated,omitempty"`
	Failed     string       `json:"failed,omitempty"`
}

// liveResamples are few: a line is drawn again and again.
const liveResamples = 300

// tell fills in the state and passes an event on.
func (r *race) tell(e RaceEvent) {
	if r.o.Event == nil {
		return
	}
	e.Lines, e.Questions, e.Elapsed, e.Stopped = make([]RaceLine, len(r.runners)), len(r.order), r.elapsed(), r.stopped
	left := 0.0
	for _, c := range r.runners {
		line := r.line(c)
		e.Lines[c.index] = line
		e.Done += line.N
		e.Total += line.N
		if c.in() {
			e.Total += len(r.order) - line.N
			if c.fresh > 0 {
				left += float64(len(r.order)-line.N) * c.reading.Seconds() / float64(c.fresh)
			}
		}
	}
	e.Left = time.Duration(left * float64(time.Second))
	if r.o.Budget > 0 {
		e.Left = min(e.Left, max(0, r.o.Budget-e.Elapsed))
	}
	r.o.Event(e)
}

// line is how a contestant stands. Its interval is made anew only when it has answered something.
func (r *race) line(c *runner) RaceLine {
	if n := len(c.results); c.live.N != n {
		c.live = RaceLine{N: n}
		if est, err := r.estimate(c); err == nil {
			c.live.Mean, c.live.CI = est.Mean, [2]float64{est.Lo, est.Hi}
		}
	}
	c.live.Contestant, c.live.Eliminated, c.live.Failed = c.Name, c.out, c.failed
	return c.live
}

func (r *race) estimate(c *runner) (stats.Estimate, error) {
	var x []float64
	for i := range c.results {
		if v, ok := r.o.Metric.Each(&c.results[i]); ok {
			x = append(x, v)
		}
	}
	var clusters []int
	if len(x) == len(c.results) {
		clusters = r.cluster[:len(x)]
	}
	return stats.Mean(x, clusters, stats.Options{Resamples: liveResamples, Seed: r.o.Seed})
}
