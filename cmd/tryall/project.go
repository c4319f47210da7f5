package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/tryall/tryall/corpus"
	"github.com/tryall/tryall/internal/place"
	"github.com/tryall/tryall/workbench"
)

// project opens the project's data. The compiled PDF engine is kept in the user's own folder and never in a project's, since
// a project may come from elsewhere and what lies there is machine code.
func (a *app) project(ctx context.Context, w *workbench.Workbench) (*workbench.Project, error) {
	cachePDF()
	return w.OpenProject(ctx)
}

// cachePDF has the PDF engine kept once it was compiled, where there is a place for it.
func cachePDF() {
	if home, err := place.Home(os.Getenv); err == nil {
		corpus.CachePDF(filepath.Join(home, "pdf"))
	}
}
