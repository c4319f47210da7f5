package api

import (
	"context"
	"net/http"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

func (r *routes) modelRoutes() {
	register(r, op("models", http.MethodGet, "/api/models", "List the models that are here."), r.models)
	register(r, op("model", http.MethodGet, "/api/models/{id}", "Show what is known of a model."), r.model)
	register(r, op("remove-model", http.MethodDelete, "/api/models/{id}", "Remove a model, or a revision of it (id@revision), from the Hugging Face cache."), r.removeModel)
	register(r, op("search", http.MethodGet, "/api/search", "Look for models on the Hub, and judge for each whether it would run here."), r.search)
}

type modelsOutput struct{ Body []workbench.Entry }

func (r *routes) models(ctx context.Context, _ *struct{}) (*modelsOutput, error) {
	entries, _, err := r.Bench.List(ctx)
	return &modelsOutput{entries}, err
}

// ModelPath names a model.
type ModelPath struct {
	ID string `path:"id" doc:"The model, as tryall ask -m names it: id, id@revision, id:precision."`
}

type modelOutput struct{ Body workbench.Details }

func (r *routes) model(ctx context.Context, in *ModelPath) (*modelOutput, error) {
	m, err := r.Bench.FindShared(in.ID, "", r.Named)
	if err != nil {
		return nil, err
	}
	d, err := r.Bench.Describe(ctx, m)
	return &modelOutput{d}, err
}

type removedOutput struct{ Body workbench.Removed }

func (r *routes) removeModel(_ context.Context, in *ModelPath) (*removedOutput, error) {
	ref, err := hub.ParseRef(in.ID)
	if err != nil {
		return nil, qa.Errorf(qa.Invalid, "%w", err)
	}
	plan, err := r.Bench.PlanRemove(ref)
	if err != nil {
		return nil, err
	}
	removed, err := r.Bench.Remove(plan)
	if err != nil {
		return nil, err
	}
	for _, commit := range plan.Commits {
		r.Exams.Forget(workbench.Model{ID: plan.ID, Revision: commit})
	}
	if r.Changed != nil {
		r.Changed()
	}
	return &removedOutput{removed}, nil
}

type searchInput struct {
	Text     string `query:"text" doc:"Part of a model's name."`
	Language string `query:"language" doc:"Models for a language: en, de, multilingual."`
	Licence  string `query:"licence" doc:"Models under a licence: apache-2.0, mit."`
	Dataset  string `query:"dataset" doc:"Models trained on a data set: squad_v2."`
	Author   string `query:"author" doc:"Models of an owner: deepset."`
	MaxSize  int64  `query:"max_size_bytes" minimum:"1" doc:"Weights of at most so many bytes."`
	Sort     string `query:"sort" enum:"downloads,likes,modified,created,trending" default:"downloads"`
	Limit    int    `query:"limit" minimum:"1" maximum:"1000" default:"20" doc:"Most models to give."`
}

type searchOutput struct{ Body workbench.Search }

func (r *routes) search(ctx context.Context, in *searchInput) (*searchOutput, error) {
	s, err := r.Bench.Search(ctx, workbench.SearchQuery{Limit: in.Limit, MaxSize: in.MaxSize, Query: hub.Query{Text: in.Text, Language: in.Language,
		License: in.Licence, Dataset: in.Dataset, Author: in.Author, Sort: workbench.SearchOrders[in.Sort]}})
	return &searchOutput{s}, err
}
