package workbench

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
)

// Measured is what a finished run says of one contestant, question by question: what thresholds are chosen by.
type Measured struct {
	Run, Mode, Contestant, Decoder string
	Entrant                        *eval.Entrant
	Data                           *eval.Dataset // without passages
	Results                        []eval.Result
	Cuts                           *eval.Cuts
	Used                           *float64 // the gap above which it answered in the run; nil where none decided
}

// Measured finds it. An empty mode is the run's first.
func (p *Project) Measured(ctx context.Context, run, mode, contestant string) (*Measured, error) {
	info, err := p.Store.Run(ctx, run)
	if err != nil {
		return nil, err
	}
	if info.Bakeoff == nil {
		return nil, qa.Errorf(qa.Invalid, "run %s is not finished (%s); tryall bakeoff --resume %s goes on with it", info.ID, info.Status, info.ID)
	}
	round, err := RoundOf(info.Bakeoff, mode)
	if err != nil {
		return nil, err
	}
	m := &Measured{Run: info.ID, Mode: round.Mode, Contestant: contestant, Decoder: round.Decoder}
	if m.Entrant, err = round.Entrant(contestant); err != nil {
		return nil, err
	}
	if m.Data, err = p.asked(ctx, info.ID, m.Mode); err != nil {
		return nil, err
	}
	if m.Results, err = p.Store.Results(ctx, info.ID, m.Mode, contestant); err != nil {
		return nil, err
	}
	m.Cuts = eval.NewCuts(m.Results)
	if c := m.Entrant.Curve; c != nil && c.Chosen != nil {
		m.Used = &c.Chosen.Threshold
	}
	then, kept, err := p.settledAs(ctx, m)
	if kept && then.Decoder == "gap" && *then.NoAnswer {
		m.Used = then.Threshold // small runs have no curve
	}
	return m, err
}

// RoundOf is the round of a mode; the first for an empty one.
func RoundOf(b *eval.Bakeoff, mode string) (*eval.Round, error) {
	for _, r := range b.Rounds() {
		if mode == "" || mode == r.Mode {
			return r, nil
		}
	}
	return nil, qa.Errorf(qa.NotFound, "run %s has nothing in the mode %q", b.Run, mode)
}

// Keepable says why a threshold of this run cannot be what a model answers by; nil when it can.
func (m *Measured) Keepable() error {
	if m.Decoder != "gap" {
		return qa.Errorf(qa.Invalid, "run %s decoded with %s, and a model's own threshold is one of gaps: race with --decoder gap, or give --threshold with each question", m.Run, m.Decoder)
	}
	return nil
}

// Settings are what is kept of a model for it to answer by this threshold: with the map from gaps to probabilities that these questions
// give. Where they are too few for one, or all right or all wrong, a note says so, and there is none.
func (m *Measured) Settings(threshold float64) (s store.ModelSettings, note string, err error) {
	if err := m.Keepable(); err != nil {
		return s, "", err
	}
	s = store.ModelSettings{Threshold: &threshold, Run: m.Run, Labels: len(m.Results)}
	c, err := eval.Calibrate(m.Results, eval.Platt)
	if err != nil {
		return s, "no probabilities are kept with it: " + err.Error(), nil //nolint:nilerr // the threshold holds without them
	}
	s.Calibration = &store.Calibration{A: c.Logistic.Weights[0], B: c.Logistic.Intercept}
	return s, "", nil
}

// Entered finds a model among the contestants of a run: by its full name, else the only one with its id and precision.
func Entered(b *eval.Bakeoff, mode string, m Model) (string, error) {
	round, err := RoundOf(b, mode)
	if err != nil {
		return "", err
	}
	var same, names []string
	for i := range round.Models {
		e := &round.Models[i]
		if e.Contestant == m.Contestant() {
			return e.Contestant, nil
		}
		names = append(names, e.Contestant)
		if e.ID == m.ID && e.Precision == m.Precision {
			same = append(same, e.Contestant)
		}
	}
	if len(same) == 1 {
		return "", qa.Errorf(qa.Invalid, "run %s measured %s, and here it is %s: what holds for one revision need not for another", b.Run, same[0], m.Contestant())
	}
	slices.Sort(names)
	return "", qa.Errorf(qa.NotFound, "%s took no part in run %s; there were %s", m.Contestant(), b.Run, strings.Join(names, ", "))
}

// KeptFrom says in a few words where kept settings are from.
func KeptFrom(s store.ModelSettings) string {
	from := "by hand"
	if s.Run != "" {
		from = fmt.Sprintf("from run %s, %d labels", s.Run, s.Labels)
	}
	if s.When.IsZero() {
		return from
	}
	return from + ", " + s.When.Local().Format("2 Jan 2006")
}
