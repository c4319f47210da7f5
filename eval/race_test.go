package eval

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tryall/tryall/qa"
)

// raceData are n questions over n/2 passages; the answer to question i is "word<i>".
func raceData(n int) *Dataset {
	d := &Dataset{Digest: "sha256:race", Titles: []string{"t"}}
	for i := range n {
		if i%2 == 0 {
			d.Passages = append(d.Passages, Passage{Text: fmt.Sprintf("passage %d", i/2)})
		}
		d.Examples = append(d.Examples, Example{ID: fmt.Sprint("q", i), Text: fmt.Sprint("question ", i), Passage: i / 2, Answers: []Gold{{Text: fmt.Sprint("word", i), Start: -1}}})
	}
	return d
}

// racer answers right with a chance that depends on its skill and, the same for all racers, on the question.
type racer struct {
	name   string
	skill  int // percent
	luck   string
	asked  map[string]int
	broken int // fails after so many questions; 0 never
	stable *stable
	mu     sync.Mutex
}

// stable counts who is open.
type stable struct{ open, most int }

func (r *racer) String() string { return r.name }
func (r *racer) Close() error   { r.stable.open--; return nil }

func (r *racer) Read(ctx context.Context, tasks []qa.Task) ([]qa.Prediction, error) {
	var out []qa.Prediction
	for _, t := range tasks {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r.mu.Lock()
		r.asked[string(t.Question.ID)]++
		n := len(r.asked)
		r.mu.Unlock()
		if r.broken > 0 && n > r.broken {
			return nil, qa.Errorf(qa.BrokenModel, "the weights went bad")
		}
		text := "nonsense"
		if hash(string(t.Question.ID))%100 < r.skill && hash(r.luck+string(t.Question.ID))%100 < 95 {
			text = "word" + strings.TrimPrefix(string(t.Question.ID), "q")
		}
		a := qa.Answer{Text: text, Score: 1, Gap: float64(hash("gap"+string(t.Question.ID)) % 10)}
		out = append(out, qa.Prediction{Text: text, Answers: []qa.Answer{a}, Candidates: []qa.Answer{a}, NullKind: qa.NullLogit, Windows: 1, Tokens: 10})
	}
	return out, nil
}

func hash(s string) int {
	h := uint32(2166136261)
	for _, b := range []byte(s) {
		h = (h ^ uint32(b)) * 16777619
	}
	h ^= h >> 15
	h *= 2246822519
	h ^= h >> 13
	return int(h >> 1)
}

// entry makes a contestant of a racer.
func entry(r *racer, s *stable) Contestant {
	r.asked, r.stable = map[string]int{}, s
	return Contestant{Name: r.name, Cost: float64(len(r.name)), Bytes: 10, Open: func(context.Context) (OpenReader, error) {
		if r.broken < 0 {
			return nil, qa.Errorf(qa.UnsupportedModel, "it has no head")
		}
		s.open++
		s.most = max(s.most, s.open)
		return r, nil
	}}
}

func field(s *stable, racers ...*racer) (cs []Contestant) {
	for _, r := range racers {
		cs = append(cs, entry(r, s))
	}
	return cs
}

func raceOptions(t *testing.T) RaceOptions { return RaceOptions{Metric: f1Metric(t), Seed: 3} }

func roundOf(t *testing.T, d *Dataset, cs []Contestant, o RaceOptions) (*Raced, Round) {
	t.Helper()
	raced, err := Race(t.Context(), d, cs, o)
	if err != nil {
		t.Fatal(err)
	}
	round, err := raced.Round(t.Context(), RoundOptions{Mode: Oracle, Decoder: "gap", Metric: o.Metric, Seed: o.Seed})
	if err != nil {
		t.Fatal(err)
	}
	return raced, round
}

// TestRaceDropsTheLoser: twins tie, one who is far behind is dropped early and named, one that cannot be opened and one that breaks on the
// way are out with their reasons, and nobody is asked a question twice.
func TestRaceDropsTheLoser(t *testing.T) {
	d := raceData(400)
	loser, broken := &racer{name: "loser", skill: 20, luck: "c"}, &racer{name: "broken", skill: 90, luck: "d", broken: 50}
	racers := []*racer{{name: "good", skill: 80, luck: "a"}, {name: "twin", skill: 80, luck: "a"}, loser, broken, {name: "headless", broken: -1}}
	cs := append(field(&stable{}, racers...), Contestant{Name: "absent", Failed: "it was killed when it was measured"})
	raced, round := roundOf(t, d, cs, raceOptions(t))
	if len(round.Tied) != 2 || raced.Eliminated["good"] != nil || raced.Eliminated["twin"] != nil {
		t.Errorf("tied %v, eliminated %v", round.Tied, raced.Eliminated)
	}
	out := raced.Eliminated["loser"]
	if out == nil || out.After > 100 || out.Diff < 30 || !strings.Contains(out.Reason, "worse than ") {
		t.Fatalf("the loser: %+v", out)
	}
	if len(loser.asked) != out.After {
		t.Errorf("the loser was dropped after %d questions and was asked %d", out.After, len(loser.asked))
	}
	if got := raced.Failed["broken"]; !strings.Contains(got, "went bad") {
		t.Errorf("broken: %q", got)
	}
	if got := raced.Failed["headless"]; !strings.Contains(got, "no head") {
		t.Errorf("headless: %q", got)
	}
	for _, r := range racers {
		for id, n := range r.asked {
			if n != 1 && r != broken {
				t.Errorf("%s was asked %s %d times", r.name, id, n)
			}
		}
	}
	for _, want := range []string{"1 was dropped on the way", "3 could not go on"} {
		if !strings.Contains(round.Verdict, want) {
			t.Errorf("verdict %q lacks %q", round.Verdict, want)
		}
	}
	if n := len(round.Models); n != 6 || round.Models[2].Contestant != "loser" || round.Models[2].Rank != 3 || round.Models[5].Failed == "" {
		t.Errorf("models %+v", round.Models)
	}
	if !(round.Saved > 0) {
		t.Errorf("saved %v %%", round.Saved)
	}
}

// TestFullRaceIsAnEvaluation: each row is what Evaluate and Rank give, to the last digit.
func TestFullRaceIsAnEvaluation(t *testing.T) {
	d := raceData(150)
	for i := range d.Examples {
		if i%3 == 0 {
			d.Examples[i].Answers, d.V2 = nil, true
		}
	}
	racers := []*racer{{name: "good", skill: 80, luck: "a"}, {name: "fair", skill: 60, luck: "b"}, {name: "poor", skill: 20, luck: "c"}}
	o := raceOptions(t)
	o.Full = true
	raced, round := roundOf(t, d, field(&stable{}, racers...), o)
	if raced.Raced || len(raced.Eliminated) > 0 || raced.Answered != 3*150 || round.Saved != 0 {
		t.Errorf("a full race: %+v", raced)
	}
	var runs []*Run
	for _, r := range racers {
		run, err := Evaluate(t.Context(), r, d, RunOptions{Contestant: r.name, Decoder: "gap", TimeAlone: -1})
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, run)
		e, err := round.Entrant(r.name)
		if err != nil {
			t.Fatal(err)
		}
		if e.F1 != run.Report.F1 || e.Exact != run.Report.Exact || *e.HasAnsF1 != run.Report.HasAns.F1 || *e.NoAnsF1 != run.Report.NoAns.F1 {
			t.Errorf("%s: %v %v %v %v, Evaluate has %+v", r.name, e.F1, e.Exact, *e.HasAnsF1, *e.NoAnsF1, run.Report)
		}
	}
	l, err := Rank(t.Context(), runs, o.Metric, RankOptions{Seed: o.Seed})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(l.Comparisons, round.Comparisons) || !reflect.DeepEqual(l.Tied, round.Tied) {
		t.Errorf("comparisons %v and %v", round.Comparisons, l.Comparisons)
	}
}

// ledger keeps results as a store does.
type ledger struct {
	kept  map[string][]Result
	saves int
	stop  int // cancels after so many saves; 0 never
	end   context.CancelFunc
}

func (l *ledger) options(o RaceOptions) RaceOptions {
	o.Kept = func(_ context.Context, c string) ([]Result, error) { return append([]Result(nil), l.kept[c]...), nil }
	o.Save = func(_ context.Context, c string, rs []Result, ps []qa.Prediction) error {
		l.kept[c] = append(l.kept[c], rs...)
		if l.saves++; l.saves == l.stop {
			l.end()
		}
		return nil
	}
	return o
}

// TestRaceResumes interrupts a race after every number of saves in turn: what is gone on with ends as the undisturbed one, and only what
// was in hand is asked again.
func TestRaceResumes(t *testing.T) {
	d := raceData(200)
	make3 := func(s *stable) ([]Contestant, []*racer) {
		rs := []*racer{{name: "good", skill: 80, luck: "a"}, {name: "close", skill: 75, luck: "b"}, {name: "loser", skill: 30, luck: "c"}}
		return field(s, rs...), rs
	}
	cs, _ := make3(&stable{})
	whole, wantRound := roundOf(t, d, cs, raceOptions(t))
	total := 0
	for stop := 1; ; stop++ {
		ctx, cancel := context.WithCancel(t.Context())
		l := &ledger{kept: map[string][]Result{}, stop: stop, end: cancel}
		s := &stable{}
		cs, racers := make3(s)
		_, err := Race(ctx, d, cs, l.options(raceOptions(t)))
		cancel()
		if s.open != 0 {
			t.Errorf("%d readers were left open", s.open)
		}
		if err == nil {
			total = stop
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		cs2 := field(s, racers...) // forgets what was asked
		before := 0
		for _, kept := range l.kept {
			before += len(kept)
		}
		raced, round := roundOf(t, d, cs2, l.options(raceOptions(t)))
		asked := 0
		for _, r := range racers {
			asked += len(r.asked)
		}
		if before+asked != whole.Answered {
			t.Errorf("stopped after %d saves: %d answers were kept and %d asked, the undisturbed race has %d", stop, before, asked, whole.Answered)
		}
		if !reflect.DeepEqual(raced.Eliminated, whole.Eliminated) || !reflect.DeepEqual(round, wantRound) {
			t.Errorf("stopped after %d saves: the result differs", stop)
		}
	}
	if total < 5 {
		t.Fatalf("the race has only %d saves", total)
	}
}

// TestRaceMemory: contestants that do not fit together take turns, and one that does not fit at all is out with its reason.
func TestRaceMemory(t *testing.T) {
	d := raceData(100)
	s := &stable{}
	cs := field(s, &racer{name: "a", skill: 60, luck: "a"}, &racer{name: "bb", skill: 60, luck: "b"}, &racer{name: "ccc", skill: 60, luck: "c"}, &racer{name: "huge", skill: 60, luck: "d"})
	cs[3].Bytes = 100
	o := raceOptions(t)
	o.Full, o.Memory = true, 25
	raced, _ := roundOf(t, d, cs, o)
	if s.most != 2 || s.open != 0 {
		t.Errorf("%d were open at once, %d at the end", s.most, s.open)
	}
	if !strings.Contains(raced.Failed["huge"], "memory") || len(raced.Failed) != 1 || len(raced.Runs) != 3 {
		t.Errorf("failed: %v", raced.Failed)
	}
}

// TestRaceBudget: when the time is up, what all have answered decides, and the verdict says so.
func TestRaceBudget(t *testing.T) {
	d := raceData(400)
	o := raceOptions(t)
	o.Budget, o.Spent = time.Hour, time.Hour-time.Second
	saves := 0
	o.Save = func(context.Context, string, []Result, []qa.Prediction) error {
		if saves++; saves == 7 {
			time.Sleep(1100 * time.Millisecond)
		}
		return nil
	}
	raced, round := roundOf(t, d, field(&stable{}, &racer{name: "good", skill: 90, luck: "a"}, &racer{name: "loser", skill: 10, luck: "b"}), o)
	if raced.Answered >= 800 || !strings.Contains(raced.Stopped, "time budget of 1h0m0s") || !strings.Contains(round.Verdict, "ended early") {
		t.Errorf("answered %d, stopped %q, verdict %q", raced.Answered, raced.Stopped, round.Verdict)
	}
	if raced.Eliminated["loser"] == nil {
		t.Error("what was known of the loser was not used")
	}
}

// TestRaceEndsAtWhatIsNoContestantsFault: a full disk takes nobody out.
func TestRaceEndsAtWhatIsNoContestantsFault(t *testing.T) {
	o := raceOptions(t)
	o.Fatal = func(err error) bool { return strings.Contains(err.Error(), "went bad") }
	_, err := Race(t.Context(), raceData(100), field(&stable{}, &racer{name: "good", skill: 80}, &racer{name: "unlucky", skill: 80, broken: 20}), o)
	if err == nil || !strings.Contains(err.Error(), "went bad") {
		t.Errorf("error %v", err)
	}
}

// TestRaceEvents: what is told adds up.
func TestRaceEvents(t *testing.T) {
	d := raceData(100)
	var kinds []string
	var last RaceEvent
	o := raceOptions(t)
	o.Event = func(e RaceEvent) {
		if e.Kind != RaceGoesOn {
			kinds = append(kinds, e.Kind)
		}
		if e.Done < last.Done || e.Done > e.Total {
			t.Errorf("%d of %d after %d", e.Done, e.Total, last.Done)
		}
		last = e
	}
	raced, _ := roundOf(t, d, field(&stable{}, &racer{name: "good", skill: 90, luck: "a"}, &racer{name: "loser", skill: 5, luck: "b"}), o)
	if want := []string{RaceBegins, RaceDrops, RaceEnds}; !reflect.DeepEqual(kinds, want) {
		t.Errorf("events %v, want %v", kinds, want)
	}
	if last.Done != raced.Answered || last.Total != raced.Answered || last.Lines[1].Eliminated == nil || last.Lines[0].N != 100 {
		t.Errorf("last event %+v", last)
	}
}

func TestRaceRefuses(t *testing.T) {
	d, cs := raceData(10), field(&stable{}, &racer{name: "a"})
	coverage, _ := MetricByName("coverage_at_90")
	for _, c := range []struct {
		d    *Dataset
		cs   []Contestant
		m    Metric
		want string
	}{
		{d, nil, f1Metric(t), "no contestants"},
		{&Dataset{}, cs, f1Metric(t), "no questions"},
		{d, cs, coverage, "no score per question"},
		{d, append(cs, cs...), f1Metric(t), "a is there twice"},
	} {
		if _, err := Race(t.Context(), c.d, c.cs, RaceOptions{Metric: c.m}); qa.CodeOf(err) != qa.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	o := raceOptions(t)
	o.Kept = func(context.Context, string) ([]Result, error) { return []Result{{Example: 3, ID: "other"}}, nil }
	if _, err := Race(t.Context(), d, cs, o); err == nil || !strings.Contains(err.Error(), "other questions") {
		t.Errorf("results of other questions: %v", err)
	}
}
