//go:build linux || darwin

package weights

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// changes says what else is another after a change of the file: the time of the change itself, which no program can set.
func changes(f *os.File) string {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return ""
	}
	return fmt.Sprintf(", changed %d.%09d, inode %d", st.Ctim.Sec, st.Ctim.Nsec, st.Ino)
}
