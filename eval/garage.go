package eval

import (
	"context"
	"slices"

	"github.com/tryall/tryall/qa"
)

// garage keeps readers open, within a limit of memory. Those used least recently are closed first.
type garage struct {
	limit int64
	open  []parked // used least recently first
}

type parked struct {
	runner *runner
	reader OpenReader
}

// fits says whether the runners that are in may all be open at once.
func (g *garage) fits(runners []*runner) bool {
	sum := int64(0)
	for _, r := range runners {
		if r.in() {
			sum += r.Bytes
		}
	}
	return g.limit <= 0 || sum <= g.limit
}

// get opens a runner's reader, or gives the one that is open.
func (g *garage) get(ctx context.Context, r *runner) (OpenReader, error) {
	if i := g.find(r); i >= 0 {
		p := g.open[i]
		g.open = append(slices.Delete(g.open, i, i+1), p)
		return p.reader, nil
	}
	if g.limit > 0 && r.Bytes > g.limit {
		return nil, qa.Errorf(qa.Unavailable, "it needs about %.1f GB of memory and %.1f GB may be used; raise the limit (memory), or leave it out",
			float64(r.Bytes)/1e9, float64(g.limit)/1e9)
	}
	for g.limit > 0 && len(g.open) > 0 && g.used()+r.Bytes > g.limit {
		g.close(g.open[0].runner)
	}
	reader, err := r.Open(ctx)
	if err != nil {
		return nil, err
	}
	g.open = append(g.open, parked{r, reader})
	return reader, nil
}

func (g *garage) used() (sum int64) {
	for _, p := range g.open {
		sum += p.runner.Bytes
	}
	return sum
}

func (g *garage) find(r *runner) int {
	return slices.IndexFunc(g.open, func(p parked) bool { return p.runner == r })
}

// close closes a runner's reader if it is open. What it answered stands, so an error on the way out changes nothing.
func (g *garage) close(r *runner) {
	if i := g.find(r); i >= 0 {
		_ = g.open[i].reader.Close()
		g.open = slices.Delete(g.open, i, i+1)
	}
}

func (g *garage) closeAll() {
	for len(g.open) > 0 {
		g.close(g.open[0].runner)
	}
}
