package workbench

import (
	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
)

// Removed is what taking a model, or a revision of it, out of the Hugging Face cache deleted.
type Removed struct {
	ID         string   `json:"id"`
	Revisions  []string `json:"revisions"`
	References []string `json:"references"`
	Blobs      int      `json:"blobs"`
	FreedBytes int64    `json:"freed_bytes"`
}

// Remove does what PlanRemove has planned, and removes besides what was made of the files that go.
func (w *Workbench) Remove(r hub.Removal) (Removed, error) {
	out := Removed{r.ID, list(r.Commits), list(r.Refs), len(r.Blobs), r.Bytes}
	if err := r.Do(); err != nil || w.Forget == nil {
		return out, err
	}
	freed, err := w.Forget(r.Blobs)
	out.FreedBytes += freed
	return out, err
}

// PlanRemove says what removing a model, or the revision that its name gives, deletes; Remove does it. Built-in models are part of the
// program, and directories are somebody's own.
func (w *Workbench) PlanRemove(ref hub.Ref) (hub.Removal, error) {
	if ref.Dir != "" {
		return hub.Removal{}, qa.Errorf(qa.Invalid, "%s is a directory; models are removed from the Hugging Face cache only", ref.Name())
	}
	for _, b := range w.Builtins {
		if b.ID == ref.ID {
			return hub.Removal{}, qa.Errorf(qa.Forbidden, "%s is part of the program and cannot be removed", b.ID)
		}
	}
	cache, err := w.Cache()
	if err != nil {
		return hub.Removal{}, ofHub(err)
	}
	plan, err := cache.PlanRemove(ref.ID, ref.Revision)
	if err != nil {
		return hub.Removal{}, ofHub(err)
	}
	return plan, nil
}
