// Package api has the routes for programs: our own JSON API, in the shapes that commands print, with its OpenAPI description; and the
// question answering task of the Hugging Face API, so that its clients work unchanged.
//
// It runs no model: it is given a pool of open ones.
package api

import (
	"context"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/workbench"
)

// Config is what the routes work with.
type Config struct {
	Bench     *workbench.Workbench
	Pool      *workbench.Pool
	Races     *workbench.Races
	Additions *workbench.Additions
	Pulls     *workbench.Pulls
	Exams     *workbench.Exams
	Labels    *workbench.Labels
	Named     []string              // models that were named when the server was started: the first is asked where none is named
	Samples   []workbench.SampleSet // questions that the program carries
	Version   string
	Local     bool // only this machine reaches the server, so paths of it may be named
	// Project opens the project's data, and makes them where there are none when create is true; else it is nil where there are none.
	Project func(ctx context.Context, create bool) (*workbench.Project, error)
	// Changed is told that models came or went; it may be nil.
	Changed func()
	// Ended is closed when the server is to end: streams end with it. It may be nil.
	Ended <-chan struct{}
}

type routes struct {
	Config
	api huma.API
	mux *patterns
}

// Routes are the beginnings of what New serves.
var Routes = []string{"/api/", "/models/", "/openapi.json"}

// maxBody is how large a request may be that is no upload.
const maxBody = 64 << 20

// New makes the routes.
func New(c Config) http.Handler { return build(c) }

// build makes the routes and gives what they were made of besides.
func build(c Config) *routes {
	r := &routes{Config: c, mux: &patterns{ServeMux: http.NewServeMux()}}
	config := huma.DefaultConfig("tryall", c.Version)
	config.Info.Description = "Question answering over texts and over the project's corpus. Positions are half-open code points. Quality is percent. " +
		"Errors are problem documents (RFC 9457) with a code. Names of models and of sets of questions may stand in paths as they are, slashes among them."
	config.DocsPath, config.SchemasPath, config.CreateHooks = "", "", nil // no page from elsewhere, and answers as commands print them
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	config.RejectUnknownQueryParameters = true
	r.api = humago.New(r.mux, config)
	for _, subject := range []func(){r.questionRoutes, r.textRoutes, r.modelRoutes, r.settingRoutes, r.examRoutes, r.pullRoutes, r.corpusRoutes, r.setRoutes, r.judgementRoutes, r.raceRoutes, r.resultRoutes, r.remarkRoutes} {
		subject()
	}
	r.mux.HandleFunc("POST /models/{id...}", r.task)
	r.api.OpenAPI().AddOperation(taskOperation())
	r.describe()
	return r
}

// ServeHTTP answers a request.
func (r *routes) ServeHTTP(w http.ResponseWriter, req *http.Request) { r.mux.serve(w, wholeNames(req)) }

// questionRoutes are those that ask.
func (r *routes) questionRoutes() {
	register(r, op("ask", http.MethodPost, "/api/ask", "Answer a question of a text or of the corpus."), r.ask)
	register(r, op("inspect", http.MethodPost, "/api/inspect", "Answer a question, and show every window as the model saw it, with its logits."), r.inspect)
	register(r, op("compare", http.MethodPost, "/api/compare", "Ask several models and group them by answer."), r.compare)
}

// textRoutes are those that read files.
func (r *routes) textRoutes() {
	o := op("read-text", http.MethodPost, "/api/text", "Read the text of a file in any format that the corpus takes, to be asked; nothing is kept.")
	o.Parameters = []*huma.Param{queryParam("name", "The file's name, where the body is the file; its ending says what is in it.")}
	o.RequestBody = upload(false, true)
	r.direct(r.answers(o, "200", "The text.", map[string]*huma.Schema{"application/json": r.schema(reflect.TypeFor[ReadText](), "")}), r.readText)
}

// op describes a route.
func op(id, method, path, summary string) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, MaxBodyBytes: maxBody, BodyReadTimeout: -1, // the server has its own
		Errors: []int{http.StatusForbidden, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusServiceUnavailable}}
}

// creating is a route whose success is another status than 200.
func creating(o huma.Operation, status int) huma.Operation {
	o.DefaultStatus = status
	return o
}

// register adds a route. Errors become problem documents.
func register[I, O any](r *routes, o huma.Operation, f func(context.Context, *I) (*O, error)) {
	huma.Register(r.api, o, func(ctx context.Context, in *I) (*O, error) {
		out, err := f(ctx, in)
		if err != nil {
			return nil, problemOf(err)
		}
		return out, nil
	})
}

// schemaNames are those of types that share their name with another package's.
var schemaNames = map[reflect.Type]string{
	reflect.TypeFor[eval.Comparison]():     "PairComparison",
	reflect.TypeFor[questions.Problem]():   "QuestionProblem",
	reflect.TypeFor[store.Calibration]():   "KeptCalibration",
	reflect.TypeFor[store.ModelSettings](): "KeptSettings",
}

func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if name := schemaNames[t]; name != "" {
		return name
	}
	return huma.DefaultSchemaNamer(t, hint)
}

// describe puts right what Go types do not tell.
func (r *routes) describe() {
	schemas := r.api.OpenAPI().Components.Schemas.Map()
	schemas["Result"].Properties["id"] = &huma.Schema{Description: "As the caller gave it."}
	schemas["Race"].Required = []string{"id", "status", "begun", "answers"} // the rest comes when it has ended
	for name, s := range schemas {
		if !strings.HasSuffix(name, "InputBody") && name != "Params" { // what we give may have more fields one day
			s.AdditionalProperties = nil
		}
	}
}
