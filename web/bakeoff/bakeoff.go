// Package bakeoff is the screen that races models over questions: what to race, the race while it goes on, what it came to.
package bakeoff

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/questions"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// Panel is the screen.
var Panel = ui.Panel{Name: "bakeoff", Title: "Bake-off", Path: "/bakeoff", Key: "b", About: "Which model is best on my questions?", Mount: mount, States: states}

// view is the screen as its template takes it.
type view struct {
	ui.Frame
	Form form
	Runs []store.RunInfo
	Run  *run // nil: the list of runs
	Err  error
}

// form is what a new run is made of.
type form struct {
	Models    []ui.Choosable
	Sets      []set
	HasCorpus bool
	Chosen    url.Values // what was sent, or what the address has of a form that was changed; nil at first
	Preset    url.Values // the sets and models that the address chooses
	Err       error
}

// set is one that can be raced over.
type set struct {
	Value, Name, About string
}

// sample begins the value of a set that the program carries.
const sample = "sample:"

type panel struct{ *ui.Env }

func mount(e *ui.Env, mux *http.ServeMux) {
	p := panel{e}
	mux.HandleFunc("GET /bakeoff", p.index)
	mux.HandleFunc("POST /bakeoff", p.start)
	mux.HandleFunc("GET /bakeoff/{run}", p.run)
	mux.HandleFunc("GET /bakeoff/{run}/events", p.events)
	mux.HandleFunc("GET /bakeoff/{run}/report/{file}", p.report)
	mux.HandleFunc("POST /bakeoff/{run}/{what}", p.steer)
}

func (p panel) view(ctx context.Context, title string) view {
	v := view{Frame: p.Frame("bakeoff", title)}
	v.Form, v.Err = p.form(ctx)
	return v
}

func (p panel) form(ctx context.Context) (f form, err error) {
	if f.Models, err = p.Env.Models(ctx); err != nil {
		return f, err
	}
	project, err := p.Project(ctx, false)
	if err != nil {
		return f, err
	}
	have := map[string]bool{}
	if project != nil {
		sets, err := project.Store.Sets(ctx)
		if err != nil {
			return f, err
		}
		for _, s := range sets {
			about := ui.Plural(s.Counts.Questions, "question")
			if s.Counts.Labelled != s.Counts.Questions {
				about += fmt.Sprintf(", %d with an answer", s.Counts.Labelled)
			}
			f.Sets = append(f.Sets, set{s.Name, s.Name, about})
			have[s.Name] = true
		}
		stats, err := project.Index.Stats(ctx)
		if err != nil {
			return f, err
		}
		f.HasCorpus = stats.Passages > 0
	}
	for _, s := range p.SampleSets {
		if !have[s.Name] {
			f.Sets = append(f.Sets, set{sample + s.Name, s.Name, "sample: " + s.About})
		}
	}
	return f, nil
}

// preset is what an address chooses among what there is: set and m, each as often as need be.
func (f form) preset(v url.Values) url.Values {
	out := url.Values{}
	for _, s := range f.Sets {
		if slices.Contains(v["set"], s.Value) {
			out.Add("set", s.Value)
		}
	}
	for _, m := range f.Models {
		if slices.Contains(v["m"], m.Name) {
			out.Add("m", m.Name)
		}
	}
	return out
}

// choose takes from an address what it says of the form.
func (f *form) choose(v url.Values) {
	f.Preset = f.preset(v)
	if v.Has("new") && f.Chosen == nil {
		f.Chosen = v
	}
}

// index lists the runs.
func (p panel) index(w http.ResponseWriter, r *http.Request) {
	p.writeIndex(w, r, http.StatusOK, nil, nil)
}

func (p panel) writeIndex(w http.ResponseWriter, r *http.Request, status int, chosen url.Values, failed error) {
	v := p.view(r.Context(), "Bake-off")
	v.Form.Chosen, v.Form.Err = chosen, failed
	v.Form.choose(r.URL.Query())
	project, err := p.Project(r.Context(), false)
	if err == nil && project != nil {
		v.Runs, err = project.Store.Runs(r.Context())
	}
	if err != nil {
		v.Err, status = err, ui.StatusOf(err)
	}
	ui.Write(w, r, status, page(v))
}

// start begins a run.
func (p panel) start(w http.ResponseWriter, r *http.Request) {
	id, err := p.begin(w, r)
	if err != nil {
		p.writeIndex(w, r, ui.StatusOf(err), r.Form, err)
		return
	}
	http.Redirect(w, r, "/bakeoff/"+id, http.StatusSeeOther)
}

// maxQuestions is how large a file of questions may be.
const maxQuestions = 256 << 20

func (p panel) begin(w http.ResponseWriter, r *http.Request) (string, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxQuestions)
	if err := r.ParseMultipartForm(8 << 20); err != nil && err != http.ErrNotMultipart { //nolint:errorlint // it is given as it is
		return "", qa.Errorf(qa.Invalid, "read the form: %w", err)
	}
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }() // what is left in the folder for temporary files
	}
	plan, err := planOf(r.Form)
	if err != nil {
		return "", err
	}
	for _, m := range plan.Models {
		if _, err := p.Bench.FindShared(m.Name, m.Precision, p.Named); err != nil {
			return "", err
		}
	}
	project, err := p.Project(r.Context(), true)
	if err != nil {
		return "", err
	}
	if plan.Sets, err = p.sets(r, project, plan.Sets); err != nil {
		return "", err
	}
	if len(plan.Sets) == 0 {
		return "", qa.Errorf(qa.Invalid, "no questions are chosen; tick a set, or open a file of questions")
	}
	return p.Races.Start(r.Context(), project, plan)
}

// planOf reads the form.
func planOf(f url.Values) (workbench.Plan, error) {
	plan := workbench.Plan{Modes: []string{f.Get("mode")}, Metric: f.Get("metric"), Sets: f["set"], Seed: workbench.DefaultSeed}
	if f.Get("mode") == "" {
		plan.Modes = nil
	}
	for _, m := range f["m"] {
		if !slices.ContainsFunc(plan.Models, func(have workbench.PlanModel) bool { return have.Name == m }) {
			plan.Models = append(plan.Models, workbench.PlanModel{Name: m})
		}
	}
	if len(plan.Models) == 0 {
		return plan, qa.Errorf(qa.Invalid, "no model is chosen; tick two or more")
	}
	var err error
	if s := f.Get("budget"); s != "" {
		if plan.Budget, err = time.ParseDuration(s); err != nil || plan.Budget <= 0 {
			return plan, qa.Errorf(qa.Invalid, "the time limit is %q; it must be like 10m", s)
		}
	}
	if s := strings.TrimSpace(f.Get("limit")); s != "" {
		if plan.Limit, err = strconv.Atoi(s); err != nil || plan.Limit < 1 {
			return plan, qa.Errorf(qa.Invalid, "the number of questions is %q; it must be a whole number from 1 on", s)
		}
	}
	return plan, nil
}

// sets imports what is not in the project yet: samples, and the file that was sent.
func (p panel) sets(r *http.Request, project *workbench.Project, names []string) ([]string, error) {
	var out []string
	add := func(from io.Reader, name string) error {
		s, err := questions.Read(r.Context(), from, name)
		if err != nil {
			return err
		}
		info, err := project.Store.PutQuestions(r.Context(), s)
		if err == nil {
			out = append(out, info.Name)
		}
		return err
	}
	for _, name := range names {
		wanted, carried := strings.CutPrefix(name, sample)
		if !carried {
			out = append(out, name)
			continue
		}
		i := slices.IndexFunc(p.SampleSets, func(s ui.SampleSet) bool { return s.Name == wanted })
		if i < 0 {
			return nil, qa.Errorf(qa.NotFound, "there is no sample %q", wanted)
		}
		raw, err := p.SampleSets[i].Read()
		if err == nil {
			err = add(bytes.NewReader(raw), wanted)
		}
		if err != nil {
			return nil, err
		}
	}
	if r.MultipartForm == nil || len(r.MultipartForm.File["file"]) == 0 {
		return out, nil
	}
	head := r.MultipartForm.File["file"][0]
	f, err := head.Open()
	if err != nil {
		return nil, qa.Errorf(qa.Invalid, "read %s: %w", head.Filename, err)
	}
	defer f.Close()
	return out, add(f, head.Filename)
}

// steer pauses, resumes, cancels or removes a run.
func (p panel) steer(w http.ResponseWriter, r *http.Request) {
	project, err := p.Project(r.Context(), false)
	to := "/bakeoff/" + url.PathEscape(r.PathValue("run"))
	if err == nil && project == nil {
		err = qa.Errorf(qa.NotFound, "there is no run %s", r.PathValue("run"))
	}
	var info store.RunInfo
	if err == nil {
		info, err = project.Store.Run(r.Context(), r.PathValue("run"))
	}
	if err == nil {
		switch r.PathValue("what") {
		case "pause":
			err = p.Races.Pause(r.Context(), project, info.ID)
		case "resume":
			err = p.Races.Resume(r.Context(), project, info.ID)
		case "cancel":
			err = p.Races.Cancel(r.Context(), project, info.ID)
		case "remove":
			to = "/bakeoff"
			err = project.Store.RemoveRun(r.Context(), info.ID)
		default:
			err = qa.Errorf(qa.NotFound, "a run can be paused, resumed, cancelled and removed")
		}
	}
	if err != nil {
		ui.Write(w, r, ui.StatusOf(err), ui.ErrorPage(p.Frame("bakeoff", "Bake-off"), "That could not be done", err))
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}
