package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/hub/hubtest"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/webtest"
	"github.com/tryall/tryall/workbench"
)

// world is a server with all routes over a workbench without an engine, and a Hub of its own.
type world struct {
	t *testing.T
	*webtest.Fake
	remote *hubtest.Server
	config Config
	srv    *httptest.Server
	ended  chan struct{}

	mu sync.Mutex
	p  *workbench.Project
}

func serve(t *testing.T, change ...func(*Config)) *world {
	t.Helper()
	x := &world{t: t, Fake: webtest.Bench(t), remote: hubtest.New(), ended: make(chan struct{})}
	t.Cleanup(x.remote.Close)
	dir := filepath.Join(t.TempDir(), "cache")
	x.Bench().Cache = func() (hub.Cache, error) { return hub.Cache{Dir: dir}, nil }
	x.Bench().Hub = func() (*hub.Client, error) { return hub.New(hub.Config{Endpoint: x.remote.URL(), CacheDir: dir}) }
	x.Bench().Supports = func(string, []string) error { return nil }
	x.config = Config{Bench: x.Bench(), Pool: x.NewPool(0, nil), Races: x.NewRaces(workbench.Host{Version: "test"}), Additions: workbench.NewAdditions(), Version: "test", Local: true,
		Project: x.project, Ended: x.ended, Samples: []workbench.SampleSet{{Name: "leases.json", About: "8 leases", Read: func() ([]byte, error) { return []byte(leases(8)), nil }}}}
	x.config.Pulls, x.config.Exams, x.config.Labels = x.NewPulls(nil), workbench.NewExams(doctor), x.NewLabels()
	for _, f := range change {
		f(&x.config)
	}
	x.srv = httptest.NewServer(New(x.config))
	t.Cleanup(func() {
		x.srv.Close()
		x.config.Races.Close()
		x.config.Additions.Close()
		x.config.Pulls.Close()
		x.config.Exams.Close()
		x.config.Labels.Close()
		x.config.Pool.Close()
		if x.p != nil {
			x.p.Close()
		}
	})
	return x
}

// doctor finds fault with one model.
var doctor = workbench.Doctor{Tests: []workbench.DoctorTest{{Name: "files"}, {Name: "weights"}}, Examine: func(_ context.Context, m workbench.Model, done func(workbench.Check)) error {
	done(workbench.Check{Name: "files", Level: workbench.CheckWarn, Detail: "there is one too many"})
	c := workbench.Check{Name: "weights", Level: workbench.CheckPass, Detail: "whole"}
	if m.ID == webtest.Broken {
		c = workbench.Check{Name: "weights", Level: workbench.CheckFail, Detail: "they are cut off"}
	}
	done(c)
	return nil
}}

// Bench is the workbench that the world's routes work on.
func (x *world) Bench() *workbench.Workbench { return x.Workbench }

func (x *world) project(ctx context.Context, create bool) (*workbench.Project, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.p == nil && (create || x.HasProject()) {
		var err error
		if x.p, err = x.OpenProject(context.WithoutCancel(ctx)); err != nil {
			return nil, err
		}
	}
	return x.p, nil
}

// send calls a route and gives the status and what came back; a body that is no string is sent as JSON.
func (x *world) send(method, path string, body any, kind ...string) (int, string, http.Header) {
	x.t.Helper()
	var from io.Reader
	contentType := "application/json"
	switch b := body.(type) {
	case nil:
	case string:
		from = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			x.t.Fatal(err)
		}
		from = bytes.NewReader(raw)
	}
	if len(kind) > 0 {
		contentType = kind[0]
	}
	r, err := http.NewRequestWithContext(x.t.Context(), method, x.srv.URL+path, from)
	if err != nil {
		x.t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", contentType)
	}
	resp, err := x.srv.Client().Do(r)
	if err != nil {
		x.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		x.t.Fatal(err)
	}
	return resp.StatusCode, string(raw), resp.Header
}

// call calls a route that gives JSON, which must come with the status.
func (x *world) call(want int, method, path string, body any, kind ...string) any {
	x.t.Helper()
	status, raw, head := x.send(method, path, body, kind...)
	if status != want {
		x.t.Fatalf("%s %s: %d, not %d: %s", method, path, status, want, raw)
	}
	if status == http.StatusNoContent {
		return nil
	}
	var v any
	if err := json.Unmarshal([]byte(raw), &v); err != nil {
		x.t.Fatalf("%s %s: %q: %v", method, path, raw, err)
	}
	if kind := head.Get("Content-Type"); status >= 400 && kind != "application/problem+json" || status < 400 && kind != "application/json" {
		x.t.Errorf("%s %s: %d comes as %s", method, path, status, kind)
	}
	return v
}

// refused expects problems.
func (x *world) refused(cases []refusal) {
	x.t.Helper()
	for _, c := range cases {
		v := x.call(c.status, c.method, c.path, c.body, c.kind...)
		if detail, _ := at(v, "detail").(string); at(v, "code") != string(c.code) || at(v, "status") != float64(c.status) || !strings.Contains(detail, c.want) {
			x.t.Errorf("%s %s: %v, not %s with %q", c.method, c.path, v, c.code, c.want)
		}
	}
}

type refusal struct {
	method, path string
	body         any
	status       int
	code         qa.Code
	want         string
	kind         []string
}

// form makes a multipart body of one file per name.
func form(field string, files ...[2]string) (string, string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range files {
		part, _ := w.CreateFormFile(field, f[0])
		io.WriteString(part, f[1])
	}
	w.Close()
	return b.String(), w.FormDataContentType()
}

// until calls a route until what it gives is as wanted.
func (x *world) until(path string, want func(v any) bool) any {
	x.t.Helper()
	var v any
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if v = x.call(http.StatusOK, http.MethodGet, path, nil); want(v) {
			return v
		}
	}
	x.t.Fatalf("%s stays at %v", path, v)
	return nil
}

// leases are so many questions that Agrees answers and Differs does not, every fourth without an answer in its text.
func leases(n int) string {
	var b strings.Builder
	b.WriteString(`{"version": "v2.0", "data": [{"title": "leases", "paragraphs": [`)
	for i := range n {
		if i > 0 {
			b.WriteString(",")
		}
		context, golds := fmt.Sprintf("🏠 Lease %d. %s", i, webtest.Lease), `[{"text": "31 March 2027", "answer_start": -1}]`
		if i%4 == 3 {
			context, golds = fmt.Sprintf("Lease %d is lost.", i), "[]"
		}
		fmt.Fprintf(&b, `{"context": %q, "qas": [{"id": "q%d", "question": "When does lease %d end?", "is_impossible": %v, "answers": %s}]}`, context, i, i, golds == "[]", golds)
	}
	b.WriteString("]}]}")
	return b.String()
}

// points is where a part of a text begins, in code points.
func points(text, part string) float64 {
	return float64(len([]rune(text[:strings.Index(text, part)])))
}
