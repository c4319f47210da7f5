//go:build linux || darwin

package hub

import "golang.org/x/sys/unix"

// freeSpace is the room for this user on the disk that holds dir, in bytes; false when it cannot be told.
func freeSpace(dir string) (int64, bool) {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil || st.Blocks == 0 {
		return 0, false
	}
	return int64(st.Bavail) * int64(st.Bsize), true //nolint:unconvert // 32 bits wide on darwin
}
