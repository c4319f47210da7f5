package stats

import (
	"math"
	"math/rand/v2"
	"slices"
)

// paths are the trials of a race: for each, every system's sum of scores with the trial's signs, and the systems
// that have crossed a boundary.
type paths struct {
	seed   uint64
	trials int
	live   []int     // systems, in the order of the columns
	sums   []float64 // (trial, live system)
	over   []uint64  // (trial, word): bit i is set when system i has crossed
	words  int
}

func newPaths(systems, trials int, seed uint64) paths {
	p := paths{seed: seed, trials: trials, words: (systems + 63) / 64}
	for i := range systems {
		p.live = append(p.live, i)
	}
	p.sums = make([]float64, trials*systems)
	p.over = make([]uint64, trials*p.words)
	return p
}

// signs is how many clusters share a random byte.
const signs = 8

// add gives every cluster's part the sign that the trial has for the cluster. Clusters go eight at a time: all 256 sums of
// their parts with signs are made once, and each trial looks its own up.
func (p *paths) add(parts []part, left []int) {
	slices.SortFunc(parts, func(a, b part) int { return a.row - b.row })
	m := len(left)
	table := make([]float64, (1<<signs)*m)
	for len(parts) > 0 {
		group := parts[0].row / signs
		n := 0
		for n < len(parts) && parts[n].row/signs == group {
			n++
		}
		fillTable(table, parts[:n], left)
		parts = parts[n:]
		rng := rand.NewPCG(p.seed, streamRace+uint64(group))
		var u uint64
		for k := range p.trials {
			if k%8 == 0 {
				u = rng.Uint64()
			}
			from := table[int(u&0xff)*m:][:m]
			u >>= 8
			to := p.sums[k*m:][:m]
			for i, v := range from {
				to[i] += v
			}
		}
	}
}

// fillTable makes the sums of the parts for all signs: bit b of the index turns the sign of the clusters whose row is b modulo 8.
func fillTable(table []float64, parts []part, left []int) {
	m := len(left)
	clear(table)
	for bits := range 1 << signs {
		row := table[bits*m:][:m]
		for _, q := range parts {
			sign := 1.0
			if bits>>(q.row%signs)&1 == 1 {
				sign = -1
			}
			for a, i := range left {
				row[a] += sign * q.sum[i]
			}
		}
	}
}

// remove takes a system's column out.
func (p *paths) remove(system int) {
	col := slices.Index(p.live, system)
	m := len(p.live)
	p.live = slices.Delete(p.live, col, col+1)
	to := 0
	for k := range p.trials {
		for i := range m {
			if i != col {
				p.sums[to] = p.sums[k*m+i]
				to++
			}
		}
	}
	p.sums = p.sums[:to]
}

// largest is, for each trial, the largest statistic of all pairs.
func (p *paths) largest(left []int, scale []float64) []float64 {
	m := len(left)
	out := make([]float64, p.trials)
	for k := range out {
		row, t := p.sums[k*m:][:m], 0.0
		for a := 1; a < m; a++ {
			x, s := row[a], scale[a*m:][:a]
			for b, v := range s {
				t = max(t, math.Abs(x-row[b])*v)
			}
		}
		out[k] = t
	}
	return out
}

// crossed says that one of the systems has crossed a boundary in the trial.
func (p *paths) crossed(trial int, left []int) bool {
	over := p.over[trial*p.words:][:p.words]
	for _, i := range left {
		if over[i/64]>>(i%64)&1 == 1 {
			return true
		}
	}
	return false
}

// used is the number of trials in which one of the systems has crossed.
func (p *paths) used(left []int) int {
	n := 0
	for k := range p.trials {
		if p.crossed(k, left) {
			n++
		}
	}
	return n
}

// cross marks what the look's boundary lets cross: the allowed number of trials with the largest statistics, fewer where
// several are equal.
func (p *paths) cross(left []int, scale, largest []float64, allowed int) {
	if allowed <= 0 {
		return
	}
	var alive []float64
	for k, v := range largest {
		if !p.crossed(k, left) {
			alive = append(alive, v)
		}
	}
	if len(alive) <= allowed {
		return
	}
	slices.Sort(alive)
	boundary := alive[len(alive)-1-allowed] * (1 + rounding)
	m := len(left)
	for k, v := range largest {
		if v <= boundary {
			continue
		}
		row := p.sums[k*m:][:m]
		for a, i := range left {
			for b := range left {
				if (row[b]-row[a])*scale[a*m+b] > boundary {
					p.over[k*p.words+i/64] |= 1 << (i % 64)
				}
			}
		}
	}
}
