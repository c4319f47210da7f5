//go:build unix

package hub

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/tryall/tryall/hub/hubtest"
)

// pullAsNobody runs a pull under a user that may do nothing, and returns what it says.
func pullAsNobody(t *testing.T, hub *hubtest.Server, dir, cache string) string {
	t.Helper()
	cmd, out := pullProcess(t, hub, cache, "org/tiny")
	public, err := os.MkdirTemp("", "hubtest") // t.TempDir is for this user only
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(public) })
	exe := filepath.Join(public, "pull")
	data, err := os.ReadFile(cmd.Path)
	for p := dir; p != os.TempDir() && p != "/"; p = filepath.Dir(p) {
		err = errors.Join(err, os.Chmod(p, 0o755))
	}
	if err = errors.Join(err, os.WriteFile(exe, data, 0o755), os.Chmod(public, 0o755)); err != nil {
		t.Fatal(err)
	}
	cmd.Path = exe
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if err := cmd.Run(); err == nil {
		t.Error("nobody could write")
	}
	return out.String()
}
