// Package e2e holds the tests that look at the project as a whole: who imports whom, what the files say,
// and what the built program does.
package e2e

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/tryall/tryall/"

// mayImport is the architecture: each package and what it may import of ours. ARCHITECTURE.md explains it.
// A package that is not listed fails the test, so that a new one is placed on purpose.
var mayImport = map[string][]string{
	"qa":        nil,
	"stats":     nil,
	"tokenizer": nil,
	"zoo":       nil,
	"hub":       nil,

	"hub/hubtest":      nil,
	"internal/guard":   nil,
	"internal/kernel":  nil,
	"internal/place":   nil,
	"internal/sqlite":  {"qa"},
	"internal/weights": nil,

	"nn":             {"internal/kernel"},
	"model":          {"internal/weights", "nn", "qa"},
	"reader":         {"model", "qa", "tokenizer"},
	"eval":           {"qa", "stats"},
	"corpus":         {"qa"},
	"index":          {"internal/sqlite", "qa"},
	"questions":      {"eval", "qa"},
	"store":          {"eval", "internal/sqlite", "qa", "questions"},
	"project":        {"eval", "qa"},
	"report":         {"eval", "qa", "stats"},
	"workbench":      {"corpus", "eval", "hub", "index", "internal/sqlite", "qa", "questions", "stats", "store"},
	"api":            {"eval", "hub", "index", "qa", "questions", "report", "store", "workbench"},
	"web":            {"api", "hub", "qa", "report", "store", "web/ask", "web/bakeoff", "web/compare", "web/corpus", "web/models", "web/questions", "web/inspect", "web/runs", "web/thresholds", "web/ui", "workbench"},
	"web/ui":         {"corpus", "eval", "hub", "index", "qa", "report", "workbench"},
	"web/ask":        {"index", "qa", "web/ui", "workbench"},
	"web/bakeoff":    {"eval", "qa", "questions", "report", "store", "web/ui", "workbench"},
	"web/corpus":     {"index", "qa", "web/ui", "workbench"},
	"web/models":     {"hub", "qa", "web/ui", "workbench"},
	"web/questions":  {"eval", "index", "qa", "questions", "stats", "store", "web/ui", "workbench"},
	"web/compare":    {"qa", "questions", "web/ui", "workbench"},
	"web/runs":       {"eval", "qa", "questions", "report", "store", "web/ui", "workbench"},
	"web/inspect":    {"eval", "qa", "web/ui", "workbench"},
	"web/thresholds": {"eval", "qa", "report", "stats", "store", "web/ui", "workbench"},
	"web/gallery":    {"web", "web/ui"},
	"web/webtest":    {"hub", "qa", "workbench"},
	"doctor":         {"hub", "internal/weights", "model", "nn", "qa", "reader", "tokenizer"},
	"internal/bench": {"internal/kernel", "internal/weights", "model", "nn"},
	"internal/e2e":   nil,
	"cmd/tryall":     {"*"},

	"scripts/bench/step": {"model", "nn"},
}

// testsMayImport are the helpers that any package's tests may use.
var testsMayImport = []string{"internal/guard", "hub/hubtest", "web/webtest", "zoo"}

// root is the module's folder, seen from this package.
const root = "../.."

// goFiles calls f for every Go file of the module that is not of a nested module.
func goFiles(t *testing.T, f func(rel string)) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			base := path.Base(rel)
			if rel != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "node_modules") {
				return filepath.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(rel, ".go") {
			n++
			f(rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		t.Fatal("no Go files found: the test looks in the wrong place")
	}
}

func TestImports(t *testing.T) {
	seen := map[string]bool{}
	goFiles(t, func(rel string) {
		pkg := path.Dir(rel)
		allowed, ok := mayImport[pkg]
		if !ok {
			t.Errorf("%s: package %s has no row in mayImport; place it in the architecture first", rel, pkg)
			return
		}
		seen[pkg] = true
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, rel), nil, parser.ImportsOnly)
		if err != nil {
			t.Error(err)
			return
		}
		for _, imp := range file.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				t.Errorf("%s: %v", rel, err)
				continue
			}
			if name == "C" {
				t.Errorf("%s uses cgo", rel)
			}
			ours, ok := strings.CutPrefix(name, module)
			if !ok || ours == pkg || slices.Contains(allowed, "*") || slices.Contains(allowed, ours) {
				continue
			}
			if strings.HasSuffix(rel, "_test.go") && slices.Contains(testsMayImport, ours) {
				continue
			}
			t.Errorf("%s imports %s; %s may import only %v", rel, ours, pkg, allowed)
		}
	})
	for pkg := range mayImport {
		if !seen[pkg] {
			t.Errorf("mayImport has a row for %s, but there is no such package", pkg)
		}
	}
}

// TestAssembly holds that only internal/kernel contains machine code.
func TestAssembly(t *testing.T) {
	found := 0
	err := fs.WalkDir(os.DirFS(root), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		if ext := path.Ext(p); ext == ".s" || ext == ".c" || ext == ".cc" || ext == ".syso" {
			found++
			if path.Dir(p) != "internal/kernel" || ext != ".s" {
				t.Errorf("%s: assembly lives in internal/kernel only, and there is no C", p)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found == 0 {
		t.Error("no assembly found at all: the test looks in the wrong place")
	}
}
