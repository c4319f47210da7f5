package workbench

import (
	"context"
	"fmt"
	"io"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
)

// EvalFiles are the files that an evaluation writes; an empty name writes none.
type EvalFiles struct{ Predictions, NullOdds, NBest string }

// Evaluate asks a model every question of a data set with its own passage and scores the answers. The squad decoder decides
// as for version 2.0 when the data are of that version.
func (w *Workbench) Evaluate(ctx context.Context, m Model, p Params, data *eval.Dataset, files EvalFiles, o eval.RunOptions) (*eval.Run, error) {
	p.V2 = p.V2 || data.V2
	s, err := w.Open(ctx, m, p)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	o.Contestant, o.Decoder = m.Contestant(), s.Params.Decoder
	var run *eval.Run
	err = files.write(func(out *eval.Writer) error {
		o.Each = out.Write
		run, err = eval.Evaluate(ctx, s.Reader(), data, o)
		return err
	})
	return run, err
}

// write runs body with a writer of the files; they get their names only when all went well.
func (f EvalFiles) write(body func(*eval.Writer) error) error {
	var open []*pending
	defer func() {
		for _, p := range open {
			p.discard()
		}
	}()
	start := func(path string) (io.Writer, error) {
		if path == "" {
			return nil, nil
		}
		p, err := newPending(path)
		if err != nil {
			return nil, qa.Errorf(qa.Invalid, "write %s: %w", path, err)
		}
		open = append(open, p)
		return p, nil
	}
	var ws [3]io.Writer
	for i, path := range []string{f.Predictions, f.NullOdds, f.NBest} {
		var err error
		if ws[i], err = start(path); err != nil {
			return err
		}
	}
	out := eval.NewWriter(ws[0], ws[1], ws[2])
	if err := body(out); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("write the predictions: %w", err)
	}
	for _, p := range open {
		if err := p.commit(); err != nil {
			return err
		}
	}
	return nil
}
