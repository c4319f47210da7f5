package api

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tryall/tryall/workbench"
)

// TestReadOnly: of a project that may not be written to everything can be read, and whatever would change it is forbidden.
func TestReadOnly(t *testing.T) {
	x := serve(t)
	x.questions(8)
	x.call(201, "POST", "/api/questions/leases.json/judgements", map[string]any{"item": "q0", "kind": "skip"})
	body, kind := form("file", [2]string{"lease.md", emoji})
	x.call(202, "POST", "/api/corpus/files", body, kind)
	x.until("/api/corpus/addition", ended)
	run := x.begin(map[string]any{"models": two})
	x.until(run, is("finished"))
	if err := x.p.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := x.Data()
	if err != nil {
		t.Fatal(err)
	}
	lock(t, filepath.Join(data, workbench.Database))
	if x.p, err = x.OpenProject(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/api/corpus", "/api/corpus/files", "/api/corpus/documents", "/api/corpus/search?text=rent", "/api/questions", "/api/questions/leases.json", "/api/questions/leases.json/judgements",
		"/api/bakeoffs", run, run + "/results", run + "/spans?contestant=fake/agrees@0123456789:fp32", "/api/diff?a=last/fake/differs&b=last", "/api/models/fake/agrees/settings"} {
		x.call(200, "GET", path, nil)
	}
	x.call(200, "POST", "/api/ask", map[string]any{"question": "When does the lease end?"})
	const only = "it cannot be opened for writing"
	x.refused([]refusal{
		{"POST", "/api/questions?name=q.txt", "Who?", 403, "forbidden", only, []string{"text/plain"}},
		{"POST", "/api/samples/leases.json", nil, 403, "forbidden", only, nil},
		{"DELETE", "/api/questions/leases.json", nil, 403, "forbidden", only, nil},
		{"POST", "/api/questions/leases.json/judgements", map[string]any{"item": "q1", "kind": "skip"}, 403, "forbidden", only, nil},
		{"DELETE", "/api/questions/leases.json/judgements?item=q0", nil, 403, "forbidden", only, nil},
		{"DELETE", "/api/corpus/files?match=**", nil, 403, "forbidden", only, nil},
		{"POST", "/api/bakeoffs", map[string]any{"models": two}, 403, "forbidden", only, nil},
		{"DELETE", run, nil, 403, "forbidden", only, nil},
		{"PUT", "/api/models/fake/agrees/settings", map[string]any{"threshold": 1}, 403, "forbidden", only, nil},
	})
	body, kind = form("file", [2]string{"other.md", emoji})
	x.call(202, "POST", "/api/corpus/files", body, kind)
	if got := x.until("/api/corpus/addition", func(v any) bool { return at(v, "going") == false }); at(got, "error", "code") != "forbidden" {
		t.Errorf("%v", got)
	}
}

// lock makes a database one that may only be read, for root as well: by the version in its head that a program must know in order to write.
func lock(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const writeVersion, unknown = 18, 3
	if _, err := f.WriteAt([]byte{unknown}, writeVersion); err != nil {
		t.Fatal(err)
	}
}
