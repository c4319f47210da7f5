// Package guard makes slices that lie against unreadable memory, for tests of code that must not touch
// what is beside its operands. Where the system has no such memory the slices are plain ones.
package guard

import (
	"testing"
	"unsafe"
)

// After returns n zero elements that end where unreadable memory begins.
func After[T any](t testing.TB, n int) []T {
	page, pad := pages[T](t, n)
	return elements[T](page[pad:], n)
}

// Before returns n zero elements that begin where unreadable memory ends.
func Before[T any](t testing.TB, n int) []T {
	page, _ := pages[T](t, n)
	return elements[T](page, n)
}

func elements[T any](b []byte, n int) []T {
	if n == 0 {
		return []T{}
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&b[0])), n)
}

// pages returns whole readable pages with unreadable ones around, and how many bytes of them n elements
// leave over.
func pages[T any](t testing.TB, n int) (page []byte, pad int) {
	var zero T
	size := n * int(unsafe.Sizeof(zero))
	page = protected(t, size)
	return page, len(page) - size
}
