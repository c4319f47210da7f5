//go:build !linux

package weights

// Forget takes the mapped files out of this process's resident memory, where the system can.
func (s *Set) Forget() {}
