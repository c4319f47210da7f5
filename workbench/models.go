package workbench

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
)

// Model is a repository on this machine, under the name that it was asked for.
type Model struct {
	Name      string // as given, without the precision
	ID        string // id on the Hub, of a built-in, or the directory
	Revision  string // commit; empty for a directory
	Precision string
	Builtin   bool
	Dir       string // where its files lie, empty for a built-in
	FS        fs.FS
	Snapshot  *hub.Snapshot // where it lies in the Hugging Face cache; nil when it lies elsewhere
	Settings  Settings

	shown string // what people are shown instead of ID; empty: ID
}

// Contestant is the full name: id@revision:precision.
func (m Model) Contestant() string {
	s := m.shownID()
	if m.Revision != "" {
		s += "@" + m.Revision
	}
	return s + ":" + m.Precision
}

// DefaultPrecision is what a model runs in when neither its name nor a flag says so.
const DefaultPrecision = "fp32"

// Find resolves a name to a model that is on this machine. The precision in the name wins over the given one.
func (w *Workbench) Find(name, precision string) (Model, error) {
	if w.only != nil {
		return w.findShown(name, precision)
	}
	return w.find(name, precision)
}

func (w *Workbench) find(name, precision string) (Model, error) {
	ref, err := hub.ParseRef(name)
	if err != nil {
		return Model{}, qa.Errorf(qa.Invalid, "%w", err)
	}
	m, err := w.locate(ref)
	if err != nil {
		return Model{}, err
	}
	m.Name = strings.TrimSuffix(name, ":"+ref.Precision)
	m.Precision = firstOf(ref.Precision, precision, DefaultPrecision)
	return m, w.settle(&m)
}

// FindAll resolves several names; without any, the built-in models.
func (w *Workbench) FindAll(names []string, precision string) ([]Model, error) {
	if len(names) == 0 {
		names = w.Defaults()
	}
	var models []Model
	for _, n := range names {
		m, err := w.Find(n, precision)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(models, func(o Model) bool { return o.Contestant() == m.Contestant() }) {
			return nil, qa.Errorf(qa.Invalid, "model %s is named twice", m.Contestant())
		}
		models = append(models, m)
	}
	return models, nil
}

func (w *Workbench) locate(ref hub.Ref) (Model, error) {
	if ref.Dir != "" {
		return openDir(ref)
	}
	b, ok, err := w.builtin(ref)
	if err != nil || ok {
		return b, err
	}
	m, ok, err := w.cached(ref)
	if err != nil || ok {
		return m, err
	}
	return Model{}, &notHereError{ref, w.notHere(ref)}
}

// builtin finds a model that the program carries, also by the name after the slash, as reports print it: the Hub has given
// no names without an owner for years.
func (w *Workbench) builtin(ref hub.Ref) (Model, bool, error) {
	for _, b := range w.Builtins {
		if b.ID == ref.ID || path.Base(b.ID) == ref.ID {
			if r := ref.Revision; r != "" && r != b.Revision && (len(r) < 7 || !strings.HasPrefix(b.Revision, r)) {
				return Model{}, false, qa.Errorf(qa.NotFound, "model %s is built in at revision %s, not at %s", b.ID, b.Revision, ref.Revision)
			}
			return b, true, nil
		}
	}
	return Model{}, false, nil
}

func openDir(ref hub.Ref) (Model, error) {
	info, err := os.Stat(ref.Dir)
	switch {
	case os.IsNotExist(err):
		return Model{}, qa.Errorf(qa.NotFound, "model %s: there is no such directory", ref.Name())
	case err != nil:
		return Model{}, qa.Errorf(qa.NotFound, "model %s: %w", ref.Name(), err)
	case !info.IsDir():
		return Model{}, qa.Errorf(qa.Invalid, "model %s is a file; name the directory that holds config.json", ref.Name())
	}
	m := Model{ID: ref.Name(), Dir: ref.Dir, FS: hub.DirFS(ref.Dir)}
	if _, err := fs.Stat(m.FS, "config.json"); err != nil {
		return Model{}, qa.Errorf(qa.NotFound, "model %s: the directory holds no config.json, so it is no model repository", ref.Name())
	}
	return m, nil
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// FindShared is Find for names that come from other people, over a network maybe: of the directories of this machine it finds only those
// that are allowed, by the name that they were allowed under, so that nobody learns what else lies here.
func (w *Workbench) FindShared(name, precision string, allowed []string) (Model, error) {
	if w.only != nil { // their names are no paths
		return w.findShown(name, precision)
	}
	ref, err := hub.ParseRef(name)
	if err != nil {
		return Model{}, qa.Errorf(qa.Invalid, "%w", err)
	}
	if ref.Dir != "" && !slices.Contains(allowed, name) {
		return Model{}, qa.Errorf(qa.Forbidden, "model %s: only models of this machine can be asked here, by the names that the list of models has; a directory only if it was named when the server was started, with -m", name)
	}
	return w.Find(name, precision)
}
