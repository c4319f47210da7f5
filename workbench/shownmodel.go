package workbench

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/tryall/tryall/hub"
)

// shownModel is a model that others are shown, who need not know where it lies on the machine.
type shownModel struct {
	name  string // that it is shown under, and asked for by
	given string // that whoever shows it named it by
	id    string // of a directory: its last element, told from others that end alike; empty: the model's own
}

// shownModels gives directories names that say no more of them than how they end. All others are called as they were named.
func shownModels(names []string) []shownModel {
	out := make([]shownModel, len(names))
	taken := map[string]bool{}
	refs := make([]hub.Ref, len(names))
	for i, name := range names {
		out[i] = shownModel{name: name, given: name}
		if ref, err := hub.ParseRef(name); err == nil { // what is no name says so when it is asked for
			refs[i] = ref
			taken[ref.ID] = true
		}
	}
	ids := map[string]string{} // by directory
	for i, ref := range refs {
		if ref.Dir == "" {
			continue
		}
		dir := ref.Dir
		if abs, err := filepath.Abs(dir); err == nil {
			dir = abs
		}
		id, known := ids[dir]
		if !known {
			id = free(lastElement(dir), taken)
			ids[dir], taken[id] = id, true
		}
		out[i].id, out[i].name = id, id
		if ref.Precision != "" {
			out[i].name += ":" + ref.Precision
		}
	}
	return out
}

// lastElement is how a directory is called.
func lastElement(dir string) string {
	if base := filepath.Base(dir); base != string(filepath.Separator) && base != "." && base != ".." {
		return base
	}
	return "model"
}

// free is a name, with a number behind it where it is taken.
func free(name string, taken map[string]bool) string {
	out := name
	for n := 2; taken[out]; n++ {
		out = fmt.Sprintf("%s-%d", name, n)
	}
	return out
}

// of is a model as it is shown.
func (s shownModel) of(m Model) Model {
	if s.id != "" {
		m.Name, m.shown = s.id, s.id
	}
	return m
}

// ShownModel is a model that was found without regard to what is shown, as it is found here.
func (w *Workbench) ShownModel(m Model) Model {
	for _, s := range w.only {
		if strings.TrimSuffix(s.given, ":"+m.Precision) == m.Name {
			return s.of(m)
		}
	}
	return m
}

func (m Model) shownID() string { return firstOf(m.shown, m.ID) }
