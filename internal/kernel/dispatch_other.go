//go:build purego || !(amd64 || arm64)

package kernel

func available() []version { return []version{generic} }

// Pause tells the processor that the caller spins.
func Pause() {}
