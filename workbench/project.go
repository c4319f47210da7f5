package workbench

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/tryall/tryall/index"
	"github.com/tryall/tryall/internal/sqlite"
	"github.com/tryall/tryall/store"
)

// Database is the name of a project's one file, in the folder that Workbench.Data names.
const Database = "tryall.db"

// dataFolder is what the folder for data is called in a project.
const dataFolder = ".tryall"

// Project is what is kept between sessions: texts, questions, runs.
type Project struct {
	Index *index.Index
	Store *store.Store
	db    *sqlite.DB
	root  string // the project's folder; empty outside a project
	among *openProjects
}

// HasProject says whether anything was kept yet.
func (w *Workbench) HasProject() bool {
	dir, err := w.Data()
	if err != nil {
		return false
	}
	_, err = os.Stat(filepath.Join(dir, Database))
	return err == nil
}

// OpenProject opens the project's data, and makes them when there are none yet.
func (w *Workbench) OpenProject(ctx context.Context) (*Project, error) {
	dir, err := w.Data()
	if err != nil {
		return nil, err
	}
	db, err := sqlite.Open(ctx, filepath.Join(dir, Database))
	if err != nil {
		return nil, err
	}
	p := &Project{db: db}
	if filepath.Base(dir) == dataFolder { // beside the file that makes a folder a project
		p.root = filepath.Dir(dir)
	}
	if p.Index, err = index.Open(ctx, db); err == nil {
		p.Store, err = store.Open(ctx, db)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	p.among = &w.open
	p.among.add(p)
	return p, nil
}

// Path is the project's file.
func (p *Project) Path() string { return p.db.Path() }

// Close closes the project's file.
func (p *Project) Close() error {
	p.among.remove(p)
	return p.db.Close()
}
