//go:build !unix && !windows

package hub

func isDiskFull(error) bool { return false }
func isReadOnly(error) bool { return false }
func noLocks(error) bool    { return false }
