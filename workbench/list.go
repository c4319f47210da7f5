package workbench

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
)

// Info is what a model's configuration and tensor names say.
type Info struct {
	Architecture, Head, DType, Tokenizer string
	Precisions                           []string // that it can be asked to run in
	Parameters                           int64
	Layers, Hidden, Vocabulary, MaxLen   int // MaxLen: most tokens of a window, 0 is no limit
	Warnings                             []string
}

// ByProject is who says from which gap on a model answers, where the project does.
const ByProject = "set in this project"

// Entry is a line of the list of models.
type Entry struct {
	ID           string       `json:"id"`
	Revision     string       `json:"revision"`
	Architecture string       `json:"architecture"`
	Parameters   int64        `json:"parameters"`
	SizeBytes    int64        `json:"size_bytes"`
	Abstains     hub.Abstains `json:"abstains"`
	Runnable     bool         `json:"runnable"`
	Reason       string       `json:"reason,omitempty"`
	Builtin      bool         `json:"builtin"`
	// Threshold is the gap above which the model answers here; ThresholdBy says who says so: its tryall.json, or this project.
	Threshold   *float64 `json:"threshold,omitempty"`
	ThresholdBy string   `json:"threshold_by,omitempty"`
}

// Details are what is known of one model.
type Details struct {
	Entry
	Contestant  string       `json:"contestant"`
	Origin      string       `json:"origin"` // where its files are from
	Directory   string       `json:"directory,omitempty"`
	AbstainsWhy string       `json:"abstains_why"`
	Head        string       `json:"head,omitempty"`
	DType       string       `json:"dtype,omitempty"`
	Precisions  []string     `json:"precisions"`
	Tokenizer   string       `json:"tokenizer,omitempty"`
	Layers      int          `json:"layers,omitempty"`
	Hidden      int          `json:"hidden,omitempty"`
	Vocabulary  int          `json:"vocabulary,omitempty"`
	MaxLen      int          `json:"max_len,omitempty"`
	Calibration *Calibration `json:"calibration,omitempty"`
	// Kept is what was set of the model in this project; nil: Threshold and Calibration are its own.
	Kept      *store.ModelSettings `json:"kept,omitempty"`
	License   string               `json:"license"`
	Languages []string             `json:"languages"`
	Datasets  []string             `json:"datasets"`
	Results   []hub.CardResult     `json:"results"` // what the author claims
	Files     []File               `json:"files"`
	Warnings  []string             `json:"warnings"`
}

// File is one file of a repository.
type File struct {
	Name      string   `json:"name"`
	SizeBytes int64    `json:"size_bytes"`
	Role      hub.Role `json:"role,omitempty"`
	hub.Digest
	URL string `json:"url,omitempty"` // on the Hub
}

// List is what is here: the built-in models, then those of the Hugging Face cache. Warnings are about what is damaged there.
func (w *Workbench) List(ctx context.Context) ([]Entry, []string, error) {
	models, warnings, err := w.All("")
	if err != nil {
		return nil, nil, err
	}
	entries := []Entry{}
	for _, m := range models {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		d, err := w.describe(ctx, m, false)
		if err != nil {
			d.Reason = err.Error()
		}
		entries = append(entries, d.Entry)
	}
	return entries, warnings, nil
}

// All are the models that are here: the built-in ones, then those of the Hugging Face cache. Warnings are about what is
// damaged there.
func (w *Workbench) All(precision string) (models []Model, warnings []string, err error) {
	if w.only != nil {
		models, err = w.FindAll(w.Defaults(), precision)
		return models, nil, err
	}
	cached, warnings, err := w.allCached()
	models = slices.Concat(w.Builtins, cached)
	k, kerr := w.keeper()
	if kerr != nil {
		return nil, warnings, errors.Join(err, kerr)
	}
	for i := range models {
		models[i].Precision = firstOf(precision, DefaultPrecision)
		if serr := w.settleBy(&models[i], k); serr != nil {
			warnings = append(warnings, serr.Error())
		}
	}
	return models, warnings, errors.Join(err, k.close())
}

// Describe says what is known of a model without loading it. A model that cannot run is no error; its Reason says why.
func (w *Workbench) Describe(ctx context.Context, m Model) (Details, error) {
	return w.describe(ctx, m, true)
}

func (w *Workbench) describe(ctx context.Context, m Model, thorough bool) (Details, error) {
	d := Details{Entry: Entry{ID: m.shownID(), Revision: m.Revision, Builtin: m.Builtin}, Contestant: m.Contestant(), Directory: m.Dir,
		Precisions: []string{}, Languages: []string{}, Datasets: []string{}, Results: []hub.CardResult{}, Files: []File{}, Warnings: []string{}}
	if w.only != nil {
		d.Directory = ""
	}
	var err error
	if d.Files, err = files(m.FS); err == nil && thorough {
		d.Origin, err = w.trace(ctx, m, d.Files)
	}
	if err != nil {
		return d, qa.Errorf(qa.BrokenModel, "model %s: %w", m.Name, err)
	}
	for _, f := range d.Files {
		d.SizeBytes += f.SizeBytes
	}
	if thorough { // what was found before may have been set anew
		if err := w.settle(&m); err != nil {
			d.Warnings = append(d.Warnings, err.Error())
		}
	}
	card, err := m.Card()
	if err != nil {
		d.Warnings = append(d.Warnings, "README.md: "+err.Error())
	}
	d.License, d.Languages, d.Datasets, d.Results = card.License, list(card.Languages), list(card.Datasets), append(d.Results, card.Results...)
	d.Calibration = m.Settings.Calibration
	if d.Threshold = m.Settings.Threshold; d.Threshold != nil {
		d.ThresholdBy = "its " + SettingsFile
	}
	if kept, ok := m.Settings.Kept(); ok {
		d.Kept = &kept
		if kept.Threshold != nil {
			d.ThresholdBy = ByProject
		}
	}
	d.Abstains, d.AbstainsWhy = m.abstains()
	info, err := w.check(m, thorough)
	if err != nil {
		d.Reason = err.Error()
		return d, nil
	}
	d.Runnable, d.Architecture, d.Parameters = true, info.Architecture, info.Parameters
	d.Head, d.DType, d.Tokenizer, d.Precisions = info.Head, info.DType, info.Tokenizer, list(info.Precisions)
	d.Layers, d.Hidden, d.Vocabulary, d.MaxLen = info.Layers, info.Hidden, info.Vocabulary, info.MaxLen
	d.Warnings = append(d.Warnings, info.Warnings...)
	return d, nil
}

// check says what a model is, or why it cannot run; what is not all here comes first.
func (w *Workbench) check(m Model, thorough bool) (Info, error) {
	if m.Snapshot != nil {
		if err := m.Snapshot.Complete(); err != nil {
			return Info{}, ofHub(err)
		}
	}
	return w.CheckModel(m, thorough)
}

// Size is how many bytes the model's files take, 0 when they cannot be listed.
func (m Model) Size() (bytes int64) {
	list, err := files(m.FS)
	if err != nil {
		return 0
	}
	for _, f := range list {
		bytes += f.SizeBytes
	}
	return bytes
}

func list(l []string) []string { return append([]string{}, l...) }

// files are the regular files of a repository, links followed, sorted by name. Folders of version control and of download
// tools do not belong to it.
func files(fsys fs.FS) ([]File, error) {
	out := []File{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && strings.HasPrefix(path.Base(name), "."):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		info, err := fs.Stat(fsys, name)
		if err != nil {
			return err
		}
		if info.Mode().IsRegular() {
			out = append(out, File{Name: name, SizeBytes: info.Size()})
		}
		return nil
	})
	return out, err
}
