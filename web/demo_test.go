package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/webtest"
	"github.com/tryall/tryall/workbench"
)

// patterns are the routes of a mux, as they were registered. It remembers them where nobody else looks.
func patterns(t *testing.T, mux *http.ServeMux) (out []string) {
	t.Helper()
	add := func(list reflect.Value) {
		for i := range list.Len() {
			if s := list.Index(i).Elem().FieldByName("str").String(); !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	index := reflect.ValueOf(mux).Elem().FieldByName("index")
	for at := index.FieldByName("segments").MapRange(); at.Next(); {
		add(at.Value())
	}
	add(index.FieldByName("multis"))
	if len(out) < 10 {
		t.Fatalf("only %d routes are found: net/http keeps them elsewhere", len(out))
	}
	slices.Sort(out)
	return out
}

// programRoutes are those of the API, as its description has them.
func programRoutes(t *testing.T, home string) (out []string) {
	t.Helper()
	_, body, _ := call(t, "GET", home+"/openapi.json", nil, nil)
	var described struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal([]byte(body), &described); err != nil {
		t.Fatal(err)
	}
	for path, methods := range described.Paths {
		for m := range methods {
			out = append(out, strings.ToUpper(m)+" "+path)
		}
	}
	if len(out) < 4 {
		t.Fatalf("the API describes %v", out)
	}
	return out
}

// open are the routes that a demonstration answers; all others must not be there.
var open = []string{"GET /{$}", "POST /ask", "GET /ask/answer", "POST /ask/file", "GET /compare", "POST /compare", "GET /compare/events", "POST /compare/file",
	"GET /static/", "GET /healthz", "GET /demo/logo", "POST /api/ask", "POST /api/compare", "GET /api/models", "POST /models/{id}"}

// ownText are those of them that take a text of one's own.
var ownText = []string{"POST /ask/file", "POST /compare/file", "POST /models/{id}"}

var wildcard = regexp.MustCompile(`\{[^}$]*\}`)

// requests are what a pattern is tried with: "METHOD /path".
func requests(pattern string) (out []string) {
	method, path, ok := strings.Cut(pattern, " ")
	methods := []string{method}
	if !ok {
		path, methods = pattern, []string{"GET", "POST", "PUT", "PATCH", "DELETE"}
	}
	if path == "/" {
		path = "/nothing"
	}
	path = wildcard.ReplaceAllString(strings.TrimSuffix(path, "{$}"), "x")
	if strings.HasSuffix(path, "/") && path != "/" {
		path += "x"
	}
	for _, m := range methods {
		out = append(out, m+" "+path)
	}
	return out
}

// among says whether a request is one of a pattern of a list.
func among(list []string, request string) bool {
	return slices.ContainsFunc(list, func(p string) bool { return slices.Contains(requests(p), request) })
}

// TestDemoRoutes asks a demonstration for every route that the whole server has.
func TestDemoRoutes(t *testing.T) {
	f := webtest.Bench(t)
	serve := func(d *Demo) (*Server, string) {
		s, err := New(Config{Bench: f.Workbench, Models: []string{webtest.Agrees}, Samples: samples, Access: Access{Addr: "127.0.0.1:0"}, Demo: d})
		if err != nil {
			t.Fatal(err)
		}
		srv := httptest.NewServer(s)
		t.Cleanup(func() { s.env.End(); srv.Close(); s.Close() })
		return s, srv.URL
	}
	whole, home := serve(nil)
	all := append(patterns(t, whole.routes), programRoutes(t, home)...)
	demo, shown := serve(&Demo{Title: "Leases"})
	all = append(all, patterns(t, demo.routes)...)
	_, closed := serve(&Demo{CorpusOnly: true})
	for _, want := range []string{"GET /models", "POST /downloads", "POST /compare/save", "POST /corpus/add", "GET /bakeoff", "POST /bakeoff", "/api/", "POST /api/ask", "GET /demo/logo"} {
		if !slices.Contains(all, want) {
			t.Errorf("%s is not among the routes: the test looks in the wrong place", want)
		}
	}
	for _, pattern := range all {
		for _, request := range requests(pattern) {
			method, path, _ := strings.Cut(request, " ")
			is := among(open, request)
			if there := answers(t, method, shown+path); there != is {
				t.Errorf("%s is there: %v, and it is to be shown: %v", request, there, is)
			}
			is = is && !among(ownText, request)
			if there := answers(t, method, closed+path); there != is {
				t.Errorf("corpus alone, %s is there: %v, and it is to be shown: %v", request, there, is)
			}
		}
	}
}

// answers says whether there is a route.
func answers(t *testing.T, method, address string) bool {
	t.Helper()
	status, body, _ := call(t, method, address, nil, nil)
	return status != http.StatusNotFound || !strings.Contains(body, "There is no such page")
}

// showing serves a demonstration of two models, with a corpus.
func showing(t *testing.T, d *Demo) string {
	t.Helper()
	return showingOf(t, d, func(*workbench.Workbench) (string, error) {
		file := filepath.Join(t.TempDir(), "lease.txt")
		return file, os.WriteFile(file, []byte(webtest.Lease), 0o644)
	})
}

// showingOf serves one whose corpus is the file that is made.
func showingOf(t *testing.T, d *Demo, text func(*workbench.Workbench) (file string, err error)) string {
	t.Helper()
	_, srv := start(t, func(c *Config) {
		c.Models, c.Demo = []string{webtest.Agrees, webtest.Differs}, d
		p, err := c.Bench.OpenProject(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		file, err := text(c.Bench)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Add(t.Context(), []string{file}, workbench.AddOptions{}, nil); err != nil {
			t.Fatal(err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	})
	return srv.URL
}

const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><script>top.document.title = "run"; document.documentElement.setAttribute("fill", "red")</script><rect width="8" height="8" style="fill:teal" onload="top.document.title='run'"/></svg>`

// TestDemo: title and logo stand on each page, nothing leads to what is not shown, and nobody but the chosen models is asked.
func TestDemo(t *testing.T) {
	home := showing(t, &Demo{Title: "Leases <b>of</b> Mill Road", Logo: []byte(logo)})
	ask := url.Values{"q": {"When does the lease end?"}}
	own := url.Values{"q": {"When?"}, "c": {webtest.Lease}}
	for _, at := range []string{"/", "/?" + ask.Encode(), "/?" + own.Encode(), "/?m=" + webtest.Differs + "&" + own.Encode(), "/?threshold=x&" + own.Encode(), "/compare", "/compare?wait=1&" + ask.Encode(),
		"/compare?wait=1&" + own.Encode() + "&pin=" + webtest.Agrees, "/nothing", "/corpus", "/?t=sample-1&q=x"} {
		_, page, _ := call(t, "GET", home+at, nil, nil)
		if !strings.Contains(page, "Leases &lt;b&gt;of&lt;/b&gt; Mill Road</title>") || !strings.Contains(page, `src="/demo/logo?v=`) || strings.Contains(page, "tryall</title>") {
			t.Errorf("%s: no title or no logo", at)
		}
		if got := text(t, page, ".rail"); !strings.Contains(got, "Ask Compare Theme") {
			t.Errorf("%s: the rail is %q", at, got)
		}
		for _, to := range leadsTo(t, page) {
			if status, _, _ := call(t, "GET", home+to, nil, nil); status == http.StatusNotFound && !slices.Contains([]string{"/ask", "/ask/file", "/compare/file"}, to) {
				t.Errorf("%s leads to %s, which is not there", at, to)
			}
		}
	}
	_, page, _ := call(t, "GET", home+"/?"+ask.Encode(), nil, nil)
	if text(t, page, ".says") != "31 March 2027" || !strings.Contains(page, `value="corpus" checked`) {
		t.Errorf("the corpus is not asked where nothing else is said: %q", text(t, page, "#answer"))
	}
	_, page, _ = call(t, "GET", home+"/compare?wait=1&"+own.Encode(), nil, nil)
	if got := text(t, page, ".groups"); got != "A 31 March 2027 agrees 1 model B 1 April 2024 differs 1 model" {
		t.Errorf("compared: %q", got)
	}
	if got := text(t, page, ".save"); got != "" {
		t.Errorf("it can be saved: %q", got)
	}
	if got := text(t, page, ".models"); got != "Models all none agrees differs" {
		t.Errorf("models to choose: %q", got)
	}
	// Whoever names another model, or the same one otherwise, finds nobody.
	for _, m := range []string{webtest.AgreesToo, webtest.Agrees + "@0123456789", webtest.Agrees + ":int8", "/etc", "org/nobody"} {
		named := url.Values{"m": {webtest.Agrees, m}, "q": own["q"], "c": own["c"]}
		for _, at := range []string{"/?", "/ask/answer?", "/compare?", "/compare/events?"} {
			if status, body, _ := call(t, "GET", home+at+named.Encode(), nil, nil); status != http.StatusNotFound {
				t.Errorf("%s%s: %d %q", at, m, status, body)
			}
		}
		named["m"] = []string{m}
		if status, part, _ := call(t, "POST", home+"/ask", named, map[string]string{"HX-Request": "true"}); status != http.StatusNotFound && status != http.StatusForbidden || strings.Contains(part, "31 March 2027</h2>") {
			t.Errorf("/ask %s: %d %q", m, status, part)
		}
		body, _ := json.Marshal(map[string]any{"question": "When?", "context": webtest.Lease, "model": m})
		if status := post(t, home+"/api/ask", string(body)); status != http.StatusNotFound && status != http.StatusForbidden {
			t.Errorf("/api/ask %s: %d", m, status)
		}
		if status := post(t, home+"/models/"+url.PathEscape(m), `{"question": "When?", "context": "31 March 2027"}`); status != http.StatusNotFound && status != http.StatusForbidden {
			t.Errorf("/models/%s: %d", m, status)
		}
	}
	if status := post(t, home+"/api/compare", `{"question": "When?", "context": "31 March 2027"}`); status != 200 {
		t.Errorf("all that are shown, compared: %d", status)
	}
	if status := post(t, home+"/models/"+webtest.Agrees, `{"question": "When?", "context": "31 March 2027"}`); status != 200 {
		t.Errorf("the task of a chosen model: %d", status)
	}
	_, body, _ := call(t, "GET", home+"/api/models", nil, nil)
	var list []workbench.Entry
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list) != 2 || list[1].ID != webtest.Differs {
		t.Errorf("%v: %s", err, body)
	}
}

// leadsTo are the addresses of this server that a page names.
func leadsTo(t *testing.T, page string) (out []string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for e := range doc.Descendants() {
		for _, a := range e.Attr {
			if slices.Contains([]string{"href", "src", "action", "hx-get", "hx-post", "data-events"}, a.Key) && strings.HasPrefix(a.Val, "/") && !slices.Contains(out, a.Val) {
				out = append(out, a.Val)
			}
		}
	}
	if len(out) < 6 {
		t.Errorf("a page leads only to %v", out)
	}
	return out
}

func post(t *testing.T, address, body string) int {
	t.Helper()
	status, _ := posted(t, address, body)
	return status
}

func posted(t *testing.T, address, body string) (int, string) {
	t.Helper()
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(raw)
}

// TestDemoCorpusOnly: no text but the corpus is asked, on whatever way it comes.
func TestDemoCorpusOnly(t *testing.T) {
	home := showing(t, &Demo{CorpusOnly: true})
	v := url.Values{"q": {"When does the lease end?"}, "c": {"It ends on 1 April 2024."}, "from": {"text"}}
	_, page, _ := call(t, "GET", home+"/?"+v.Encode(), nil, nil)
	if got := text(t, page, ".says"); got != "31 March 2027" || strings.Contains(page, "<textarea") || strings.Contains(page, `type="file"`) || strings.Contains(page, "file-form") {
		t.Errorf("it says %q", got)
	}
	_, page, _ = call(t, "GET", home+"/compare?wait=1&"+v.Encode(), nil, nil)
	if got := text(t, page, ".groups"); !strings.HasPrefix(got, "A 31 March 2027 agrees") {
		t.Errorf("compared: %q", got)
	}
	if status := post(t, home+"/api/ask", `{"question": "When?", "context": "It ends on 1 April 2024."}`); status != http.StatusForbidden {
		t.Errorf("a text of one's own: %d", status)
	}
	if status := post(t, home+"/api/ask", `{"question": "When does the lease end?"}`); status != 200 {
		t.Errorf("the corpus: %d", status)
	}
}

func TestDemoRefused(t *testing.T) {
	f := webtest.Bench(t)
	for _, c := range []struct {
		models []string
		demo   Demo
	}{
		{nil, Demo{}},
		{[]string{webtest.Agrees}, Demo{Logo: []byte("GIF89a")}},
		{[]string{webtest.Agrees}, Demo{Logo: []byte(`<html xmlns="http://www.w3.org/1999/xhtml"><svg xmlns="http://www.w3.org/2000/svg"/></html>`)}},
		{[]string{webtest.Agrees}, Demo{Logo: []byte(`<svg xmlns="http://www.w3.org/2000/svg">`)}},
		{[]string{webtest.Agrees}, Demo{Logo: append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, MaxLogo)...)}},
	} {
		if _, err := New(Config{Bench: f.Workbench, Models: c.models, Access: Access{Addr: "127.0.0.1:0"}, Demo: &c.demo}); qa.CodeOf(err) != qa.Invalid {
			t.Errorf("%v, %d bytes of logo: %v", c.models, len(c.demo.Logo), err)
		}
	}
}

// TestDemoInABrowser: the logo is shown and runs nothing, in its place or by itself.
func TestDemoInABrowser(t *testing.T) {
	home := showing(t, &Demo{Title: "Leases of Mill Road", Logo: []byte(logo)})
	tab := webtest.Browser(t).Tab(t, 1280, "light")
	defer tab.Close()
	var wide int
	var title string
	tab.Run(t, chromedp.Navigate(home+"/"), chromedp.WaitVisible(".brand img"), chromedp.Evaluate(`document.querySelector(".brand img").naturalWidth`, &wide), chromedp.Title(&title))
	if wide == 0 || title != "Ask · Leases of Mill Road" {
		t.Errorf("the logo is %d wide, the title %q", wide, title)
	}
	tab.Run(t, chromedp.SendKeys("#q", "When does the lease end?\r"))
	says(t, tab, "#answer .says", "31 March 2027")
	tab.Check(t, home)
	var fill string
	tab.Run(t, chromedp.Navigate(home+logoPath), chromedp.Title(&title), chromedp.Evaluate(`String(document.documentElement.getAttribute("fill"))`, &fill))
	if title == "run" || fill != "null" {
		t.Errorf("the script of the logo has run: %q, %q", title, fill)
	}
	blocked := slices.ContainsFunc(tab.Trouble(), func(s string) bool {
		return strings.Contains(s, "Blocked script execution") || strings.Contains(s, "Content Security Policy")
	})
	if !blocked {
		t.Errorf("nothing says that it was kept from running: %v", tab.Trouble())
	}
	_, _, head := call(t, "GET", home+logoPath, nil, nil)
	if head.Get("Content-Type") != "image/svg+xml" || head.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(head.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%v", head)
	}
}

// TestDemoTellsNoFolders: where a text lies on the server stands on no page and in no answer; what it is called does.
func TestDemoTellsNoFolders(t *testing.T) {
	const table = "id,text\nits/lease,\"" + webtest.Lease + "\"\nother,The rent of the garage is 40 pounds.\n"
	folder := filepath.Join(t.TempDir(), "of ann")
	for name, text := range map[string]func(w *workbench.Workbench) (string, error){
		"a file": func(*workbench.Workbench) (string, error) {
			return filepath.Join(folder, "leases.csv"), errors.Join(os.Mkdir(folder, 0o755), os.WriteFile(filepath.Join(folder, "leases.csv"), []byte(table), 0o644))
		},
		"was sent": func(w *workbench.Workbench) (string, error) {
			return w.KeepUpload("leases.csv", strings.NewReader(table))
		},
	} {
		home := showingOf(t, &Demo{CorpusOnly: true}, text)
		const question = "When does the lease end?"
		said := map[string]string{}
		for _, at := range []string{"/?", "/compare?wait=1&", "/ask/answer?"} {
			_, said[at], _ = call(t, "GET", home+at+url.Values{"q": {question}}.Encode(), nil, nil)
		}
		for _, at := range []string{"/api/ask", "/api/compare"} {
			_, said[at] = posted(t, home+at, `{"question": "`+question+`"}`)
		}
		for at, page := range said {
			if !strings.Contains(page, "leases.csv#its/lease") || strings.Contains(page, "/leases.csv") || strings.Contains(page, "uploads") || strings.Contains(page, "of ann") {
				t.Errorf("%s, %s: %s", name, at, page)
			}
		}
	}
}
