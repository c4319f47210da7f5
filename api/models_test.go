package api

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/web/webtest"
	"github.com/tryall/tryall/workbench"
)

const tiny = `{"model_type": "bert", "architectures": ["BertForQuestionAnswering"]}`

// pulled brings a model of the world's Hub into its cache.
func (x *world) pulled(id string) {
	x.t.Helper()
	x.remote.Add(id, map[string][]byte{"config.json": []byte(tiny), "vocab.txt": []byte("[PAD]\n"), "model.safetensors": []byte("weights"), "README.md": []byte("---\ndatasets: squad_v2\n---\n")})
	ref, err := hub.ParseRef(id)
	if err != nil {
		x.t.Fatal(err)
	}
	if _, err := x.Pull(x.t.Context(), ref, workbench.PullOptions{}); err != nil {
		x.t.Fatal(err)
	}
}

// TestModelNames: a name stands in a path as it is, with slashes, a revision and a precision, and as a part with %2F.
func TestModelNames(t *testing.T) {
	x := serve(t)
	x.pulled("org/settings")
	for path, want := range map[string]string{
		"fake/agrees":                   "fake/agrees@0123456789:fp32",
		"fake%2Fagrees":                 "fake/agrees@0123456789:fp32",
		"fake/agrees@0123456789:int8":   "fake/agrees@0123456789:int8",
		"fake/agrees%400123456789:fp32": "fake/agrees@0123456789:fp32",
		"org%2Fsettings":                "org/settings@",
	} {
		if got, _ := at(x.call(200, "GET", "/api/models/"+path, nil), "contestant").(string); !strings.HasPrefix(got, want) {
			t.Errorf("%s is %q, not %q", path, got, want)
		}
	}
	if got := x.call(200, "GET", "/api/models/org/settings/settings", nil); at(got, "abstains") != "yes" {
		t.Errorf("%v", got)
	}
	if got := x.call(200, "GET", "/api/models/fake/agrees", nil); at(got, "threshold") != 1.5 || at(got, "builtin") != true || at(got, "architecture") != "bert" {
		t.Errorf("%v", got)
	}
	x.refused([]refusal{
		{"GET", "/api/models/fake/nobody", nil, 404, "not_found", "not on this machine", nil},
		{"GET", "/api/models/fake/agrees:fp99", nil, 422, "invalid", "", nil},
		{"GET", "/api/models/%2Fetc", nil, 403, "forbidden", "only models of this machine", nil},
		{"GET", "/api/models/..%2F..%2Fetc", nil, 403, "forbidden", "only models of this machine", nil},
		{"GET", "/api/models/file:%2Fetc", nil, 403, "forbidden", "only models of this machine", nil},
		{"GET", "/api/models/org/settings", nil, 404, "not_found", "org", nil}, // the settings of a model org, see the table of words
	})
}

func TestRemoveModel(t *testing.T) {
	changed := 0
	x := serve(t, func(c *Config) { c.Changed = func() { changed++ } })
	x.pulled("org/tiny")
	revision, _ := at(x.call(200, "GET", "/api/models/org/tiny", nil), "revision").(string)
	got := x.call(200, "DELETE", "/api/models/org/tiny@"+revision, nil)
	if at(got, "id") != "org/tiny" || at(got, "revisions", 0) != revision || at(got, "blobs") != 4.0 || at(got, "freed_bytes").(float64) <= 0 || changed != 1 {
		t.Errorf("%v, told %d times", got, changed)
	}
	x.refused([]refusal{
		{"GET", "/api/models/org/tiny", nil, 404, "not_found", "org/tiny", nil},
		{"DELETE", "/api/models/org/tiny", nil, 404, "not_found", "not on this machine", nil},
		{"DELETE", "/api/models/fake/agrees", nil, 403, "forbidden", "part of the program", nil},
		{"DELETE", "/api/models/%2Fetc", nil, 422, "invalid", "is a directory", nil},
		{"DELETE", "/api/models/a/b/c", nil, 422, "invalid", "", nil},
	})
}

func TestSearch(t *testing.T) {
	x := serve(t)
	x.pulled("org/tiny")
	x.remote.Add("other/large", map[string][]byte{"config.json": []byte(tiny), "model.safetensors": []byte("weights")})
	got := x.call(200, "GET", "/api/search?text=tiny&limit=5&sort=likes", nil)
	if len(list(at(got, "models"))) != 1 || at(got, "models", 0, "id") != "org/tiny" || at(got, "models", 0, "here") != true || at(got, "more") != false {
		t.Errorf("%v", got)
	}
	x.refused([]refusal{
		{"GET", "/api/search?limit=0", nil, 422, "invalid", "query.limit", nil},
		{"GET", "/api/search?sort=size", nil, 422, "invalid", "query.sort", nil},
		{"GET", "/api/search?max_size_bytes=1GB", nil, 422, "invalid", "query.max_size_bytes", nil},
	})
}

func TestDoctor(t *testing.T) {
	x := serve(t)
	done := func(v any) bool { return at(v, "state") == "done" }
	x.refused([]refusal{{"GET", "/api/models/fake/agrees/doctor", nil, 404, "not_found", "not examined yet", nil}})
	if got := x.call(202, "POST", "/api/models/fake/agrees/doctor", nil); at(got, "id") != "fake/agrees@0123456789" || at(got, "of") != 2.0 {
		t.Errorf("%v", got)
	}
	if got := x.until("/api/models/fake/agrees/doctor", done); at(got, "ok") != true || at(got, "checks", 0, "level") != "warn" || at(got, "checks", 0, "ok") != true || at(got, "checks", 1, "name") != "weights" {
		t.Errorf("%v", got)
	}
	x.call(202, "POST", "/api/models/fake/broken/doctor", nil)
	if got := x.until("/api/models/fake/broken/doctor", done); at(got, "ok") != false || at(got, "checks", 1, "ok") != false || at(got, "checks", 1, "detail") != "they are cut off" {
		t.Errorf("%v", got)
	}
	x.refused([]refusal{
		{"POST", "/api/models/fake/nobody/doctor", nil, 404, "not_found", "not on this machine", nil},
		{"POST", "/api/models/%2Fetc/doctor", nil, 403, "forbidden", "only models of this machine", nil},
		{"PUT", "/api/models/fake/agrees/doctor", nil, 405, "invalid", "only GET, HEAD, POST", nil},
	})
}

// TestPulls: a model is downloaded in the background, and downloads are paused, resumed and taken off the list.
func TestPulls(t *testing.T) {
	x := serve(t)
	x.remote.Add("org/tiny", map[string][]byte{"config.json": []byte(tiny), "vocab.txt": []byte("[PAD]\n"), "model.safetensors": []byte("weights")})
	if got := x.call(200, "GET", "/api/pulls", nil); len(list(got)) != 0 || got == nil {
		t.Errorf("%v", got)
	}
	if got := x.call(202, "POST", "/api/pulls", map[string]any{"id": "org/tiny"}); at(got, "id") != "org/tiny" || at(got, "state") == nil {
		t.Errorf("%v", got)
	}
	if _, last := x.follow("/api/pulls/events"); at(last, 0, "state") != "done" || at(last, 0, "model", "runnable") != true {
		t.Errorf("%v", last)
	}
	if got := x.call(200, "GET", "/api/pulls/org/tiny", nil); at(got, "state") != "done" || at(got, "bytes") != at(got, "size_bytes") {
		t.Errorf("%v", got)
	}
	x.call(200, "GET", "/api/models/org/tiny", nil)
	x.call(202, "POST", "/api/pulls", map[string]any{"id": "org/nobody"})
	if got := x.until("/api/pulls/org/nobody", func(v any) bool { return at(v, "state") == "failed" }); at(got, "error") == nil {
		t.Errorf("%v", got)
	}
	x.call(200, "POST", "/api/pulls/org/nobody/pause", nil)
	x.call(200, "POST", "/api/pulls/org/nobody/resume", nil)
	x.until("/api/pulls/org/nobody", func(v any) bool { return at(v, "state") == "failed" })
	x.call(204, "DELETE", "/api/pulls/org/nobody", nil)
	x.refused([]refusal{
		{"GET", "/api/pulls/org/nobody", nil, 404, "not_found", "no download", nil},
		{"DELETE", "/api/pulls/org/nobody", nil, 404, "not_found", "no download", nil},
		{"POST", "/api/pulls/org/nobody/pause", nil, 404, "not_found", "no download", nil},
		{"POST", "/api/pulls/org/nobody/resume", nil, 404, "not_found", "no download", nil},
		{"POST", "/api/pulls", map[string]any{"id": "/etc"}, 422, "invalid", "is a directory", nil},
		{"POST", "/api/pulls", map[string]any{"id": "a/b/c"}, 422, "invalid", "", nil},
		{"POST", "/api/pulls", map[string]any{}, 422, "invalid", "body", nil},
	})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if status, raw, _ := x.send(http.MethodPost, "/api/pulls", map[string]any{"id": "org/tiny"}); status != 202 {
				t.Errorf("%d %s", status, raw)
			}
		})
	}
	all.Wait()
	x.follow("/api/pulls/events")
	if got := x.call(200, "GET", "/api/pulls", nil); len(list(got)) != 1 {
		t.Errorf("%v", got)
	}
}

// TestSettings: what is set in the project is kept under the contestant's name, and can be taken back.
func TestSettings(t *testing.T) {
	x := serve(t)
	const path = "/api/models/fake/agrees/settings"
	if got := x.call(200, "GET", path, nil); at(got, "threshold") != 1.5 || at(got, "abstains") != "yes" || at(got, "kept") != nil {
		t.Errorf("%v", got)
	}
	if x.HasProject() {
		t.Error("looking has made a project")
	}
	got := x.call(200, "PUT", path, map[string]any{"threshold": 7.25, "calibration": map[string]any{"a": 0.5, "b": -1}, "abstains": "no"})
	if at(got, "abstains") != "no" || at(got, "abstains_why") != "set by hand" || at(got, "kept", "threshold") != 7.25 || at(got, "threshold") != 7.25 || at(got, "threshold_by") == nil || at(got, "kept", "calibration", "b") != -1.0 {
		t.Errorf("%v", got)
	}
	p, _ := x.project(t.Context(), false)
	if kept, ok, err := p.Store.Model(t.Context(), "fake/agrees@0123456789:fp32"); !ok || err != nil || *kept.Threshold != 7.25 || kept.When.IsZero() {
		t.Errorf("kept: %+v %v %v", kept, ok, err)
	}
	if got := x.call(200, "POST", "/api/ask", map[string]any{"question": "When?", "context": webtest.Lease}); at(got, "abstained") != true || at(got, "threshold") != 7.25 {
		t.Errorf("asked: %v", got)
	}
	if got := x.call(200, "GET", "/api/models/fake/agrees:int8/settings", nil); at(got, "kept") != nil || at(got, "abstains") != "no" {
		t.Errorf("another contestant has them: %v", got)
	}
	if got := x.call(200, "DELETE", path, nil); at(got, "kept") != nil || at(got, "abstains") != "yes" || at(got, "threshold") != 1.5 {
		t.Errorf("%v", got)
	}
	x.refused([]refusal{
		{"PUT", path, map[string]any{"abstains": "maybe"}, 422, "invalid", "body.abstains", nil},
		{"PUT", path, map[string]any{"threshold": "high"}, 422, "invalid", "body.threshold", nil},
		{"PUT", path, map[string]any{"calibration": map[string]any{"a": 1}}, 422, "invalid", "body.calibration", nil},
		{"PUT", path, map[string]any{"run": "last"}, 422, "invalid", "with a run a threshold is set", nil},
		{"PUT", path, map[string]any{"run": "last", "threshold": 1}, 404, "not_found", "no runs yet", nil},
		{"PUT", "/api/models/fake/nobody/settings", map[string]any{}, 404, "not_found", "not on this machine", nil},
		{"GET", "/api/models/fake/nobody/settings", nil, 404, "not_found", "not on this machine", nil},
	})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if status, raw, _ := x.send(http.MethodPut, path, map[string]any{"threshold": 2, "abstains": "yes"}); status != 200 {
				t.Errorf("%d %s", status, raw)
			}
		})
	}
	all.Wait()
}
