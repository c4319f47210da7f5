package eval

import (
	"cmp"
	"slices"
)

// outcome gathers what the race came to.
func (r *race) outcome() (*Raced, error) {
	out := &Raced{Eliminated: map[string]*Elimination{}, Failed: map[string]string{}, Stopped: r.stopped,
		Questions: len(r.order), Elapsed: r.elapsed(), Raced: r.referee != nil}
	byIndex := slices.Clone(r.runners)
	slices.SortFunc(byIndex, func(a, b *runner) int { return cmp.Compare(a.index, b.index) })
	for _, c := range byIndex {
		if c.out != nil {
			out.Eliminated[c.Name] = c.out
		}
		if c.failed != "" {
			out.Failed[c.Name] = c.failed
		}
		if len(c.results) == 0 {
			continue
		}
		run, err := newRun(r.d, c.Name, c.results)
		if err != nil {
			return nil, err
		}
		out.Answered += len(run.Results)
		out.Runs = append(out.Runs, run)
	}
	return out, nil
}

// newRun makes a run of results, in the data set's order, scored over the questions that they answer.
func newRun(d *Dataset, contestant string, results []Result) (*Run, error) {
	r := &Run{Contestant: contestant, Reader: contestant, Digest: d.Digest, V2: d.V2, Results: slices.Clone(results)}
	slices.SortFunc(r.Results, func(a, b Result) int { return cmp.Compare(a.Example, b.Example) })
	answered := *d
	answered.Examples = make([]Example, len(r.Results))
	for i := range r.Results {
		answered.Examples[i] = d.Examples[r.Results[i].Example]
		if r.Results[i].Err != "" {
			r.fail(&r.Results[i])
		}
	}
	return r, r.report(&answered)
}
