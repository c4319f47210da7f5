package api

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/report"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/workbench"
)

func (r *routes) resultRoutes() {
	register(r, op("results", http.MethodGet, "/api/bakeoffs/{run}/results", "List the questions of a bake-off with the answer of every contestant and its scores; it may still go on."), r.results)
	register(r, op("spans", http.MethodGet, "/api/bakeoffs/{run}/spans", "List the best spans that a contestant found for each question, whatever a threshold said, so that another can be tried."), r.spans)
	register(r, op("diff", http.MethodGet, "/api/diff", "Compare two contestants question by question; gains and losses are those of b."), r.diff)
	o := op("report", http.MethodGet, "/api/bakeoffs/{run}/report", "Give the report of a finished bake-off.")
	o.Parameters = []*huma.Param{pathParam("run", runDoc), queryParam("format", "The form (default json); questions is a table of all answers.", "html", "md", "csv", "json", "questions")}
	r.direct(r.answers(o, "200", "The report.", map[string]*huma.Schema{"text/html": {}, "text/markdown": {}, "text/csv": {}, "application/json": {}}), r.report)
}

type resultsInput struct {
	RunPath
	Page
	Mode       string   `query:"mode" enum:"oracle,retrieved" doc:"The default is the one that decides."`
	Contestant []string `query:"contestant,explode" doc:"Only these contestants; repeat for more."`
	Show       string   `query:"show" enum:"all,wrong,differ" default:"all" doc:"Only questions that somebody answers wrongly, or that some answer rightly and some wrongly (EM)."`
}

// Answered is a question of a bake-off with the answers to it.
type Answered struct {
	Example  int      `json:"example" doc:"Its number, the same for every contestant, from 0."`
	ID       string   `json:"id"`
	Question string   `json:"question"`
	Set      string   `json:"set,omitempty" doc:"The set of the project that it is kept in; without one it is of a file."`
	Item     string   `json:"item" doc:"Its id there, to be judged by."`
	Golds    []string `json:"golds" doc:"The right answers; none where the text does not say."`
	Answers  []Judged `json:"answers" doc:"Of the contestants that were asked it."`
}

// Judged is one contestant's answer with its scores in percent.
type Judged struct {
	Contestant string   `json:"contestant"`
	Answer     string   `json:"answer" doc:"Empty when it abstained."`
	Exact      float64  `json:"exact"`
	F1         float64  `json:"f1"`
	Best       string   `json:"best,omitempty" doc:"The best answer whatever a threshold said."`
	BestExact  float64  `json:"best_exact"`
	BestF1     float64  `json:"best_f1"`
	Confidence float64  `json:"confidence" doc:"Questions are ordered by it; the threshold is compared with it."`
	P          *float64 `json:"p,omitempty" doc:"The calibrated probability that best is right."`
	Windows    int      `json:"windows"`
	Tokens     int      `json:"tokens"`
	Error      string   `json:"error,omitempty"`
}

type resultsOutput struct{ Body Part[Answered] }

// runOf finds a run.
func (r *routes) runOf(ctx context.Context, run string) (*workbench.Project, store.RunInfo, error) {
	p, err := r.corpusOf(ctx, "run "+run)
	if err != nil {
		return nil, store.RunInfo{}, err
	}
	info, err := p.Store.Run(ctx, run)
	return p, info, err
}

func (r *routes) results(ctx context.Context, in *resultsInput) (*resultsOutput, error) {
	p, info, err := r.runOf(ctx, in.Run)
	if err != nil {
		return nil, err
	}
	runs, d, err := p.ModeResults(ctx, info, in.Mode)
	if err != nil {
		return nil, err
	}
	for _, name := range in.Contestant {
		if !slices.ContainsFunc(runs, func(x *eval.Run) bool { return x.Contestant == name }) {
			return nil, qa.Errorf(qa.NotFound, "run %s has no contestant %q in that mode", info.ID, name)
		}
	}
	if len(in.Contestant) > 0 {
		runs = slices.DeleteFunc(runs, func(x *eval.Run) bool { return !slices.Contains(in.Contestant, x.Contestant) })
	}
	mode := in.Mode
	if mode == "" {
		mode = info.Spec.Modes[0] // there is one, or nothing would have been found
	}
	origins, err := p.Origins(ctx, info.ID, mode)
	if err != nil {
		return nil, err
	}
	all := make([]Answered, len(d.Examples))
	for i := range d.Examples {
		e := &d.Examples[i]
		all[i] = Answered{Example: i, ID: e.ID, Question: e.Text, Item: e.ID, Golds: append([]string{}, e.Texts()...), Answers: []Judged{}}
		if i < len(origins) {
			all[i].Set, all[i].Item = origins[i].Set, origins[i].Item
		}
	}
	for _, run := range runs {
		for k := range run.Results {
			if x := &run.Results[k]; x.Example < len(all) {
				a := &all[x.Example]
				a.Answers = append(a.Answers, judgedOf(run.Contestant, x))
			}
		}
	}
	all = slices.DeleteFunc(all, func(a Answered) bool { return !a.shows(in.Show) })
	return &resultsOutput{partOf(all, in.Page)}, nil
}

func judgedOf(contestant string, x *eval.Result) Judged {
	return Judged{Contestant: contestant, Answer: x.Text, Exact: x.Exact, F1: x.F1, Best: x.Best, BestExact: x.BestExact, BestF1: x.BestF1,
		Confidence: x.Confidence, P: x.P, Windows: x.Windows, Tokens: x.Tokens, Error: x.Err}
}

// shows says whether a question is of the kind that was asked for.
func (a *Answered) shows(kind string) bool {
	right, wrong := 0, 0
	for i := range a.Answers {
		if a.Answers[i].Exact == 100 {
			right++
		} else {
			wrong++
		}
	}
	switch kind {
	case "wrong":
		return wrong > 0
	case "differ":
		return right > 0 && wrong > 0
	}
	return true
}

type spansInput struct {
	RunPath
	Page
	Mode       string `query:"mode" enum:"oracle,retrieved" doc:"The default is the one that decides."`
	Contestant string `query:"contestant" required:"true" minLength:"1"`
}

type spansOutput struct{ Body Part[workbench.KeptSpans] }

func (r *routes) spans(ctx context.Context, in *spansInput) (*spansOutput, error) {
	p, info, err := r.runOf(ctx, in.Run)
	if err != nil {
		return nil, err
	}
	if in.Mode == "" && len(info.Spec.Modes) > 0 {
		in.Mode = info.Spec.Modes[0]
	}
	results, err := p.Store.Results(ctx, info.ID, in.Mode, in.Contestant)
	if err != nil {
		return nil, err
	}
	if len(results) == 0 {
		return nil, qa.Errorf(qa.NotFound, "run %s has nothing of a contestant %q in the mode %s", info.ID, in.Contestant, in.Mode)
	}
	examples := make([]int, len(results))
	for i := range results {
		examples[i] = results[i].Example
	}
	part := partOf(examples, in.Page)
	out := Part[workbench.KeptSpans]{Total: part.Total, Offset: part.Offset}
	out.Items, err = p.RunSpans(ctx, info, in.Mode, in.Contestant, part.Items)
	return &spansOutput{out}, err
}

type diffInput struct {
	A    string `query:"a" required:"true" minLength:"1" doc:"A run (its id, the beginning of it, or last) or one contestant of it: RUN/MODEL. Of a run alone its winner is taken."`
	B    string `query:"b" required:"true" minLength:"1" doc:"Another."`
	Mode string `query:"mode" enum:"oracle,retrieved" doc:"The default is the one that decides."`
}

type diffOutput struct{ Body *eval.RunDiff }

func (r *routes) diff(ctx context.Context, in *diffInput) (*diffOutput, error) {
	run, _, _ := strings.Cut(in.A, "/")
	p, err := r.corpusOf(ctx, "run "+run)
	if err != nil {
		return nil, err
	}
	d, err := p.Diff(ctx, in.A, in.B, in.Mode)
	return &diffOutput{d}, err
}

// reportTypes are the kinds of a report's files.
var reportTypes = map[string]string{".html": "text/html; charset=utf-8", ".md": "text/markdown; charset=utf-8", ".csv": "text/csv; charset=utf-8", ".json": "application/json"}

// report gives a file of a run's report. It is to be saved: a page that is shown from here may load nothing.
func (r *routes) report(w http.ResponseWriter, req *http.Request) error {
	format := req.URL.Query().Get("format")
	name := "report." + format
	switch format {
	case "":
		name = "report.json"
	case "questions":
		name = "questions.csv"
	}
	i := slices.IndexFunc(report.Files, func(f report.File) bool { return f.Name == name })
	if i < 0 {
		return qa.Errorf(qa.Invalid, "format is %q; reports are given as html, md, csv, json and questions", format)
	}
	p, info, err := r.runOf(req.Context(), req.PathValue("run"))
	if err != nil {
		return err
	}
	out, err := p.Kept(req.Context(), info.ID)
	if err != nil {
		return err
	}
	var b bytes.Buffer // an error is told as such, and not as the end of a file
	in := report.Input{Bakeoff: out.Bakeoff, Runs: out.Runs, Data: out.Data[out.Mode], Order: out.Orders()}
	if out.Decision != nil {
		in.Decision = (*report.Decision)(out.Decision)
	}
	if err := report.Files[i].Write(&b, in); err != nil {
		return err
	}
	w.Header().Set("Content-Type", reportTypes[path.Ext(name)])
	if name != "report.json" {
		w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s"`, info.ID, name))
	}
	_, _ = w.Write(b.Bytes()) // whoever has gone needs no report
	return nil
}
