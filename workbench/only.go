package workbench

import (
	"slices"
	"strings"

	"github.com/tryall/tryall/qa"
)

// Only is the same workbench for people who are shown something: it knows the models of these names and no others, and with corpusOnly
// refuses to ask any text but the project's. What is above it cannot show more, whatever it is asked for.
func (w *Workbench) Only(names []string, corpusOnly bool) *Workbench {
	return &Workbench{OpenReader: w.OpenReader, CheckModel: w.CheckModel, Builtins: w.Builtins, Cache: w.Cache, Hub: w.Hub, Data: w.Data, Supports: w.Supports,
		Forget: w.Forget, FreeMemory: w.FreeMemory, only: slices.Clone(names), corpusOnly: corpusOnly}
}

// known refuses a model that is not shown.
func (w *Workbench) known(name string) error {
	if w.only == nil || slices.Contains(w.only, name) {
		return nil
	}
	return qa.Errorf(qa.NotFound, "model %s is not shown here; there are %s", name, strings.Join(w.only, ", "))
}

// Defaults are the names of the models that are meant where none is named: the built-in ones, or those that are shown.
func (w *Workbench) Defaults() []string {
	if w.only != nil {
		return slices.Clone(w.only)
	}
	return w.builtinIDs()
}

var errCorpusOnly = qa.Errorf(qa.Forbidden, "only the texts that are here can be asked, none of your own")
