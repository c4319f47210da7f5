package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/web/webtest"
)

var samples = []ui.Sample{{Question: "When does the lease end?", Title: "a lease", Text: webtest.Lease}}

// start serves a fake bench.
func start(t *testing.T, change func(*Config)) (*webtest.Fake, *httptest.Server) {
	t.Helper()
	f := webtest.Bench(t)
	c := Config{Bench: f.Workbench, Precisions: []string{"fp32"}, Samples: samples, Version: "test", Access: Access{Addr: "127.0.0.1:0"}}
	if change != nil {
		change(&c)
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	t.Cleanup(func() { s.env.End(); srv.Close(); s.Close() })
	return f, srv
}

// call makes a request and gives status, body and headers.
func call(t *testing.T, method, address string, form url.Values, header map[string]string) (int, string, http.Header) {
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(t.Context(), method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for k, v := range header {
		if r.Header.Set(k, v); k == "Host" {
			r.Host = v
		}
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(raw), resp.Header
}

// text is the text of a page's element by a class or id, white space collapsed.
func text(t *testing.T, page, selector string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var found *html.Node
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			if selector[0] == '#' && a.Key == "id" && a.Val == selector[1:] || selector[0] == '.' && a.Key == "class" && slices.Contains(strings.Fields(a.Val), selector[1:]) {
				if found == nil {
					found = n
				}
			}
		}
	}
	if found == nil {
		return ""
	}
	var b strings.Builder
	for n := range found.Descendants() {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
		case n.Type == html.ElementNode && slices.Contains([]string{"div", "p", "li", "td", "h2", "h3", "dd", "dt"}, n.Data):
			b.WriteString(" ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestAskPage(t *testing.T) {
	_, srv := start(t, nil)
	status, page, head := call(t, "GET", srv.URL+"/", nil, nil)
	if status != 200 || text(t, page, ".samples") != "When does the lease end? of a lease" || head.Get("Content-Security-Policy") != Policy {
		t.Errorf("%d %q %v", status, text(t, page, ".samples"), head)
	}
	address := srv.URL + "/?" + url.Values{"q": {"When does it end?"}, "c": {webtest.Lease}}.Encode()
	_, page, _ = call(t, "GET", address, nil, nil)
	if got := text(t, page, ".says"); got != "31 March 2027" {
		t.Errorf("says %q", got)
	}
	if got := text(t, page, ".passage"); !strings.HasPrefix(got, "This lease begins on 1 April 2024. It ends on 31 March 2027 unless") {
		t.Errorf("passage %q", got)
	}
	// The knobs, by the address alone.
	for _, c := range []struct{ knobs, selector, want string }{
		{"&threshold=4.5", ".says", "Not sure enough to answer"},
		{"&threshold=4.5", ".why", "The closest candidate has a gap of 4.00; this model answers above 4.50."},
		{"&top_k=2", ".listed", "1 31 March 2027 4.00 90 %"},
		{"&m=" + webtest.Differs, ".says", "1 April 2024"},
		{"&m=" + webtest.Broken, ".failure", "No answer from broken Model fake/broken: its weights are cut off."},
		{"&m=fake/nobody", ".failure", "No answer from nobody Model fake/nobody is not on this machine"},
		{"&top_k=x", ".failure", `That could not be asked Answers: "x" is not a whole number.`},
	} {
		_, page, _ := call(t, "GET", address+c.knobs, nil, nil)
		if got := text(t, page, c.selector); !strings.HasPrefix(got, c.want) || got == "" {
			t.Errorf("%s: %s is %q, not %q", c.knobs, c.selector, got, c.want)
		}
	}
}

// TestAskForm: a browser without scripts is sent to the address of its question; a script gets the answer and the address.
func TestAskForm(t *testing.T) {
	f, srv := start(t, nil)
	form := url.Values{"q": {"When does it end?"}, "c": {webtest.Lease}, "threshold": {"2"}, "top_k": {""}}
	status, _, head := call(t, "POST", srv.URL+"/ask", form, nil)
	want := "/?" + url.Values{"q": {"When does it end?"}, "c": {webtest.Lease}, "threshold": {"2"}}.Encode()
	if status != http.StatusSeeOther || head.Get("Location") != want {
		t.Errorf("%d %s", status, head.Get("Location"))
	}
	status, part, head := call(t, "POST", srv.URL+"/ask", form, map[string]string{"HX-Request": "true"})
	if status != 200 || text(t, part, ".says") != "31 March 2027" || head.Get("HX-Push-Url") != want || strings.Contains(part, "<html") {
		t.Errorf("%d %q %v", status, text(t, part, ".says"), head)
	}
	_, _, head = call(t, "POST", srv.URL+"/ask", form, map[string]string{"HX-Request": "true", "HX-Current-URL": srv.URL + want + "&top_k=3"})
	if head.Get("HX-Replace-Url") != want {
		t.Errorf("a knob that is turned adds to the history: %v", head)
	}
	if opened, _ := f.Opened(webtest.Agrees); opened != 1 {
		t.Errorf("the model was opened %d times", opened)
	}
	// A long text stays here, and its address is short.
	long := strings.Repeat("Nothing is said here. ", 500) + webtest.Lease
	status, _, head = call(t, "POST", srv.URL+"/ask", url.Values{"q": {"When?"}, "c": {long}}, nil)
	at := head.Get("Location")
	if status != http.StatusSeeOther || len(at) > 60 {
		t.Fatalf("%d %s", status, at)
	}
	_, page, _ := call(t, "GET", srv.URL+at, nil, nil)
	if text(t, page, ".says") != "31 March 2027" || !strings.Contains(page, "Nothing is said here. Nothing") {
		t.Errorf("%s", text(t, page, "#main"))
	}
	_, page, _ = call(t, "GET", srv.URL+"/?q=When&t=0000000000000000", nil, nil)
	if got := text(t, page, "#source"); !strings.Contains(got, "no longer held here") {
		t.Errorf("a text that is gone: %q", got)
	}
}

func upload(t *testing.T, address, name, content string) (int, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(part, content)
	w.Close()
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, address, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("HX-Request", "true")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(raw)
}

func TestAskFile(t *testing.T) {
	_, srv := start(t, nil)
	status, part := upload(t, srv.URL+"/ask/file", "../../lease.html", "<html><body><script>alert(1)</script><p>It ends on 31 March 2027.</p></body></html>")
	if status != 200 || !strings.Contains(text(t, part, ".file"), "lease.html") || strings.Contains(part, "<script>") || strings.Contains(part, "..") {
		t.Fatalf("%d %s", status, part)
	}
	_, id, _ := strings.Cut(part, `name="t" value="`)
	id, _, _ = strings.Cut(id, `"`)
	_, page, _ := call(t, "GET", srv.URL+"/?q=When&t="+id, nil, nil)
	if text(t, page, ".says") != "31 March 2027" {
		t.Errorf("%s", text(t, page, "#main"))
	}
	// A file that cannot be read does not take away what was typed.
	if _, _, body := send(t, srv.URL+"/ask/file", "empty.txt", "", map[string]string{"c": "typed before"}); !strings.Contains(body, ">typed before</textarea>") {
		t.Errorf("what was typed is gone: %s", body)
	}
	for _, c := range []struct{ name, content, want string }{
		{"empty.txt", "", "it is empty"},
		{"broken.docx", "PK\x03\x04 nothing", "broken.docx"},
	} {
		status, part := upload(t, srv.URL+"/ask/file", c.name, c.content)
		if got := text(t, part, ".wrong"); status < 400 || !strings.Contains(got, c.want) {
			t.Errorf("%s: %d %q", c.name, status, got)
		}
	}
}

// TestNothingRuns: what comes from documents, questions and names of models is text wherever it is shown.
func TestNothingRuns(t *testing.T) {
	_, srv := start(t, nil)
	evil := `<script>alert(1)</script><img src=x onerror=alert(1)><svg/onload=alert(1)>"><a href="javascript:alert(1)">`
	doc := evil + " It ends on 31 March 2027. " + evil
	for _, address := range []string{"/?", "/compare?wait=1&"} {
		v := url.Values{"q": {evil}, "c": {doc}, "m": {evil, webtest.Agrees, evil + "2"}, "threshold": {evil}, "sort": {evil}, "t": {""}}
		for _, threshold := range []string{evil, ""} {
			v.Set("threshold", threshold)
			_, page, _ := call(t, "GET", srv.URL+address+v.Encode(), nil, nil)
			checkSafe(t, address, page)
		}
		v = url.Values{"q": {"When"}, "c": {doc}, "m": {webtest.Agrees}}
		_, page, _ := call(t, "GET", srv.URL+address+v.Encode(), nil, nil)
		checkSafe(t, address, page)
		if !strings.Contains(text(t, page, "#main"), "31 March 2027") {
			t.Errorf("%s: no answer: %s", address, text(t, page, "#main"))
		}
	}
}

// checkSafe looks for elements and attributes that only evil text could have made.
func checkSafe(t *testing.T, where, page string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for e := range doc.Descendants() {
		if e.Type != html.ElementNode {
			continue
		}
		n++
		if e.Data == "script" && (len(e.Attr) == 0 || !strings.HasPrefix(e.Attr[0].Val, "/static/")) || e.Data == "img" || e.Data == "style" {
			t.Errorf("%s: the page has <%s>", where, e.Data)
		}
		for _, a := range e.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "href" && strings.HasPrefix(a.Val, "javascript:") {
				t.Errorf("%s: the page has <%s %s=%q>", where, e.Data, a.Key, a.Val)
			}
		}
	}
	if n < 20 {
		t.Errorf("%s: the page has only %d elements", where, n)
	}
}

func TestComparePage(t *testing.T) {
	f, srv := start(t, nil)
	v := url.Values{"q": {"When does it end?"}, "c": {webtest.Lease}, "m": {webtest.Differs, webtest.Agrees, webtest.Broken, webtest.AgreesToo, webtest.Abstains}}
	_, page, _ := call(t, "GET", srv.URL+"/compare?"+v.Encode(), nil, nil)
	if !strings.Contains(page, `data-events="/compare/events?`) || strings.Count(page, `aria-busy`) != 6 {
		t.Errorf("the page does not wait for its cards: %d", strings.Count(page, "aria-busy"))
	}
	_, events, head := call(t, "GET", srv.URL+"/compare/events?"+v.Encode(), nil, nil)
	if head.Get("Content-Type") != "text/event-stream; charset=utf-8" || strings.Count(events, "event: part") != 6 || !strings.HasSuffix(events, "event: done\ndata: 4 of 5 models have answered\n\n") {
		t.Errorf("%v\n%s", head, events)
	}
	// Everything is known now, so the page is whole at once.
	_, page, _ = call(t, "GET", srv.URL+"/compare?wait=1&sort=answer&"+v.Encode(), nil, nil)
	if got := text(t, page, ".groups"); got != "A 31 March 2027 agrees agrees-too 2 models B 1 April 2024 differs 1 model C no answer abstains 1 model" {
		t.Errorf("groups: %q", got)
	}
	if got := order(page, "h2 title"); !slices.Equal(got, []string{webtest.Agrees, webtest.AgreesToo, webtest.Differs, webtest.Abstains, webtest.Broken}) {
		t.Errorf("by answer: %v", got)
	}
	v["pin"] = []string{webtest.Agrees, webtest.Differs}
	_, page, _ = call(t, "GET", srv.URL+"/compare?wait=1&"+v.Encode(), nil, nil)
	if got := text(t, page, ".pinned"); !strings.Contains(got, "31 March 2027") || !strings.Contains(got, "1 April 2024") {
		t.Errorf("pinned: %q", got)
	}
	for _, m := range []string{webtest.Agrees, webtest.Differs} {
		if opened, _ := f.Opened(m); opened != 1 {
			t.Errorf("%s was opened %d times", m, opened)
		}
	}
	status, part, _ := call(t, "POST", srv.URL+"/compare", url.Values{"q": {"When?"}, "m": {webtest.Agrees}}, map[string]string{"HX-Request": "true"})
	if status != http.StatusUnprocessableEntity || !strings.Contains(part, "There is no text to ask") {
		t.Errorf("%d %s", status, part)
	}
}

// TestSaveQuestion: a question of Compare becomes one to race over, with the answer that a person calls right.
func TestSaveQuestion(t *testing.T) {
	_, srv := start(t, nil)
	form := url.Values{"q": {"When does it end?"}, "c": {webtest.Lease}, "m": {webtest.Agrees, webtest.Differs}}
	_, page, _ := call(t, "GET", srv.URL+"/compare?wait=1&"+form.Encode(), nil, nil)
	if got := text(t, page, ".save"); got != "Save as a test questionWhich answer is right? 31 March 2027 1 April 2024 the text does not say another one: Save" {
		t.Errorf("the form is %q", got)
	}
	form.Del("m")
	save := func(right, other string) (int, string) {
		form.Set("right", right)
		form.Set("other", other)
		status, part, _ := call(t, "POST", srv.URL+"/compare/save", form, map[string]string{"HX-Request": "true"})
		return status, text(t, part, "#saved")
	}
	for _, c := range []struct{ right, other, want string }{
		{"31 March 2027", "", "Saved: 1 question in compared.jsonl"}, {"<another>", "the third day", "Saved: 1 question in compared.jsonl"}, // the same question, judged anew
		{"<another>", "", "The right answer is empty"}, {"<another>", "nowhere", "does not stand in the text"}, {"", "", "right answer are needed"},
	} {
		if _, got := save(c.right, c.other); !strings.Contains(got, c.want) {
			t.Errorf("%q %q: %q", c.right, c.other, got)
		}
	}
	form.Set("q", "Who insures it?")
	if _, got := save("<none>", ""); !strings.Contains(got, "2 questions") {
		t.Errorf("a second question: %q", got)
	}
	_, page, _ = call(t, "GET", srv.URL+"/questions/set?name=compared.jsonl", nil, nil)
	if got := text(t, page, ".items"); !strings.Contains(got, "When does it end? the third day") || !strings.Contains(got, "Who insures it? no answer") {
		t.Errorf("the set is %q", got)
	}
	status, run, body := begin(t, srv.URL, "", append(two(), [2]string{"set", "compared.jsonl"})...)
	if status != http.StatusSeeOther {
		t.Fatalf("it cannot be raced over: %s", text(t, body, ".failure"))
	}
	until(t, srv.URL+run, `class="verdict"`)
}

// TestManyLookOn: fifty pages look at one race and leave; nothing is left of them.
func TestManyLookOn(t *testing.T) {
	f, srv := start(t, nil)
	release := f.Hold(webtest.Differs)
	defer release()
	_, run, _ := begin(t, srv.URL, leases(60), two()...)
	until(t, srv.URL+run, "The race is on")
	http.DefaultClient.CloseIdleConnections()
	time.Sleep(50 * time.Millisecond)
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	client := &http.Client{Transport: &http.Transport{}}
	for range 50 {
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+run+"/events", nil)
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		line := make([]byte, 11)
		if _, err := io.ReadFull(resp.Body, line); err != nil || string(line) != "event: part" {
			t.Fatalf("%q, %v", line, err)
		}
	}
	cancel() // none of them reads on: the race does not wait
	client.CloseIdleConnections()
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			buf := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, and %d before:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		}
	}
	release()
	until(t, srv.URL+run, `class="verdict"`)
}

// order are the models of a page's cards.
func order(page, _ string) (out []string) {
	for _, s := range strings.Split(page, `<h2 title="`)[1:] {
		name, _, _ := strings.Cut(s, `"`)
		out = append(out, name)
	}
	return out
}

// TestOneDoesNotBlockOthers: while a model is busy, others answer; who leaves ends what was asked.
func TestOneDoesNotBlockOthers(t *testing.T) {
	f, srv := start(t, nil)
	release := f.Hold(webtest.Differs)
	defer release()
	began := time.Now()
	v := url.Values{"q": {"When?"}, "c": {webtest.Lease}, "m": {webtest.Differs}}
	_, page, _ := call(t, "GET", srv.URL+"/?"+v.Encode(), nil, nil)
	if !strings.Contains(page, `hx-trigger="load"`) || text(t, page, ".says") != "" || time.Since(began) > 5*time.Second {
		t.Errorf("the page waited for its answer: %v", time.Since(began))
	}
	v.Set("m", webtest.Agrees)
	if _, page, _ = call(t, "GET", srv.URL+"/?"+v.Encode(), nil, nil); text(t, page, ".says") != "31 March 2027" {
		t.Error("a model that is busy blocks another")
	}
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/compare/events?"+url.Values{"q": {"When, now?"}, "c": {webtest.Lease}, "m": {webtest.Differs, webtest.Agrees}}.Encode(), nil)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 10)
	io.ReadFull(resp.Body, buf)
	cancel()
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before+2; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, and %d before", runtime.NumGoroutine(), before)
		}
	}
}

func TestWhoMayCall(t *testing.T) {
	_, srv := start(t, nil)
	form := url.Values{"q": {"When?"}, "c": {webtest.Lease}}
	for _, c := range []struct {
		name, method string
		header       map[string]string
		want         int
	}{
		{"as it is", "GET", nil, 200},
		{"localhost", "GET", map[string]string{"Host": "localhost:1"}, 200},
		{"a name that was pointed here", "GET", map[string]string{"Host": "evil.example"}, 421},
		{"an address of the network", "GET", map[string]string{"Host": "192.168.1.4:8420"}, 421},
		{"no name", "GET", map[string]string{"Host": "127.0.0.1.evil.example"}, 421},
		{"a form of another site", "POST", map[string]string{"Origin": "https://evil.example"}, 403},
		{"a form without an origin", "POST", map[string]string{"Origin": "null"}, 403},
		{"a form of another site, as browsers say", "POST", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"a form of our own", "POST", map[string]string{"Origin": srv.URL, "Sec-Fetch-Site": "same-origin"}, 303},
		{"a picture of another site", "GET", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403},
		{"a link of another site", "GET", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200},
	} {
		address, body := srv.URL+"/", url.Values(nil)
		if c.method == "POST" {
			address, body = srv.URL+"/ask", form
		}
		if got, _, _ := call(t, c.method, address, body, c.header); got != c.want {
			t.Errorf("%s: %d, not %d", c.name, got, c.want)
		}
	}
	for _, path := range []string{"/static/../web.go", "/static/%2e%2e/web.go", "/static/..%2f..%2fgo.mod", "/static/", "/static/package.json", "/nothing"} {
		if status, body, _ := call(t, "GET", srv.URL+path, nil, nil); status == 200 || strings.Contains(body, "module ") {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestToken(t *testing.T) {
	_, srv := start(t, func(c *Config) { c.Access.Token = "a secret" })
	for _, c := range []struct {
		path   string
		header map[string]string
		want   int
	}{
		{"/", nil, 401}, {"/?token=no", nil, 401}, {"/static/app.css", nil, 401}, {"/healthz", nil, 200},
		{"/", map[string]string{"Authorization": "Bearer no"}, 401}, {"/", map[string]string{"Authorization": "Bearer a secret"}, 200},
		{"/", map[string]string{"Cookie": tokenCookie + "=a secret"}, 401},
	} {
		if got, _, _ := call(t, "GET", srv.URL+c.path, nil, c.header); got != c.want {
			t.Errorf("%s %v: %d, not %d", c.path, c.header, got, c.want)
		}
	}
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/?q=When&token=a+secret", nil)
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.Request.URL.RawQuery != "q=When" {
		t.Errorf("%d at %s", resp.StatusCode, resp.Request.URL)
	}
	if _, _, head := call(t, "GET", srv.URL+"//evil.example/?token=a+secret", nil, nil); strings.HasPrefix(head.Get("Location"), "//") {
		t.Errorf("sent to another host: %s", head.Get("Location"))
	}
}

func TestAccessCheck(t *testing.T) {
	for _, c := range []struct {
		access Access
		ok     bool
	}{
		{Access{Addr: "127.0.0.1:1"}, true}, {Access{Addr: "localhost:1"}, true}, {Access{Addr: "[::1]:1"}, true},
		{Access{Addr: "0.0.0.0:1"}, false}, {Access{Addr: ":1"}, false}, {Access{Addr: "10.0.0.1:1"}, false}, {Access{Addr: "box:1"}, false}, {Access{Addr: "127.0.0.1"}, false},
		{Access{Addr: ":1", Token: "t"}, true}, {Access{Addr: ":1", Insecure: true}, true},
	} {
		if err := c.access.Check(); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c.access, err)
		}
	}
	open := Access{Addr: "0.0.0.0:1", Insecure: true}
	for host, want := range map[string]bool{"10.0.0.1:1": true, "[fe80::1]:1": true, "localhost": true, "evil.example": false} {
		if open.mayBeCalled(host) != want {
			t.Errorf("open to the network, called %s: %v", host, !want)
		}
	}
}

// TestServe: the server ends when its context does, streams and all, and closes models.
func TestServe(t *testing.T) {
	f := webtest.Bench(t)
	before := runtime.NumGoroutine()
	s, err := New(Config{Bench: f.Workbench, Samples: samples, Access: Access{Addr: "127.0.0.1:0"}})
	if err != nil {
		t.Fatal(err)
	}
	on, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, on) }()
	home := "http://" + on.Addr().String()
	if status, _, _ := call(t, "GET", home+"/?"+url.Values{"q": {"When?"}, "c": {webtest.Lease}}.Encode(), nil, nil); status != 200 {
		t.Fatal(status)
	}
	release := f.Hold(webtest.Differs)
	defer release()
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, home+"/compare/events?"+url.Values{"q": {"When?"}, "c": {webtest.Lease}, "m": {webtest.Differs, webtest.Agrees}}.Encode(), nil)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	began := time.Now()
	cancel()
	select {
	case err := <-ended:
		if err != nil || time.Since(began) > 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it does not end")
	}
	io.Copy(io.Discard, resp.Body)
	http.DefaultClient.CloseIdleConnections()
	if opened, closed := f.Opened(webtest.Agrees); opened != 1 || closed != 1 {
		t.Errorf("opened %d, closed %d", opened, closed)
	}
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			buf := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, and %d before:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		}
	}
}

// TestStaticFiles: htmx is the one that package.json names, pages are small, and none names another host.
func TestStaticFiles(t *testing.T) {
	_, srv := start(t, nil)
	raw, err := staticFiles.ReadFile("static/package.json")
	if err != nil {
		t.Fatal(err)
	}
	var pinned struct{ Sha256 map[string]string }
	if err := json.Unmarshal(raw, &pinned); err != nil || len(pinned.Sha256) == 0 {
		t.Fatal(err, pinned)
	}
	for name, want := range pinned.Sha256 {
		body, _ := staticFiles.ReadFile("static/" + name)
		if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s is not the file that package.json names", name)
		}
	}
	total := 0
	for _, path := range []string{"/", "/static/app.css", "/static/app.js", "/static/htmx.min.js", "/static/icon.svg"} {
		status, body, _ := call(t, "GET", srv.URL+path, nil, nil)
		total += len(body)
		if status != 200 {
			t.Errorf("%s: %d", path, status)
		}
		if path != "/static/htmx.min.js" && path != "/static/icon.svg" && (strings.Contains(body, "https://") || strings.Contains(body, "http://")) {
			t.Errorf("%s names another host", path)
		}
	}
	if total > 150_000 {
		t.Errorf("the first page takes %d bytes", total)
	}
	t.Logf("the first page takes %d bytes", total)
}

// TestPanels: every panel has what the recipe asks for.
func TestPanels(t *testing.T) {
	keys := map[string]bool{}
	for _, p := range Panels {
		names := map[string]bool{}
		for _, s := range p.States() {
			names[s.Name] = true
			var b bytes.Buffer
			if err := s.Body(ui.Frame{Title: p.Title, Active: p.Name, Panels: Panels}).Render(t.Context(), &b); err != nil {
				t.Errorf("%s/%s: %v", p.Name, s.Name, err)
			}
			checkSafe(t, p.Name+"/"+s.Name, b.String())
			if text(t, b.String(), "#main") == "" {
				t.Errorf("%s/%s shows nothing", p.Name, s.Name)
			}
		}
		for _, want := range []string{"empty", "busy", "failed", "full"} {
			if want == "busy" && p.Within != "" { // what a finished run came to is not waited for
				continue
			}
			if !slices.ContainsFunc(slices.Collect(maps.Keys(names)), func(n string) bool { return n == want || strings.HasSuffix(n, "-"+want) }) {
				t.Errorf("%s has no state %q", p.Name, want)
			}
		}
		if p.Within == "" && keys[p.Key] || p.About == "" {
			t.Errorf("%s: its key is another's, or nothing is said about it", p.Name)
		}
		keys[p.Key] = true
	}
}
