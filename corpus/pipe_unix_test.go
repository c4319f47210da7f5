//go:build unix

package corpus

import "syscall"

func makePipe(p string) error { return syscall.Mkfifo(p, 0o666) }
