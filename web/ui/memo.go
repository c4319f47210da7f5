package ui

import (
	"container/list"
	"context"
	"fmt"
	"sync"
)

// memo keeps cards that were made, so that sorting and pinning show the same figures again: a second run would find its logits and
// look faster than the model is.
type memo struct {
	mu    sync.Mutex
	order *list.List // of *memoCard, used last in front
	at    map[string]*list.Element
}

type memoCard struct {
	key  string
	card *Card
}

// memoHeld is how many cards are kept.
const memoHeld = 512

func (m *memo) get(key string) *Card {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.at[key]
	if e == nil {
		return nil
	}
	m.order.MoveToFront(e)
	c := *e.Value.(*memoCard).card // pages give it a hue and a group
	return &c
}

func (m *memo) put(key string, c *Card) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.order == nil {
		m.order, m.at = list.New(), map[string]*list.Element{}
	}
	if e := m.at[key]; e != nil {
		e.Value.(*memoCard).card = c
		return
	}
	m.at[key] = m.order.PushFront(&memoCard{key, c})
	if m.order.Len() > memoHeld {
		old := m.order.Back()
		m.order.Remove(old)
		delete(m.at, old.Value.(*memoCard).key)
	}
}

// key says all that a card depends on, the state of the corpus and what is set of the model among it.
func (e *Env) key(ctx context.Context, q Query, model string) string {
	q.Sort, q.Pinned, q.Models = "", nil, nil
	key := q.Values().Encode() + "\x00" + model
	if m, err := e.Find(q, model); err == nil {
		if kept, ok := m.Settings.Kept(); ok && kept.Threshold != nil {
			key += fmt.Sprintf("\x00%g %v", *kept.Threshold, m.Settings.Calibration)
		}
	}
	if q.Corpus {
		if p, err := e.Project(ctx, false); err == nil && p != nil {
			if stats, err := p.Index.Stats(ctx); err == nil {
				key += "\x00" + stats.Digest
			}
		}
	}
	return key
}

// Remembered is the card of a model that was asked this before; nil when it was not.
func (e *Env) Remembered(ctx context.Context, q Query, model string) *Card {
	return e.memo.get(e.key(ctx, q, model))
}

// AnswerOnce asks one model, unless it was asked the same before.
func (e *Env) AnswerOnce(ctx context.Context, a *Asking, model string) *Card {
	key := e.key(ctx, a.Query, model)
	if c := e.memo.get(key); c != nil {
		return c
	}
	c := e.Answer(ctx, a, model)
	if c.Err == nil {
		kept := *c
		e.memo.put(key, &kept)
	}
	return c
}
