package workbench

import (
	"context"
	"os"
	"os/user"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
)

// Labels has models answer the questions that nobody has labelled, in the background, and draws which of them to label next. What was
// answered is held as long as the process lives; what the models made of windows is in the project's cache, so that a later process
// is quick. It may be used from several goroutines at once.
type Labels struct {
	w      *Workbench
	ctx    context.Context //nolint:containedctx // that of reading, which outlives the calls that begin it
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu     sync.Mutex
	queues map[string]*labelQueue // by the project's file and the set's name
}

// labelQueue is what is held of one set.
type labelQueue struct {
	answers  map[string]map[string]labelAnswer // by contestant, then by what the question is and is asked of
	failed   map[string]labelFailure           // by contestant
	drawn    map[string]LabelDraw              // by who labels: the question that was drawn and is not judged yet
	models   []Model                           // that read
	first    string                            // the question that somebody looks at
	reading  bool
	view     *labelView // as it was read last; nil: not held
	changes  int        // of answers
	disputes disputes
	corpus   string        // the state of the corpus that answers are of
	changed  chan struct{} // closed, and made anew, whenever something was answered
}

// labelFailure is why a model does not read.
type labelFailure struct {
	err error
	at  time.Time
}

// labelRetry is after how long a model that could not read is tried again, when somebody asks.
const labelRetry = 30 * time.Second

// NewLabels makes one; Close ends it.
func (w *Workbench) NewLabels() *Labels {
	ctx, cancel := context.WithCancel(context.Background())
	return &Labels{w: w, ctx: ctx, cancel: cancel, queues: map[string]*labelQueue{}}
}

// Close stops the reading and waits for that. The projects must be open until then.
func (l *Labels) Close() {
	l.mu.Lock()
	l.cancel()
	l.mu.Unlock()
	l.work.Wait()
}

// LabelSession is somebody who labels a set, with the models that suggest answers. It is for one goroutine; sessions cost nothing and are
// made anew for each request.
type LabelSession struct {
	Set    string
	Who    string
	Models []Model

	l *Labels
	p *Project
	q *labelQueue
	v *labelView // as it was read last; nil when it must be read
}

// longestName is how many code points the name of who labels may have.
const longestName = 80

// Session is somebody's work on a set; who is the user of this machine when empty. Nothing is read before Start.
func (l *Labels) Session(p *Project, set, who string, models []Model) (*LabelSession, error) {
	who = strings.TrimSpace(who)
	if who == "" {
		who = UserName()
	}
	if !utf8.ValidString(who) || utf8.RuneCountInString(who) > longestName || strings.ContainsFunc(who, unicode.IsControl) {
		return nil, qa.Errorf(qa.Invalid, "the name of who labels must be a line of at most %d characters", longestName)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	key := p.Path() + "\x00" + set
	q := l.queues[key]
	if q == nil {
		q = &labelQueue{answers: map[string]map[string]labelAnswer{}, failed: map[string]labelFailure{}, drawn: map[string]LabelDraw{}, changed: make(chan struct{})}
		l.queues[key] = q
	}
	return &LabelSession{Set: set, Who: who, Models: models, l: l, p: p, q: q}, nil
}

// UserName is the user of this machine, "me" where that is not known.
func UserName() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		_, name, in := strings.Cut(u.Username, `\`) // a domain, on Windows
		if !in {
			name = u.Username
		}
		return name
	}
	for _, name := range []string{"USER", "USERNAME"} {
		if s := os.Getenv(name); s != "" {
			return s
		}
	}
	return "me"
}

// LabelState is how the labelling of a set stands.
type LabelState struct {
	Set       string       `json:"set"`
	Questions int          `json:"questions"`
	Labelled  int          `json:"labelled"` // the file's labels among them
	Skipped   int          `json:"skipped"`
	Open      int          `json:"open"`     // to be labelled
	Repeated  int          `json:"repeated"` // questions that share an id with another, and so cannot be labelled
	Models    []LabelModel `json:"models"`
	Reading   bool         `json:"reading"`
	// Last is what whoever labels has said last and not taken back; nil: nothing.
	Last     *store.Judgement `json:"last,omitempty"`
	Estimate LabelEstimate    `json:"estimate"`
}

// LabelModel is how far one model has read.
type LabelModel struct {
	Name       string `json:"name"`
	Contestant string `json:"contestant"`
	Done       int    `json:"done"` // questions of Total
	Total      int    `json:"total"`
	Failed     string `json:"failed,omitempty"` // why it does not read
}

// State is how the set stands, and a channel that is closed when more was answered.
func (s *LabelSession) State(ctx context.Context) (LabelState, <-chan struct{}, error) {
	v, err := s.view(ctx)
	if err != nil {
		return LabelState{}, nil, err
	}
	out := LabelState{Set: s.Set, Questions: len(v.set.Items), Repeated: v.repeated, Models: []LabelModel{}}
	for i := range v.set.Items {
		if v.set.Items[i].Labelled {
			out.Labelled++
		}
	}
	s.l.mu.Lock()
	changed := s.q.changed
	out.Reading = s.q.reading
	for _, m := range s.Models {
		x := LabelModel{Name: m.Name, Contestant: m.Contestant()}
		if f, failed := s.q.failed[x.Contestant]; failed {
			x.Failed = f.err.Error()
		}
		for i := range v.pool {
			if !v.pool[i].reads() {
				continue
			}
			x.Total++
			if _, ok := s.q.answers[x.Contestant][v.pool[i].key]; ok {
				x.Done++
			}
		}
		out.Models = append(out.Models, x)
	}
	s.l.mu.Unlock()
	for i := range v.pool {
		if v.pool[i].open() {
			out.Open++
		}
	}
	out.Skipped = v.skips
	for i := range v.judged {
		if v.judged[i].Who == s.Who {
			out.Last = &v.judged[i]
		}
	}
	out.Estimate, err = s.estimate(v, out.Open)
	return out, changed, err
}

// Changed is what LabelSession.State gives, without the state.
func (s *LabelSession) Changed() <-chan struct{} {
	s.l.mu.Lock()
	defer s.l.mu.Unlock()
	return s.q.changed
}

// Check says whether the set is there.
func (s *LabelSession) Check(ctx context.Context) error {
	_, err := s.view(ctx)
	return err
}

// view reads the set, unless it was read since it changed.
func (s *LabelSession) view(ctx context.Context) (*labelView, error) {
	if s.v == nil {
		v, err := s.l.view(ctx, s.p, s.q, s.Set)
		if err != nil {
			return nil, err
		}
		s.v = v
	}
	return s.v, nil
}

// runs are what the models have answered, as far as they have, with the examples as the pool counts them; whole says that none
// that can read lacks an answer.
func (s *LabelSession) runs(v *labelView) (runs []*eval.Run, whole bool) {
	s.l.mu.Lock()
	defer s.l.mu.Unlock()
	whole = true
	for _, m := range s.Models {
		name := m.Contestant()
		run := &eval.Run{Contestant: name}
		for i := range v.pool {
			a, ok := s.q.answers[name][v.pool[i].key]
			if _, failed := s.q.failed[name]; !ok && !failed && v.pool[i].reads() {
				whole = false
			}
			if ok {
				run.Results = append(run.Results, eval.Result{Example: i, ID: v.pool[i].q.ID, Text: a.text, Err: a.err})
			}
		}
		if len(run.Results) > 0 {
			runs = append(runs, run)
		}
	}
	return runs, whole && len(runs) > 1
}

// note changes a queue and tells whoever looks on; nobody is waited for.
func (l *Labels) note(q *labelQueue, change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
	q.changes++
	close(q.changed)
	q.changed = make(chan struct{})
}

// standing are the judgements that were not taken back.
func standing(all []store.Judgement) []store.Judgement {
	return slices.DeleteFunc(slices.Clone(all), func(j store.Judgement) bool { return !j.Undone.IsZero() })
}
