// Package web is the workbench in the browser: pages rendered here, with events where something goes on. Each screen is a panel in a
// folder of its own; this package has the frame around them: who may talk to the server, the static files, beginning and end.
//
// It runs no model and knows no engine: it is given a workbench.
package web

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"

	"github.com/tryall/tryall/api"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// Config is what a server is made with.
type Config struct {
	Bench      *workbench.Workbench
	Models     []string    // named when it was started: they come first, and are opened at once
	Precisions []string    // that run here
	Samples    []ui.Sample // questions for the first start
	SampleSets []ui.SampleSet
	Host       workbench.Host // that bake-offs run on
	Doctor     workbench.Doctor
	Version    string
	Memory     int64 // bytes that open models may take; 0: as many as are asked for
	Access     Access
	APIOnly    bool  // routes for programs, no pages
	Demo       *Demo // nil: everything is there
}

// What the server holds between requests, in bytes.
const (
	logitsHeld = 128 << 20
	textsHeld  = 256 << 20
	textsKept  = 256 << 20 // on disk
)

// texts is the folder, in that of the data, where long texts lie that were asked.
func (c *Config) texts() (string, error) {
	dir, err := c.Bench.Data()
	return filepath.Join(dir, "texts"), err
}

// Server is the workbench in the browser. It is an http.Handler.
type Server struct {
	http.Handler
	env    *ui.Env
	routes *http.ServeMux // all that there are
}

// New makes a server. Close ends it.
func New(c Config) (*Server, error) {
	static, version, err := Static()
	if err != nil {
		return nil, qa.Errorf(qa.Internal, "prepare the pages: %w", err)
	}
	panels, shown := Panels, (*ui.Demo)(nil)
	if c.Demo != nil {
		if panels, shown, err = c.show(); err != nil {
			return nil, err
		}
	}
	env := &ui.Env{Bench: c.Bench, Pool: c.Bench.NewPool(c.Memory, workbench.NewMemoryCache(logitsHeld)), Texts: ui.NewTexts(textsHeld), Named: c.Models,
		Precisions: c.Precisions, Version: c.Version, Assets: version, Panels: panels, Demo: shown}
	env.Local = c.Access.local()
	env.Races, env.Pulls, env.SampleSets = c.Bench.NewRaces(c.Host), c.Bench.NewPulls(env.Changed), c.SampleSets
	env.Exams, env.Additions, env.Labels = workbench.NewExams(c.Doctor), workbench.NewAdditions(), c.Bench.NewLabels()
	env.Samples = env.Texts.Add(c.Samples)
	if c.Demo == nil { // what visitors bring is nobody's to keep
		env.Texts.KeepIn(c.texts, textsKept)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n"))
	})
	programs := api.New(api.Config{Bench: c.Bench, Pool: env.Pool, Races: env.Races, Additions: env.Additions, Named: c.Models, Samples: c.SampleSets,
		Version: c.Version, Local: env.Local, Project: env.Project, Pulls: env.Pulls, Exams: env.Exams, Labels: env.Labels, Changed: env.Changed, Ended: env.Ended()})
	for _, route := range api.Routes {
		mux.Handle(route, programs)
	}
	if !c.APIOnly {
		mux.Handle("GET /static/", static)
		for _, p := range panels {
			p.Mount(env, mux)
		}
		mux.HandleFunc("/", absent(env))
	}
	s := &Server{Handler: c.Access.guard(mux), env: env, routes: mux}
	if c.Demo != nil {
		mux.HandleFunc("GET "+logoPath, c.Demo.serveLogo(shown.LogoType))
		s.Handler = c.Access.guard(c.Demo.only(mux, c.Models, absent(env)))
	}
	return s, nil
}

// absent says that nothing is at an address.
func absent(env *ui.Env) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ui.Write(w, r, http.StatusNotFound, ui.ErrorPage(env.Frame("", "Not found"), "There is no such page", qa.Errorf(qa.NotFound, "nothing is at %s", r.URL.Path)))
	}
}

// Pool are the open models.
func (s *Server) Pool() *workbench.Pool { return s.env.Pool }

// Warm opens models so that the first question need not wait. What cannot be opened says so when it is asked.
func (s *Server) Warm(ctx context.Context, models []workbench.Model) {
	for _, m := range models {
		if _, release, err := s.env.Pool.Use(ctx, s.env.Bench.ShownModel(m), workbench.Params{}); err == nil {
			release()
		}
	}
}

// Restore takes up the bake-offs that were going on when the last server ended, and reads what had been sent to it.
func (s *Server) Restore(ctx context.Context) error {
	p, err := s.env.Project(ctx, false)
	if err != nil || p == nil {
		return err
	}
	unread, err := p.Unread(ctx)
	if err == nil && len(unread) > 0 {
		err = s.env.Additions.Start(p, unread, workbench.AddOptions{})
	}
	return errors.Join(err, s.env.Races.Restore(ctx, p))
}

// Close stops what goes on in the background, and closes models and data. No request may be going on.
func (s *Server) Close() error {
	s.env.Pulls.Close()
	s.env.Exams.Close()
	s.env.Races.Close()
	s.env.Additions.Close()
	s.env.Labels.Close()
	s.env.Pool.Close()
	return s.env.Close()
}
