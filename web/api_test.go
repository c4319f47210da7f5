package web

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tryall/tryall/web/webtest"
)

// routes are the methods and paths of the JSON API and of the Hugging Face task, as its description has them.
func routes(t *testing.T, home string, header map[string]string) (out [][2]string) {
	t.Helper()
	_, raw, _ := call(t, "GET", home+"/openapi.json", nil, header)
	var doc struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal([]byte(raw), &doc); err != nil {
		t.Fatal(err)
	}
	for path, methods := range doc.Paths {
		path = strings.NewReplacer("{id}", webtest.Agrees, "{set}", "q.jsonl", "{run}", "last", "{name}", "leases.json").Replace(path)
		for method := range methods {
			out = append(out, [2]string{strings.ToUpper(method), path})
		}
	}
	if len(out) < 40 {
		t.Fatalf("only %d routes", len(out))
	}
	return out
}

// TestRoutesAreGuarded: no route is open to a name that was pointed here, to another site, or to who does not know the token.
func TestRoutesAreGuarded(t *testing.T) {
	f, srv := start(t, nil)
	const token = "let me in"
	_, closed := start(t, func(c *Config) { c.Access.Token = token })
	changes := 0
	for _, r := range routes(t, srv.URL, nil) {
		method, path := r[0], r[1]
		expect := func(what, home string, header map[string]string, want int) {
			t.Helper()
			if status, body, _ := call(t, method, home+path, nil, header); status != want {
				t.Errorf("%s %s, %s: %d, not %d: %.200s", method, path, what, status, want, body)
			}
		}
		expect("a name that was pointed here", srv.URL, map[string]string{"Host": "evil.example"}, http.StatusMisdirectedRequest)
		expect("a script of another site", srv.URL, map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}, http.StatusForbidden)
		expect("no token", closed.URL, nil, http.StatusUnauthorized)
		expect("a wrong token", closed.URL, map[string]string{"Authorization": "Bearer let me"}, http.StatusUnauthorized)
		if method == http.MethodGet {
			continue
		}
		changes++
		expect("a form of another site", srv.URL, map[string]string{"Origin": "https://evil.example"}, http.StatusForbidden)
		expect("a page of another site that sends here", srv.URL, map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, http.StatusForbidden)
	}
	if changes < 15 {
		t.Errorf("only %d routes that change something", changes)
	}
	if f.HasProject() {
		t.Error("what was refused has made a project")
	}
	if n := len(routes(t, closed.URL, map[string]string{"Authorization": "Bearer " + token})); n < 40 {
		t.Errorf("who knows the token sees %d routes", n)
	}
}

// TestPagesAndRoutesShare: what programs do shows on the pages, and the other way round.
func TestPagesAndRoutesShare(t *testing.T) {
	f, srv := start(t, nil)
	post := func(path, kind, body string) (int, string) {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+path, strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		raw, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(raw)
	}
	if status, body := post("/api/questions?name=leases.json", "application/octet-stream", leases(20)); status != http.StatusCreated {
		t.Fatalf("%d %s", status, body)
	}
	if _, page, _ := call(t, "GET", srv.URL+"/questions", nil, nil); !strings.Contains(text(t, page, "#main"), "leases.json 20") {
		t.Errorf("the page: %s", text(t, page, "#main"))
	}
	release := f.Hold(webtest.Differs)
	defer release()
	if status, body := post("/api/bakeoffs", "application/json", `{"models": ["fake/agrees", "fake/differs"]}`); status != http.StatusCreated {
		t.Fatalf("%d %s", status, body)
	}
	until(t, srv.URL+"/bakeoff/last", "The race is on")
	release()
	until(t, srv.URL+"/bakeoff/last", "is better than")
	if status, _, _ := send(t, srv.URL+"/corpus/add", "lease.md", webtest.Lease, nil); status != http.StatusSeeOther {
		t.Fatal(status)
	}
	until(t, srv.URL+"/corpus", "1 file added")
	if _, body, _ := call(t, "GET", srv.URL+"/api/corpus/addition", nil, nil); !strings.Contains(body, `"added":1`) {
		t.Errorf("of the addition programs see %s", body)
	}
}
