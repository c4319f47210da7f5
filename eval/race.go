package eval

import (
	"cmp"
	"context"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/stats"
)

// Contestant is one that takes part in a race.
type Contestant struct {
	Name string  // the full name, id@revision:precision
	Cost float64 // anything that grows with the time a question takes: cheap ones go first
	// Took is how long a question takes, where that was measured: parts of the work are made as long as can be lost.
	Took  time.Duration
	Bytes int64 // memory that it takes while it is open, 0 when that is not known
	Open  func(ctx context.Context) (OpenReader, error)
	// Failed says why it cannot take part; it is listed with that reason.
	Failed string
}

// OpenReader is a reader that holds memory until it is closed.
type OpenReader interface {
	qa.Reader
	io.Closer
}

// RaceOptions say how a race is run.
type RaceOptions struct {
	Metric Metric
	// Task makes the task of question i; the data set's own passage when nil.
	Task  func(i int) qa.Task
	Seed  uint64
	Alpha float64 // chance, over the whole race, of dropping a contestant that is as good as the best; 0.05 when 0
	Start int     // questions before the first look; 16 when 0
	Full  bool    // nobody is dropped
	// Budget ends the race when so much time has passed; Spent is what an interrupted one has used of it. 0: no limit.
	Budget, Spent time.Duration
	// Memory is how many bytes open readers may take together; 0: no limit. Those used least recently are closed.
	Memory int64

	// Kept gives the results that an interrupted race has saved of a contestant.
	Kept func(ctx context.Context, contestant string) ([]Result, error)
	// Save is called with every part of the work, at most partSize questions of one contestant.
	Save func(ctx context.Context, contestant string, rs []Result, ps []qa.Prediction) error
	// Fatal tells errors of a reader that are not the contestant's own: they end the race, which can be gone on with.
	Fatal func(error) bool
	// Event is told what happens, from one goroutine.
	Event func(RaceEvent)
}

// Raced is what a race came to, before anything is said about it.
type Raced struct {
	Runs       []*Run                  // one per contestant that answered something, in the order given
	Eliminated map[string]*Elimination // who was dropped
	Failed     map[string]string       // who could not go on, and why
	Stopped    string                  // why the race ended before its questions did; empty when it did not
	Questions  int                     // of the data set
	Answered   int                     // predictions, over all contestants
	Elapsed    time.Duration
	// Raced says that eliminations were decided on the way, so that who is left is tied: all of alpha is spent. In a full race
	// it is the comparison afterwards that decides.
	Raced bool
}

// A part is what is read, judged and saved at once, and so what a kill can cost: so many questions, or fewer if they take long.
const (
	partSize = 32
	partLong = 3 * time.Second
)

// partOf is how many questions a contestant's next part has at most.
func (r *runner) partOf() int {
	took := r.Took
	if r.fresh > 0 {
		took = r.reading / time.Duration(r.fresh)
	}
	if took <= 0 {
		return partSize
	}
	return int(min(max(1, partLong/took), partSize))
}

// race is a race while it is run.
type race struct {
	o       RaceOptions
	d       *Dataset
	order   []int // questions in the order they are asked
	cluster []int // of each of them: its document where the data set has twenty or more, else its passage
	runners []*runner
	garage  garage
	referee *stats.Race
	began   time.Time
	stopped string
}

// runner is one contestant on its way.
type runner struct {
	Contestant
	index   int
	results []Result // in the race's order
	reading time.Duration
	fresh   int      // questions read in this process
	live    RaceLine // how it stood when it was last told
	out     *Elimination
	failed  string
}

func (r *runner) in() bool { return r.out == nil && r.failed == "" }

// Race has contestants answer the questions of a data set, in an order that the seed draws. After ever larger numbers of questions
// it drops those that are worse than another for certain; one that fails is out with its reason, and the race goes on. With
// the same inputs it takes the same decisions, however often it was interrupted, unless a time budget ends it.
func Race(ctx context.Context, d *Dataset, cs []Contestant, o RaceOptions) (*Raced, error) {
	r, err := newRace(ctx, d, cs, o)
	if err != nil {
		return nil, err
	}
	defer r.garage.closeAll()
	r.tell(RaceEvent{Kind: RaceBegins})
	for _, n := range r.looks() {
		if err := r.run(ctx, n); err != nil {
			return nil, err
		}
		if r.stopped != "" {
			if err := r.finish(); err != nil {
				return nil, err
			}
			break
		}
		if r.left() == 0 {
			break
		}
		if err := r.look(n, false); err != nil {
			return nil, err
		}
		if r.left() == 1 && !o.Full {
			// The others are decided; the last one's own score is wanted on all questions.
			if err := r.run(ctx, len(r.order)); err != nil {
				return nil, err
			}
			break
		}
	}
	if r.left() == 0 {
		r.stopped = cmp.Or(r.stopped, "no contestant was left")
	}
	r.tell(RaceEvent{Kind: RaceEnds})
	return r.outcome()
}

func newRace(ctx context.Context, d *Dataset, cs []Contestant, o RaceOptions) (*race, error) {
	switch {
	case len(cs) == 0:
		return nil, qa.Errorf(qa.Invalid, "race: there are no contestants")
	case len(d.Examples) == 0:
		return nil, qa.Errorf(qa.Invalid, "race: there are no questions with known answers")
	case o.Metric.Each == nil:
		return nil, qa.Errorf(qa.Invalid, "race: %q has no score per question and so cannot tell contestants apart", o.Metric.Name)
	}
	for i := range d.Examples {
		if err := d.Examples[i].scorable(d.V2); err != nil {
			return nil, err
		}
	}
	if o.Task == nil {
		o.Task = d.Task
	}
	r := &race{o: o, d: d, began: time.Now(), garage: garage{limit: o.Memory}}
	r.order = RaceOrder(o.Seed, len(d.Examples))
	names := map[string]bool{}
	for i, c := range cs {
		if names[c.Name] {
			return nil, qa.Errorf(qa.Invalid, "race: %s is there twice", c.Name)
		}
		names[c.Name] = true
		r.runners = append(r.runners, &runner{Contestant: c, index: i, failed: c.Failed})
	}
	slices.SortStableFunc(r.runners, func(a, b *runner) int { return cmp.Compare(a.Cost, b.Cost) })
	if !o.Full {
		r.order = slices.DeleteFunc(r.order, func(i int) bool {
			unanswered := newResult(d, i, qa.Prediction{})
			_, ok := o.Metric.Each(&unanswered)
			return !ok // it is about other questions
		})
		if len(r.order) == 0 {
			return nil, qa.Errorf(qa.Invalid, "race: no question is one that %s is about", o.Metric.Name)
		}
		var err error
		r.referee, err = stats.NewRace(len(cs), stats.RaceOptions{Alpha: o.Alpha, Total: len(r.order),
			Start: min(o.Start, len(r.order)), LowerBetter: o.Metric.LowerBetter, Seed: o.Seed})
		if err != nil {
			return nil, err
		}
		for _, c := range r.runners {
			if !c.in() {
				r.referee.Drop(c.index)
			}
		}
	}
	r.cluster = r.clusters()
	return r, r.restore(ctx)
}

// RaceOrder is the order in which a race asks n questions, as indexes of the data set.
func RaceOrder(seed uint64, n int) []int { return rand.New(rand.NewPCG(seed, raceStream)).Perm(n) }

// raceStream keeps the order of questions apart from the other random numbers of one seed.
const raceStream = 7 << 32

// restore takes up what an interrupted race has saved. A failure is not taken up: it is tried again.
func (r *race) restore(ctx context.Context) error {
	if r.o.Kept == nil {
		return nil
	}
	place := make([]int, len(r.d.Examples))
	for at, i := range r.order {
		place[i] = at
	}
	for _, c := range r.runners {
		kept, err := r.o.Kept(ctx, c.Name)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(kept, func(k Result) bool { return k.Example < 0 || k.Example >= len(place) }) || len(kept) > len(r.order) {
			return errOtherQuestions(c.Name)
		}
		slices.SortFunc(kept, func(a, b Result) int { return cmp.Compare(place[a.Example], place[b.Example]) })
		for i := range kept { // what was saved is a beginning of the order
			if e := kept[i].Example; r.order[i] != e || r.d.Examples[e].ID != kept[i].ID {
				return errOtherQuestions(c.Name)
			}
		}
		c.results = kept
	}
	return nil
}

func errOtherQuestions(contestant string) error {
	return qa.Errorf(qa.Invalid, "resume: the saved results of %s are of other questions; begin a new run", contestant)
}

// looks are the numbers of questions after which something is decided.
func (r *race) looks() []int {
	if r.referee == nil {
		return []int{len(r.order)}
	}
	return r.referee.Looks()
}

func (r *race) left() (n int) {
	for _, c := range r.runners {
		if c.in() {
			n++
		}
	}
	return n
}

// run has every contestant that is in answer the first n questions, the cheap ones first.
func (r *race) run(ctx context.Context, n int) error {
	for _, upTo := range r.laps(n) {
		for _, c := range r.runners {
			for c.in() && len(c.results) < upTo {
				if r.late() {
					return nil
				}
				if err := r.part(ctx, c, min(c.partOf(), upTo-len(c.results))); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// laps cut the way to n questions, so that all contestants get on side by side and a budget finds none of them far behind. Where they
// do not fit into memory together, a lap is the whole way, because changing models costs.
func (r *race) laps(n int) (laps []int) {
	if r.garage.fits(r.runners) {
		for at := 4; at < n; at += min(at, 2*partSize) {
			laps = append(laps, at)
		}
	}
	return append(laps, n)
}

// late says whether the time is up.
func (r *race) late() bool {
	if r.stopped == "" && r.o.Budget > 0 && r.elapsed() >= r.o.Budget {
		r.stopped = "the time budget of " + r.o.Budget.String() + " is used up"
	}
	return r.stopped != ""
}

func (r *race) elapsed() time.Duration { return r.o.Spent + time.Since(r.began) }

// part has a contestant answer its next n questions. An error is what ends the race; one of the contestant's own takes it out.
func (r *race) part(ctx context.Context, c *runner, n int) error {
	reader, err := r.garage.get(ctx, c)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return r.fail(c, err)
	}
	questions := r.order[len(c.results) : len(c.results)+n]
	tasks := make([]qa.Task, n)
	for k, i := range questions {
		tasks[k] = r.o.Task(i)
	}
	start := time.Now()
	predictions, err := reader.Read(ctx, tasks)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil && len(predictions) != n {
		err = qa.Errorf(qa.Internal, "%d predictions for %d questions", len(predictions), n)
	}
	if err != nil {
		if r.o.Fatal != nil && r.o.Fatal(err) {
			return err
		}
		return r.fail(c, err)
	}
	c.reading, c.fresh = c.reading+time.Since(start), c.fresh+n
	results := make([]Result, n)
	for k, i := range questions {
		results[k] = newResult(r.d, i, predictions[k])
	}
	if r.o.Save != nil {
		if err := r.o.Save(ctx, c.Name, results, predictions); err != nil {
			return err
		}
	}
	c.results = append(c.results, results...)
	r.tell(RaceEvent{Kind: RaceGoesOn, Contestant: c.Name})
	return nil
}

// fail takes a contestant out.
func (r *race) fail(c *runner, err error) error {
	c.failed = err.Error()
	if r.referee != nil {
		r.referee.Drop(c.index)
	}
	r.garage.close(c)
	r.tell(RaceEvent{Kind: RaceFails, Contestant: c.Name, Reason: c.failed})
	return nil
}
