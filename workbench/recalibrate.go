package workbench

import (
	"context"
	"math"

	"github.com/tryall/tryall/qa"
)

// Probability is that of an answer with this gap being right.
func (c Calibration) Probability(gap float64) float64 { return 1 / (1 + math.Exp(-(c.A*gap + c.B))) }

// as is an opened model with what is set of it now: that may have changed since it was opened, and a model is not opened anew for it.
func (s *Session) as(m Model) *Session {
	out := *s
	out.Model = m
	was, is := s.Model.Settings.Calibration, m.Settings.Calibration
	if same := was == nil && is == nil || was != nil && is != nil && *was == *is; !same {
		out.reader = recalibrated{s.reader, s.Params, is}
	}
	return &out
}

// recalibrated is a reader whose probabilities come from another map than the one that it was opened with.
type recalibrated struct {
	Reader
	params Params // of Read
	c      *Calibration
}

// Read answers with the parameters that the reader was opened with.
func (r recalibrated) Read(ctx context.Context, tasks []qa.Task) ([]qa.Prediction, error) {
	params := make([]Params, len(tasks))
	for i := range params {
		params[i] = r.params
	}
	return r.ReadEach(ctx, tasks, params)
}

// ReadEach answers tasks, each with parameters of its own.
func (r recalibrated) ReadEach(ctx context.Context, tasks []qa.Task, params []Params) ([]qa.Prediction, error) {
	out, err := r.Reader.ReadEach(ctx, tasks, params)
	for i := range out {
		r.judge(&out[i], params[i])
	}
	return out, err
}

// Inspect answers one task and gives its windows.
func (r recalibrated) Inspect(ctx context.Context, task qa.Task, p Params) (qa.Prediction, []Window, error) {
	out, windows, err := r.Reader.Inspect(ctx, task, p)
	r.judge(&out, p)
	return out, windows, err
}

// judge tells how sure the gaps of a prediction are.
func (r recalibrated) judge(p *qa.Prediction, params Params) {
	if params.Decoder != "gap" {
		return
	}
	for _, list := range [][]qa.Answer{p.Answers, p.Candidates} {
		for i := range list {
			list[i].P = nil
			if r.c != nil {
				v := r.c.Probability(list[i].Gap)
				list[i].P = &v
			}
		}
	}
}
