package stats

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
)

// Folds parts observations so that each group is in one fold as a whole and folds are about equally large: groups in random
// order, the large ones first, each into the fold that is smallest. groups is nil when each observation stands alone.
// There are fewer folds than asked for where there are fewer groups; one group cannot be parted.
func Folds(n int, groups []int, folds int, seed uint64) ([]int, error) {
	if groups != nil && len(groups) != n {
		return nil, fmt.Errorf("folds: %d observations but %d group numbers", n, len(groups))
	}
	var members [][]int
	at := map[int]int{}
	for i := range n {
		g := i
		if groups != nil {
			g = groups[i]
		}
		k, ok := at[g]
		if !ok {
			k = len(members)
			at[g] = k
			members = append(members, nil)
		}
		members[k] = append(members[k], i)
	}
	folds = min(folds, len(members))
	if folds < 2 {
		return nil, fmt.Errorf("folds: %d observations in %d groups cannot be parted", n, len(members))
	}
	rng := rand.New(rand.NewPCG(seed, streamFolds))
	rng.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	slices.SortStableFunc(members, func(a, b []int) int { return cmp.Compare(len(b), len(a)) })
	out, size := make([]int, n), make([]int, folds)
	for _, m := range members {
		smallest := 0
		for f := range size {
			if size[f] < size[smallest] {
				smallest = f
			}
		}
		size[smallest] += len(m)
		for _, i := range m {
			out[i] = smallest
		}
	}
	return out, nil
}

// CrossFit predicts each observation by what was fitted to the other folds, so that nothing is judged by a fit that has seen
// it. fit gets the observations to learn from and returns the prediction of any observation.
func CrossFit(fold []int, fit func(train []int) (predict func(i int) float64, err error)) ([]float64, error) {
	out := make([]float64, len(fold))
	if len(fold) == 0 {
		return out, nil
	}
	for f := range slices.Max(fold) + 1 {
		var train, held []int
		for i, g := range fold {
			if g == f {
				held = append(held, i)
			} else {
				train = append(train, i)
			}
		}
		predict, err := fit(train)
		if err != nil {
			return nil, fmt.Errorf("cross-fitting without fold %d: %w", f, err)
		}
		for _, i := range held {
			out[i] = predict(i)
		}
	}
	return out, nil
}
