package api

import (
	"context"
	"net/http"
	"time"

	"github.com/tryall/tryall/hub"
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
	Threshold   *float64               `json:"threshold,omitempty" doc:"The gap above which it answers."`
	Calibration *workbench.Calibration `json:"calibration,omitempty" doc:"A gap makes sigmoid(a*gap + b) sure."`
	Kept        *store.ModelSettings   `json:"kept,omitempty" doc:"What was set in this project; without it the model's own holds."`
}

type settingsOutput struct{ Body Settings }

func (r *routes) settings(ctx context.Context, in *ModelPath) (*settingsOutput, error) {
	m, err := r.Bench.FindShared(in.ID, "", r.Named)
	if err != nil {
		return nil, err
	}
	return r.settingsOf(ctx, m)
}

func (r *routes) settingsOf(ctx context.Context, m workbench.Model) (*settingsOutput, error) {
	d, err := r.Bench.Describe(ctx, m)
	if err != nil {
		return nil, err
	}
	out := &settingsOutput{Settings{Contestant: d.Contestant, Abstains: d.Abstains, AbstainsWhy: d.AbstainsWhy, Threshold: d.Threshold, Calibration: d.Calibration}}
	p, err := r.Project(ctx, false)
	if err != nil || p == nil {
		return out, err
	}
	if kept, ok, err := p.Store.Model(ctx, m.Contestant()); err != nil {
		return nil, err
	} else if ok {
		out.Body.Kept = &kept
	}
	return out, nil
}

type setInput struct {
	ModelPath
	Body struct {
		Abstains    string                 `json:"abstains,omitempty" enum:"yes,no,unknown" doc:"Does it say that there is no answer? It holds for all revisions and precisions of the model."`
		Threshold   *float64               `json:"threshold,omitempty" doc:"The gap above which it answers."`
		Calibration *workbench.Calibration `json:"calibration,omitempty"`
		Run         string                 `json:"run,omitempty" doc:"The run that they were measured in."`
		Labels      int                    `json:"labels,omitempty" minimum:"0" doc:"Questions that they were measured on."`
	}
}

func (r *routes) set(ctx context.Context, in *setInput) (*settingsOutput, error) {
	b := in.Body
	s := store.ModelSettings{Threshold: b.Threshold, Run: b.Run, Labels: b.Labels, When: time.Now().UTC().Truncate(time.Second)}
	if b.Calibration != nil {
		s.Calibration = &store.Calibration{A: b.Calibration.A, B: b.Calibration.B}
	}
	if s.Threshold == nil && s.Calibration == nil {
		s = store.ModelSettings{}
	}
	return r.keep(ctx, in.ID, s, hub.Abstains(b.Abstains))
}

func (r *routes) unset(ctx context.Context, in *ModelPath) (*settingsOutput, error) {
	return r.keep(ctx, in.ID, store.ModelSettings{}, "")
}

func (r *routes) keep(ctx context.Context, id string, s store.ModelSettings, abstains hub.Abstains) (*settingsOutput, error) {
	m, err := r.Bench.FindShared(id, "", r.Named)
	if err != nil {
		return nil, err
	}
	p, err := r.Project(ctx, s != (store.ModelSettings{}))
	if err != nil {
		return nil, err
	}
	if p != nil {
		if err := p.Store.SetModel(ctx, m.Contestant(), s); err != nil {
			return nil, err
		}
	}
	if err := r.Bench.SetAbstains(ctx, m, abstains); err != nil {
		return nil, err
	}
	return r.settingsOf(ctx, m)
}
