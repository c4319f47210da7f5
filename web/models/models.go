// Package models is the screen of the models: those that are here, those of the Hub, and downloads.
package models

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// Panel is the screen.
var Panel = ui.Panel{Name: "models", Title: "Models", Path: "/models", Key: "m", About: "Which models are there, and which run here?", Mount: mount, States: states}

// view is the screen as its template takes it.
type view struct {
	ui.Frame
	Search    search
	Downloads []workbench.PullStatus
	Local     []entry
	Warnings  []string
	Err       error
}

// entry is a model of this machine with what the doctor found.
type entry struct {
	workbench.Entry
	Exam *workbench.Exam // the last; nil when nobody has examined it
}

// search is what the Hub was asked, and what it said.
type search struct {
	Asked               bool
	Text, Size, Abstain string
	Found               *workbench.Search
	Err                 error
}

type panel struct{ *ui.Env }

func mount(e *ui.Env, mux *http.ServeMux) {
	p := panel{e}
	mux.HandleFunc("GET /models", p.page)
	mux.HandleFunc("POST /downloads", p.download)
	for name, do := range map[string]func(string) error{"pause": e.Pulls.Pause, "resume": e.Pulls.Resume, "cancel": e.Pulls.Cancel} {
		mux.HandleFunc("POST /downloads/"+name, func(w http.ResponseWriter, r *http.Request) { p.step(w, r, do) })
	}
	mux.HandleFunc("GET /downloads/events", p.events)
	mux.HandleFunc("POST /downloads/remove", p.remove)
	mux.HandleFunc("GET /model", p.model)
	mux.HandleFunc("GET /model/events", p.examEvents)
	mux.HandleFunc("POST /model/doctor", p.doctor)
	mux.HandleFunc("POST /model/abstains", p.abstains)
}

// shownFound is how many models of the Hub a page shows.
const shownFound = 25

func (p panel) page(w http.ResponseWriter, r *http.Request) { p.write(w, r, http.StatusOK, nil) }

func (p panel) write(w http.ResponseWriter, r *http.Request, status int, failed error) {
	v, err := p.view(r.Context(), r.URL.Query())
	if v.Err = failed; err != nil {
		v.Err, status = err, ui.StatusOf(err)
	}
	ui.Write(w, r, status, page(v))
}

func (p panel) view(ctx context.Context, q url.Values) (view, error) {
	v := view{Frame: p.Frame("models", "Models"), Downloads: p.Pulls.List(), Search: search{Asked: q.Has("q"), Text: strings.TrimSpace(q.Get("q")), Size: q.Get("size"), Abstain: q.Get("abstain")}}
	list, warnings, err := p.Bench.List(ctx)
	if err != nil {
		return v, err
	}
	v.Warnings = warnings
	for _, m := range list {
		v.Local = append(v.Local, entry{m, p.exam(workbench.Model{ID: m.ID, Revision: m.Revision})})
	}
	if v.Search.Asked {
		p.look(ctx, &v.Search)
	}
	return v, nil
}

// sizes are bounds of the weights.
var sizes = []struct {
	value, label string
	bytes        int64
}{{"", "any size", 0}, {"300MB", "up to 300 MB", 300e6}, {"600MB", "up to 600 MB", 600e6}, {"1.5GB", "up to 1.5 GB", 1.5e9}}

// look asks the Hub; what goes wrong is told beside the search.
func (p panel) look(ctx context.Context, s *search) {
	q := workbench.SearchQuery{Query: hub.Query{Text: s.Text}, Limit: shownFound}
	for _, x := range sizes {
		if x.value == s.Size {
			q.MaxSize = x.bytes
		}
	}
	if s.Abstain != "" {
		q.Dataset = "squad_v2"
	}
	found, err := p.Bench.Search(ctx, q)
	if err != nil {
		s.Err = err
		return
	}
	s.Found = &found
}
