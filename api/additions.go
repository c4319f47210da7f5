package api

import (
	"context"
	"io"
	"net/http"
	"path/filepath"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

func (r *routes) additionRoutes() {
	o := op("add-files", http.MethodPost, "/api/corpus/files", "Send files to be read into the corpus. They are read in the background: /api/corpus/addition tells how far that is.")
	o.RequestBody = upload(true, false)
	r.direct(r.answers(o, "202", "They are being read.", map[string]*huma.Schema{"application/json": r.schema(reflect.TypeFor[Addition](), "")}), r.addFiles)
	register(r, creating(op("add-paths", http.MethodPost, "/api/corpus/paths", "Read files and folders of this machine into the corpus; only while the server is for this machine alone."), http.StatusAccepted), r.addPaths)
	register(r, creating(op("reindex", http.MethodPost, "/api/corpus/reindex", "Read all files of the corpus once more, and find those that are gone."), http.StatusAccepted), r.reindex)
	register(r, op("addition", http.MethodGet, "/api/corpus/addition", "Tell how the addition to the corpus goes on, or how the last one ended."), r.addition)
	e := op("addition-events", http.MethodGet, "/api/corpus/addition/events", "Follow the addition to the corpus until it ends.")
	r.direct(r.stream(e, reflect.TypeFor[Addition]()), r.additionEvents)
}

// Addition is one to the corpus, as it goes on or as it ended.
type Addition struct {
	Going     bool             `json:"going"`
	Path      string           `json:"path,omitempty" doc:"The file that was read last."`
	Found     int              `json:"found" doc:"Files that were found; it grows while folders are walked."`
	Done      int              `json:"done" doc:"Files that were read, or left."`
	Failed    int              `json:"failed"`
	Unchanged int              `json:"unchanged"`
	Passages  int              `json:"passages"`
	Bytes     int64            `json:"bytes"`
	Seconds   float64          `json:"seconds"`
	Added     *workbench.Added `json:"added,omitempty" doc:"What it came to, once it has ended."`
	Error     *Failure         `json:"error,omitempty"`
}

// Failure is what went wrong in the background.
type Failure struct {
	Code    qa.Code `json:"code"`
	Message string  `json:"message"`
}

func failureOf(err error) *Failure {
	if err == nil {
		return nil
	}
	return &Failure{qa.CodeOf(err), err.Error()}
}

func additionOf(a *workbench.Addition) Addition {
	if a == nil {
		return Addition{}
	}
	p := a.Progress
	return Addition{Going: a.Going, Path: p.Path, Found: p.Found, Done: p.Done, Failed: p.Failed, Unchanged: p.Unchanged, Passages: p.Passages, Bytes: p.Bytes,
		Seconds: p.Elapsed.Seconds(), Added: a.Added, Error: failureOf(a.Err)}
}

// maxUpload is how much may be sent at once.
const maxUpload = 2 << 30

// addFiles keeps the files that are sent and begins to read them.
func (r *routes) addFiles(w http.ResponseWriter, req *http.Request) error {
	req.Body = http.MaxBytesReader(w, req.Body, maxUpload)
	var roots []string
	err := eachFile(req, func(name string, from io.Reader) error {
		path, err := r.Bench.KeepUpload(name, from)
		roots = append(roots, path)
		return err
	})
	if err == nil && len(roots) == 0 {
		err = qa.Errorf(qa.Invalid, "no file was sent; send files in fields called file")
	}
	if err != nil {
		return err
	}
	p, err := r.Project(req.Context(), true)
	if err == nil {
		err = r.Additions.Start(p, roots, workbench.AddOptions{})
	}
	if err != nil {
		return err
	}
	last, _ := r.Additions.State()
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	writeJSON(w, additionOf(last))
	return nil
}

type addPathsInput struct {
	Body struct {
		Paths   []string `json:"paths" minItems:"1" doc:"Whole paths of files and folders, or patterns such as /docs/**/*.pdf."`
		Exclude []string `json:"exclude,omitempty" doc:"Patterns of what is left out, as .gitignore has them."`
		Hidden  bool     `json:"hidden,omitempty" doc:"Take hidden files and folders too."`
		Prune   bool     `json:"prune,omitempty" doc:"Take out of the corpus what is no more on the disk."`
		Again   bool     `json:"again,omitempty" doc:"Read files that have not changed too."`
	}
}

type additionOutput struct{ Body Addition }

func (r *routes) addPaths(ctx context.Context, in *addPathsInput) (*additionOutput, error) {
	if !r.Local {
		return nil, qa.Errorf(qa.Forbidden, "paths can be named only while the server is for this machine alone; send the files")
	}
	for _, path := range in.Body.Paths {
		if !filepath.IsAbs(path) {
			return nil, qa.Errorf(qa.Invalid, "%q is no whole path; a server has no folder that the rest could count from", path)
		}
	}
	p, err := r.Project(ctx, true)
	if err != nil {
		return nil, err
	}
	b := in.Body
	return r.added(r.Additions.Start(p, b.Paths, workbench.AddOptions{Exclude: b.Exclude, Hidden: b.Hidden, Prune: b.Prune, Again: b.Again}))
}

func (r *routes) reindex(ctx context.Context, _ *struct{}) (*additionOutput, error) {
	p, err := r.corpusOf(ctx, "corpus")
	if err != nil {
		return nil, err
	}
	return r.added(r.Additions.StartAgain(ctx, p))
}

func (r *routes) added(err error) (*additionOutput, error) {
	last, _ := r.Additions.State()
	return &additionOutput{additionOf(last)}, err
}

func (r *routes) addition(context.Context, *struct{}) (*additionOutput, error) { return r.added(nil) }

// additionEvents tells how the addition goes on; the last event is what it came to.
func (r *routes) additionEvents(w http.ResponseWriter, req *http.Request) error {
	e := r.events(w, req)
	defer e.close()
	for {
		last, changed := r.Additions.State()
		if last == nil || !last.Going {
			e.send(eventDone, additionOf(last))
			return nil
		}
		if !e.send(eventState, additionOf(last)) || !e.wait(changed) {
			return nil
		}
	}
}
