package project

import "strings"

// nearest is the known name that a misspelt one is closest to; empty when none is close. Case, hyphens and underscores do
// not count; a third of the letters may differ. A beginning that only one name has is close, too.
func nearest(name string, known []string) string {
	plain := squeeze(name)
	if len(plain) == 0 || len(plain) > 40 {
		return ""
	}
	best, least := "", max(1, len(plain)/3)+1
	for _, k := range known {
		if d := distance([]rune(plain), []rune(squeeze(k))); d < least {
			best, least = k, d
		}
	}
	if best == "" && len(plain) >= 3 {
		for _, k := range known {
			if !strings.HasPrefix(squeeze(k), plain) {
				continue
			}
			if best != "" {
				return ""
			}
			best = k
		}
	}
	return best
}

func squeeze(s string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(s))
}

// distance is the number of letters to insert, delete, replace or swap with their neighbour (optimal string alignment).
func distance(a, b []rune) int {
	var before, last []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		before, last, row = last, row, make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
