package api

import (
	"context"
	"net/http"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

func (r *routes) examRoutes() {
	register(r, creating(op("examine", http.MethodPost, "/api/models/{id}/doctor", "Begin to examine a model as tryall doctor does; examinations follow one another."), http.StatusAccepted), r.examine)
	register(r, op("examination", http.MethodGet, "/api/models/{id}/doctor", "Tell what the last examination of a model has found, and how far it is."), r.examination)
}

// Examination is one of a model; all precisions have the same files.
type Examination struct {
	ID     string              `json:"id" doc:"id@revision."`
	State  workbench.ExamState `json:"state" enum:"waiting,going,done,stopped"`
	OK     bool                `json:"ok" doc:"It is done, and all checks are ok."`
	Of     int                 `json:"of" doc:"Checks in all."`
	At     time.Time           `json:"at" doc:"When it began, or ended."`
	Checks []Check             `json:"checks"`
}

// Check is how one check came out.
type Check struct {
	Name   string               `json:"name"`
	OK     bool                 `json:"ok" doc:"Neither failed nor skipped."`
	Level  workbench.CheckLevel `json:"level" enum:"pass,info,warn,skipped,fail"`
	Detail string               `json:"detail"`
}

func examinationOf(e workbench.Exam) Examination {
	out := Examination{ID: e.Model, State: e.State, OK: e.State == workbench.ExamDone, Of: e.Of, At: e.At, Checks: []Check{}}
	for _, c := range e.Checks {
		ok := c.Level != workbench.CheckFail && c.Level != workbench.CheckSkipped
		out.OK = out.OK && ok
		out.Checks = append(out.Checks, Check{c.Name, ok, c.Level, c.Detail})
	}
	return out
}

type examinationOutput struct{ Body Examination }

func (r *routes) examine(_ context.Context, in *ModelPath) (*examinationOutput, error) {
	m, err := r.Bench.FindShared(in.ID, "", r.Named)
	if err != nil {
		return nil, err
	}
	if err := r.Exams.Start(m); err != nil {
		return nil, err
	}
	e, _, _ := r.Exams.State(m)
	return &examinationOutput{examinationOf(e)}, nil
}

func (r *routes) examination(_ context.Context, in *ModelPath) (*examinationOutput, error) {
	m, err := r.Bench.FindShared(in.ID, "", r.Named)
	if err != nil {
		return nil, err
	}
	e, _, ok := r.Exams.State(m)
	if !ok {
		return nil, qa.Errorf(qa.NotFound, "%s was not examined yet; POST /api/models/%s/doctor does", in.ID, in.ID)
	}
	return &examinationOutput{examinationOf(e)}, nil
}
