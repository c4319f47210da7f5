package workbench

import (
	"context"
	"strings"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
)

// Diff compares two contestants question by question, each named RUN/MODEL; of a run alone its winner is taken. Gains and losses are
// those of b. An empty mode is the one that decided in each run.
func (p *Project) Diff(ctx context.Context, a, b, mode string) (*eval.RunDiff, error) {
	if mode != "" && mode != eval.Oracle && mode != eval.Retrieved {
		return nil, qa.Errorf(qa.Invalid, "there is no mode %q; there are %s and %s", mode, eval.Oracle, eval.Retrieved)
	}
	x, data, err := p.contestant(ctx, a, mode)
	if err != nil {
		return nil, err
	}
	y, _, err := p.contestant(ctx, b, mode)
	if err != nil {
		return nil, err
	}
	d, err := eval.Diff(x, y)
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for i := range data.Examples {
		texts[data.Examples[i].ID] = data.Examples[i].Text
	}
	d.Texts(func(id string) string { return texts[id] })
	return d, nil
}

// contestant finds a contestant's results in a run.
func (p *Project) contestant(ctx context.Context, name, mode string) (*eval.Run, *eval.Dataset, error) {
	id, model, _ := strings.Cut(name, "/")
	out, err := p.Kept(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if mode == "" {
		mode = out.Mode
	}
	if model == "" {
		model = out.Winner
	}
	var names []string
	var found []*eval.Run
	for _, r := range out.Runs[mode] {
		names = append(names, Brief(r.Contestant))
		if r.Contestant == model || Brief(r.Contestant) == model || strings.Contains(r.Contestant, model) {
			found = append(found, r)
		}
	}
	for _, r := range found { // a whole name goes before a part of one
		if id, _, _ := strings.Cut(r.Contestant, "@"); r.Contestant == model || Brief(r.Contestant) == model || id == model {
			return r, out.Data[mode], nil
		}
	}
	switch len(found) {
	case 1:
		return found[0], out.Data[mode], nil
	case 0:
		return nil, nil, qa.Errorf(qa.NotFound, "run %s has no contestant %q in the mode %s; it has %s", out.Run, model, mode, strings.Join(names, ", "))
	}
	return nil, nil, qa.Errorf(qa.Invalid, "%q fits %d contestants of run %s: %s; give more of the name", model, len(found), out.Run, strings.Join(names, ", "))
}

// Brief is a contestant's name with so much of the revision as people compare.
func Brief(contestant string) string {
	at := strings.LastIndexByte(contestant, '@')
	end := strings.LastIndexByte(contestant, ':')
	if at < 0 || end-at <= 8 {
		return contestant
	}
	return contestant[:at+8] + contestant[end:]
}
