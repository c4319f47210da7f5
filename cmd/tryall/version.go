package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
)

type versionCmd struct {
	JSON bool `help:"Print JSON."`
}

// version is what a build says of itself.
type version struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Dirty   bool   `json:"dirty,omitempty"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	Kernel  string `json:"kernel"`
}

// release is the version of a release, set by its build (-X main.release=v1.2.3).
var release string

func currentVersion() version {
	v := version{Version: cmp.Or(release, "devel"), Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, Kernel: kernelName()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if m := info.Main.Version; release == "" && m != "" && m != "(devel)" {
		v.Version = m
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.modified":
			v.Dirty = s.Value == "true"
		}
	}
	return v
}

// engineID is all of this program that could change a model's numbers: its version and kernel. A build that is no release has
// no version to tell it from another, so its own bytes do.
var engineID = sync.OnceValues(func() (string, error) {
	v := currentVersion()
	if v.Version != "devel" && !v.Dirty && !strings.Contains(v.Version, "+dirty") {
		return v.Version + " " + v.Kernel, nil
	}
	program, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the program's own file: %w", err)
	}
	f, err := os.Open(program)
	if err != nil {
		return "", fmt.Errorf("read the program's own file: %w", err)
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", fmt.Errorf("read the program's own file: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)) + " " + v.Kernel, nil
})

// Run prints the version.
func (c *versionCmd) Run(a *app) error {
	v := currentVersion()
	if c.JSON {
		return a.printJSON(v)
	}
	commit := v.Commit
	if len(commit) > 12 {
		commit = commit[:12]
	}
	if commit != "" {
		commit = ", commit " + commit
	}
	if v.Dirty {
		commit += " with changes"
	}
	_, err := fmt.Fprintf(a.stdout, "tryall %s%s\n%s %s/%s, kernel %s\n", v.Version, commit, v.Go, v.OS, v.Arch, v.Kernel)
	return err
}
