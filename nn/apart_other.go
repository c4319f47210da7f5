//go:build !linux

package nn

// processor and elsewhere know nothing here: threads stay where the system puts them.
func processor() int { return -1 }

func elsewhere([]int) (at int, move func()) { return -1, nil }
