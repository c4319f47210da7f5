package bakeoff

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
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
	short map[string]string

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
	r := &run{Info: info, short: shortNames(info.Spec.Models)}
	if s, _, ok := p.Races.State(info.ID); ok {
		r.Live = &s
		if s.Race != nil {
			r.short = shortNames(contestants(s.Race))
		}
		return r, nil
	}
	if info.Bakeoff == nil {
		r.Kept, err = project.Store.Tracks(ctx, info.ID)
		var names []string
		for _, t := range r.Kept {
			names = append(names, t.Contestant)
		}
		r.short = shortNames(names)
		return r, err
	}
	r.Bakeoff = info.Bakeoff
	r.short = shortNames(info.Bakeoff.Spec.Models)
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

// shortNames leave out of contestants' names what tells none of them apart: the owner, the revision, a common precision.
func shortNames(names []string) map[string]string {
	forms := []func(string) string{
		func(n string) string { at, _ := cutContestant(n); return path.Base(at) },
		func(n string) string { at, precision := cutContestant(n); return path.Base(at) + " " + precision },
		func(n string) string { at, precision := cutContestant(n); return at + " " + precision },
		func(n string) string { return n },
	}
	out := map[string]string{}
	for _, form := range forms {
		same := map[string]int{}
		for _, n := range names {
			same[form(n)]++
		}
		for _, n := range names {
			if s := form(n); out[n] == "" && same[s] == 1 {
				out[n] = ui.Visible(s)
			}
		}
	}
	return out
}

// fullName is a contestant's name inside a sentence.
var fullName = regexp.MustCompile(`[^\s/]*/([^\s/@]+)@[0-9A-Za-z]+:([a-z0-9]+)`)

// briefly writes a sentence with the last part of contestants' names alone.
func briefly(sentence string) string { return ui.Visible(fullName.ReplaceAllString(sentence, "$1")) }

func cutContestant(n string) (id, precision string) {
	id = n
	if i := strings.LastIndexByte(n, ':'); i > 0 {
		id, precision = n[:i], n[i+1:]
	}
	if i := strings.LastIndexByte(id, '@'); i > 0 {
		id = id[:i]
	}
	return id, precision
}

// Short is what a contestant is called on this page.
func (r *run) Short(contestant string) string {
	if s := r.short[contestant]; s != "" {
		return s
	}
	id, _ := cutContestant(contestant)
	return ui.Visible(path.Base(id))
}

// In writes a sentence with the short names.
func (r *run) In(sentence string) string {
	var pairs []string
	names := make([]string, 0, len(r.short))
	for n := range r.short {
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) }) // the longest that fits wins
	for _, n := range names {
		pairs = append(pairs, n, r.short[n])
	}
	return ui.Visible(strings.NewReplacer(pairs...).Replace(sentence))
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
		if state.Race != nil && x.short[state.Race.Lines[0].Contestant] == "" {
			x.short = shortNames(contestants(state.Race))
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
		w.Header().Set("Content-Security-Policy", reportPolicy())
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

// reportPolicy lets a report have its own style sheet and nothing else.
func reportPolicy() string {
	sum := sha256.Sum256([]byte("\n" + report.Style()))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
