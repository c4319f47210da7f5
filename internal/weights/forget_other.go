//go:build !linux

package weights

// Forget takes the mapped files out of this process's resident memory, where the system can.
func (s *Set) Forget() {}

// ForgetTensor does that for one tensor.
func (s *Set) ForgetTensor(Tensor) {}

// Sparsely says whether only small parts of the files are going to be read, where the system cares.
func (s *Set) Sparsely(bool) {}

func (b *blob) sparsely(bool) {}
