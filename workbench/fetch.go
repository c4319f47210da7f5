package workbench

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
)

// Pulled is a model that was brought to this machine, or was there.
type Pulled struct {
	ID              string `json:"id"`
	Revision        string `json:"revision"` // the commit
	Path            string `json:"path"`     // empty for a built-in
	Files           []File `json:"files"`
	SizeBytes       int64  `json:"size_bytes"`
	DownloadedBytes int64  `json:"downloaded_bytes"`
	Architecture    string `json:"architecture"`
	Parameters      int64  `json:"parameters"`
	Runnable        bool   `json:"runnable"`
	Reason          string `json:"reason,omitempty"`
	Builtin         bool   `json:"builtin"`
}

// PullOptions are what a caller may want to be otherwise.
type PullOptions struct {
	Events func(hub.Event) // as hub.PullOptions has it; may be nil
	Verify bool            // hash what is there already
}

// Pull brings a model from the Hub into the cache and says whether it runs here. A built-in is there already.
func (w *Workbench) Pull(ctx context.Context, ref hub.Ref, o PullOptions) (Pulled, error) {
	if ref.Dir != "" {
		return Pulled{}, qa.Errorf(qa.Invalid, "pull %s: that is a directory of this machine; use it as it is, or tryall import puts it into the cache", ref.Name())
	}
	b, ok, err := w.builtin(ref)
	if err != nil {
		return Pulled{}, err
	}
	if ok {
		return w.inspectPulled(b, 0)
	}
	snapshot, loaded, err := w.fetch(ctx, ref, hub.PullOptions{Events: o.Events, Recheck: o.Verify})
	if err != nil {
		return Pulled{}, err
	}
	return w.inspectPulled(ofSnapshot(snapshot), loaded)
}

// fetch pulls and counts the bytes that came.
func (w *Workbench) fetch(ctx context.Context, ref hub.Ref, o hub.PullOptions) (hub.Snapshot, int64, error) {
	c, err := w.Hub()
	if err != nil {
		return hub.Snapshot{}, 0, ofHub(err)
	}
	defer c.Close()
	meter := newMeter(o.Events)
	o.Events = meter.event
	s, err := c.Pull(ctx, ref.ID, ref.Revision, o)
	return s, meter.loaded, ofHub(err)
}

// meter counts the bytes of files that came, without those that were there before.
type meter struct {
	next   func(hub.Event)
	before map[string]int64
	loaded int64
}

func newMeter(next func(hub.Event)) *meter {
	if next == nil {
		next = func(hub.Event) {}
	}
	return &meter{next: next, before: map[string]int64{}}
}

func (m *meter) event(e hub.Event) {
	switch {
	case e.Kind == hub.Started:
		m.before[e.File] = e.Done
	case e.Kind == hub.Done && !e.Cached:
		m.loaded += e.Size - m.before[e.File]
	}
	m.next(e)
}

// Import stores models that came by other means in the cache: a repository folder, a cache, or an archive of either.
// name is the id of a repository folder, empty when its own name will do.
func (w *Workbench) Import(ctx context.Context, src, name string, events func(hub.Event)) ([]Pulled, error) {
	c, err := w.Cache()
	if err != nil {
		return nil, qa.Errorf(qa.Invalid, "look into the Hugging Face cache: %w", err)
	}
	for _, b := range w.Builtins {
		if b.ID == name {
			return nil, qa.Errorf(qa.Invalid, "import %s: %s is the name of a built-in model; give it another one", src, name)
		}
	}
	snapshots, err := c.Import(ctx, src, hub.ImportOptions{As: name, Events: events})
	if err != nil {
		return nil, ofHub(err)
	}
	out := []Pulled{}
	for _, s := range snapshots {
		p, err := w.inspectPulled(ofSnapshot(s), 0)
		if err != nil {
			return out, err
		}
		out = append(out, p)
	}
	return out, nil
}

// inspectPulled says what is there now.
func (w *Workbench) inspectPulled(m Model, loaded int64) (Pulled, error) {
	p := Pulled{ID: m.ID, Revision: m.Revision, Path: m.Dir, Builtin: m.Builtin, DownloadedBytes: loaded}
	var err error
	if p.Files, err = files(m.FS); err != nil {
		return p, qa.Errorf(qa.BrokenModel, "model %s: %w", m.ID, err)
	}
	for _, f := range p.Files {
		p.SizeBytes += f.SizeBytes
	}
	info, err := w.check(m, true)
	if err != nil {
		p.Reason = err.Error()
		return p, nil
	}
	p.Runnable, p.Architecture, p.Parameters = true, info.Architecture, info.Parameters
	return p, nil
}

// Bring is FindAll for models that are about to be used: what is not here, or only in part, is pulled first.
// events may be nil.
func (w *Workbench) Bring(ctx context.Context, names []string, precision string, events func(hub.Event)) ([]Model, error) {
	for _, name := range names {
		ref, err := hub.ParseRef(name)
		if err != nil {
			return nil, qa.Errorf(qa.Invalid, "%w", err)
		}
		m, err := w.Find(name, precision)
		var absent *notHereError
		switch {
		case errors.As(err, &absent):
			err = w.bring(ctx, ref, events)
		case err == nil && m.Snapshot != nil && errors.Is(m.Snapshot.Complete(), hub.NotCached):
			if ref.Revision != "" {
				ref.Revision = m.Revision
			}
			err = w.bring(ctx, ref, events)
		}
		if err != nil {
			return nil, err
		}
	}
	return w.FindAll(names, precision)
}

func (w *Workbench) bring(ctx context.Context, ref hub.Ref, events func(hub.Event)) error {
	_, _, err := w.fetch(ctx, ref, hub.PullOptions{Events: events})
	if errors.Is(err, hub.RepoNotFound) {
		return qa.Errorf(qa.NotFound, "%w; built in are %s%s", err, strings.Join(w.builtinIDs(), ", "), folderHint(ref.ID))
	}
	return err
}

// hubCodes are our codes for those of package hub.
var hubCodes = map[qa.Code][]hub.Code{
	qa.NotFound:         {hub.RepoNotFound, hub.RevisionNotFound, hub.EntryNotFound, hub.NotCached},
	qa.Invalid:          {hub.Invalid},
	qa.UnsupportedModel: {hub.NoWeights},
	qa.BrokenModel:      {hub.Corrupt, hub.HashMismatch, hub.UnsafePath, hub.Changed, hub.BadResponse},
	qa.Forbidden:        {hub.GatedRepo, hub.Unauthorized, hub.Forbidden, hub.Permission},
	qa.Unavailable:      {hub.Offline, hub.Unreachable, hub.RateLimited, hub.DiskFull, hub.Busy},
}

// ofHub gives an error of package hub one of our codes.
func ofHub(err error) error {
	code := hub.CodeOf(err)
	for ours, theirs := range hubCodes {
		if slices.Contains(theirs, code) {
			return qa.Errorf(ours, "%w", err)
		}
	}
	return err
}
