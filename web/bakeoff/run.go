package bakeoff

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"slices"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/report"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// run is one run as its page shows it.
type run struct {
	Info  store.RunInfo
	Live  *workbench.RaceState // while it goes on here
	Kept  []store.Track        // what an interrupted run has
	names *eval.Names

	Bakeoff *eval.Bakeoff // of a finished one
	Figures []*report.Figure
}

// load finds a run.
func (p panel) load(ctx context.Context, name string, figures bool) (*run, error) {
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
	r := &run{Info: info, names: eval.NewNames(info.Spec.Models)}
	if s, _, ok := p.Races.State(info.ID); ok {
		r.Live = &s
		if s.Race != nil {
			r.names = eval.NewNames(contestants(s.Race))
		}
		return r, nil
	}
	if info.Bakeoff == nil {
		r.Kept, err = project.Store.Tracks(ctx, info.ID)
		var names []string
		for _, t := range r.Kept {
			names = append(names, t.Contestant)
		}
		r.names = eval.NewNames(names)
		return r, err
	}
	r.Bakeoff = info.Bakeoff
	r.names = eval.NamesOf(info.Bakeoff)
	if figures {
		in, err := ui.RunInput(ctx, project, info.ID)
		if err != nil {
			return nil, err
		}
		r.Figures = report.Figures(in, info.Bakeoff.Mode)
	}
	return r, nil
}

func contestants(e *eval.RaceEvent) (names []string) {
	for _, l := range e.Lines {
		names = append(names, l.Contestant)
	}
	return names
}

// Short is what a contestant is called on this page.
func (r *run) Short(contestant string) string { return r.names.Short(contestant) }

// In writes a sentence with the short names.
func (r *run) In(sentence string) string { return ui.Visible(r.names.In(sentence)) }

// Number picks a contestant's hue and shape, the same through a run's life.
func (r *run) Number(contestant string) int {
	n, _ := r.names.Number(contestant)
	return n
}

// run shows one.
func (p panel) run(w http.ResponseWriter, r *http.Request) {
	x, err := p.load(r.Context(), r.PathValue("run"), true)
	if err != nil {
		ui.Write(w, r, ui.StatusOf(err), ui.ErrorPage(p.Frame("bakeoff", "Bake-off"), "There is no such run", err))
		return
	}
	v := p.view(r.Context(), "Bake-off "+x.Info.ID)
	v.Run = x
	v.Form.choose(r.URL.Query())
	ui.Write(w, r, http.StatusOK, page(v))
}

// How often a page that looks on is told, and how often it is told that nothing happens.
const (
	tellEvery  = 200 * time.Millisecond
	aliveEvery = 15 * time.Second
)

// events tells a page how its race goes on. A page that is slow or gone is not waited for: it gets the newest state.
func (p panel) events(w http.ResponseWriter, r *http.Request) {
	x, err := p.load(r.Context(), r.PathValue("run"), false)
	if err != nil {
		http.Error(w, err.Error(), ui.StatusOf(err))
		return
	}
	e := ui.Stream(w)
	alive := time.NewTicker(aliveEvery)
	defer alive.Stop()
	for {
		state, changed, going := p.Races.State(x.Info.ID)
		if !going {
			break
		}
		x.Live = &state
		if state.Race != nil {
			x.names = eval.NewNames(contestants(state.Race))
		}
		if e.Part(r.Context(), live(x)) != nil {
			return
		}
		rest := time.After(tellEvery)
		for waiting := true; waiting; {
			select {
			case <-changed:
				waiting = false
			case <-alive.C:
				if e.Alive() != nil {
					return
				}
			case <-p.Ended():
				return
			case <-r.Context().Done():
				return
			}
		}
		<-rest
	}
	if x, err = p.load(r.Context(), x.Info.ID, true); err != nil {
		return
	}
	if e.Part(r.Context(), runPart(x)) == nil {
		_ = e.Done("The race has ended")
	}
}

// report gives a file of the run's report.
func (p panel) report(w http.ResponseWriter, r *http.Request) {
	i := slices.IndexFunc(report.Files, func(f report.File) bool { return f.Name == r.PathValue("file") })
	project, err := p.Project(r.Context(), false)
	if i < 0 || err == nil && project == nil {
		err = qa.Errorf(qa.NotFound, "there is no such report")
	}
	var in report.Input
	if err == nil {
		in, err = ui.RunInput(r.Context(), project, r.PathValue("run"))
	}
	if err != nil {
		ui.Write(w, r, ui.StatusOf(err), ui.ErrorPage(p.Frame("bakeoff", "Report"), "There is no such report", err))
		return
	}
	f := report.Files[i]
	switch path.Ext(f.Name) {
	case ".html":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", report.Policy())
	case ".json":
		w.Header().Set("Content-Type", "application/json")
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	}
	if path.Ext(f.Name) != ".html" || r.URL.Query().Has("download") {
		w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s"`, in.Bakeoff.Run, f.Name))
	}
	_ = f.Write(w, in) // whoever has gone needs no report
}
