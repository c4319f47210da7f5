// Package workbench is the program without a face: it finds models by name, asks them, compares and evaluates them,
// and says what is there. Commands, pages and routes are thin layers over it.
//
// It does not know how a model is run; it is given a function that opens one.
package workbench

import (
	"context"

	"github.com/tryall/tryall/hub"
)

// Cache keeps what models made of windows, by content: the keys are hashes of all that could change a value. A value that is
// not there is nil.
type Cache interface {
	Get(ctx context.Context, keys [][32]byte) ([][]byte, error)
	Put(ctx context.Context, keys [][32]byte, values [][]byte) error
}

// Workbench is what all commands work on.
type Workbench struct {
	// OpenReader opens a model for reading, with parameters for its qa.Reader half. With a cache it runs the model only on
	// windows that it has not seen.
	OpenReader func(ctx context.Context, m Model, p Params, c Cache) (Reader, error)
	// CheckModel says what a model is without loading its weights; thorough means that its tokenizer is read too.
	CheckModel func(m Model, thorough bool) (Info, error)
	// Builtins are the models that the program carries, in the order people see them.
	Builtins []Model
	// Cache finds the Hugging Face cache.
	Cache func() (hub.Cache, error)
	// Hub makes the client that searches and pulls.
	Hub func() (*hub.Client, error)
	// Data finds the folder for what is set by hand.
	Data func() (string, error)
	// Supports says why a model of this model_type and these architectures (of config.json) cannot run, nil when they do not tell.
	Supports func(modelType string, architectures []string) error
	// Forget removes what was made of files of the Hugging Face cache, named by their blobs, and says how many bytes that freed; it may be nil.
	Forget func(blobs []string) (freed int64, err error)
	// FreeMemory is how many bytes a model may take on this machine, 0 when that is not known.
	FreeMemory func() int64

	only       []shownModel // nil: all models
	corpusOnly bool         // no text is asked but the project's
	open       openProjects
}
