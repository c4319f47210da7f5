//go:build !unix

package guard

import "testing"

// Guarded tells whether the slices of this system are guarded.
const Guarded = false

func protected(t testing.TB, size int) []byte { return make([]byte, max(1, size)) }
