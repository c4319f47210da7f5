//go:build race

package stats

// under the race detector everything takes ten times as long.
const fewer = 5
