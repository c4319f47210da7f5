package api

import (
	"context"
	"net/http"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
	"github.com/tryall/tryall/workbench"
)

func (r *routes) settingRoutes() {
	register(r, op("settings", http.MethodGet, "/api/models/{id}/settings", "Show from which gap on a model answers, and how sure a gap makes it."), r.settings)
	register(r, op("set", http.MethodPut, "/api/models/{id}/settings", "Set that for this project. What is left out is taken back: the model's own holds then."), r.set)
	register(r, op("unset", http.MethodDelete, "/api/models/{id}/settings", "Take back all that was set."), r.unset)
}

// Settings are what holds for a contestant, and what was set of it in this project.
type Settings struct {
	Contestant  string                 `json:"contestant"`
	Abstains    hub.Abstains           `json:"abstains" enum:"yes,no,unknown"`
	AbstainsWhy string                 `json:"abstains_why"`
	Threshold   *float64               `json:"threshold" doc:"The gap above which it answers; null: none is set, and 0 decides where it abstains."`
	ThresholdBy string                 `json:"threshold_by" doc:"Who says so; empty for none."`
	Calibration *workbench.Calibration `json:"calibration,omitempty" doc:"A gap makes sigmoid(a*gap + b) sure."`
	Kept        *store.ModelSettings   `json:"kept,omitempty" doc:"What was set in this project; without it the model's own holds."`
	Warnings    []string               `json:"warnings,omitempty"`
}

type settingsOutput struct{ Body Settings }

func (r *routes) settings(ctx context.Context, in *ModelPath) (*settingsOutput, error) {
	m, err := r.Bench.FindShared(in.ID, "", r.Named)
	if err != nil {
		return nil, err
	}
	d, err := r.Bench.Describe(ctx, m)
	return &settingsOutput{Settings{d.Contestant, d.Abstains, d.AbstainsWhy, d.Threshold, d.ThresholdBy, d.Calibration, d.Kept, nil}}, err
}

type setInput struct {
	ModelPath
	Body struct {
		Abstains    string                 `json:"abstains,omitempty" enum:"yes,no,unknown" doc:"Does it say that there is no answer? It holds for all revisions and precisions of the model."`
		Threshold   *float64               `json:"threshold,omitempty" doc:"The gap above which it answers."`
		Calibration *workbench.Calibration `json:"calibration,omitempty" doc:"How sure a gap makes it; with a run that run tells."`
		Run         string                 `json:"run,omitempty" doc:"The run that the threshold was chosen by."`
		Mode        string                 `json:"mode,omitempty" enum:"oracle,retrieved" doc:"The mode of that run (default: the one that decided)."`
	}
}

func (r *routes) set(ctx context.Context, in *setInput) (*settingsOutput, error) {
	b := in.Body
	m, err := r.Bench.FindShared(in.ID, "", r.Named)
	if err != nil {
		return nil, err
	}
	s, note := store.ModelSettings{Threshold: b.Threshold}, ""
	switch {
	case b.Run != "" && (b.Threshold == nil || b.Calibration != nil):
		return nil, qa.Errorf(qa.Invalid, "with a run a threshold is set and no calibration: that is the run's")
	case b.Run != "":
		if s, note, err = r.measured(ctx, m, b.Run, b.Mode, *b.Threshold); err != nil {
			return nil, err
		}
	case b.Calibration != nil:
		s.Calibration = &store.Calibration{A: b.Calibration.A, B: b.Calibration.B}
	}
	out, err := r.keep(ctx, in.ID, m, s, hub.Abstains(b.Abstains))
	if err == nil && note != "" {
		out.Body.Warnings = []string{note}
	}
	return out, err
}

// measured are settings by a threshold that was chosen by a run.
func (r *routes) measured(ctx context.Context, m workbench.Model, run, mode string, threshold float64) (s store.ModelSettings, note string, err error) {
	p, info, err := r.runOf(ctx, run)
	if err != nil {
		return s, "", err
	}
	if info.Bakeoff == nil {
		return s, "", qa.Errorf(qa.Invalid, "run %s is not finished; its thresholds are known once it is", info.ID)
	}
	name, err := workbench.Entered(info.Bakeoff, mode, m)
	if err != nil {
		return s, "", err
	}
	x, err := p.Measured(ctx, info.ID, mode, name)
	if err != nil {
		return s, "", err
	}
	return x.Settings(threshold)
}

func (r *routes) unset(ctx context.Context, in *ModelPath) (*settingsOutput, error) {
	m, err := r.Bench.FindShared(in.ID, "", r.Named)
	if err != nil {
		return nil, err
	}
	return r.keep(ctx, in.ID, m, store.ModelSettings{}, "")
}

// keep keeps settings in the project, and whether the model abstains for all projects.
func (r *routes) keep(ctx context.Context, id string, m workbench.Model, s store.ModelSettings, abstains hub.Abstains) (*settingsOutput, error) {
	p, err := r.Project(ctx, s != (store.ModelSettings{}))
	if err != nil {
		return nil, err
	}
	if p != nil {
		if err := p.Keep(ctx, m, s); err != nil {
			return nil, err
		}
	}
	if err := r.Bench.SetAbstains(ctx, m, abstains); err != nil {
		return nil, err
	}
	if r.Changed != nil {
		r.Changed()
	}
	return r.settings(ctx, &ModelPath{id})
}
