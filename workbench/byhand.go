package workbench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
)

// byHandFile holds, in the folder for data, what a person says of models. It wins over what a repository says of itself.
const (
	byHandFile    = "models.json"
	byHandVersion = 1
	lockPatience  = 10 * time.Second
)

type byHand struct {
	Version int                  `json:"version"`
	Models  map[string]handModel `json:"models"` // by id, a directory by its absolute path
}

type handModel struct {
	Abstains hub.Abstains `json:"abstains,omitempty"`
}

// settle reads what is set of a model: by its tryall.json, over that in the project, and over that by hand.
func (w *Workbench) settle(m *Model) error {
	k, err := w.keeper()
	if err != nil {
		return fmt.Errorf("model %s: what the project keeps of it: %w", m.Name, err)
	}
	return errors.Join(w.settleBy(m, k), k.close())
}

func (w *Workbench) settleBy(m *Model, k keeper) error {
	var err error
	if m.Settings, err = readSettings(m.FS); err != nil {
		return qa.Errorf(qa.BrokenModel, "model %s: %w", m.Name, err)
	}
	if m.Settings.Abstains != "" {
		m.Settings.abstainsWhy = "by its " + SettingsFile
	}
	kept, ok, err := k.of(*m)
	if err != nil {
		return qa.Errorf(qa.Invalid, "model %s: %w", m.Name, err)
	}
	if ok {
		m.Settings.over(kept)
	}
	dir, err := w.Data()
	if err != nil { // without a folder nothing was set
		return nil
	}
	set, err := readByHand(filepath.Join(dir, byHandFile))
	if err != nil {
		return qa.Errorf(qa.Invalid, "model %s: %w", m.Name, err)
	}
	if says := set.Models[handName(*m)].Abstains; says != "" {
		m.Settings.Abstains, m.Settings.abstainsWhy = says, "set by hand"
	}
	return nil
}

// SetAbstains notes by hand whether a model says "no answer"; empty takes the note back.
func (w *Workbench) SetAbstains(ctx context.Context, m Model, a hub.Abstains) error {
	dir, err := w.Data()
	if err == nil {
		err = os.MkdirAll(dir, 0o777)
	}
	if err == nil {
		err = changeByHand(ctx, filepath.Join(dir, byHandFile), func(s *byHand) {
			if a == "" {
				delete(s.Models, handName(m))
			} else {
				s.Models[handName(m)] = handModel{Abstains: a}
			}
		})
	}
	if err != nil {
		return qa.Errorf(qa.Invalid, "note whether %s abstains: %w", m.Name, err)
	}
	return nil
}

// changeByHand reads, changes and writes the file; nobody else does so meanwhile.
func changeByHand(ctx context.Context, path string, change func(*byHand)) error {
	lock := flock.New(path + ".lock")
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return fmt.Errorf("wait for another process to be done with %s: %w", path, err)
	}
	defer lock.Close()
	s, err := readByHand(path)
	if err != nil {
		return err
	}
	change(&s)
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	p, err := newPending(path)
	if err != nil {
		return err
	}
	defer p.discard()
	if _, err := p.Write(append(data, '\n')); err != nil {
		return err
	}
	return p.commit()
}

func readByHand(path string) (byHand, error) {
	s := byHand{Version: byHandVersion, Models: map[string]handModel{}}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	if err == nil && s.Version != byHandVersion {
		err = fmt.Errorf("it is of version %d, and this program knows %d", s.Version, byHandVersion)
	}
	for id, m := range s.Models {
		if aerr := checkAbstains(m.Abstains); aerr != nil && err == nil {
			err = fmt.Errorf("%s: %w", id, aerr)
		}
	}
	if err != nil {
		return s, fmt.Errorf("read what was set by hand in %s: %w; correct the file or remove it", path, err)
	}
	if s.Models == nil {
		s.Models = map[string]handModel{}
	}
	return s, nil
}

// handName is what a model is called there: all its revisions share what is said of it.
func handName(m Model) string {
	if m.Snapshot == nil && !m.Builtin {
		if abs, err := filepath.Abs(m.Dir); err == nil {
			return abs
		}
	}
	return m.ID
}
