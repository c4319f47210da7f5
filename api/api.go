// Package api has the routes for programs: our own JSON API, in the shapes that commands print, with its OpenAPI description; and the
// question answering task of the Hugging Face API, so that its clients work unchanged.
//
// It runs no model: it is given a pool of open ones.
package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

// Config is what the routes work with.
type Config struct {
	Bench   *workbench.Workbench
	Pool    *workbench.Pool
	Named   []string // models that were named when the server was started: the first is asked where none is named
	Version string
	// Project opens the project's data; nil where nothing was kept yet.
	Project func(ctx context.Context) (*workbench.Project, error)
}

type routes struct{ Config }

// Routes are the beginnings of what New serves.
var Routes = []string{"/api/", "/models/", "/openapi.json"}

// maxBody is how large a request may be.
const maxBody = 64 << 20

// New makes the routes.
func New(c Config) http.Handler {
	mux := http.NewServeMux()
	config := huma.DefaultConfig("tryall", c.Version)
	config.Info.Description = "Question answering over texts and over the project's corpus. Positions are half-open code points. Errors are problem documents (RFC 9457) with a code."
	config.DocsPath, config.SchemasPath, config.CreateHooks = "", "", nil // no page from elsewhere, and answers as commands print them
	a := humago.New(mux, config)
	r := routes{c}
	r.register(a)
	mux.HandleFunc("POST /models/{id...}", r.task)
	a.OpenAPI().AddOperation(taskOperation)
	return mux
}

func (r routes) register(a huma.API) {
	op := func(id, method, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, MaxBodyBytes: maxBody,
			Errors: []int{http.StatusUnprocessableEntity, http.StatusNotFound, http.StatusServiceUnavailable}}
	}
	huma.Register(a, op("ask", http.MethodPost, "/api/ask", "Answer a question of a text or of the corpus."), r.ask)
	huma.Register(a, op("compare", http.MethodPost, "/api/compare", "Ask several models and group them by answer."), r.compare)
	huma.Register(a, op("models", http.MethodGet, "/api/models", "List the models that are here."), r.models)
}

// statuses map our codes to HTTP.
var statuses = map[qa.Code]int{
	qa.Invalid: http.StatusUnprocessableEntity, qa.NotFound: http.StatusNotFound, qa.UnsupportedModel: http.StatusUnprocessableEntity,
	qa.BrokenModel: http.StatusUnprocessableEntity, qa.Forbidden: http.StatusForbidden, qa.Unavailable: http.StatusServiceUnavailable,
}

func statusOf(err error) int {
	if s, ok := statuses[qa.CodeOf(err)]; ok {
		return s
	}
	if errors.Is(err, workbench.ErrPoolClosed) || errors.Is(err, context.Canceled) {
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// problem is an error as RFC 9457 has it, with our code.
type problem struct {
	huma.ErrorModel
	Code qa.Code `json:"code"`
}

func problemOf(err error) error {
	status := statusOf(err)
	return &problem{huma.ErrorModel{Status: status, Title: http.StatusText(status), Detail: err.Error()}, qa.CodeOf(err)}
}

// find names a model; none is the first that was named, or built in.
func (r routes) find(name, precision string) (workbench.Model, error) {
	if name == "" {
		switch {
		case len(r.Named) > 0:
			name = r.Named[0]
		case len(r.Bench.Builtins) > 0:
			name = r.Bench.Builtins[0].ID
		}
	}
	return r.Bench.FindShared(name, precision, r.Named)
}

// one asks an open model one question.
func (r routes) one(ctx context.Context, m workbench.Model, p workbench.Params, a workbench.Ask) (workbench.Result, error) {
	s, release, err := r.Pool.Use(ctx, m, p)
	if err != nil {
		return workbench.Result{}, err
	}
	defer release()
	out, err := s.Ask(ctx, []workbench.Ask{a})
	if err != nil {
		return workbench.Result{}, err
	}
	return out[0].Result, out[0].Err
}
