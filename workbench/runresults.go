package workbench

import (
	"context"
	"slices"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
)

// ModeResults are what a run has answered so far in a mode, by contestant in the order in which they were begun, with its questions. An
// empty mode is the first that was asked for.
func (p *Project) ModeResults(ctx context.Context, info store.RunInfo, mode string) ([]*eval.Run, *eval.Dataset, error) {
	if mode == "" && len(info.Spec.Modes) > 0 {
		mode = info.Spec.Modes[0]
	}
	if !slices.Contains(info.Spec.Modes, mode) {
		return nil, nil, qa.Errorf(qa.NotFound, "run %s asks nothing in the mode %q", info.ID, mode)
	}
	a, err := p.Answers(ctx, info)
	if err != nil {
		return nil, nil, err
	}
	if a.Data[mode] == nil { // nothing is answered yet
		a.Data[mode], err = p.asked(ctx, info.ID, mode)
	}
	return append([]*eval.Run{}, a.Runs[mode]...), a.Data[mode], err
}
