package main

import (
	"context"
	"sync"

	"github.com/tryall/tryall/api"
	"github.com/tryall/tryall/doctor"
	"github.com/tryall/tryall/nn"
	"github.com/tryall/tryall/workbench"
)

// examiner gives a function that examines models for programs, one after the other: an examination uses all cores.
func examiner(e engineFlags) func(ctx context.Context, m workbench.Model) (api.Examination, error) {
	pool := sync.OnceValue(func() *nn.Pool { return nn.NewPool(e.Threads) })
	turn := make(chan struct{}, 1)
	return func(ctx context.Context, m workbench.Model) (api.Examination, error) {
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-ctx.Done():
			return api.Examination{}, ctx.Err()
		}
		r, err := doctor.Examine(ctx, patient(m), doctor.Options{Pool: pool(), Precision: m.Precision})
		if err != nil {
			return api.Examination{}, err
		}
		out := api.Examination{ID: r.ID, OK: r.OK, Checks: make([]api.Check, len(r.Checks))}
		for i, c := range r.Checks {
			out.Checks[i] = api.Check{Name: c.Name, OK: c.OK, Level: string(c.Level), Detail: c.Detail}
		}
		return out, nil
	}
}
