package stats

import (
	"math"
	"math/rand/v2"
	"slices"
)

// trials are a race run many times over the same observations: trial 0 as it is, in every other one the scores of each cluster
// have a random sign, the same for all systems and at all looks. Were the systems alike, the differences would be as likely
// with one sign as with the other, and the real race one among equals.
type trials struct {
	seed  uint64
	n     int
	live  []int     // systems, in the order of the columns
	sums  []float64 // (trial, live system): all scores with the trial's signs
	over  []uint64  // (trial, word): bit i is set when system i has crossed the bar of a look
	words int
}

func newTrials(systems, n int, seed uint64) *trials {
	t := &trials{seed: seed, n: n + 1, words: (systems + 63) / 64}
	for i := range systems {
		t.live = append(t.live, i)
	}
	t.sums = make([]float64, t.n*systems)
	t.over = make([]uint64, t.n*t.words)
	return t
}

// signs is how many clusters share a random byte.
const signs = 8

// add sums new observations up in every trial. Clusters go eight at a time: all 256 sums of their parts with signs are made
// once, and each trial looks its own up.
func (t *trials) add(parts []part) {
	slices.SortFunc(parts, func(a, b part) int { return a.row - b.row })
	m := len(t.live)
	table := make([]float64, (1<<signs)*m)
	for len(parts) > 0 {
		group := parts[0].row / signs
		n := 0
		for n < len(parts) && parts[n].row/signs == group {
			n++
		}
		fill(table, parts[:n], m)
		parts = parts[n:]
		rng := rand.NewPCG(t.seed, streamRace+uint64(group))
		u := rng.Uint64() &^ 0xff // trial 0 has no sign turned
		for k := range t.n {
			from, to := table[int(u&0xff)*m:][:m], t.sums[k*m:][:m]
			for i, v := range from {
				to[i] += v
			}
			if u >>= 8; k%8 == 7 {
				u = rng.Uint64()
			}
		}
	}
}

// fill makes the sums of the parts for all signs: bit b of the index turns the sign of the cluster whose row is b modulo 8.
func fill(table []float64, parts []part, m int) {
	clear(table)
	for bits := range 1 << signs {
		row := table[bits*m:][:m]
		for _, p := range parts {
			sign := 1.0
			if bits>>(p.row%signs)&1 == 1 {
				sign = -1
			}
			for i, v := range p.sum {
				row[i] += sign * v
			}
		}
	}
}

// remove takes a system's column out.
func (t *trials) remove(system int) {
	col := slices.Index(t.live, system)
	m, to := len(t.live), 0
	t.live = slices.Delete(t.live, col, col+1)
	for from := range t.sums {
		if from%m != col {
			t.sums[to] = t.sums[from]
			to++
		}
	}
	t.sums = t.sums[:to]
}

// largest is, for each trial, the largest statistic of all pairs.
func (t *trials) largest(scale []float64) []float64 {
	m := len(t.live)
	out := make([]float64, t.n)
	for k := range out {
		row, v := t.sums[k*m:][:m], 0.0
		for a := 1; a < m; a++ {
			x := row[a]
			for b, s := range scale[a*m:][:a] {
				if w := math.Abs(x-row[b]) * s; w > v { // several times as fast as max, which looks for NaN
					v = w
				}
			}
		}
		out[k] = v
	}
	return out
}

// worst is, in the real race, the column that another one leads by the largest corrected statistic.
func (t *trials) worst(scale, lean []float64) (col, by int, statistic float64) {
	m := len(t.live)
	statistic = math.Inf(-1)
	for a := range m {
		for b := range m {
			v := lopsided((t.sums[b]-t.sums[a])*scale[a*m+b], lean[a*m+b])
			if a != b && v > statistic {
				col, by, statistic = a, b, v
			}
		}
	}
	return col, by, statistic
}

// reach is the share of trials that come as far as the statistic at this look, or have crossed the bar of an earlier one.
func (t *trials) reach(largest []float64, statistic float64) float64 {
	n := 0
	for k, v := range largest {
		if k == 0 || v >= statistic-rounding*math.Abs(statistic) || t.crossed(k) {
			n++
		}
	}
	return float64(n) / float64(t.n)
}

// crossed says that a system that is in has crossed a bar in the trial. Crossings of systems that are out do not count any
// more: what they took of alpha is for the others.
func (t *trials) crossed(trial int) bool {
	over := t.over[trial*t.words:][:t.words]
	for _, i := range t.live {
		if over[i/64]>>(i%64)&1 == 1 {
			return true
		}
	}
	return false
}

// cross sets this look's bar, so that with those of earlier looks at most the share bound of the trials is over, and marks
// who is. They are as many as the real race, which is not over, could have been among.
func (t *trials) cross(scale, largest []float64, bound float64) {
	allowed := int(bound * float64(t.n))
	var alive []float64
	for k, v := range largest {
		if t.crossed(k) {
			allowed--
		} else {
			alive = append(alive, v)
		}
	}
	if allowed <= 0 || len(alive) <= allowed {
		return
	}
	bar := nth(alive, len(alive)-1-allowed) * (1 + rounding)
	m := len(t.live)
	for k, v := range largest {
		if v <= bar {
			continue
		}
		row := t.sums[k*m:][:m]
		for a, i := range t.live {
			for b := range row {
				if (row[b]-row[a])*scale[a*m+b] > bar {
					t.over[k*t.words+i/64] |= 1 << (i % 64)
				}
			}
		}
	}
}

// nth is the value that would stand at k if x were sorted (Hoare, 1961). It reorders x.
func nth(x []float64, k int) float64 {
	for lo, hi := 0, len(x)-1; lo < hi; {
		pivot, i, j := x[(lo+hi)/2], lo, hi
		for i <= j {
			for x[i] < pivot {
				i++
			}
			for x[j] > pivot {
				j--
			}
			if i <= j {
				x[i], x[j] = x[j], x[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return x[k]
		}
	}
	return x[k]
}
