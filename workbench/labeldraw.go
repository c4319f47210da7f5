package workbench

import (
	"context"
	"strings"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/stats"
)

// LabelDraw is a question that was drawn to be labelled.
type LabelDraw struct {
	Item string `json:"item"` // empty: nothing is left
	// Weight is the probability with which it was drawn among those that were left; it goes into the judgement, and estimates need it.
	Weight float64 `json:"weight"`
	// Disputed: the draw went by how far the models disagree. Until all have answered it goes by chance alone.
	Disputed bool `json:"disputed"`
}

// Next draws the question to label next: one that the models disagree on more often, but any may come, and the probability is known (see
// stats.NextLabel). The same person gets the same question until it is judged; several people get different ones.
func (s *LabelSession) Next(ctx context.Context) (LabelDraw, error) {
	v, err := s.view(ctx)
	if err != nil {
		return LabelDraw{}, err
	}
	disagreement, whole := s.disagreement(v)
	s.l.mu.Lock()
	defer s.l.mu.Unlock()
	if d, drawn := s.q.drawn[s.Who]; drawn && v.isOpen(d.Item) {
		return d, nil
	}
	delete(s.q.drawn, s.Who)
	if !v.anyOpen() {
		return LabelDraw{}, nil
	}
	taken, left := s.taken(v)
	if left == 0 {
		taken = v.gone(nil) // only what others look at is left
	}
	o := stats.LabelOptions{Seed: DefaultSeed}
	if !whole {
		o.Uniform = 1
	}
	i, weight, err := stats.NextLabel(disagreement, taken, o)
	if err != nil {
		return LabelDraw{}, err
	}
	d := LabelDraw{Item: v.pool[i].q.ID, Weight: weight, Disputed: whole}
	s.q.drawn[s.Who] = d
	return d, nil
}

// disputes are how far models disagree, and of what state that is.
type disputes struct {
	version string
	changes int
	models  string
	of      []float64
	whole   bool
}

// disagreement is that of each question of the pool, in bits of the entropy of its answers; whole says that all have answered.
func (s *LabelSession) disagreement(v *labelView) (of []float64, whole bool) {
	var names []string
	for _, m := range s.Models {
		names = append(names, m.Contestant())
	}
	s.l.mu.Lock()
	held := s.q.disputes
	now := disputes{version: v.version, changes: s.q.changes, models: strings.Join(names, "\x00")}
	s.l.mu.Unlock()
	if held.of != nil && held.version == now.version && held.changes == now.changes && held.models == now.models {
		return held.of, held.whole
	}
	now.of = make([]float64, len(v.pool))
	var runs []*eval.Run
	if runs, now.whole = s.runs(v); now.whole {
		for i, entropy := range eval.Entropies(runs) {
			now.of[i] = entropy
		}
	}
	s.l.mu.Lock()
	s.q.disputes = now
	s.l.mu.Unlock()
	return now.of, now.whole
}

// taken are those of the pool that cannot be drawn: what is judged, and what others look at. Called with mu held.
func (s *LabelSession) taken(v *labelView) (taken []int, left int) {
	others := map[string]bool{}
	for who, d := range s.q.drawn {
		if who != s.Who {
			others[d.Item] = true
		}
	}
	taken = v.gone(others)
	return taken, len(v.pool) - len(taken)
}

// gone are those of the pool that were drawn and judged, in that order, and after them those of a list.
func (v *labelView) gone(list map[string]bool) []int {
	taken := append([]int{}, v.order...)
	for i := range v.pool {
		if !v.pool[i].drawn && (list[v.pool[i].q.ID] || !v.pool[i].open()) {
			taken = append(taken, i)
		}
	}
	return taken
}

func (v *labelView) isOpen(id string) bool {
	at, ok := v.at[id]
	return ok && v.pool[at].open()
}

func (v *labelView) anyOpen() bool {
	for i := range v.pool {
		if v.pool[i].open() {
			return true
		}
	}
	return false
}
