package web

import (
	"bytes"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/hub/hubtest"
	"github.com/tryall/tryall/web/webtest"
)

// TestModels: a model of the Hub is found, downloaded, asked and removed.
func TestModels(t *testing.T) {
	remote := hubtest.New()
	t.Cleanup(remote.Close)
	remote.Add("org/tiny", map[string][]byte{"config.json": []byte(`{"model_type": "bert", "architectures": ["BertForQuestionAnswering"]}`), "vocab.txt": []byte("[PAD]\n"), "model.safetensors": []byte("weights"), "README.md": []byte("---\ndatasets: squad_v2\n---\n")})
	remote.Add("org/gated", map[string][]byte{"config.json": []byte("{}"), "model.safetensors": []byte("weights")}).Gate()
	f, srv := start(t, withHub(t, remote))
	_, page, _ := call(t, "GET", srv.URL+"/models", nil, nil)
	if got := text(t, page, "#local"); !strings.Contains(got, webtest.Agrees+" 0123456 bert") || !strings.Contains(got, "built in") {
		t.Errorf("here: %q", got)
	}
	_, page, _ = call(t, "GET", srv.URL+"/models?q=tiny", nil, nil)
	if got := text(t, page, ".hub"); !strings.Contains(got, "org/tiny") {
		t.Fatalf("on the Hub: %q", got)
	}
	checkSafe(t, "/models", page)
	status, _, head := call(t, "POST", srv.URL+"/downloads", url.Values{"id": {"org/tiny"}, "q": {"tiny"}}, nil)
	if status != http.StatusSeeOther || !strings.HasPrefix(head.Get("Location"), "/models?") {
		t.Fatalf("%d %s", status, head.Get("Location"))
	}
	page = until(t, srv.URL+"/models", "is here, ")
	if got := text(t, page, "#local"); !strings.Contains(got, "org/tiny") {
		t.Errorf("after the download: %q", got)
	}
	if _, page, _ = call(t, "GET", srv.URL+"/?"+url.Values{"q": {"When?"}, "c": {webtest.Lease}, "m": {"org/tiny"}}.Encode(), nil, nil); text(t, page, ".says") == "" || !strings.Contains(page, `<option value="org/tiny" selected>`) {
		t.Errorf("it cannot be asked: %s", text(t, page, "#answer"))
	}
	call(t, "POST", srv.URL+"/downloads", url.Values{"id": {"org/gated"}}, nil)
	until(t, srv.URL+"/models", "has failed")
	call(t, "POST", srv.URL+"/downloads", url.Values{"id": {"org/nobody"}}, nil)
	until(t, srv.URL+"/models", "org/nobody")
	_, events, _ := call(t, "GET", srv.URL+"/downloads/events", nil, nil)
	if !strings.HasSuffix(events, "event: done\ndata: The downloads have ended\n\n") {
		t.Errorf("%s", events)
	}
	all, _, err := f.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	revision := all[len(all)-1].Revision
	if status, _, _ := call(t, "POST", srv.URL+"/downloads/remove", url.Values{"id": {"org/tiny"}, "revision": {revision}}, nil); status != http.StatusSeeOther {
		t.Errorf("remove: %d", status)
	}
	if _, page, _ = call(t, "GET", srv.URL+"/models", nil, nil); strings.Contains(text(t, page, "#local"), "org/tiny") {
		t.Error("it is still here")
	}
	for path, form := range map[string]url.Values{"/downloads": {"id": {"/etc"}}, "/downloads/remove": {"id": {"../../etc"}}} {
		if status, body, _ := call(t, "POST", srv.URL+path, form, nil); status != http.StatusUnprocessableEntity {
			t.Errorf("%s %v: %d %s", path, form, status, text(t, body, ".failure"))
		}
	}
}

// heavy is a model whose weights take a while to come.
func heavy() map[string][]byte {
	return map[string][]byte{"config.json": []byte(`{"model_type": "bert", "architectures": ["BertForQuestionAnswering"]}`), "vocab.txt": []byte("[PAD]\n"), "model.safetensors": bytes.Repeat([]byte("weights "), 1<<18)}
}

// withHub gives a server a Hub, and a cache of its own.
func withHub(t *testing.T, remote *hubtest.Server) func(*Config) {
	return func(c *Config) {
		dir := filepath.Join(t.TempDir(), "cache")
		c.Bench.Cache = func() (hub.Cache, error) { return hub.Cache{Dir: dir}, nil }
		c.Bench.Hub = func() (*hub.Client, error) { return hub.New(hub.Config{Endpoint: remote.URL(), CacheDir: dir}) }
		c.Bench.Supports = func(string, []string) error { return nil }
	}
}

// TestDownloadsInABrowser pauses a download, goes on with it, and takes it off the list.
func TestDownloadsInABrowser(t *testing.T) {
	remote := hubtest.New()
	t.Cleanup(remote.Close)
	remote.Add("org/heavy", heavy())
	remote.Fail(&hubtest.Fault{Host: "cdn", Method: http.MethodGet, Drip: 20 * time.Millisecond, DripSize: 32 << 10})
	_, srv := start(t, withHub(t, remote))
	tab := webtest.Browser(t).Tab(t, 1280, "light")
	defer tab.Close()
	tab.Run(t, chromedp.Navigate(srv.URL+"/models"), chromedp.SendKeys("#id", "org/heavy"+kb.Enter), chromedp.WaitVisible(`.job progress`),
		chromedp.Click(`[aria-label="Pause org/heavy"]`), chromedp.WaitVisible(`[aria-label="Resume org/heavy"]`))
	var about string
	tab.Run(t, chromedp.Text(".job .minor", &about))
	if !strings.HasPrefix(about, "paused at ") || !strings.HasSuffix(about, " of 2 MB") {
		t.Errorf("paused, it says %q", about)
	}
	remote.Heal()
	tab.Run(t, chromedp.Click(`[aria-label="Resume org/heavy"]`), chromedp.WaitVisible(`[aria-label="Clear org/heavy"]`))
	says(t, tab, ".job .minor", "is here, 2 MB")
	says(t, tab, "#local tr:last-child td a", "org/heavy")
	tab.Run(t, chromedp.Click(`[aria-label="Clear org/heavy"]`), chromedp.WaitNotPresent(".job"))
	tab.Check(t, srv.URL)
}

func TestDownloadsRefused(t *testing.T) {
	_, srv := start(t, nil)
	for path, want := range map[string]int{"/downloads": 422, "/downloads/pause": 404, "/downloads/resume": 404, "/downloads/cancel": 404} {
		if status, body, _ := call(t, "POST", srv.URL+path, url.Values{"id": {"../nobody"}}, nil); status != want {
			t.Errorf("%s: %d %s", path, status, text(t, body, ".failure"))
		}
	}
}
