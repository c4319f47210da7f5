package workbench

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/internal/sqlite"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
)

// openProjects are the projects of this process that are open, so that what they keep of models is read without opening their file again.
type openProjects struct {
	mu   sync.RWMutex
	list []*Project
}

func (o *openProjects) add(p *Project) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list = append(o.list, p)
}

// remove waits until nobody reads what p keeps.
func (o *openProjects) remove(p *Project) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list = slices.DeleteFunc(o.list, func(x *Project) bool { return x == p })
}

// keeper looks up what the project keeps of models.
type keeper struct {
	db    *sqlite.DB // nil: nothing is kept yet
	close func() error
}

// keeper finds the project's data, as they are open already, else for as long as it takes to look. Looking takes a moment, and names are
// resolved without a context.
//
//nolint:contextcheck,nolintlint // it spares all who call it
func (w *Workbench) keeper() (keeper, error) {
	dir, err := w.Data()
	if err != nil || !w.HasProject() { // nothing was ever kept
		return keeper{close: func() error { return nil }}, nil
	}
	path := filepath.Join(dir, Database)
	w.open.mu.RLock()
	if i := slices.IndexFunc(w.open.list, func(p *Project) bool { return p.Path() == path }); i >= 0 {
		return keeper{w.open.list[i].db, func() error { w.open.mu.RUnlock(); return nil }}, nil
	}
	w.open.mu.RUnlock()
	ctx, cancel := context.WithTimeout(context.Background(), lockPatience)
	defer cancel()
	db, err := sqlite.Open(ctx, path)
	if err != nil {
		return keeper{}, err
	}
	return keeper{db, db.Close}, nil
}

// of is what is kept of a model.
//
//nolint:contextcheck,nolintlint // it spares all who call it
func (k keeper) of(m Model) (store.ModelSettings, bool, error) {
	if k.db == nil {
		return store.ModelSettings{}, false, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), lockPatience)
	defer cancel()
	return store.ModelIn(ctx, k.db, keptNames(m)...)
}

// keptNames are the names that settings of a model may be kept under: those of the contestant come before those of the model in
// whatever revision and precision. A directory goes by its absolute path.
func keptNames(m Model) []string {
	id := handName(m)
	if m.Revision == "" {
		return []string{id + ":" + m.Precision, id}
	}
	return []string{id + "@" + m.Revision + ":" + m.Precision, id + "@" + m.Revision, id}
}

// MostThreshold is how far from 0 a threshold may lie, either way: the logits that gaps are of are of two digits.
const MostThreshold = 1000

// CheckThreshold refuses what cannot be meant as a threshold.
func CheckThreshold(t float64) error {
	if math.IsNaN(t) || math.Abs(t) > MostThreshold {
		return qa.Errorf(qa.Invalid, "a threshold of %.4g cannot be meant: gaps are of two digits, so give a number from -%d to %d", t, MostThreshold, MostThreshold)
	}
	return nil
}

// Keep notes in the project from which gap on a model is to answer there, and how sure a gap makes it. It wins over the model's own
// tryall.json; settings without anything in them take it back, whatever name they were kept under.
func (p *Project) Keep(ctx context.Context, m Model, s store.ModelSettings) error {
	if s.Threshold != nil {
		if err := CheckThreshold(*s.Threshold); err != nil {
			return err
		}
	}
	if s != (store.ModelSettings{}) {
		if s.When.IsZero() {
			s.When = time.Now().UTC().Truncate(time.Second)
		}
		return p.Store.SetModel(ctx, keptNames(m)[0], s)
	}
	for _, name := range keptNames(m) {
		if err := p.Store.SetModel(ctx, name, s); err != nil {
			return err
		}
	}
	return nil
}

// over puts what a project keeps over what the repository says.
func (s *Settings) over(kept store.ModelSettings) {
	s.kept, s.own = &kept, s.Threshold
	if kept.Abstains != "" {
		s.Abstains, s.abstainsWhy = hub.Abstains(kept.Abstains), "set in this project"
	}
	if kept.Threshold != nil {
		s.Threshold = kept.Threshold
	}
	if c := kept.Calibration; c != nil {
		s.Calibration = &Calibration{A: c.A, B: c.B}
	}
}

// Kept is what the project keeps of the model; ok is false where it keeps nothing.
func (s Settings) Kept() (kept store.ModelSettings, ok bool) {
	if s.kept == nil {
		return kept, false
	}
	return *s.kept, true
}

// decides says whether somebody set in the project from which gap on the model answers: it abstains below then, whatever it was made for.
func (s Settings) decides() bool { return s.kept != nil && s.kept.Threshold != nil }

// Own is the threshold that the repository itself brings, whatever the project keeps.
func (s Settings) Own() *float64 {
	if s.kept != nil {
		return s.own
	}
	return s.Threshold
}
