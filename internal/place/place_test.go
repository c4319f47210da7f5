package place

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func env(pairs ...string) func(string) string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return m[name] }
}

func TestProject(t *testing.T) {
	root := t.TempDir()
	inner := filepath.Join(root, "a", "b")
	if err := os.MkdirAll(filepath.Join(inner, "c", ProjectFile), 0o700); err != nil { // a folder of that name is no project
		t.Fatal(err)
	}
	none := env()
	if got, err := Project(inner); err != nil || got != "" && strings.HasPrefix(got, root) {
		t.Fatalf("a project %q where none is, %v", got, err)
	}
	for _, dir := range []string{root, inner} { // the nearer one wins
		if err := os.WriteFile(filepath.Join(dir, ProjectFile), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, from := range []string{dir, inner, filepath.Join(inner, "c"), filepath.Join(inner, "not", "there")} {
			if got, err := Project(from); err != nil || got != dir {
				t.Errorf("Project(%s) = %q, %v, want %q", from, got, err, dir)
			}
			if got, err := Data(from, none); err != nil || got != filepath.Join(dir, ".tryall") {
				t.Errorf("Data(%s) = %q, %v", from, got, err)
			}
		}
	}
	t.Chdir(inner)
	if got, err := Project("."); err != nil || filepath.Base(got) != "b" {
		t.Errorf("Project(.) = %q, %v", got, err)
	}
	if _, err := os.Stat(filepath.Join(inner, ProjectData)); err == nil {
		t.Error("the data folder was made")
	}
}

func TestHome(t *testing.T) {
	abs, err := filepath.Abs("x")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Home(env("TRYALL_HOME", "x", "HOME", "/home/u")); err != nil || got != abs {
		t.Errorf("TRYALL_HOME=x: %q, %v", got, err)
	}
	if got, err := Data(t.TempDir(), env("TRYALL_HOME", abs)); err != nil || got != abs {
		t.Errorf("outside a project: %q, %v", got, err)
	}
	xdg := filepath.Join(abs, "xdg")
	for _, c := range []struct {
		goos string
		env  func(string) string
		want string
	}{
		{"linux", env("HOME", "/home/u"), "/home/u/.local/share"},
		{"linux", env("HOME", "/home/u", "XDG_DATA_HOME", xdg), xdg},
		{"linux", env("XDG_DATA_HOME", xdg), xdg},
		{"freebsd", env("HOME", "/home/u", "XDG_DATA_HOME", "relative"), "/home/u/.local/share"},
		{"darwin", env("HOME", "/Users/u", "XDG_DATA_HOME", xdg), "/Users/u/Library/Application Support"},
		{"windows", env("LocalAppData", "/u/AppData/Local", "HOME", "/u"), "/u/AppData/Local"},
	} {
		if got, err := userData(c.goos, c.env); err != nil || got != filepath.FromSlash(c.want) {
			t.Errorf("%s: %q, %v, want %q", c.goos, got, err, c.want)
		}
	}
	for goos, variable := range map[string]string{"linux": "HOME", "darwin": "HOME", "windows": "LocalAppData"} {
		if _, err := userData(goos, env()); err == nil || !strings.Contains(err.Error(), variable+" is not set; set TRYALL_HOME") {
			t.Errorf("%s without %s: error %v", goos, variable, err)
		}
	}
}
