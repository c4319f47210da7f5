package web

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/web/webtest"
)

// leases are so many questions that Agrees answers and Differs does not, every fourth without an answer in its text.
func leases(n int) string {
	var b strings.Builder
	b.WriteString(`{"version": "v2.0", "data": [{"title": "leases", "paragraphs": [`)
	for i := range n {
		if i > 0 {
			b.WriteString(",")
		}
		context, golds := fmt.Sprintf("Lease %d. %s", i, webtest.Lease), `[{"text": "31 March 2027", "answer_start": -1}]`
		if i%4 == 3 {
			context, golds = fmt.Sprintf("Lease %d is lost.", i), "[]"
		}
		fmt.Fprintf(&b, `{"context": %q, "qas": [{"id": "q%d", "question": "When does lease %d end?", "is_impossible": %v, "answers": %s}]}`, context, i, i, golds == "[]", golds)
	}
	b.WriteString("]}]}")
	return b.String()
}

// begin starts a run over a file of questions and gives its path.
func begin(t *testing.T, home, file string, fields ...[2]string) (int, string, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		w.WriteField(f[0], f[1])
	}
	if file != "" {
		part, _ := w.CreateFormFile("file", fmt.Sprintf("leases-%d.json", strings.Count(file, "Lease ")))
		io.WriteString(part, file)
	}
	w.Close()
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, home+"/bakeoff", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header.Get("Location"), string(raw)
}

func two() [][2]string { return [][2]string{{"m", webtest.Agrees}, {"m", webtest.Differs}} }

// until reads a page until it holds something.
func until(t *testing.T, address, want string) string {
	t.Helper()
	page := ""
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if _, page, _ = call(t, "GET", address, nil, nil); strings.Contains(page, want) {
			return page
		}
	}
	t.Fatalf("%s does not come to %q: %s", address, want, text(t, page, "#main"))
	return ""
}

func TestBakeoff(t *testing.T) {
	_, srv := start(t, nil)
	_, page, _ := call(t, "GET", srv.URL+"/bakeoff", nil, nil)
	if !strings.Contains(text(t, page, "#main"), "Which model is best on your questions?") {
		t.Errorf("before the first run: %s", text(t, page, "#main"))
	}
	status, run, body := begin(t, srv.URL, leases(60), two()...)
	if status != http.StatusSeeOther || !strings.HasPrefix(run, "/bakeoff/") {
		t.Fatalf("%d %s", status, text(t, body, "#main"))
	}
	_, events, _ := call(t, "GET", srv.URL+run+"/events", nil, nil)
	if !strings.Contains(events, `id="run"`) || !strings.HasSuffix(events, "event: done\ndata: The race has ended\n\n") {
		t.Errorf("the events end with %q", events[max(0, len(events)-200):])
	}
	_, page, _ = call(t, "GET", srv.URL+run, nil, nil)
	if got := text(t, page, ".verdict"); !strings.Contains(got, "agrees is better than differs") || strings.Contains(got, "@") {
		t.Errorf("the verdict is %q", got)
	}
	if got := text(t, page, ".board"); !strings.Contains(got, "worse than agrees by") || !strings.Contains(page, "<svg class=\"plot") {
		t.Errorf("the board is %q", got)
	}
	checkSafe(t, run, strings.ReplaceAll(page, "<style", "<!--")) // figures come from package report
	_, page, _ = call(t, "GET", srv.URL+"/bakeoff", nil, nil)
	if got := text(t, page, ".runs"); !strings.Contains(got, "finished") || !strings.Contains(got, "agrees is better") || !strings.Contains(page, `value="leases-60.json"`) {
		t.Errorf("the list is %q", got)
	}
	for file, want := range map[string]string{"report.html": "<!DOCTYPE html>", "report.md": "agrees", "report.csv": webtest.Agrees, "questions.csv": "When does lease 0 end?", "report.json": `"run"`} {
		status, body, head := call(t, "GET", srv.URL+run+"/report/"+file, nil, nil)
		if status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d", file, status)
		}
		if file == "report.html" && !strings.Contains(head.Get("Content-Security-Policy"), "style-src 'sha256-") {
			t.Errorf("%s: %s", file, head.Get("Content-Security-Policy"))
		}
	}
	for path, want := range map[string]int{"/bakeoff/20990101-zzzz": 404, run + "/report/passwd": 404, "/bakeoff/..%2f..%2fetc": 404, run + "/report/..%2freport.html": 404} {
		if status, _, _ := call(t, "GET", srv.URL+path, nil, nil); status != want {
			t.Errorf("%s: %d, not %d", path, status, want)
		}
	}
	if status, _, _ := call(t, "POST", srv.URL+run+"/explode", nil, nil); status != 404 {
		t.Errorf("a step that does not exist: %d", status)
	}
	// Removing asks first: its button is in a part of the page that is closed, and that opens without a script.
	_, page, _ = call(t, "GET", srv.URL+run, nil, nil)
	asksFirst(t, page, run+"/remove", "answers, and its report", "cannot be undone")
	if call(t, "POST", srv.URL+run+"/remove", nil, nil); strings.Contains(until(t, srv.URL+"/bakeoff", "Which model"), "finished") {
		t.Error("the run is still listed")
	}
}

// asksFirst holds that a form stands in a part of the page that is closed and says what goes, and nowhere else.
func asksFirst(t *testing.T, page, action string, says ...string) {
	t.Helper()
	outside, asks := "", ""
	for i, part := range strings.Split(page, `<details class="removing"`) {
		inside, after, ends := strings.Cut(part, "</details>")
		switch {
		case i == 0:
			outside += part
		case !ends || strings.HasPrefix(inside, " open"):
			t.Errorf("what asks is open: %q", inside)
		default:
			asks, outside = asks+inside, outside+after
		}
	}
	if form := `action="` + action + `"`; strings.Contains(outside, form) || !strings.Contains(asks, form) {
		t.Errorf("%s is not asked about: %q", action, asks)
	}
	for _, want := range append(says, "<summary>Remove") {
		if !strings.Contains(asks, want) {
			t.Errorf("what asks does not say %q: %q", want, asks)
		}
	}
}

func TestBakeoffRefused(t *testing.T) {
	_, srv := start(t, nil)
	for _, c := range []struct {
		file, want string
		fields     [][2]string
	}{
		{leases(4), "No model is chosen", nil},
		{"", "No questions are chosen", two()},
		{"{", "leases-0.json", two()},
		{leases(4), "it must be like 10m", append(two(), [2]string{"budget", "-1m"})},
		{leases(4), "a whole number from 1 on", append(two(), [2]string{"limit", "x"})},
		{leases(4), "There is no metric", append(two(), [2]string{"metric", "luck"})},
		{leases(4), "only models of this machine", [][2]string{{"m", "/etc"}}},
		{"", "no sample", append(two(), [2]string{"set", "sample:passwd"})},
	} {
		status, _, body := begin(t, srv.URL, c.file, c.fields...)
		if got := text(t, body, ".failure"); status < 400 || status >= 500 || !strings.Contains(got, c.want) {
			t.Errorf("%v: %d %q, not %q", c.fields, status, got, c.want)
		}
	}
}

// TestBakeoffGoesOn: a run that is paused waits; one that goes on when the server ends is taken up by the next.
func TestBakeoffGoesOn(t *testing.T) {
	f := webtest.Bench(t)
	serve := func() (*Server, *httptest.Server) {
		s, err := New(Config{Bench: f.Workbench, Samples: samples, SampleSets: []ui.SampleSet{{Name: "leases.json", About: "leases", Read: func() ([]byte, error) { return []byte(leases(60)), nil }}}, Access: Access{Addr: "127.0.0.1:0"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Restore(t.Context()); err != nil {
			t.Fatal(err)
		}
		return s, httptest.NewServer(s)
	}
	release := f.Hold(webtest.Differs)
	defer release()
	s, srv := serve()
	_, run, _ := begin(t, srv.URL, "", append(two(), [2]string{"set", "sample:leases.json"})...)
	_, second, _ := begin(t, srv.URL, leases(8), two()...)
	until(t, srv.URL+run, "The race is on")
	until(t, srv.URL+second, "Waiting for another race to end")
	call(t, "POST", srv.URL+run+"/pause", nil, nil)
	if page := until(t, srv.URL+run, "Stopped"); !strings.Contains(page, "Go on") {
		t.Error("it cannot be gone on with")
	}
	until(t, srv.URL+second, "The race is on") // its turn has come
	call(t, "POST", srv.URL+second+"/cancel", nil, nil)
	until(t, srv.URL+second, "It was cancelled.")
	call(t, "POST", srv.URL+run+"/resume", nil, nil)
	until(t, srv.URL+run, "The race is on")
	srv.Close()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	release()
	s, srv = serve()
	defer func() { srv.Close(); s.Close() }()
	until(t, srv.URL+run, "is better than")
	if _, page, _ := call(t, "GET", srv.URL+second, nil, nil); !strings.Contains(page, "It was cancelled.") {
		t.Error("a run that was cancelled was taken up")
	}
}

// TestNewRunIsInTheAddress: what is chosen for a new run is there when the page is loaded again, on the list of runs and on a run's page.
func TestNewRunIsInTheAddress(t *testing.T) {
	_, srv := start(t, nil)
	run := raced(t, srv.URL, leases(20), two()...)
	tab := webtest.Browser(t).Tab(t, 1280, "light")
	defer tab.Close()
	const state = `[...new FormData(document.querySelector(".new-run"))].filter(([, v]) => typeof v === "string").map((f) => f.join("=")).join(" ")`
	for _, path := range []string{"/bakeoff", run} {
		tab.Run(t, chromedp.Navigate(srv.URL+path), chromedp.WaitVisible(".new-run"))
		var before, chosen, again, none string
		tab.Run(t, chromedp.Evaluate(state, &before), chromedp.Click(`.new-run [data-check-all="false"]`), chromedp.Click(`.new-run input[value="`+webtest.Differs+`"]`),
			chromedp.SendKeys("#limit", "12"), chromedp.SendKeys("#budget", "n"), chromedp.SendKeys("#metric", "e"), chromedp.Evaluate(state, &chosen))
		if !strings.HasPrefix(chosen, "m="+webtest.Differs+" set=leases-20.json budget= metric=exact ") || !strings.HasSuffix(chosen, "limit=12") || chosen == before {
			t.Fatalf("chosen: %q, before %q", chosen, before)
		}
		tab.Run(t, chromedp.Reload(), chromedp.WaitVisible(".new-run"), chromedp.Evaluate(state, &again))
		if here := at(t, tab, path+"?"); again != chosen {
			t.Errorf("at %s there is %q, not %q", here, again, chosen)
		}
		// Nothing that was ticked is no model, and not those that are ticked at first.
		tab.Run(t, chromedp.Click(`.new-run [data-check-all="false"]`), chromedp.Reload(), chromedp.WaitVisible(".new-run"), chromedp.Evaluate(state, &none))
		if none != strings.TrimPrefix(chosen, "m="+webtest.Differs+" ") {
			t.Errorf("%s: without a model %q", path, none)
		}
	}
	tab.Check(t, srv.URL)
	// What the address says is the state of the form, and no more: nothing is offered that was not asked for, and nothing comes out of it.
	_, page, _ := call(t, "GET", srv.URL+"/bakeoff?new=1&set=leases-20.json&m=%3Cb%3E&budget=x&limit=%3Cb%3E&mode=luck", nil, nil)
	checkSafe(t, "/bakeoff", page)
	if strings.Contains(text(t, page, "#main"), "Race ") || strings.Count(page, " checked") != 1 {
		t.Errorf("%s", text(t, page, "#main"))
	}
}

// TestBakeoffInABrowser starts a race and watches it to its verdict, in two tabs.
func TestBakeoffInABrowser(t *testing.T) {
	f, srv := start(t, func(c *Config) {
		c.SampleSets = []ui.SampleSet{{Name: "leases.json", About: "60 questions", Read: func() ([]byte, error) { return []byte(leases(60)), nil }}}
	})
	release := f.Hold(webtest.Differs)
	defer release()
	b := webtest.Browser(t)
	tab := b.Tab(t, 1280, "light")
	defer tab.Close()
	tab.Run(t, chromedp.Navigate(srv.URL+"/bakeoff"), chromedp.Click(`.new-run [data-check-all="false"]`))
	for _, m := range []string{webtest.Agrees, webtest.Differs} {
		tab.Run(t, chromedp.Click(`.new-run input[value="`+m+`"]`))
	}
	tab.Run(t, chromedp.Click(".new-run .go"))
	says(t, tab, "#live h1", "The race is on")
	other := b.Tab(t, 390, "dark")
	defer other.Close()
	other.Run(t, chromedp.Navigate(at(t, tab, "/bakeoff/")))
	says(t, other, "#live h1", "The race is on")
	release()
	for _, page := range []*webtest.Tab{tab, other} {
		page.Run(t, chromedp.WaitVisible(".verdict"), chromedp.WaitVisible(".board"), chromedp.WaitVisible(".plots"))
		page.Check(t, srv.URL)
	}
}

// TestBakeoffRestartInABrowser: a tab that watches a race when the server ends finds it again, going on, when the server is back.
func TestBakeoffRestartInABrowser(t *testing.T) {
	f := webtest.Bench(t)
	config := Config{Bench: f.Workbench, Access: Access{Addr: "127.0.0.1:0"}, SampleSets: []ui.SampleSet{{Name: "leases.json", About: "60 questions", Read: func() ([]byte, error) { return []byte(leases(60)), nil }}}}
	serve := func(addr string) (*Server, *httptest.Server) {
		s, err := New(config)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Restore(t.Context()); err != nil {
			t.Fatal(err)
		}
		srv := httptest.NewUnstartedServer(s)
		if addr != "" {
			on, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			srv.Listener.Close()
			srv.Listener = on
		}
		srv.Start()
		return s, srv
	}
	release := f.Hold(webtest.Differs)
	defer release()
	s, srv := serve("")
	home, addr := srv.URL, srv.Listener.Addr().String()
	tab := webtest.Browser(t).Tab(t, 1280, "light")
	defer tab.Close()
	_, run, _ := begin(t, home, leases(60), two()...)
	tab.Run(t, chromedp.Navigate(home+run))
	says(t, tab, "#live h1", "The race is on")
	s.env.End()
	srv.CloseClientConnections()
	srv.Close()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	tab.Run(t, chromedp.WaitReady(".lost")) // it says that nobody answers
	s, srv = serve(addr)
	defer func() { s.env.End(); srv.Close(); s.Close() }()
	release()
	tab.Run(t, chromedp.WaitVisible(".verdict"))
}
