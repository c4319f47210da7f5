// Package thresholds is the screen of a finished run that answers when a model shall rather say nothing: what each threshold does to
// its answers, which one keeps wrong answers below a wanted share, and to have the model answer by it.
package thresholds

import (
	"context"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/report"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/workbench"
)

// Panel is the screen; it is one of a run's.
var Panel = ui.Panel{Name: "thresholds", Title: "Thresholds", Path: "/bakeoff", Within: "bakeoff", About: "When shall a model rather say nothing?", Mount: mount, States: states}

// query is the state that the address holds.
type query struct {
	Run, Mode, Model string
	Threshold        string  // as it was given; empty: the one in force
	Rate             float64 // wanted percentage of wrong answers
	Silent, Wrong    int     // pages of the lists, from 0
}

// rates are wanted percentages of wrong answers.
var rates = []float64{1, 2, 5, 10, 20}

const usualRate = 5

func parse(run string, v url.Values) query {
	q := query{Run: run, Mode: v.Get("mode"), Model: v.Get("m"), Threshold: v.Get("t"), Rate: usualRate}
	if f, err := strconv.ParseFloat(v.Get("rate"), 64); err == nil && f > 0 && f < 100 {
		q.Rate = f
	}
	page := func(key string) int {
		n, err := strconv.Atoi(v.Get(key))
		if err != nil {
			return 0
		}
		return max(0, min(n, 1<<20))
	}
	q.Silent, q.Wrong = page("sp"), page("wp")
	return q
}

// At is the address of the query.
func (q query) At() string {
	v := url.Values{}
	set := func(key, value string, usual string) {
		if value != usual {
			v.Set(key, value)
		}
	}
	set("mode", q.Mode, "")
	set("m", q.Model, "")
	set("t", q.Threshold, "")
	set("rate", strconv.FormatFloat(q.Rate, 'g', -1, 64), strconv.Itoa(usualRate))
	set("sp", strconv.Itoa(q.Silent), "0")
	set("wp", strconv.Itoa(q.Wrong), "0")
	at := ui.RunAt(url.PathEscape(q.Run), "thresholds")
	if len(v) > 0 {
		at += "?" + v.Encode()
	}
	return at
}

// with is the query with another threshold, whose lists begin anew.
func (q query) with(threshold float64) query {
	q.Threshold, q.Silent, q.Wrong = number(threshold), 0, 0
	return q
}

// number is a threshold as it is kept in addresses: it reads back as the same number.
func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// view is the screen as its template takes it.
type view struct {
	ui.Frame
	Query  query
	Modes  []string
	Models []model
	Slider slider
	Part   part
	Note   string // why there are no curves
	Run    store.RunInfo
	Going  bool   // the run is not finished
	Saved  string // what has just been kept, or taken back
}

// model is a contestant that can be looked at.
type model struct {
	Contestant, Label string
	Hue               int
	Out               bool // dropped in the race
}

// part is what changes with the threshold.
type part struct {
	Query       query
	Label       string
	Hue         int
	Err         error
	Cut         eval.Cut
	Wanted      eval.RateThreshold // for the wanted rate
	Best        eval.Cut
	Used        *float64 // in the run
	Kept        *store.ModelSettings
	KeptFrom    string
	Keepable    error // why the threshold cannot be kept; nil: it can
	Figures     []*report.Figure
	Silent      list // not answered
	Wrong       list // answered wrongly
	Calibration string
	Few         int    // labels that are missing before more can be told
	LabelAt     string // where they are given
	Samples     bool   // the questions are the ones that come with the program
	More        int    // questions, to know the share of wrong answers well
	WantedMore  int    // the same for the threshold of the wanted rate
}

// wellKnown is how well, in percentage points either way, the share of wrong answers should be known.
const wellKnown = 5

type panel struct{ *ui.Env }

func mount(e *ui.Env, mux *http.ServeMux) {
	p := panel{e}
	mux.HandleFunc("GET /bakeoff/{run}/thresholds", p.page)
	mux.HandleFunc("POST /bakeoff/{run}/thresholds", p.save)
}

func (p panel) page(w http.ResponseWriter, r *http.Request) {
	q := parse(r.PathValue("run"), r.URL.Query())
	v, err := p.view(r.Context(), q)
	if err != nil {
		ui.Write(w, r, ui.StatusOf(err), ui.ErrorPage(p.Frame("thresholds", "Thresholds"), "The thresholds cannot be shown", err))
		return
	}
	status := http.StatusOK
	if v.Part.Err != nil {
		status = ui.StatusOf(v.Part.Err)
	}
	if ui.IsPart(r) {
		w.Header().Set("HX-Replace-Url", v.Query.At())
		ui.Write(w, r, status, cutPart(v.Part))
		return
	}
	switch r.URL.Query().Get("saved") {
	case "yes":
		v.Saved = "Kept. From now on it answers by this threshold in this project: on these pages, in the terminal and for programs."
	case "no":
		v.Saved = "Taken back. It answers by its own settings again."
	}
	ui.Write(w, r, status, page(v))
}

// view finds the run, its contestants and what the threshold does to the one that is looked at.
func (p panel) view(ctx context.Context, q query) (view, error) {
	v := view{Frame: p.Frame("thresholds", "Thresholds"), Query: q}
	v.Wide = true
	project, err := p.Project(ctx, false)
	if err != nil {
		return v, err
	}
	if project == nil {
		return v, qa.Errorf(qa.NotFound, "there is no run %s", q.Run)
	}
	info, err := project.Store.Run(ctx, q.Run)
	if err != nil {
		return v, err
	}
	v.Query.Run, v.Run = info.ID, info
	if v.Going = info.Bakeoff == nil; v.Going {
		return v, nil
	}
	round, err := workbench.RoundOf(info.Bakeoff, q.Mode)
	if err != nil {
		return v, err
	}
	for _, r := range info.Bakeoff.Rounds() {
		v.Modes = append(v.Modes, r.Mode)
	}
	v.Models = models(info.Bakeoff, round)
	if len(v.Models) == 0 {
		return v, qa.Errorf(qa.Invalid, "no contestant of run %s has answered a question", info.ID)
	}
	if v.Query.Model == "" {
		v.Query.Model = v.Models[0].Contestant
	}
	i := slices.IndexFunc(v.Models, func(m model) bool { return m.Contestant == v.Query.Model })
	if i < 0 {
		return v, qa.Errorf(qa.NotFound, "there is no contestant %s in run %s", v.Query.Model, info.ID)
	}
	m, err := project.Measured(ctx, info.ID, q.Mode, v.Query.Model)
	if err != nil {
		return v, err
	}
	if _, _, ok := m.Cuts.Range(); !ok {
		err := qa.Errorf(qa.Invalid, "no question has a candidate for an answer, so that there is nothing to set a threshold for")
		v.Note = err.Error()
		v.Part = part{Query: v.Query, Label: v.Models[i].Label, Hue: v.Models[i].Hue, Keepable: err}
		return v, nil
	}
	v.Slider = newSlider(m.Cuts)
	v.Part = p.part(ctx, &v, m, v.Models[i])
	v.Query = v.Part.Query
	return v, nil
}

// models are the contestants that have answered, in the order of their ranks, with the names and hues that they have everywhere.
func models(b *eval.Bakeoff, round *eval.Round) (out []model) {
	names := eval.NamesOf(b)
	for i := range round.Models {
		e := &round.Models[i]
		if e.N == 0 || e.Failed != "" {
			continue
		}
		hue, _ := names.Number(e.Contestant)
		out = append(out, model{e.Contestant, names.Short(e.Contestant), hue, e.Eliminated != nil})
	}
	return out
}

// sources says where more of a run's questions are labelled, and whether all of them come with the program.
func (p panel) sources(ctx context.Context, info store.RunInfo) (label string, samples bool) {
	label, samples = "/questions", len(info.Spec.Data) > 0
	for _, s := range info.Spec.Data {
		if !slices.ContainsFunc(p.SampleSets, func(x ui.SampleSet) bool { return x.Name == s.Name }) {
			samples = false
			if project, err := p.Project(ctx, false); err == nil && project != nil && label == "/questions" {
				if _, err := project.Store.Questions(ctx, s.Name); err == nil {
					label = "/questions/label?" + url.Values{"name": {s.Name}}.Encode()
				}
			}
		}
	}
	return label, samples
}

// part works out what the threshold does.
func (p panel) part(ctx context.Context, v *view, m *workbench.Measured, who model) part {
	out := part{Query: v.Query, Label: who.Label, Hue: who.Hue, Keepable: m.Keepable(), Best: m.Cuts.BestF1(), Few: m.Cuts.Missing()}
	out.LabelAt, out.Samples = p.sources(ctx, v.Run)
	out.Used = m.Used
	if found, err := p.Bench.FindShared(m.Contestant, "", p.Named); err != nil {
		if out.Keepable == nil {
			out.Keepable = err
		}
	} else if kept, ok := found.Settings.Kept(); ok && kept.Threshold != nil {
		out.Kept, out.KeptFrom = &kept, workbench.KeptFrom(kept)
	}
	var err error
	if out.Wanted.Wanted = v.Query.Rate; out.Few == 0 {
		if out.Wanted, err = m.Cuts.For(v.Query.Rate); err != nil {
			out.Err = err
			return out
		}
		if out.Wanted.Reached {
			out.WantedMore = m.Cuts.At(out.Wanted.Threshold).MoreFor(wellKnown)
		}
	}
	threshold, err := out.threshold()
	if err != nil {
		out.Err = err
		return out
	}
	out.Query.Threshold = number(threshold)
	out.Cut = m.Cuts.At(threshold)
	out.More = out.Cut.MoreFor(wellKnown)
	out.lists(m)
	s := report.Selection{Label: who.Label, Number: who.Hue, Cuts: m.Cuts, Chosen: threshold}
	if fitted, err := eval.CrossCalibrate(m.Results, eval.Platt); err != nil {
		out.Calibration = err.Error()
	} else if s.Fitted, err = m.Cuts.Reliability(fitted); err != nil {
		out.Calibration = err.Error()
	}
	if own, ok := m.Cuts.Own(); ok && out.Few == 0 {
		if s.Own, err = m.Cuts.Reliability(own); err != nil {
			out.Calibration = err.Error()
		}
	}
	out.Figures = report.SelectionFigures(s)
	return out
}

// threshold is the one that the address names, else the one in force: what was kept, what the run used, what the wanted rate takes, the
// best of all.
func (x *part) threshold() (float64, error) {
	if s := x.Query.Threshold; s != "" {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return 0, qa.Errorf(qa.Invalid, "the threshold %q is not a number", s)
		}
		return f, workbench.CheckThreshold(f)
	}
	switch {
	case x.Kept != nil && x.Keepable == nil:
		return *x.Kept.Threshold, nil
	case x.Used != nil:
		return *x.Used, nil
	case x.Wanted.Reached:
		return x.Wanted.Threshold, nil
	}
	return x.Best.Threshold, nil
}
