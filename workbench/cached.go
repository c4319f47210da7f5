package workbench

import (
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
)

// cached looks a model up in the Hugging Face cache; ok is false when it is not there.
func (w *Workbench) cached(ref hub.Ref) (m Model, ok bool, err error) {
	c, err := w.Cache()
	if err != nil {
		return Model{}, false, qa.Errorf(qa.Invalid, "look into the Hugging Face cache: %w", err)
	}
	s, err := c.Find(ref.ID, ref.Revision)
	switch {
	case errors.Is(err, hub.NotCached):
		return Model{}, false, nil
	case errors.Is(err, hub.Invalid):
		return Model{}, false, qa.Errorf(qa.Invalid, "%w", err)
	case err != nil:
		return Model{}, false, ofHub(err)
	}
	return ofSnapshot(s), true, nil
}

func ofSnapshot(s hub.Snapshot) Model {
	return Model{Name: s.ID, ID: s.ID, Revision: s.Commit, Precision: DefaultPrecision, Dir: s.Dir, FS: s.FS(), Snapshot: &s}
}

// allCached are the models of the cache, every revision one of its own; warnings are about what is damaged.
func (w *Workbench) allCached() (models []Model, warnings []string, err error) {
	c, err := w.Cache()
	if err != nil {
		return nil, nil, qa.Errorf(qa.Invalid, "look into the Hugging Face cache: %w", err)
	}
	repos, damaged, err := c.Scan()
	if err != nil {
		return nil, nil, qa.Errorf(qa.Invalid, "%w", err)
	}
	for _, e := range damaged {
		warnings = append(warnings, e.Error())
	}
	for _, r := range repos {
		for _, v := range r.Revisions {
			models = append(models, ofSnapshot(r.Snapshot(v)))
		}
	}
	return models, warnings, nil
}

// notHereError is a name that could be pulled, but was not.
type notHereError struct {
	ref hub.Ref
	err error
}

func (e *notHereError) Error() string { return e.err.Error() }
func (e *notHereError) Unwrap() error { return e.err }

// notHere says what there is instead, and how a directory is named.
func (w *Workbench) notHere(ref hub.Ref) error {
	var revisions []string
	if all, _, err := w.allCached(); err == nil {
		for _, m := range all {
			if m.ID == ref.ID && !slices.Contains(revisions, m.Revision) {
				revisions = append(revisions, m.Revision)
			}
		}
	}
	hint := ""
	if len(revisions) > 0 {
		hint = "; of this model the cache holds " + strings.Join(revisions, ", ")
	} else {
		hint = folderHint(ref.ID)
	}
	return qa.Errorf(qa.NotFound, "model %s is not on this machine: it is neither built in (%s) nor in the Hugging Face cache%s; tryall pull %s brings it, and a directory is named with ./, ../ or /",
		ref.Name(), strings.Join(w.builtinIDs(), ", "), hint, ref.Name())
}

func (w *Workbench) builtinIDs() []string {
	var ids []string
	for _, b := range w.Builtins {
		ids = append(ids, b.ID)
	}
	return ids
}

// folderHint says how a folder is named that was taken for an id.
func folderHint(id string) string {
	if info, err := os.Stat(id); err == nil && info.IsDir() {
		return "; the folder of that name is written ./" + id
	}
	return ""
}
