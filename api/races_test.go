package api

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tryall/tryall/web/webtest"
)

// questions takes in n leases.
func (x *world) questions(n int) {
	x.t.Helper()
	x.call(201, "POST", "/api/questions?name=leases.json", leases(n), "application/octet-stream")
}

// begin starts a bake-off and gives its path.
func (x *world) begin(plan map[string]any) string {
	x.t.Helper()
	status, raw, head := x.send(http.MethodPost, "/api/bakeoffs", plan)
	if status != http.StatusCreated || !strings.HasPrefix(head.Get("Location"), "/api/bakeoffs/") {
		x.t.Fatalf("%d %s", status, raw)
	}
	return head.Get("Location")
}

var two = []string{webtest.Agrees, webtest.Differs}

func is(status string) func(any) bool { return func(v any) bool { return at(v, "status") == status } }

// TestBakeoff: a bake-off is begun, followed to its end, looked at in every way, compared and removed.
func TestBakeoff(t *testing.T) {
	x := serve(t)
	if got := x.call(200, "GET", "/api/bakeoffs", nil); len(list(got)) != 0 || got == nil {
		t.Errorf("%v", got)
	}
	x.questions(60)
	run := x.begin(map[string]any{"models": two, "sets": []string{"leases.json"}, "budget": "5m", "metric": "exact", "seed": 7, "limit": 40, "full": true, "params": map[string]any{"threshold": 0.5}})
	_, last := x.follow(run + "/events")
	if at(last, "status") != "finished" || at(last, "winner") != "fake/agrees@0123456789:fp32" || at(last, "seed") != 7.0 || at(last, "questions") != 40.0 || at(last, "metric") != "exact" ||
		at(last, "spec", "params", "threshold") != "0.5" || at(last, "run") != at(last, "id") || at(last, "state") != nil {
		t.Errorf("%v", last)
	}
	got := x.call(200, "GET", run, nil)
	if at(got, "verdict") == nil || at(got, "verdict") != at(last, "verdict") || at(got, "models", 0, "f1_ci", 1) == nil || at(got, "models", 0, "precision") != "fp32" || len(list(at(got, "comparisons"))) != 1 {
		t.Errorf("%v", got)
	}
	if all := x.call(200, "GET", "/api/bakeoffs", nil); len(list(all)) != 1 || at(all, 0, "status") != "finished" || at(all, 0, "winner") != at(got, "winner") {
		t.Errorf("%v", all)
	}
	x.lookedAt(run)
	x.decidedOn(run)
	x.refused([]refusal{
		{"POST", run + "/resume", nil, 422, "invalid", "is finished", nil},
		{"POST", run + "/explode", nil, 404, "not_found", "explode", nil},
		{"GET", run + "/report?format=pdf", nil, 422, "invalid", `format is "pdf"`, nil},
		{"GET", run + "/results?contestant=nobody", nil, 404, "not_found", "nobody", nil},
		{"GET", run + "/results?mode=retrieved", nil, 404, "not_found", "retrieved", nil},
		{"GET", run + "/spans?contestant=nobody", nil, 404, "not_found", "nobody", nil},
		{"GET", run + "/spans", nil, 422, "invalid", "query.contestant", nil},
		{"GET", "/api/diff?a=last", nil, 422, "invalid", "query.b", nil},
		{"GET", "/api/diff?a=last&b=last/nobody", nil, 404, "not_found", "nobody", nil},
		{"GET", "/api/diff?a=last&b=last/fake", nil, 422, "invalid", "give more of the name", nil},
		{"GET", "/api/diff?a=last&b=20990101-zzzz", nil, 404, "not_found", "20990101-zzzz", nil},
	})
	x.call(204, "DELETE", run, nil)
	x.refused([]refusal{
		{"GET", run, nil, 404, "not_found", "no run", nil}, {"DELETE", run, nil, 404, "not_found", "no run", nil}, {"GET", run + "/events", nil, 404, "not_found", "no run", nil},
		{"POST", run + "/pause", nil, 404, "not_found", "no run", nil}, {"GET", run + "/report", nil, 404, "not_found", "no run", nil},
	})
}

// lookedAt checks what can be had of a finished run of 40 leases.
func (x *world) lookedAt(run string) {
	t := x.t
	t.Helper()
	results := x.call(200, "GET", run+"/results?limit=2&offset=1", nil)
	if at(results, "total") != 40.0 || len(list(at(results, "items"))) != 2 || at(results, "items", 0, "question") != "When does lease 1 end?" || at(results, "items", 0, "set") != "leases.json" || at(results, "items", 0, "item") != "q1" || at(results, "items", 0, "golds", 0) != "31 March 2027" ||
		at(results, "items", 0, "answers", 0, "answer") != "31 March 2027" || at(results, "items", 0, "answers", 0, "exact") != 100.0 || at(results, "items", 0, "answers", 1, "f1").(float64) >= 100 {
		t.Errorf("%v", results)
	}
	// Of 40 leases every fourth is lost: both are right there, and differ elsewhere.
	differ, wrong := x.call(200, "GET", run+"/results?show=differ", nil), x.call(200, "GET", run+"/results?show=wrong&contestant=fake/agrees@0123456789:fp32", nil)
	if n := at(differ, "total").(float64); n != 30 || at(wrong, "total") != 0.0 {
		t.Errorf("%v differ, %v wrong", n, at(wrong, "total"))
	}
	spans := x.call(200, "GET", run+"/spans?limit=1&contestant=fake/differs@0123456789:fp32", nil)
	context := "🏠 Lease 0. " + webtest.Lease
	if at(spans, "total") != 40.0 || at(spans, "items", 0, "id") != "q0" || at(spans, "items", 0, "answers", 0, "answer") != "1 April 2024" || at(spans, "items", 0, "answers", 0, "gap") != 4.0 ||
		at(spans, "items", 0, "answers", 0, "start") != points(context, "1 April") || at(spans, "items", 0, "answers", 1, "answer") != "31 March 2027" || at(spans, "items", 0, "null") != 5.0 {
		t.Errorf("%v", spans)
	}
	if d := x.call(200, "GET", "/api/diff?a=last/fake/differs&b=last", nil); at(d, "b") != "fake/agrees@0123456789:fp32" || at(d, "gained") != 30.0 || at(d, "n") != 40.0 || at(d, "lost") != 0.0 || at(d, "questions", 0, "question") == nil {
		t.Errorf("%v", d)
	}
	for format, want := range map[string]string{"html": "<!DOCTYPE html>", "md": "agrees", "csv": webtest.Agrees, "questions": "When does lease 0 end?", "json": `"verdict"`} {
		status, body, head := x.send("GET", run+"/report?format="+format, nil)
		if status != 200 || !strings.Contains(body, want) || (head.Get("Content-Disposition") == "") != (format == "json") {
			t.Errorf("%s: %d %.200s", format, status, body)
		}
	}
}

// decidedOn checks what people make of a finished run of 40 leases: a decision, links, a threshold that a model answers by.
func (x *world) decidedOn(run string) {
	t := x.t
	t.Helper()
	x.refused([]refusal{{"GET", run + "/decision", nil, 404, "not_found", "nothing was decided", nil}, {"PUT", run + "/decision", map[string]any{"notes": strings.Repeat("n", 70000)}, 422, "invalid", "at most", nil}})
	if got := x.call(200, "PUT", run+"/decision", map[string]any{"decision": "We take agrees 🎉", "who": "ann"}); at(got, "decision") != "We take agrees 🎉" || at(got, "when") == nil {
		t.Errorf("%v", got)
	}
	if _, body, _ := x.send("GET", run+"/report?format=md", nil); !strings.Contains(body, "We take agrees 🎉") {
		t.Error("the report does not say what was decided")
	}
	made := x.call(201, "POST", run+"/shares", nil)
	id, _ := at(made, "id").(string)
	if path, _ := at(made, "path").(string); len(path) < len("/share/")+20 || strings.Contains(path, id) {
		t.Errorf("%v", made)
	}
	if all := x.call(200, "GET", run+"/shares", nil); len(list(all)) != 1 || at(all, 0, "path") != at(made, "path") {
		t.Errorf("%v", all)
	}
	x.call(204, "DELETE", run+"/shares/"+id, nil)
	x.refused([]refusal{{"DELETE", run + "/shares/" + id, nil, 404, "not_found", "no such link", nil}})
	got := x.call(200, "PUT", "/api/models/fake/agrees/settings", map[string]any{"run": "last", "threshold": 2})
	if at(got, "kept", "run") != run[len("/api/bakeoffs/"):] || at(got, "kept", "labels") != 40.0 || at(got, "kept", "threshold") != 2.0 || len(list(at(got, "warnings"))) != 1 { // all are right: nothing to calibrate by
		t.Errorf("%v", got)
	}
	x.refused([]refusal{{"PUT", "/api/models/fake/abstains/settings", map[string]any{"run": "last", "threshold": 2}, 404, "not_found", "took no part", nil},
		{"PUT", "/api/models/fake/agrees/settings", map[string]any{"threshold": 1e308}, 422, "invalid", "a threshold of 1e+308 cannot be meant", nil},
		{"PUT", "/api/models/fake/agrees/settings", map[string]any{"threshold": -1000.5}, 422, "invalid", "from -1000 to 1000", nil}})
	if got := x.call(200, "PUT", "/api/models/fake/agrees/settings", map[string]any{"threshold": -1000}); at(got, "kept", "threshold") != -1000.0 {
		t.Errorf("%v", got)
	}
}

func TestBakeoffRefused(t *testing.T) {
	x := serve(t)
	const path = "/api/bakeoffs"
	x.refused([]refusal{
		{"POST", path, map[string]any{}, 422, "invalid", "there are no questions", nil},
		{"GET", path + "/last", nil, 404, "not_found", "nothing was kept", nil},
	})
	x.questions(4)
	x.refused([]refusal{
		{"GET", path + "/last", nil, 404, "not_found", "no runs yet", nil},
		{"POST", path, map[string]any{"models": two, "budget": "-1m"}, 422, "invalid", "like 10m", nil},
		{"POST", path, map[string]any{"models": two, "budget": "soon"}, 422, "invalid", "like 10m", nil},
		{"POST", path, map[string]any{"models": two, "limit": -1}, 422, "invalid", "body.limit", nil},
		{"POST", path, map[string]any{"models": two, "alpha": 1}, 422, "invalid", "body.alpha", nil},
		{"POST", path, map[string]any{"models": two, "metric": "luck"}, 422, "invalid", "no metric", nil},
		{"POST", path, map[string]any{"models": two, "modes": []string{"guess"}}, 422, "invalid", "body.modes", nil},
		{"POST", path, map[string]any{"models": two, "sets": []string{"none"}}, 404, "not_found", "none", nil},
		{"POST", path, map[string]any{"models": []string{"fake/agrees", "fake/agrees:fp32"}}, 422, "invalid", "named twice", nil},
		{"POST", path, map[string]any{"models": []string{"fake/nobody"}}, 404, "not_found", "not on this machine", nil},
		{"POST", path, map[string]any{"models": []string{"/etc"}}, 403, "forbidden", "only models of this machine", nil},
		{"POST", path, map[string]any{"models": two, "data": []string{"/etc/passwd"}}, 422, "invalid", "body.data", nil},
	})
}

// TestSteer: a run that goes on is shown with its state, paused, resumed and cancelled, and cannot be removed meanwhile.
func TestSteer(t *testing.T) {
	x := serve(t)
	release := x.Hold(webtest.Differs)
	defer release()
	x.questions(60)
	run := x.begin(map[string]any{"models": two})
	racing := func(v any) bool {
		return at(v, "state", "phase") == "race" && at(v, "state", "race", "lines", 0, "n") != 0.0
	}
	got := x.until(run, racing)
	if at(got, "status") != "running" || at(got, "state", "race", "questions") != 60.0 || at(got, "verdict") != nil {
		t.Errorf("%v", got)
	}
	if second := x.begin(map[string]any{"models": two, "limit": 8}); at(x.call(200, "GET", second, nil), "state", "phase") != "waiting" {
		t.Error("two race at once")
	} else if got := x.call(200, "POST", second+"/cancel", nil); at(got, "status") != "failed" || at(got, "reason") != "it was cancelled" {
		t.Errorf("%v", got)
	}
	x.refused([]refusal{{"POST", run + "/resume", nil, 503, "unavailable", "", nil}, {"DELETE", run, nil, 503, "unavailable", "", nil}})
	if got := x.call(200, "GET", run+"/results?limit=60", nil); at(got, "total") != 60.0 {
		t.Errorf("results meanwhile: %v", got)
	}
	got = x.call(200, "POST", run+"/pause", nil)
	if at(got, "status") != "interrupted" || at(got, "state") != nil || at(got, "kept", 0, "answers").(float64) == 0 {
		t.Errorf("%v", got)
	}
	if kinds, last := x.follow(run + "/events"); len(kinds) != 1 || at(last, "status") != "interrupted" {
		t.Errorf("%v %v", kinds, last)
	}
	x.call(200, "POST", run+"/resume", nil)
	x.until(run, racing)
	release()
	x.until(run, is("finished"))
}

// TestSlowClient: whoever reads no events, or goes, holds up nothing; the server's end ends all streams.
func TestSlowClient(t *testing.T) {
	x := serve(t)
	release := x.Hold(webtest.Differs)
	defer release()
	x.questions(60)
	run := x.begin(map[string]any{"models": two})
	var streams []io.ReadCloser
	for range 30 {
		streams = append(streams, x.open(run+"/events"))
	}
	for _, s := range streams[:10] {
		s.Close()
	}
	release()
	x.until(run, is("finished"))
	again := x.Hold(webtest.Differs)
	defer again()
	other := x.begin(map[string]any{"models": two, "limit": 20})
	first := bufio.NewScanner(x.open(other + "/events"))
	if !first.Scan() || first.Text() != "event: state" {
		t.Errorf("it begins with %q", first.Text())
	}
	close(x.ended)
	done := make(chan struct{})
	go func() {
		for first.Scan() {
		}
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Error("the stream does not end with the server")
	}
}

// open begins to read a stream; it is closed with the test at the latest.
func (x *world) open(path string) io.ReadCloser {
	x.t.Helper()
	r, _ := http.NewRequestWithContext(x.t.Context(), http.MethodGet, x.srv.URL+path, nil)
	resp, err := x.srv.Client().Do(r)
	if err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() { resp.Body.Close() })
	return resp.Body
}

// TestManyBegin: who begins, looks and steers at the same time gets an answer each.
func TestManyBegin(t *testing.T) {
	x := serve(t)
	x.questions(8)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			status, raw, head := x.send(http.MethodPost, "/api/bakeoffs", map[string]any{"models": two})
			if status != http.StatusCreated {
				t.Errorf("%d %s", status, raw)
				return
			}
			for _, path := range []string{head.Get("Location"), "/api/bakeoffs", head.Get("Location") + "/results", "/api/questions"} {
				if status, raw, _ := x.send(http.MethodGet, path, nil); status != 200 {
					t.Errorf("%s: %d %s", path, status, raw)
				}
			}
		})
	}
	all.Wait()
	x.until("/api/bakeoffs", func(v any) bool {
		n := 0
		for _, r := range list(v) {
			if at(r, "status") == "finished" {
				n++
			}
		}
		return n == 6
	})
}
