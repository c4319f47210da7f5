// Package runs has the screens of a run beside its verdict: the leaderboard, the matrix of questions and contestants, the report that is
// given to others.
package runs

import (
	"context"
	"net/http"
	"sync"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// Panel is the screens; they are reached from the verdict of a run.
var Panel = ui.Panel{Name: "runs", Title: "Run", Path: "/bakeoff", Within: "bakeoff", About: "What did a run come to, in every detail?", Mount: mount, States: states}

type panel struct {
	*ui.Env
	grids   *gridCache
	sizes   *sizeCache
	sharing chan struct{} // a place for each report that is written for a link
}

// sharedAtOnce is how many reports are written for links at a time: whoever has a link needs no token.
const sharedAtOnce = 2

func mount(e *ui.Env, mux *http.ServeMux) {
	p := panel{Env: e, grids: &gridCache{}, sizes: &sizeCache{}, sharing: make(chan struct{}, sharedAtOnce)}
	mux.HandleFunc("GET /bakeoff/{run}/leaderboard", p.leaderboard)
	mux.HandleFunc("GET /bakeoff/{run}/leaderboard.csv", p.boardCSV)
	mux.HandleFunc("GET /bakeoff/{run}/matrix", p.matrix)
	mux.HandleFunc("POST /bakeoff/{run}/judge", p.judge)
	mux.HandleFunc("GET /bakeoff/{run}/report", p.report)
	mux.HandleFunc("POST /bakeoff/{run}/decision", p.decide)
	mux.HandleFunc("POST /bakeoff/{run}/share", p.share)
	mux.HandleFunc("POST /bakeoff/{run}/unshare", p.unshare)
	mux.HandleFunc("GET "+ui.SharePath+"{key}", p.shared)
}

// screen is what all pages of a run have.
type screen struct {
	ui.Frame
	Name  string // of ui.RunScreens
	Run   store.RunInfo
	Live  *workbench.RaceState // while it goes on here
	Names *eval.Names
	Err   error // the screen cannot be shown, and why
}

// found is a run with the project that keeps it.
type found struct {
	project *workbench.Project
	screen
}

// find finds a run; where there is none it writes so, and gives nil.
func (p panel) find(w http.ResponseWriter, r *http.Request, name, title string) *found {
	f, err := p.load(r.Context(), r.PathValue("run"))
	if err != nil {
		p.refuse(w, r, "There is no such run", err)
		return nil
	}
	f.Frame, f.Name = p.Frame("runs", title+" of "+f.Run.ID), name
	f.Wide = true
	return f
}

// refuse is a page that says why something cannot be done.
func (p panel) refuse(w http.ResponseWriter, r *http.Request, title string, err error) {
	ui.Write(w, r, ui.StatusOf(err), ui.ErrorPage(p.Frame("runs", "Run"), title, err))
}

func (p panel) load(ctx context.Context, name string) (*found, error) {
	project, err := p.Project(ctx, false)
	if err != nil {
		return nil, err
	}
	if project == nil {
		return nil, qa.Errorf(qa.NotFound, "there is no run %s", name)
	}
	info, err := project.Store.Run(ctx, name)
	if err != nil {
		return nil, err
	}
	f := &found{project: project, screen: screen{Run: info}}
	if info.Bakeoff != nil {
		f.Names = eval.NamesOf(info.Bakeoff)
		return f, nil
	}
	f.Names = eval.NewNames(info.Spec.Models)
	if s, _, going := p.Races.State(info.ID); going {
		f.Live = &s
	}
	return f, nil
}

// modes are those that a run has a leaderboard of, the first one decides.
func (s *screen) modes() (out []string) {
	if s.Run.Bakeoff == nil {
		return s.Run.Spec.Modes
	}
	for _, r := range s.Run.Bakeoff.Rounds() {
		if len(r.Models) > 0 {
			out = append(out, r.Mode)
		}
	}
	return out
}

// modeName is what a mode is called where room is short.
func modeName(mode string) string {
	if mode == eval.Retrieved {
		return "asked of the corpus"
	}
	return "given the right passage"
}

// kept is a small store of what is costly to make and never changes; the one used longest ago goes first.
type kept[T any] struct {
	mu    sync.Mutex
	order []string // used last at the end
	held  map[string]*once[T]
}

type once[T any] struct {
	do    sync.Mutex
	made  bool
	value T
}

// get gives what is kept under a key, and makes it where it is not. Whoever asks for the same waits for it to be made.
func (k *kept[T]) get(key string, most int, produce func() (T, error)) (T, error) {
	k.mu.Lock()
	if k.held == nil {
		k.held = map[string]*once[T]{}
	}
	o := k.held[key]
	if o == nil {
		o = &once[T]{}
		k.held[key] = o
	}
	for i, s := range k.order {
		if s == key {
			k.order = append(k.order[:i], k.order[i+1:]...)
			break
		}
	}
	k.order = append(k.order, key)
	for len(k.order) > most {
		delete(k.held, k.order[0])
		k.order = k.order[1:]
	}
	k.mu.Unlock()
	o.do.Lock()
	defer o.do.Unlock()
	if o.made {
		return o.value, nil
	}
	v, err := produce()
	if err == nil {
		o.value, o.made = v, true
	}
	return v, err
}
