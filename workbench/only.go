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
		Forget: w.Forget, FreeMemory: w.FreeMemory, only: shownModels(names), corpusOnly: corpusOnly}
}

// findShown is Find where not all models are shown: what is wrong with where one lies is for whoever runs the server to see.
func (w *Workbench) findShown(name, precision string) (Model, error) {
	at := slices.IndexFunc(w.only, func(s shownModel) bool { return s.name == name })
	if at < 0 {
		return Model{}, qa.Errorf(qa.NotFound, "model %s is not shown here; there are %s", name, strings.Join(w.Defaults(), ", "))
	}
	s := w.only[at]
	m, err := w.find(s.given, precision)
	if err != nil && s.id != "" {
		return Model{}, qa.Errorf(qa.CodeOf(err), "model %s cannot be read at the moment; whoever runs this server can find out why", name)
	}
	return s.of(m), err
}

// Defaults are the names of the models that are meant where none is named: the built-in ones, or those that are shown.
func (w *Workbench) Defaults() []string {
	if w.only == nil {
		return w.builtinIDs()
	}
	names := make([]string, len(w.only))
	for i, s := range w.only {
		names[i] = s.name
	}
	return names
}

var errCorpusOnly = qa.Errorf(qa.Forbidden, "only the texts that are here can be asked, none of your own")
