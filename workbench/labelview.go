package workbench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/store"
)

// labelView is a set at one moment, as labelling sees it. Several sessions share it, and nobody changes it.
type labelView struct {
	version string // of the set and the corpus
	set     *questions.Set
	judged  []store.Judgement // that stand, in their order
	byID    map[string]int    // items that have their id for themselves
	// pool are the questions that a draw could have come upon: those that the file leaves open, without the ones that somebody
	// picked by hand.
	pool     []labelItem
	at       map[string]int  // of an id in pool
	placed   map[string]bool // questions that name a document only since they were judged
	order    []int           // of pool, those that were drawn, in order
	weights  []float64       // with which each of order was drawn
	corpus   string          // its state
	repeated int
	skips    int
}

// labelItem is one question of the pool.
type labelItem struct {
	q       *questions.Item
	key     string // of its text and of what it is asked of
	drawn   bool
	skipped bool
}

// open says whether it is to be labelled.
func (i *labelItem) open() bool { return !i.q.Labelled && !i.skipped }

// reads says whether models are to answer it.
func (i *labelItem) reads() bool { return i.q.Labelled || !i.skipped }

// labelVersion changes whenever what a labelView holds does.
func (p *Project) labelVersion(ctx context.Context, name string) (version, corpus string, err error) {
	version, err = p.Store.SetVersion(ctx, name)
	if err != nil {
		return "", "", err
	}
	stats, err := p.Index.Stats(ctx)
	return version + " " + stats.Digest, stats.Digest, err
}

// labelView reads a set with what was said of it, unless the queue holds it as it is. Of all sets the one that was read last is held.
func (l *Labels) view(ctx context.Context, p *Project, q *labelQueue, name string) (*labelView, error) {
	version, corpus, err := p.labelVersion(ctx, name)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	held := q.view
	l.mu.Unlock()
	if held != nil && held.version == version {
		return held, nil
	}
	set, err := p.Store.Questions(ctx, name)
	if err != nil {
		return nil, err
	}
	all, err := p.Store.Judgements(ctx, name)
	if err != nil {
		return nil, err
	}
	// What came meanwhile is in it already: it is read again, for nothing but a little time.
	v := &labelView{version: version, set: set, judged: standing(all), byID: map[string]int{}, at: map[string]int{}, placed: map[string]bool{}, corpus: corpus}
	v.identify()
	v.draws()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, other := range l.queues {
		other.view, other.disputes = nil, disputes{}
	}
	q.view = v
	return v, nil
}

// identify finds the questions that can be named.
func (v *labelView) identify() {
	times := map[string]int{}
	for i := range v.set.Items {
		times[v.set.Items[i].ID]++
	}
	for i := range v.set.Items {
		if id := v.set.Items[i].ID; times[id] == 1 {
			v.byID[id] = i
		} else {
			v.repeated++
		}
	}
}

// draws finds the pool and what was drawn of it.
func (v *labelView) draws() {
	weight, skipped, picked := map[string]float64{}, map[string]bool{}, map[string]bool{}
	var order []string
	for i := range v.judged {
		j := &v.judged[i]
		if _, known := v.byID[j.Item]; !known {
			continue
		}
		v.placed[j.Item] = v.placed[j.Item] || j.Document != ""
		if j.Kind == store.Skipped {
			skipped[j.Item] = true
		}
		if _, drawn := weight[j.Item]; !drawn && j.Weight > 0 {
			weight[j.Item] = j.Weight
			order = append(order, j.Item)
		} else if !drawn {
			picked[j.Item] = true
		}
	}
	for i := range v.set.Items {
		q := &v.set.Items[i]
		if _, named := v.byID[q.ID]; !named {
			continue
		}
		_, drawn := weight[q.ID]
		if skipped[q.ID] && !q.Labelled {
			v.skips++
		}
		if !drawn && (q.Labelled || picked[q.ID]) {
			continue
		}
		v.at[q.ID] = len(v.pool)
		v.pool = append(v.pool, labelItem{q: q, key: v.key(q), drawn: drawn, skipped: skipped[q.ID]})
	}
	for _, id := range order {
		v.order = append(v.order, v.at[id])
		v.weights = append(v.weights, weight[id])
	}
}

// key tells apart what would be answered differently.
func (v *labelView) key(q *questions.Item) string {
	of := v.corpus + "\x00" + v.document(q)
	if q.Context >= 0 {
		of = v.set.Contexts[q.Context].Text
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{q.Text, of}, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// document is the one that a question names of itself.
func (v *labelView) document(q *questions.Item) string {
	if v.placed[q.ID] {
		return ""
	}
	return q.Document
}

// item finds a question by its id.
func (v *labelView) item(id string) (*questions.Item, error) {
	i, ok := v.byID[id]
	if !ok {
		return nil, qa.Errorf(qa.NotFound, "%s has no question %q that has its id for itself", v.set.Name, id)
	}
	return &v.set.Items[i], nil
}
