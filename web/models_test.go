package web

import (
	"bytes"
	"context"
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
	"github.com/tryall/tryall/workbench"
)

// TestModels: a model of the Hub is found, downloaded, asked and removed.
func TestModels(t *testing.T) {
	remote := hubtest.New()
	t.Cleanup(remote.Close)
	remote.Add("org/tiny", map[string][]byte{"config.json": []byte(`{"model_type": "bert", "architectures": ["BertForQuestionAnswering"]}`), "vocab.txt": []byte("[PAD]\n"), "model.safetensors": []byte("weights"), "README.md": []byte("---\ndatasets: squad_v2\n---\n")})
	remote.Add("org/gated", map[string][]byte{"config.json": []byte("{}"), "model.safetensors": []byte("weights")}).Gate()
	f, srv := start(t, withHub(t, remote))
	_, page, _ := call(t, "GET", srv.URL+"/models", nil, nil)
	if got := text(t, page, "#local"); !strings.Contains(got, webtest.Agrees+" built in 0123456 bert") {
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
	if _, page, _ = call(t, "GET", srv.URL+"/?"+url.Values{"q": {"When?"}, "c": {webtest.Lease}, "m": {"org/tiny"}}.Encode(), nil, nil); text(t, page, ".says") == "" || !strings.Contains(page, `value="org/tiny" selected>`) {
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
	_, page, _ = call(t, "GET", srv.URL+"/model?"+url.Values{"id": {"org/tiny"}, "revision": {revision}}.Encode(), nil, nil)
	asksFirst(t, page, "/downloads/remove", "This removes this revision", "and frees", "org/tiny", "Runs and their answers stay")
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

// doctor finds the weights of Differs wanting; it waits for next before each check.
func doctor(next <-chan struct{}) workbench.Doctor {
	d := workbench.Doctor{Tests: []workbench.DoctorTest{{Name: "files", About: "they are there"}, {Name: "weights", About: "they are whole"}}}
	d.Examine = func(ctx context.Context, m workbench.Model, done func(workbench.Check)) error {
		for i, test := range d.Tests {
			select {
			case <-next:
			case <-ctx.Done():
				return ctx.Err()
			}
			c := workbench.Check{Name: test.Name, Level: workbench.CheckPass, Detail: "all of it <script>"}
			if i == 1 && m.ID == webtest.Differs {
				c.Level = workbench.CheckFail
			}
			done(c)
		}
		return nil
	}
	return d
}

// TestModelPage: what is known of a model, what the doctor finds, and what a person notes.
func TestModelPage(t *testing.T) {
	next := make(chan struct{})
	close(next)
	_, srv := start(t, func(c *Config) { c.Doctor = doctor(next) })
	one := url.Values{"id": {webtest.Differs}, "revision": {"0123456789"}}
	at := srv.URL + "/model?" + one.Encode()
	status, page, _ := call(t, "GET", at, nil, nil)
	got := text(t, page, "#main")
	for _, want := range []string{"revision 0123456789", "threshold answers where the gap is above 1.50 (its tryall.json)", "2 checks: are its files whole", "Yes (by its tryall.json)", "cannot be removed", "from this program"} {
		if status != 200 || !strings.Contains(got, want) {
			t.Errorf("%d: %q is not in %q", status, want, got)
		}
	}
	if status, _, head := call(t, "POST", srv.URL+"/model/doctor", one, nil); status != http.StatusSeeOther || !strings.HasSuffix(head.Get("Location"), "#exam") {
		t.Errorf("%d %s", status, head.Get("Location"))
	}
	page = until(t, at, "Unfit, 1 of 2 checks failed")
	if got := text(t, page, ".doctor-checks"); !strings.Contains(got, "weights failed all of it <script>") {
		t.Errorf("%q", got)
	}
	checkSafe(t, at, page)
	if _, page, _ := call(t, "GET", srv.URL+"/models", nil, nil); !strings.Contains(text(t, page, "#local"), "unfit, 1 of 2 checks failed") {
		t.Errorf("%q", text(t, page, "#local"))
	}
	_, events, _ := call(t, "GET", srv.URL+"/model/events?"+one.Encode(), nil, nil)
	if !strings.HasSuffix(events, "data: The doctor has finished: unfit, 1 of 2 checks failed\n\n") {
		t.Errorf("%q", events)
	}
	note := func(says string) (int, string) {
		form := url.Values{"id": {webtest.Agrees}, "revision": {"0123456789"}, "says": {says}}
		status, _, _ := call(t, "POST", srv.URL+"/model/abstains", form, nil)
		_, page, _ := call(t, "GET", srv.URL+"/model?"+form.Encode(), nil, nil)
		return status, text(t, page, "#abstains")
	}
	strict := srv.URL + "/?" + url.Values{"q": {"When?"}, "c": {webtest.Lease}, "threshold": {"5"}, "m": {webtest.Agrees}}.Encode()
	for _, c := range []struct{ says, want, answer string }{
		{"no", "No (set by hand): it always answers", "31 March 2027"},
		{"unknown", "Nobody knows (set by hand)", "31 March 2027"},
		{"", "Yes (by its tryall.json)", "Not sure enough to answer"},
		{"yes", "Yes (set by hand)", "Not sure enough to answer"},
	} {
		status, got := note(c.says)
		if status != http.StatusSeeOther || !strings.Contains(got, c.want) {
			t.Errorf("noted %q: %d %q", c.says, status, got)
		}
		if _, page, _ := call(t, "GET", strict, nil, nil); !strings.Contains(text(t, page, ".says"), c.answer) { // it counts from the next question on
			t.Errorf("noted %q, it says %q, not %q", c.says, text(t, page, ".says"), c.answer)
		}
	}
	if status, _ := note("maybe"); status != http.StatusUnprocessableEntity {
		t.Errorf("maybe: %d", status)
	}
	for path, want := range map[string]int{"/model": 422, "/model?id=org/nobody": 404, "/model?id=%2Fetc": 403, "/model/events?id=org/nobody": 404} {
		if status, _, _ := call(t, "GET", srv.URL+path, nil, nil); status != want {
			t.Errorf("%s: %d, not %d", path, status, want)
		}
	}
}

// TestDoctorInABrowser watches an examination and turns what was noted of a model.
func TestDoctorInABrowser(t *testing.T) {
	next := make(chan struct{})
	_, srv := start(t, func(c *Config) { c.Doctor = doctor(next) })
	tab := webtest.Browser(t).Tab(t, 1280, "light")
	defer tab.Close()
	tab.Run(t, chromedp.Navigate(srv.URL+"/models"), chromedp.Click(`[aria-label="Examine `+webtest.Agrees+`"]`))
	says(t, tab, ".exam-verdict", "0 of 2 checks are done")
	next <- struct{}{}
	says(t, tab, ".exam-verdict", "1 of 2 checks are done")
	next <- struct{}{}
	says(t, tab, ".exam-verdict", "Fit")
	says(t, tab, "#status", "The doctor has finished: fit")
	tab.Run(t, chromedp.Click(`#abstains input[value="no"]`), chromedp.Click("#abstains button"))
	says(t, tab, "#abstains p", "No (set by hand): it always answers, unless you allow it not to.")
	tab.Check(t, srv.URL)
}
