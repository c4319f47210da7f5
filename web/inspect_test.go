package web

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/tryall/tryall/web/ui"
	"github.com/tryall/tryall/web/webtest"
)

func TestInspect(t *testing.T) {
	_, srv := start(t, nil)
	q := url.Values{"q": {"When does it end?"}, "c": {webtest.Lease}, "m": {webtest.Agrees}}
	status, page, _ := call(t, "GET", srv.URL+"/inspect?"+q.Encode(), nil, nil)
	if status != 200 || text(t, page, ".says") != "31 March 2027" {
		t.Fatalf("%d %s", status, text(t, page, "#main"))
	}
	checkSafe(t, "/inspect", page)
	// The fake's score is 9, half of it at each end, its gap 4, its threshold 1.5; a gap of 4 makes it 90 % sure.
	for _, want := range []string{"4.500 + 4.500 9.000", "2.500 + 2.500 5.000", "9.000 − 5.000 4.000", "4.000 > 1.500 answer"} {
		if got := text(t, page, ".steps"); !strings.Contains(got, want) {
			t.Errorf("the score is explained as %q, without %q", got, want)
		}
	}
	if got := text(t, page, ".heat-box"); !strings.Contains(got, "[CLS] When does it end ? [SEP] This lease begins on 1 April 2024. It ends on 31 March 2027 unless it is renewed.") {
		t.Errorf("the tokens are %q", got)
	}
	// Of the text's tokens two may begin an answer, the others have logits of 0; besides there is "no answer".
	n := len(regexp.MustCompile(`\w+|[^\w\s]`).FindAllString(webtest.Lease, -1))
	sum := math.Exp(4.5) + math.Exp(4) + math.Exp(2.5) + float64(n-2)
	if want := fmt.Sprintf(`title="start %.0f %% (4.50), end %.1f %% (0.00)">31</b>`, 100*math.Exp(4.5)/sum, 100/sum); !strings.Contains(page, want) {
		t.Errorf("the numbers of the token 31 are not %s", want)
	}
	if got := text(t, page, ".rivals"); !strings.Contains(got, "the best candidate: 31 March 2027") || !strings.Contains(got, "the end stands before the start") || !strings.Contains(got, `stands for "no answer"`) {
		t.Errorf("why others lost: %q", got)
	}
	// Windows: 5 words and signs of the question and 3 of the frame leave 8 of 16 for the text; 2 are shared.
	for _, c := range []struct{ add, selector, want string }{
		{"&max_seq_len=16&doc_stride=2&window=4", "#window-h", "Window 4 of 5"},
		{"&max_seq_len=16&doc_stride=2", "#window-h", "Window 2 of 5"},
		{"&max_seq_len=16&doc_stride=2&window=99", "#window-h", "Window 5 of 5"},
		{"&max_seq_len=16&doc_stride=2&window=2", "#window", "it shares 2 with the window before"},
		{"&threshold=4.5", ".says", "Not sure enough to answer"},
		{"&threshold=4.5", ".steps", "4.000 ≤ 4.500 no answer"},
		{"&span=2", "#why-h", "Why this score candidate 2: 1 April 2024"},
		{"&span=2", ".steps", "4.000 + 4.000 8.000"},
		{"&no_answer=false", ".steps", `"no answer" is not allowed`},
		{"&top_k=x", ".failure", `Answers: "x" is not a whole number`},
		{"&m=" + webtest.Broken, ".says", "31 March 2027"}, // one model is inspected: the first
	} {
		_, page, _ := call(t, "GET", srv.URL+"/inspect?"+q.Encode()+c.add, nil, nil)
		if got := text(t, page, c.selector); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s is %q, without %q", c.add, c.selector, got, c.want)
		}
	}
	if status, page, _ := call(t, "GET", srv.URL+"/inspect?q=When&c=x&m="+webtest.Broken, nil, nil); status != 422 || !strings.Contains(text(t, page, ".failure"), "its weights are cut off") {
		t.Errorf("a broken model: %d %s", status, text(t, page, "#answer"))
	}
	// The form goes to the address of its question; a script gets the part.
	status, _, head := call(t, "POST", srv.URL+"/inspect", q, nil)
	if status != http.StatusSeeOther || !strings.HasPrefix(head.Get("Location"), "/inspect?") {
		t.Errorf("%d %v", status, head)
	}
	status, part, head := call(t, "POST", srv.URL+"/inspect", q, map[string]string{"HX-Request": "true"})
	if status != 200 || strings.Contains(part, "<html") || !strings.HasPrefix(head.Get("HX-Push-Url"), "/inspect?") {
		t.Errorf("%d %v", status, head)
	}
	// Ask and Compare lead there.
	_, page, _ = call(t, "GET", srv.URL+"/?"+q.Encode(), nil, nil)
	if !strings.Contains(page, `href="/inspect?`) {
		t.Error("Ask has no link to it")
	}
	_, page, _ = call(t, "GET", srv.URL+"/compare?wait=1&"+q.Encode(), nil, nil)
	if !strings.Contains(page, `href="/inspect?`) {
		t.Error("Compare has no link to it")
	}
}

// TestInspectIsBounded: forty windows of 384 tokens make no large page.
func TestInspectIsBounded(t *testing.T) {
	_, srv := start(t, nil)
	long := strings.Repeat("Nothing much was said about the bread on that day. ", 900) + webtest.Lease
	status, _, head := call(t, "POST", srv.URL+"/inspect", url.Values{"q": {"When does it end?"}, "c": {long}}, nil)
	if status != http.StatusSeeOther {
		t.Fatal(status)
	}
	for _, add := range []string{"", "&window=1", "&window=12"} {
		_, page, _ := call(t, "GET", srv.URL+head.Get("Location")+add, nil, nil)
		if got := text(t, page, "#windows-h"); !strings.HasPrefix(got, "40 windows") {
			t.Errorf("%q", got)
		}
		if len(page) > 150_000 {
			t.Errorf("%s: the page takes %d bytes", add, len(page))
		}
		t.Logf("%s: %d bytes", add, len(page))
	}
}

// finished runs a race of one model and gives the path of its run.
func finished(t *testing.T, home, file, model string) string {
	t.Helper()
	status, run, body := begin(t, home, file, [2]string{"m", model})
	if status != http.StatusSeeOther {
		t.Fatalf("%d %s", status, text(t, body, "#main"))
	}
	until(t, home+run, `class="verdict"`)
	return run
}

func unsure(c *Config) { c.Bench.Builtins = append(c.Bench.Builtins, webtest.UnsureModel()) }

// unsureOn is what Unsure comes to over leases at a threshold.
func unsureOn(n int, threshold float64) (answered, wrong int) {
	for i := range n {
		if gap, right := webtest.UnsureOf(i); i%4 != 3 && gap > threshold {
			answered++
			if !right {
				wrong++
			}
		}
	}
	return answered, wrong
}

// TestInspectOfARun: a question of a run is asked as it was, and what has changed or gone is said.
func TestInspectOfARun(t *testing.T) {
	_, srv := start(t, unsure)
	run := finished(t, srv.URL, leases(120), webtest.Unsure)
	id := strings.TrimPrefix(run, "/bakeoff/")
	n := 0
	for _, right := webtest.UnsureOf(n); n%4 == 3 || right; _, right = webtest.UnsureOf(n) { // one that it gets wrong
		n++
	}
	at := srv.URL + "/inspect?" + url.Values{"run": {id}, "mode": {"oracle"}, "q": {fmt.Sprintf("q%d", n)}, "m": {webtest.Unsure + "@0123456789:fp32"}}.Encode()
	status, page, _ := call(t, "GET", at, nil, nil)
	if status != 200 {
		t.Fatalf("%d %s", status, text(t, page, "#main"))
	}
	checkSafe(t, "/inspect?run=", page)
	if got := text(t, page, ".origin"); !strings.Contains(got, "Right: “31 March 2027”.") || strings.Contains(got, "changed") || strings.Contains(got, "differently") {
		t.Errorf("the run says %q", got)
	}
	if !strings.Contains(page, fmt.Sprintf(`value="When does lease %d end?"`, n)) || !strings.Contains(text(t, page, ".heat-box"), fmt.Sprintf("Lease %d. This lease begins", n)) {
		t.Errorf("another question is asked: %s", text(t, page, "#main"))
	}
	if !strings.Contains(page, `name="threshold" form="inspect" type="number" inputmode="decimal" min="-50" max="50" step="any" value="1.5"`) {
		t.Error("the threshold of the run is not the one of the form")
	}
	for _, c := range []struct {
		q, m string
		want int
	}{{"q9999", webtest.Unsure + "@0123456789:fp32", 404}, {"q1", "fake/nobody@1:fp32", 404}} {
		if status, _, _ := call(t, "GET", srv.URL+"/inspect?"+url.Values{"run": {id}, "q": {c.q}, "m": {c.m}}.Encode(), nil, nil); status != c.want {
			t.Errorf("%v: %d", c, status)
		}
	}
	if status, _, _ := call(t, "GET", srv.URL+"/inspect?run=19990101-0000&q=q1&m=x", nil, nil); status != 404 {
		t.Errorf("a run that is not there: %d", status)
	}
	// The questions are imported anew, with other texts; then they go.
	other := strings.ReplaceAll(leases(120), "This lease begins", "The lease begins")
	finished(t, srv.URL, other, webtest.Agrees)
	_, page, _ = call(t, "GET", at, nil, nil)
	if got := text(t, page, ".origin"); !strings.Contains(got, "leases-120.json has changed since the run.") {
		t.Errorf("the set was changed: %q", got)
	}
	status, _, _ = call(t, "POST", srv.URL+"/questions/remove", url.Values{"set": {"leases-120.json"}, "name": {"leases-120.json"}}, nil)
	_, page, _ = call(t, "GET", at, nil, nil)
	if got := text(t, page, ".failure"); !strings.Contains(got, "Its passage cannot be had again") {
		t.Errorf("the set is gone (%d): %q, %q", status, got, text(t, page, ".origin"))
	}
}

func TestThresholds(t *testing.T) {
	_, srv := start(t, unsure)
	run := finished(t, srv.URL, leases(120), webtest.Unsure)
	at := srv.URL + run + "/thresholds"
	_, page, _ := call(t, "GET", at, nil, nil)
	checkSafe(t, at, strings.ReplaceAll(page, "<style", "<!--"))
	says := func(page string, threshold float64) {
		t.Helper()
		answered, wrong := unsureOn(120, threshold)
		for _, want := range []string{fmt.Sprintf(`data-cut="answered-of">%d of 120 questions<`, answered), fmt.Sprintf(`data-cut="wrong-of">%d of %d answers<`, wrong, answered),
			fmt.Sprintf(`data-cut="right-of">%d of 120 questions<`, answered-wrong+30)} { // every fourth has no answer, and no candidate
			if !strings.Contains(page, want) {
				t.Errorf("at %v the page lacks %s", threshold, want)
			}
		}
	}
	says(page, 1.5) // the model's own, which was used
	if got := text(t, page, ".stops"); !strings.Contains(got, "1.50 was used in this run.") || !strings.Contains(got, "wrong answers on these questions") && !strings.Contains(got, "even its surest answers") {
		t.Errorf("the stops are %q", got)
	}
	if n := strings.Count(page, `<svg class="plot wide"`); n != 3 {
		t.Errorf("%d figures", n)
	}
	for _, threshold := range []float64{-5, 0, 3, 50} {
		_, page, _ := call(t, "GET", fmt.Sprintf("%s?t=%g", at, threshold), nil, nil)
		says(page, threshold)
	}
	_, page, _ = call(t, "GET", at+"?t=-5", nil, nil)
	if got := text(t, page, "#silent-h"); !strings.HasPrefix(got, "30 questions not answered") {
		t.Errorf("those without a candidate: %q", got)
	}
	_, wrong := unsureOn(120, -5)
	if got := text(t, page, "#wrong-h"); !strings.HasPrefix(got, fmt.Sprintf("%d wrong answers", wrong)) || !strings.Contains(page, "/inspect?m=fake%2Funsure") {
		t.Errorf("the wrong ones: %q", got)
	}
	first := text(t, page, ".example-list")
	if _, page, _ = call(t, "GET", at+"?t=-5&wp=1", nil, nil); text(t, page, ".example-list") == first {
		t.Error("the second page is the first")
	}
	status, part, head := call(t, "GET", at+"?t=3", nil, map[string]string{"HX-Request": "true"})
	if status != 200 || strings.Contains(part, "<html") || !strings.Contains(head.Get("HX-Replace-Url"), "t=3") {
		t.Errorf("%d %v", status, head)
	}
	for add, want := range map[string]int{"?t=high": 422, "?t=1e308": 422, "?m=nobody": 404, "?mode=retrieved": 404} {
		if status, _, _ := call(t, "GET", at+add, nil, nil); status != want {
			t.Errorf("%s: %d", add, status)
		}
	}
	if status, _, _ := call(t, "GET", srv.URL+"/bakeoff/19990101-0000/thresholds", nil, nil); status != 404 {
		t.Errorf("a run that is not there: %d", status)
	}
}

// TestFewLabels: of few questions all is shown but what they cannot tell, and Inspect explains by the threshold that they were answered by.
func TestFewLabels(t *testing.T) {
	_, srv := start(t, func(c *Config) {
		unsure(c)
		c.SampleSets = []ui.SampleSet{{Name: "leases-20.json", About: "leases", Read: func() ([]byte, error) { return []byte(leases(20)), nil }}}
	})
	run := finished(t, srv.URL, leases(20), webtest.Unsure)
	_, page, _ := call(t, "GET", srv.URL+run+"/thresholds", nil, nil)
	answered, wrong := unsureOn(20, 1.5)
	if got := text(t, page, "#cut"); !strings.Contains(got, fmt.Sprintf("%d of %d answers", wrong, answered)) || !strings.Contains(got, "was used in this run") || strings.Contains(got, "wrong answers on these questions") {
		t.Errorf("what it does: %s", got)
	}
	if got := text(t, page, ".few"); !strings.HasPrefix(got, "20 labelled questions: ") || !strings.Contains(got, "Label 30 more") {
		t.Errorf("few: %q", got)
	}
	if n := strings.Count(page, `<svg class="plot wide"`); n != 2 || !strings.Contains(page, `data-cuts="`) || strings.Contains(page, `name="rate"`) {
		t.Errorf("%d figures, or no slider, or a rate to choose", n)
	}
	if !strings.Contains(text(t, page, ".of-samples"), "not on your own texts") || !strings.HasPrefix(text(t, page, ".kind"), "Runs · ") {
		t.Error("the sample questions, or where it is, are not told")
	}
	for i := range 20 {
		gap, _ := webtest.UnsureOf(i)
		if i%4 == 3 {
			continue
		}
		at := "/inspect?" + url.Values{"run": {strings.TrimPrefix(run, "/bakeoff/")}, "mode": {"oracle"}, "q": {fmt.Sprintf("q%d", i)}, "m": {webtest.Unsure + "@0123456789:fp32"}, "wait": {"1"}}.Encode()
		_, page, _ := call(t, "GET", srv.URL+at, nil, nil)
		if got := text(t, page, ".why") != ""; got != (gap <= 1.5) || strings.Contains(text(t, page, ".origin"), "differently") {
			t.Errorf("lease %d with a gap of %v: %q, %q", i, gap, text(t, page, ".says"), text(t, page, ".origin"))
		}
	}
}

// TestThresholdIsKept: a threshold that is kept is what the model answers by, on pages and for programs, until it is taken back.
func TestThresholdIsKept(t *testing.T) {
	_, srv := start(t, unsure)
	run := finished(t, srv.URL, leases(120), webtest.Unsure)
	who := webtest.Unsure + "@0123456789:fp32"
	answers := func() (page, program string) {
		t.Helper()
		gap, _ := webtest.UnsureOf(12)
		if gap != -2 {
			t.Fatalf("the gap of lease 12 is %v", gap)
		}
		text12 := "Lease 12. " + webtest.Lease
		_, p, _ := call(t, "GET", srv.URL+"/?"+url.Values{"q": {"When does lease 12 end?"}, "c": {text12}, "m": {webtest.Unsure}, "wait": {"1"}}.Encode(), nil, nil)
		_, compared, _ := call(t, "GET", srv.URL+"/compare?"+url.Values{"q": {"When does lease 12 end?"}, "c": {text12}, "m": {webtest.Unsure}, "wait": {"1"}}.Encode(), nil, nil)
		if a, b := strings.Contains(text(t, p, "#answer"), "The text does not say"), strings.Contains(text(t, compared, ".card"), "no answer"); a != b {
			t.Errorf("Ask says no answer: %v, Compare: %v", a, b)
		}
		return text(t, p, ".says"), text(t, p, ".measures")
	}
	if says, _ := answers(); says != "The text does not say" { // -2 is below its own 1.5
		t.Fatalf("at first it says %q", says)
	}
	status, _, head := call(t, "POST", srv.URL+run+"/thresholds", url.Values{"m": {who}, "t": {"-2.5"}}, nil)
	if status != http.StatusSeeOther || !strings.HasSuffix(head.Get("Location"), "&t=-2.5&saved=yes") {
		t.Fatalf("%d %v", status, head)
	}
	_, page, _ := call(t, "GET", srv.URL+head.Get("Location"), nil, nil)
	if got := text(t, page, ".done"); !strings.HasPrefix(got, "Kept.") || !strings.Contains(text(t, page, ".stops"), "−2.50 is what it answers by in this project (from run "+strings.TrimPrefix(run, "/bakeoff/")+", 120 labels") {
		t.Errorf("%q, %q", got, text(t, page, ".stops"))
	}
	says, sure := answers()
	if says != "31 March 2027" && says != "1 April 2024" {
		t.Errorf("with the threshold at -2.5 it says %q", says)
	}
	if !strings.Contains(sure, "Confidence") || strings.Contains(sure, "90 %") { // that of the run, and not that of the fake
		t.Errorf("how sure it is: %q", sure)
	}
	if _, page, _ = call(t, "GET", srv.URL+"/models", nil, nil); !strings.Contains(text(t, page, "#local"), "above −2.50 set in this project") {
		t.Errorf("the models: %s", text(t, page, "#local"))
	}
	status, _, head = call(t, "POST", srv.URL+run+"/thresholds", url.Values{"m": {who}, "clear": {"1"}}, nil)
	if status != http.StatusSeeOther || !strings.HasSuffix(head.Get("Location"), "&saved=no") {
		t.Fatalf("%d %v", status, head)
	}
	if says, _ := answers(); says != "The text does not say" {
		t.Errorf("taken back it says %q", says)
	}
	for _, form := range []url.Values{{"m": {who}, "t": {"NaN"}}, {"m": {who}, "t": {"1e308"}}, {"m": {who}, "t": {""}}, {"m": {"nobody"}, "t": {"1"}}} {
		if status, _, _ := call(t, "POST", srv.URL+run+"/thresholds", form, nil); status != 422 && status != 404 {
			t.Errorf("%v: %d", form, status)
		}
	}
}

// TestInspectInABrowser: from an answer to why, to another window, by keys over its tokens, and with a knob turned.
func TestInspectInABrowser(t *testing.T) {
	_, srv := start(t, nil)
	tab := webtest.Browser(t).Tab(t, 1280, "light")
	defer tab.Close()
	q := url.Values{"q": {"When does it end?"}, "c": {webtest.Lease}, "max_seq_len": {"16"}, "doc_stride": {"2"}}
	tab.Run(t, chromedp.Navigate(srv.URL+"/?"+q.Encode()), chromedp.WaitVisible(".card-links.inspect a"), chromedp.Click(".card-links.inspect a"))
	at(t, tab, "/inspect?")
	says(t, tab, "#window-h", "Window 2 of 5")
	tab.Run(t, chromedp.Click(`a[href*="window=4"]`))
	says(t, tab, "#window-h", "Window 4 of 5")
	at(t, tab, "window=4")
	tab.Run(t, chromedp.Click(`a[href*="span=1"]`))
	says(t, tab, "#window-h", "Window 2 of 5")
	tab.Run(t, chromedp.Focus("#heat"), chromedp.KeyEvent(kb.Home))
	// e^2.5 of e^2.5 + e^4.5 + 7
	says(t, tab, "#token", "Token 0, “[CLS]”: start 11 % (logit 2.50), end 11 % (logit 2.50)")
	tab.Run(t, chromedp.KeyEvent(kb.ArrowRight))
	says(t, tab, "#token", "Token 1, “When”: start < 0.1 % (logit 0.00), end < 0.1 % (logit 0.00)")
	tab.Run(t, chromedp.Evaluate(`(() => { const k = document.getElementById("k-threshold"); k.value = "6"; k.dispatchEvent(new Event("input", {bubbles: true})); })()`, nil))
	says(t, tab, "#answer .says", "Not sure enough to answer")
	at(t, tab, "threshold=6")
	tab.Check(t, srv.URL)
}

// TestThresholdsInABrowser: figures follow the slider, a threshold is kept, and Ask says nothing by it.
func TestThresholdsInABrowser(t *testing.T) {
	_, srv := start(t, unsure)
	run := finished(t, srv.URL, leases(120), webtest.Unsure)
	tab := webtest.Browser(t).Tab(t, 1280, "dark")
	defer tab.Close()
	tab.Run(t, chromedp.Navigate(srv.URL+run+"/thresholds"), chromedp.WaitVisible("#cut .plots"))
	answered, wrong := unsureOn(120, 1.5)
	says(t, tab, `[data-cut="wrong-of"]`, fmt.Sprintf("%d of %d answers", wrong, answered))
	var before, now string
	figure := `document.querySelector("#cut svg.plot").outerHTML`
	tab.Run(t, chromedp.Evaluate(figure, &before))
	// The script alone, while the hand moves.
	tab.Run(t, chromedp.Evaluate(`(() => { const s = document.getElementById("t"); s.value = "5"; s.dispatchEvent(new Event("input", {bubbles: true})); })()`, nil))
	answered, wrong = unsureOn(120, 5)
	says(t, tab, `[data-cut="answered-of"]`, fmt.Sprintf("%d of 120 questions", answered))
	says(t, tab, `[data-cut="wrong-of"]`, fmt.Sprintf("%d of %d answers", wrong, answered))
	var quick, exact string
	shares := `[...document.querySelectorAll("#cut .figure")].map(e => e.textContent.trim()).join(" | ")`
	tab.Run(t, chromedp.Evaluate(shares, &quick))
	// The server, once the hand lets go.
	tab.Run(t, chromedp.Evaluate(`document.getElementById("t").dispatchEvent(new Event("change", {bubbles: true}))`, nil))
	at(t, tab, "t=5")
	says(t, tab, `#silent-h .minor`, "those nearest to the threshold first")
	tab.Run(t, chromedp.WaitReady(`#cut input[name="t"][value="5"]`), chromedp.Evaluate(figure, &now), chromedp.Evaluate(shares, &exact))
	if now == before {
		t.Error("the figure has not moved")
	}
	if quick != exact {
		t.Errorf("the script says %q, the server %q", quick, exact)
	}
	tab.Run(t, chromedp.Click("#cut .go"), chromedp.WaitVisible(".done"))
	lease := "Lease 0. " + webtest.Lease // its gap is -3
	tab.Run(t, chromedp.Navigate(srv.URL+"/?"+url.Values{"q": {"When?"}, "c": {lease}, "m": {webtest.Unsure}}.Encode()))
	says(t, tab, "#answer .says", "The text does not say")
	says(t, tab, "#answer .measures .minor", "answer above 5.00")
	tab.Check(t, srv.URL)
}
