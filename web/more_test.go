package web

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tryall/tryall/web/webtest"
)

// TestMoreKnobs: what few need stands behind the others until it is turned, on each page that asks.
func TestMoreKnobs(t *testing.T) {
	_, srv := start(t, nil)
	const shut, open = `<details class="more-knobs" id="more-knobs">`, `<details class="more-knobs" id="more-knobs" open>`
	for _, at := range []string{"/", "/compare", "/inspect"} {
		for knobs, want := range map[string]string{"": shut, "?threshold=2&top_k=3&no_answer=true&passages=4": shut, "?decoder=hf": open, "?doc_stride=8": open, "?n_best=x": open} {
			_, page, _ := call(t, "GET", srv.URL+at+knobs, nil, nil)
			before, more, found := strings.Cut(page, want)
			if !found {
				t.Errorf("%s%s: no %s", at, knobs, want)
				continue
			}
			more, _, _ = strings.Cut(more, "</details>")
			for _, name := range []string{"decoder", "max_answer_len", "align_to_words", "n_best", "v2", "max_seq_len", "doc_stride", "precision"} {
				if !strings.Contains(more, ` name="`+name+`"`) {
					t.Errorf("%s%s: %s is not behind the others", at, knobs, name)
				}
			}
			for _, name := range []string{"threshold", "no_answer", "top_k"} {
				if !strings.Contains(before, ` name="`+name+`"`) {
					t.Errorf("%s%s: %s is not in front", at, knobs, name)
				}
			}
		}
	}
}

// TestThresholdInForce: the empty knob shows the number that decides and whose it is, and follows the model.
func TestThresholdInForce(t *testing.T) {
	_, srv := start(t, unsure)
	shown := func(address string) string {
		_, page, _ := call(t, "GET", srv.URL+address, nil, nil)
		_, knob, _ := strings.Cut(page, `id="k-threshold"`)
		_, after, _ := strings.Cut(knob, `placeholder="`)
		text, _, _ := strings.Cut(after, `"`)
		return strings.ReplaceAll(text, "&#39;", "'")
	}
	of := func(path string, models ...string) string { return path + "?" + url.Values{"m": models}.Encode() }
	for address, want := range map[string]string{
		of("/", webtest.Unsure):                    "1.50, the model's own",
		of("/inspect", webtest.Unsure):             "1.50, the model's own",
		of("/compare", webtest.Unsure):             "1.50, the model's own",
		of("/", "fake/nobody"):                     "the model's own, else 0",
		of("/", webtest.Unsure) + "&decoder=squad": "the model's own, else 0",
	} {
		if got := shown(address); got != want {
			t.Errorf("%s shows %q, want %q", address, got, want)
		}
	}
	// Lease 8 has a gap of 1, below 1.5.
	at := srv.URL + "/?" + url.Values{"q": {"When does lease 8 end?"}, "c": {"Lease 8. " + webtest.Lease}, "m": {webtest.Unsure}}.Encode()
	_, page, _ := call(t, "GET", at, nil, nil)
	if got := text(t, page, ".what"); !strings.Contains(got, "1.50 is in force: the model's own, from its tryall.json.") {
		t.Errorf("the threshold: %q", got)
	}
	_, page, _ = call(t, "GET", strings.Replace(at, "/?", "/compare?wait=1&", 1), nil, nil)
	if got := text(t, page, ".card"); !strings.Contains(got, "Not sure enough to answer") || !strings.Contains(got, "answer anyway") {
		t.Errorf("Compare says %q", got)
	}

	tab := webtest.Browser(t).Tab(t, 1280, "light")
	defer tab.Close()
	tab.Run(t, chromedp.Navigate(srv.URL+of("/", "fake/nobody")), chromedp.SetValue("#m", webtest.Unsure), chromedp.Evaluate(`document.getElementById("m").dispatchEvent(new Event("change", {bubbles: true}))`, nil))
	var now string
	tab.Run(t, chromedp.Evaluate(`document.getElementById("k-threshold").placeholder`, &now))
	if now != "1.50, the model's own" {
		t.Errorf("after another model is chosen it shows %q", now)
	}
	tab.Check(t, srv.URL)
}
