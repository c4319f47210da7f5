package workbench

import (
	"context"
	"slices"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
)

// labelAnswer is what a model said to a question.
type labelAnswer struct {
	text  string    // "" where it says that there is no answer
	best  qa.Answer // the span that text is, or the closest where there is none; without Text: no span
	err   string
	empty bool // there was nothing to read
}

// The parts in which questions are read: the first is answered while somebody waits, and a later one is worth opening a model again.
const (
	firstLabelled, mostLabelled = 4, 128
)

// Start has the models read what they have not read yet; item, if not empty, comes first. It returns at once.
func (s *LabelSession) Start(ctx context.Context, item string) error {
	v, err := s.view(ctx)
	if err != nil {
		return err
	}
	s.l.mu.Lock()
	defer s.l.mu.Unlock()
	s.q.models, s.q.first = s.Models, item
	for name, f := range s.q.failed {
		if time.Since(f.at) > labelRetry {
			delete(s.q.failed, name)
		}
	}
	if s.q.reading || s.l.ctx.Err() != nil {
		return nil
	}
	if part, _ := s.q.next(v, 1); len(part) == 0 {
		return nil
	}
	s.q.reading = true
	set, p, q := s.Set, s.p, s.q
	s.l.work.Go(func() {
		err := s.l.read(s.l.ctx, p, q, set)
		s.l.note(q, func() {
			if err != nil && s.l.ctx.Err() == nil { // it concerns all of them
				for _, m := range q.models {
					q.failed[m.Contestant()] = labelFailure{err, time.Now()}
				}
			}
		})
	})
	return nil
}

// read has the models of a queue answer until nothing is left. When it returns, the queue is not being read.
func (l *Labels) read(ctx context.Context, p *Project, q *labelQueue, set string) error {
	budget := int64(0)
	if l.w.FreeMemory != nil {
		budget = int64(memoryShare * float64(l.w.FreeMemory()))
	}
	pool := l.w.NewPool(budget, p.Store.Cache())
	defer pool.Close()
	for size := firstLabelled; ; size = min(2*size, mostLabelled) {
		v, err := l.view(ctx, p, q, set)
		if err != nil {
			l.stopped(q)
			return err
		}
		l.mu.Lock()
		part, models := q.next(v, size)
		q.reading = len(part) > 0 // in the same moment, so that whoever begins it anew knows
		l.mu.Unlock()
		if len(part) == 0 {
			return nil
		}
		if err := l.part(ctx, pool, p, q, v, part, models); err != nil {
			l.stopped(q)
			return err
		}
	}
}

func (l *Labels) stopped(q *labelQueue) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q.reading = false
}

// next are the questions to be read now, and the models; none when nothing is left. Called with mu held.
func (q *labelQueue) next(v *labelView, size int) (part []*labelItem, models []Model) {
	if q.corpus != v.corpus { // what was answered of another state of it is not looked at any more
		q.answers, q.corpus = map[string]map[string]labelAnswer{}, v.corpus
	}
	for _, m := range q.models {
		if _, failed := q.failed[m.Contestant()]; !failed {
			models = append(models, m)
		}
	}
	lacks := func(i *labelItem) bool {
		return slices.ContainsFunc(models, func(m Model) bool { _, ok := q.answers[m.Contestant()][i.key]; return !ok })
	}
	if i, ok := v.byID[q.first]; ok { // it may have been picked by hand, and so not be of the pool
		x := &labelItem{q: &v.set.Items[i], key: v.key(&v.set.Items[i])}
		if lacks(x) {
			return []*labelItem{x}, models
		}
	}
	for i := range v.pool {
		if x := &v.pool[i]; x.reads() && lacks(x) {
			if part = append(part, x); len(part) == size {
				return part, models
			}
		}
	}
	return part, models
}

// part has each model answer some questions that it lacks.
func (l *Labels) part(ctx context.Context, pool *Pool, p *Project, q *labelQueue, v *labelView, part []*labelItem, models []Model) error {
	a := p.asker(v)
	tasks := make([]qa.Task, len(part))
	for i, x := range part {
		hits, err := a.hits(ctx, x.q, DefaultPassages)
		if err != nil {
			return err
		}
		tasks[i] = qa.Task{Question: qa.Question{ID: qa.QuestionID(x.q.ID), Text: x.q.Text}, Hits: hits}
	}
	for _, m := range models {
		name := m.Contestant()
		var mine []int
		l.mu.Lock()
		for i, x := range part {
			if _, ok := q.answers[name][x.key]; !ok {
				mine = append(mine, i)
			}
		}
		l.mu.Unlock()
		if len(mine) == 0 {
			continue
		}
		answers, err := l.ask(ctx, pool, m, tasks, mine)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		l.note(q, func() {
			if err != nil {
				q.failed[name] = labelFailure{err, time.Now()}
				return
			}
			if q.answers[name] == nil {
				q.answers[name] = map[string]labelAnswer{}
			}
			for k, i := range mine {
				q.answers[name][part[i].key] = answers[k]
			}
		})
	}
	return nil
}

// ask has one model answer tasks; one without a passage is answered by there being nothing to read.
func (l *Labels) ask(ctx context.Context, pool *Pool, m Model, tasks []qa.Task, mine []int) ([]labelAnswer, error) {
	out := make([]labelAnswer, len(mine))
	var wanted []qa.Task
	var at []int
	for k, i := range mine {
		if len(tasks[i].Hits) == 0 {
			out[k].empty = true
			continue
		}
		wanted, at = append(wanted, tasks[i]), append(at, k)
	}
	if len(wanted) == 0 {
		return out, nil
	}
	s, release, err := pool.Use(ctx, m, Params{})
	if err != nil {
		return nil, err
	}
	defer release()
	params := make([]Params, len(wanted))
	for i := range params {
		params[i] = s.Params
	}
	predictions, err := s.reader.ReadEach(ctx, wanted, params)
	if err == nil && len(predictions) != len(wanted) {
		err = qa.Errorf(qa.Internal, "%d predictions for %d questions", len(predictions), len(wanted))
	}
	if err != nil {
		return nil, err
	}
	for i, p := range predictions {
		out[at[i]] = labelAnswerOf(p)
	}
	return out, nil
}

func labelAnswerOf(p qa.Prediction) labelAnswer {
	if p.Err != nil {
		return labelAnswer{err: p.Err.Error()}
	}
	a := labelAnswer{text: p.Text}
	for _, list := range [][]qa.Answer{p.Answers, p.Candidates} {
		for _, c := range list {
			if c.Text != "" && (a.text == "" || c.Text == a.text) {
				a.best = c
				return a
			}
		}
	}
	return a
}

// known are the answers of the models to a question, by their place among them; waiting are those that have yet to answer.
func (s *LabelSession) known(v *labelView, q *questions.Item) (answers map[int]labelAnswer, waiting int) {
	key, named := v.key(q), map[int]labelAnswer{}
	s.l.mu.Lock()
	defer s.l.mu.Unlock()
	for i, m := range s.Models {
		if a, ok := s.q.answers[m.Contestant()][key]; ok {
			named[i] = a
		} else if _, failed := s.q.failed[m.Contestant()]; !failed {
			waiting++
		}
	}
	return named, waiting
}
