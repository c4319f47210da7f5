//go:build !linux

package nn

// processor, elsewhere and yield know nothing here: threads stay where the system puts them.
func processor() int { return -1 }

func yield() {}

func elsewhere([]int) (at int, move func()) { return -1, nil }
