package main

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/project"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

// planOf makes a plan of a configuration. Models that are searched for on the Hub are found here.
func (a *app) planOf(ctx context.Context, w *workbench.Workbench, c *project.Config) (workbench.Plan, error) {
	plan := workbench.Plan{Modes: c.Eval.Modes, Metric: c.Eval.Metric, Full: c.Eval.Full, Start: c.Eval.Start, Alpha: c.Eval.Alpha,
		Budget: c.Eval.Budget, Limit: c.Eval.Limit, Memory: c.Memory, Threads: c.Threads, Config: c.File, Seed: workbench.DefaultSeed,
		Params: workbench.Params{Decoder: c.Params.Decoder, TopK: c.Params.TopK, MaxSeqLen: c.Params.MaxSeqLen, DocStride: c.Params.DocStride,
			MaxAnswerLen: c.Params.MaxAnswerLen, NBest: c.Params.NBest, NoAnswer: c.Params.NoAnswer, AlignToWords: c.Params.AlignToWords, Threshold: c.Params.Threshold}}
	if c.Eval.Seed != nil {
		plan.Seed = *c.Eval.Seed
	}
	if c.Params.V2 != nil {
		plan.Params.V2 = *c.Params.V2
	}
	if c.Params.Passages != nil {
		plan.Passages = *c.Params.Passages
	}
	base, err := filepath.Abs(c.Dir)
	if err != nil {
		return plan, fmt.Errorf("find the folder of %s: %w", c.File, err)
	}
	place := func(p string) string {
		if filepath.IsAbs(p) {
			return p
		}
		return filepath.Join(base, filepath.FromSlash(p))
	}
	for _, t := range c.Corpus {
		plan.Corpus = append(plan.Corpus, place(t.Text))
	}
	for _, t := range c.Exclude {
		plan.Exclude = append(plan.Exclude, t.Text)
	}
	for _, t := range c.Questions {
		plan.Data = append(plan.Data, place(t.Text))
	}
	for _, m := range c.Models {
		found, err := a.planModels(ctx, w, c, m, base)
		if err != nil {
			return plan, err
		}
		plan.Models = append(plan.Models, found...)
	}
	return plan, nil
}

// planModels are the contestants of one entry.
func (a *app) planModels(ctx context.Context, w *workbench.Workbench, c *project.Config, m project.Model, base string) ([]workbench.PlanModel, error) {
	names := []string{m.ID}
	if m.Hub != nil {
		found, err := a.searchModels(ctx, w, m.Hub)
		if err != nil {
			return nil, c.Errorf(qa.CodeOf(err), m.At, "search the Hub: %w", err)
		}
		names = found
	}
	var out []workbench.PlanModel
	for _, name := range names {
		if strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../") { // from the configuration's folder, wherever it is called
			name = filepath.Join(base, filepath.FromSlash(name))
		}
		if len(m.Precisions) == 0 {
			out = append(out, workbench.PlanModel{Name: name})
		}
		for _, p := range m.Precisions {
			out = append(out, workbench.PlanModel{Name: name, Precision: p})
		}
	}
	return out, nil
}

// searchModels are the models of the Hub that a search finds and that run here. Those that do not are told.
func (a *app) searchModels(ctx context.Context, w *workbench.Workbench, s *project.Search) ([]string, error) {
	top := s.Top
	if top == 0 {
		top = 20
	}
	found, err := w.Search(ctx, workbench.SearchQuery{Limit: top, MaxSize: s.MaxSize, Query: hub.Query{Text: s.Text, Author: s.Author, Language: s.Language,
		License: s.License, Dataset: s.Dataset, Tags: s.Tags, Sort: s.Sort}})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, m := range found.Models {
		if m.Runnable {
			names = append(names, m.ID)
		} else {
			a.warn("%s does not take part: %s", m.ID, m.Reason)
		}
	}
	if len(names) == 0 {
		return nil, qa.Errorf(qa.NotFound, "no model that runs here was found (%d were looked at)", len(found.Models))
	}
	return names, nil
}

// runID is what a run's id looks like.
var runID = regexp.MustCompile(`^\d{8}-[0-9a-z]+$`)

// joinOptional writes "--resume RUN" as "--resume=RUN" and a lone "--resume" as "--resume=last", since a flag cannot have a value that may
// be missing.
func joinOptional(args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--":
			return append(out, args[i:]...)
		case args[i] != "--resume":
			out = append(out, args[i])
		case i+1 < len(args) && (args[i+1] == lastRun || runID.MatchString(args[i+1])):
			out = append(out, "--resume="+args[i+1])
			i++
		default:
			out = append(out, "--resume="+lastRun)
		}
	}
	return out
}
