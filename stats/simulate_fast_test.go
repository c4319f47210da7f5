//go:build !race

package stats

const fewer = 1
