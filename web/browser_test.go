package web

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/tryall/tryall/web/webtest"
)

// says waits until an element says something.
func says(t *testing.T, tab *webtest.Tab, selector, want string) {
	t.Helper()
	got := ""
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		err := tab.Try(chromedp.Evaluate(`(document.querySelector(`+quoted(selector)+`)?.textContent || "").replace(/\s+/g, " ").trim()`, &got))
		if err == nil && got == want {
			return
		}
	}
	t.Fatalf("%s says %q, not %q", selector, got, want)
}

// at waits until the address holds something, and gives it.
func at(t *testing.T, tab *webtest.Tab, want string) (address string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if err := tab.Try(chromedp.Location(&address)); err == nil && strings.Contains(address, want) {
			return address
		}
	}
	t.Fatalf("%s is not in the address: %s", want, address)
	return ""
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }

// TestAskInABrowser asks by keyboard alone, turns each knob, and takes it back.
func TestAskInABrowser(t *testing.T) {
	f, srv := start(t, nil)
	tab := webtest.Browser(t).Tab(t, 1280, "light")
	defer tab.Close()
	tab.Run(t, chromedp.Navigate(srv.URL+"/"), chromedp.SetValue("#c", webtest.Lease), chromedp.KeyEvent("/"), chromedp.WaitVisible("#q:focus"),
		chromedp.Evaluate(`document.getElementById("q").value = ""`, nil), // the protocol sends the character whatever became of the key
		chromedp.KeyEvent("When does it end?"), chromedp.KeyEvent(kb.Enter))
	says(t, tab, "#answer .says", "31 March 2027")
	at(t, tab, "q=When+does+it+end%3F")
	at(t, tab, "c=This+lease")
	set := func(id, value string) {
		tab.Run(t, chromedp.Evaluate(`(() => { const k = document.getElementById(`+quoted("k-"+id)+`); k.value = `+quoted(value)+`; k.dispatchEvent(new Event("input", {bubbles: true})); k.dispatchEvent(new Event("change", {bubbles: true})); })()`, nil))
	}
	set("threshold", "5")
	says(t, tab, "#answer .says", "Not sure enough to answer")
	tab.Run(t, chromedp.Click(`[data-reset="k-threshold"]`))
	says(t, tab, "#answer .says", "31 March 2027")
	set("top_k", "2")
	says(t, tab, "#answer .listed:nth-child(2) td:nth-child(2)", "1 April 2024")
	for id, value := range map[string]string{"no_answer": "false", "max_answer_len": "20", "max_seq_len": "128", "doc_stride": "32"} {
		set(id, value)
		at(t, tab, id+"="+value)
	}
	tab.Run(t, chromedp.SetValue("#m", webtest.Differs), chromedp.Evaluate(`document.getElementById("m").dispatchEvent(new Event("change", {bubbles: true}))`, nil))
	says(t, tab, "#answer .says", "1 April 2024")
	// The same address, in another tab, shows the same.
	tab.Run(t, chromedp.Navigate(at(t, tab, "m=fake%2Fdiffers")))
	says(t, tab, "#answer .says", "1 April 2024")
	tab.Run(t, chromedp.Click("[data-reset-all]"))
	says(t, tab, "#k-top_k", "")
	if opened, _ := f.Opened(webtest.Agrees); opened != 1 {
		t.Errorf("the model was opened %d times", opened)
	}
	// A file.
	file := t.TempDir() + "/notes.md"
	if err := os.WriteFile(file, []byte("# Notes\n\nIt ends on 31 March 2027.\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	tab.Run(t, chromedp.Navigate(srv.URL+"/"), chromedp.SetUploadFiles("#file", []string{file}), chromedp.WaitVisible(".file"), chromedp.SendKeys("#q", "When?"), chromedp.Click(".go"))
	says(t, tab, "#answer .says", "31 March 2027")
	// Keys.
	tab.Run(t, chromedp.Evaluate(`document.activeElement.blur()`, nil), chromedp.KeyEvent("?"), chromedp.WaitVisible("#keys"), chromedp.KeyEvent(kb.Escape), chromedp.WaitNotVisible("#keys"),
		chromedp.KeyEvent("g"), chromedp.KeyEvent("c"), chromedp.WaitVisible(`[data-panel="compare"] #q`))
	tab.Check(t, srv.URL)
}

// TestCompareInABrowser: cards fill as each model finishes, whoever comes first, and sorting keeps the figures.
func TestCompareInABrowser(t *testing.T) {
	f, srv := start(t, nil)
	release := f.Hold(webtest.Agrees)
	defer release()
	tab := webtest.Browser(t).Tab(t, 1280, "dark")
	defer tab.Close()
	tab.Run(t, chromedp.Navigate(srv.URL+"/compare"), chromedp.SetValue("#c", webtest.Lease), chromedp.Click(`[data-check-all="false"]`))
	for _, m := range []string{webtest.Agrees, webtest.AgreesToo, webtest.Differs} {
		tab.Run(t, chromedp.Click(`input[value="`+m+`"]`))
	}
	tab.Run(t, chromedp.SendKeys("#q", "When does it end?"), chromedp.KeyEvent(kb.Enter))
	says(t, tab, "#card-1 .says", "31 March 2027")
	says(t, tab, "#card-2 .says", "1 April 2024")
	says(t, tab, "#summary .kind", "2 of 3 models")
	var busy bool
	if tab.Run(t, chromedp.Evaluate(`document.querySelector("#card-0").hasAttribute("aria-busy")`, &busy)); !busy {
		t.Error("the model that is held has answered")
	}
	release()
	says(t, tab, "#card-0 .says", "31 March 2027")
	says(t, tab, "#summary .kind", "3 models")
	says(t, tab, "#summary li:first-child .says", "31 March 2027")
	tab.Run(t, chromedp.Click(`.sorts a[href*="sort=confidence"]`))
	says(t, tab, "#card-0 .says", "31 March 2027")
	tab.Run(t, chromedp.Click(`#card-0 a[data-pin]`), chromedp.WaitVisible(".pinned"), chromedp.Click(`#card-2 a[data-pin]`))
	says(t, tab, ".pinned article:last-of-type .says", "1 April 2024")
	if opened, _ := f.Opened(webtest.Differs); opened != 1 {
		t.Errorf("the model was opened %d times", opened)
	}
	tab.Check(t, srv.URL)
}
