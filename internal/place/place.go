// Package place decides where the program's own data lie: beside the project's tryall.yaml, or outside a project in the
// user's data folder. It only names folders; whoever writes there makes them. The models lie in the Hugging Face cache,
// which hub.FromEnv finds.
package place

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// The names that make a folder a project, and its data folder.
const (
	ProjectFile = "tryall.yaml"
	ProjectData = ".tryall"
)

// Project gives the nearest folder from dir upwards that holds tryall.yaml, as an absolute path; empty when there is none.
func Project(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("look for %s: %w", ProjectFile, err)
	}
	for {
		info, err := os.Stat(filepath.Join(dir, ProjectFile))
		switch {
		case err == nil && !info.IsDir():
			return dir, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission): // others' folders above ours
			return "", fmt.Errorf("look for %s: %w", ProjectFile, err)
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", nil
		}
		dir = parent
	}
}

// Data gives the folder for what the program keeps (tryall.db and the like): .tryall in the project that dir is in, else
// Home. It may not exist yet.
func Data(dir string, getenv func(string) string) (string, error) {
	project, err := Project(dir)
	if err != nil {
		return "", err
	}
	if project != "" {
		return filepath.Join(project, ProjectData), nil
	}
	return Home(getenv)
}

// Home is TRYALL_HOME, else "tryall" in the folder that the operating system has for a user's data. It may not exist yet.
func Home(getenv func(string) string) (string, error) {
	if home := getenv("TRYALL_HOME"); home != "" {
		return filepath.Abs(home)
	}
	base, err := userData(runtime.GOOS, getenv)
	if err != nil {
		return "", err
	}
	return filepath.Join(base, "tryall"), nil
}

// userData is the folder of a user's data: %LocalAppData% on Windows, ~/Library/Application Support on macOS, elsewhere
// what the XDG base directory specification says (a relative XDG_DATA_HOME does not count).
func userData(goos string, getenv func(string) string) (string, error) {
	variable, below := "HOME", []string{".local", "share"}
	switch goos {
	case "windows":
		variable, below = "LocalAppData", nil
	case "darwin", "ios":
		below = []string{"Library", "Application Support"}
	default:
		if xdg := getenv("XDG_DATA_HOME"); filepath.IsAbs(xdg) {
			return xdg, nil
		}
	}
	base := getenv(variable)
	if base == "" {
		return "", fmt.Errorf("no folder for the data of tryall: %s is not set; set TRYALL_HOME, or write a %s to make a project", variable, ProjectFile)
	}
	return filepath.Join(append([]string{base}, below...)...), nil
}
