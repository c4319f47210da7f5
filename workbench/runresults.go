package workbench

import (
	"context"
	"slices"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
)

// RunResults are the results that a run has in a mode, by contestant in the order in which they were begun, with the questions they are
// of; the run may still go on. An empty mode is the first that was asked for.
func (p *Project) RunResults(ctx context.Context, info store.RunInfo, mode string) ([]*eval.Run, *eval.Dataset, error) {
	if mode == "" && len(info.Spec.Modes) > 0 {
		mode = info.Spec.Modes[0]
	}
	if !slices.Contains(info.Spec.Modes, mode) {
		return nil, nil, qa.Errorf(qa.NotFound, "run %s asks nothing in the mode %q", info.ID, mode)
	}
	d, err := p.asked(ctx, info.ID, mode)
	if err != nil {
		return nil, nil, err
	}
	tracks, err := p.Store.Tracks(ctx, info.ID)
	if err != nil {
		return nil, nil, err
	}
	runs, decoder := []*eval.Run{}, info.Spec.Decoder
	for _, t := range tracks {
		if t.Mode != mode {
			continue
		}
		results, err := p.Store.Results(ctx, info.ID, t.Mode, t.Contestant)
		if err != nil {
			return nil, nil, err
		}
		runs = append(runs, &eval.Run{Contestant: t.Contestant, Reader: t.Contestant, Decoder: decoder, Digest: d.Digest, V2: d.V2, Results: results})
	}
	return runs, d, nil
}
