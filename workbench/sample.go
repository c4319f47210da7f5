package workbench

import (
	"math/rand/v2"
	"slices"

	"github.com/tryall/tryall/eval"
)

// Sample picks questions of a data set whose texts together hold at most about budget bytes. Each stratum, a passage with its
// questions that have an answer or with those that have none, is read for an equal share of it, so long passages are asked
// less often. The pick depends on the seed alone, never on time.
func Sample(d *eval.Dataset, budget int, seed uint64) *eval.Dataset {
	type key struct {
		passage int
		answer  bool
	}
	byKey := map[key]*stratum{}
	var strata []*stratum
	shortest := budget
	for i := range d.Examples {
		e := &d.Examples[i]
		k := key{e.Passage, len(e.Answers) > 0}
		if byKey[k] == nil {
			byKey[k] = &stratum{}
			strata = append(strata, byKey[k])
			shortest = min(shortest, len(d.Passages[e.Passage].Text))
		}
		byKey[k].examples = append(byKey[k].examples, i)
	}
	r := rand.New(rand.NewPCG(seed, 0))
	r.Shuffle(len(strata), func(i, j int) { strata[i], strata[j] = strata[j], strata[i] })
	for _, s := range strata {
		r.Shuffle(len(s.examples), func(i, j int) { s.examples[i], s.examples[j] = s.examples[j], s.examples[i] })
	}
	var chosen []int
	for share := shortest; budget > 0; share += shortest {
		open := false
		for _, s := range strata {
			if len(s.examples) == 0 {
				continue
			}
			open = true
			cost := max(1, len(d.Passages[d.Examples[s.examples[0]].Passage].Text))
			if s.spent+cost > share {
				continue
			}
			if cost > budget {
				return subset(d, chosen)
			}
			chosen = append(chosen, s.examples[0])
			s.examples, s.spent, budget = s.examples[1:], s.spent+cost, budget-cost
		}
		if !open {
			break
		}
	}
	return subset(d, chosen)
}

// stratum are questions that are alike, with the bytes read for those that were picked already.
type stratum struct {
	examples []int
	spent    int
}

// subset is d with some of its questions, in their order there.
func subset(d *eval.Dataset, chosen []int) *eval.Dataset {
	slices.Sort(chosen)
	s := *d
	s.Examples = make([]eval.Example, len(chosen))
	for i, c := range chosen {
		s.Examples[i] = d.Examples[c]
	}
	return &s
}
