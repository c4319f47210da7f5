package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tryall/tryall/web/webtest"
	"github.com/tryall/tryall/workbench"
)

func start(t *testing.T, project func(context.Context, bool) (*workbench.Project, error)) (*webtest.Fake, http.Handler) {
	t.Helper()
	f := webtest.Bench(t)
	pool := f.NewPool(0, nil)
	t.Cleanup(pool.Close)
	if project == nil {
		project = func(context.Context, bool) (*workbench.Project, error) { return nil, nil }
	}
	return f, New(Config{Bench: f.Workbench, Pool: pool, Races: f.NewRaces(workbench.Host{}), Additions: workbench.NewAdditions(), Pulls: f.NewPulls(nil), Exams: workbench.NewExams(doctor), Labels: f.NewLabels(), Version: "test", Project: project})
}

// post gives the status and the body, which must be JSON.
func post(t *testing.T, h http.Handler, path, body string) (int, any) {
	t.Helper()
	method := http.MethodPost
	if body == "" {
		method = http.MethodGet
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var v any
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%s: %d %s: %v", path, w.Code, w.Body, err)
	}
	return w.Code, v
}

// at is a value inside JSON.
func at(v any, keys ...any) any {
	for _, k := range keys {
		switch k := k.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[k]
		case int:
			l, _ := v.([]any)
			if k >= len(l) {
				return nil
			}
			v = l[k]
		}
	}
	return v
}

const lease = `"It ends on 31 March 2027, and began on 1 April 2024."`

// TestTask: the forms of the request and of the answer are those of the Hugging Face API.
func TestTask(t *testing.T) {
	_, h := start(t, nil)
	one := map[string]any{"answer": "31 March 2027", "score": 9.0, "start": 11.0, "end": 24.0}
	two := []any{one, map[string]any{"answer": "1 April 2024", "score": 8.0, "start": 39.0, "end": 51.0}}
	for _, c := range []struct {
		path, body string
		want       any
	}{
		{"fake/agrees", `{"inputs": {"question": "When?", "context": ` + lease + `}}`, one},
		{"fake/agrees", `{"question": "When?", "context": ` + lease + `}`, one},
		{"fake/agrees", `{"inputs": {"question": "When?", "context": ` + lease + `}, "parameters": {"top_k": 2}}`, two},
		{"fake/agrees", `{"inputs": {"question": "When?", "context": ` + lease + `}, "parameters": {"topK": 2, "max_question_len": 64, "unknown": []}}`, two},
		{"fake/agrees", `{"question": "When?", "context": ` + lease + `, "topK": 2}`, two},
		{"fake/agrees", `{"inputs": [{"question": "When?", "context": ` + lease + `}, {"question": "When?", "context": ` + lease + `}]}`, []any{one, one}},
		{"fake/agrees@0123456789:fp32", `{"question": "When?", "context": ` + lease + `}`, one},
		{"fake/agrees", `{"question": "When?", "context": "été 31 March 2027"}`, map[string]any{"answer": "31 March 2027", "score": 9.0, "start": 4.0, "end": 17.0}},
		{"fake/agrees", `{"question": "When?", "context": "nothing", "top_k": 3}`, []any{}},
	} {
		status, got := post(t, h, "/models/"+c.path, c.body)
		if status != http.StatusOK || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %d %v, not %v", c.body, status, got, c.want)
		}
	}
	for _, c := range []struct {
		path, body, want string
		status           int
	}{
		{"fake/agrees", `{`, "not a JSON object", 400},
		{"fake/agrees", `{"inputs": "When?"}`, "inputs must be", 400},
		{"fake/agrees", `{"inputs": {"question": "When?"}}`, `"context"`, 400},
		{"fake/agrees", `{"question": "W", "context": "c", "top_k": "two"}`, "top_k: it must be a whole number, not string", 400},
		{"fake/agrees", `{"question": "W", "context": "c", "parameters": {"handle_impossible_answer": 1}}`, "must be true or false, not number", 400},
		{"fake/agrees", `{"question": "W", "context": "c", "top_k": 0}`, "top_k is 0", 400},
		{"fake/nobody", `{"question": "W", "context": "c"}`, "not on this machine", 404},
		{"fake/broken", `{"question": "W", "context": "c"}`, "cut off", 422},
		{"fake/agrees", `{"question": "fire", "context": "c"}`, "on fire", 500},
		{"%2Fetc", `{"question": "W", "context": "c"}`, "only models of this machine", 403},
		{"..%2F..%2Fetc", `{"question": "W", "context": "c"}`, "only models of this machine", 403},
		{"file:%2Fetc", `{"question": "W", "context": "c"}`, "only models of this machine", 403},
	} {
		status, got := post(t, h, "/models/"+c.path, c.body)
		if message, _ := at(got, "error").(string); status != c.status || !strings.Contains(message, c.want) {
			t.Errorf("%s %s: %d %v, not %d %q", c.path, c.body, status, got, c.status, c.want)
		}
	}
}

func TestAsk(t *testing.T) {
	f, h := start(t, nil)
	_, got := post(t, h, "/api/ask", `{"question": "When?", "context": `+lease+`, "params": {"top_k": 2}}`)
	if at(got, "prediction") != "31 March 2027" || at(got, "answers", 1, "start") != 39.0 || at(got, "decoder") != "gap" || at(got, "threshold") != 1.5 || at(got, "abstained") != false {
		t.Errorf("%v", got)
	}
	if _, got = post(t, h, "/api/ask", `{"question": "When?", "context": `+lease+`, "params": {"threshold": 5}}`); at(got, "abstained") != true {
		t.Errorf("%v", got)
	}
	if opened, _ := f.Opened(webtest.Agrees); opened != 1 {
		t.Errorf("opened %d times", opened)
	}
	for _, c := range []struct {
		body, code string
		status     int
	}{
		{`{"question": "When?"}`, "invalid", 422},
		{`{"question": "When?", "context": "c", "model": "fake/nobody"}`, "not_found", 404},
		{`{"question": "When?", "context": "c", "model": "fake/broken"}`, "broken_model", 422},
		{`{"question": "When?", "context": "c", "model": "./here"}`, "forbidden", 403},
		{`{"question": "fire", "context": "c"}`, "internal", 500},
	} {
		if status, got := post(t, h, "/api/ask", c.body); status != c.status || at(got, "code") != c.code || at(got, "status") != float64(c.status) || at(got, "detail") == nil {
			t.Errorf("%s: %d %v", c.body, status, got)
		}
	}
	for _, body := range []string{`{"context": "c"}`, `{"question": "", "context": "c"}`, `{"question": "q", "context": "c", "params": {"top_k": 0}}`, `{"question": "q", "context": "c", "params": {"decoder": "none"}}`, `[]`} {
		if status, got := post(t, h, "/api/ask", body); status != 422 || at(got, "title") == nil {
			t.Errorf("%s: %d %v", body, status, got)
		}
	}
}

// TestAskTheCorpus: without a context the project's corpus is asked.
func TestAskTheCorpus(t *testing.T) {
	var p *workbench.Project
	f, h := start(t, func(context.Context, bool) (*workbench.Project, error) { return p, nil })
	var err error
	if p, err = f.OpenProject(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	file := filepath.Join(t.TempDir(), "lease.txt")
	if err := os.WriteFile(file, []byte(webtest.Lease), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Add(t.Context(), []string{file}, workbench.AddOptions{}, nil); err != nil {
		t.Fatal(err)
	}
	_, got := post(t, h, "/api/ask", `{"question": "When does the lease end?", "passages": 3}`)
	if document, _ := at(got, "answers", 0, "document").(string); at(got, "prediction") != "31 March 2027" || !strings.HasSuffix(document, "lease.txt") {
		t.Errorf("%v", got)
	}
}

// TestInspect: an answer comes with the windows as the model saw them, where it has some.
func TestInspect(t *testing.T) {
	_, h := start(t, nil)
	if status, got := post(t, h, "/api/inspect", `{"question": "When?", "context": `+lease+`}`); status != 200 || at(got, "prediction") != "31 March 2027" || at(got, "answers", 0, "start") != 11.0 {
		t.Errorf("%d %v", status, got)
	}
	for body, want := range map[string]int{`{"question": "When?", "context": "c", "model": "fake/nobody"}`: 404, `{"question": "", "context": "c"}`: 422, `{"question": "fire", "context": "c"}`: 500} {
		if status, got := post(t, h, "/api/inspect", body); status != want {
			t.Errorf("%s: %d %v", body, status, got)
		}
	}
}

func TestCompare(t *testing.T) {
	_, h := start(t, nil)
	_, got := post(t, h, "/api/compare", `{"question": "When?", "context": `+lease+`}`)
	var groups []any
	for i := range 3 {
		groups = append(groups, at(got, "groups", i, "answer"))
	}
	if !slices.Equal(groups, []any{"31 March 2027", "1 April 2024", ""}) || at(got, "results", 2, "contestant") != "fake/differs@0123456789:fp32" ||
		at(got, "errors", 0, "error", "code") != "broken_model" || at(got, "question") != "When?" {
		t.Errorf("%v", got)
	}
	if status, got := post(t, h, "/api/compare", `{"question": "When?", "context": "c", "models": ["fake/nobody"]}`); status != 404 {
		t.Errorf("%d %v", status, got)
	}
}

func TestModelsAndDescription(t *testing.T) {
	_, h := start(t, nil)
	if _, got := post(t, h, "/api/models", ""); at(got, 0, "id") != webtest.Agrees || at(got, 0, "runnable") != true || at(got, 4, "id") != webtest.Broken {
		t.Errorf("%v", got)
	}
	_, got := post(t, h, "/openapi.json", "")
	if version, _ := at(got, "openapi").(string); !strings.HasPrefix(version, "3.1") {
		t.Errorf("OpenAPI %v", version)
	}
	for _, path := range []string{"/api/ask", "/api/compare", "/models/{id}"} {
		if at(got, "paths", path, "post", "summary") == nil {
			t.Errorf("%s is not described", path)
		}
	}
}
