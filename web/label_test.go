package web

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/tryall/tryall/web/webtest"
	"github.com/tryall/tryall/workbench"
)

// hostile is a text with all that could go wrong between a browser's positions and bytes. It is followed by the lease.
const hostile = "<script>alert(1)</script> 👩‍👩‍👧 e\u0301te\u0301 \u202Eרעה\u202C שלום\r\nund <b>so</b>\r weiter\u2028& \"quoted\" 🙂 "

// open are so many questions without an answer, each about the hostile text and the lease.
func openLeases(n int) string {
	var b strings.Builder
	for i := range n {
		raw, _ := json.Marshal(map[string]string{"id": fmt.Sprintf("q%d", i), "question": fmt.Sprintf("When does lease %d <i>end</i>? 🙂", i), "context": fmt.Sprintf("Lease %d. %s%s", i, hostile, webtest.Lease)})
		b.Write(raw)
		b.WriteString("\n")
	}
	return b.String()
}

// label is a judgement as it is kept.
type label struct {
	Item, Kind, Answer, Document, Who, How string
	Start                                  int
	Weight                                 float64
}

// judged are the judgements of a set that stand.
func judged(t *testing.T, f *webtest.Fake, set string) (out []label) {
	t.Helper()
	p, err := f.OpenProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	all, err := p.Store.Judgements(t.Context(), set)
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range all {
		if j.Undone.IsZero() {
			out = append(out, label{j.Item, string(j.Kind), j.Answer, j.Document, j.Who, j.How, j.Start, j.Weight})
		}
	}
	return out
}

// lastJudged waits until so many judgements stand, and gives the last.
func lastJudged(t *testing.T, f *webtest.Fake, set string, n int) label {
	t.Helper()
	var all []label
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if all = judged(t, f, set); len(all) == n && n > 0 {
			return all[n-1]
		} else if len(all) == n {
			return label{}
		}
	}
	t.Fatalf("%d judgements stand, not %d: %+v", len(all), n, all)
	return label{}
}

// contextOf is the text of a question of openLeases.
func contextOf(item string) string {
	return fmt.Sprintf("Lease %s. %s%s", strings.TrimPrefix(item, "q"), hostile, webtest.Lease)
}

// TestLabelPages labels without a script, by buttons and by typing.
func TestLabelPages(t *testing.T) {
	f, srv := start(t, nil)
	if status, to, body := send(t, srv.URL+"/questions", "my <b>.jsonl", openLeases(8), nil); status != http.StatusSeeOther {
		t.Fatalf("%d %s %s", status, to, text(t, body, ".failure"))
	}
	const name = "my <b>.jsonl"
	at := "/questions/label?" + url.Values{"name": {name}}.Encode()
	if _, page, _ := call(t, "GET", srv.URL+"/questions", nil, nil); !strings.Contains(page, `href="/questions/label?name=my+%3Cb%3E.jsonl"`) {
		t.Error("the list of sets does not lead to the queue")
	}
	status, _, head := call(t, "GET", srv.URL+at, nil, nil)
	to := head.Get("Location")
	if status != http.StatusSeeOther || !strings.Contains(to, "item=q") {
		t.Fatalf("%d %s", status, to)
	}
	if _, _, again := call(t, "GET", srv.URL+at, nil, nil); again.Get("Location") != to {
		t.Errorf("another question is drawn: %s after %s", again.Get("Location"), to)
	}
	page := until(t, srv.URL+to, `name="pick"`)
	checkSafe(t, to, page)
	if got := text(t, page, "#asked"); !strings.HasPrefix(got, "When does lease ") || !strings.HasSuffix(got, "<i>end</i>? 🙂") {
		t.Errorf("asked is %q", got)
	}
	page = until(t, srv.URL+to, "all read")
	if got := text(t, page, ".suggestions"); got != "1 31 March 2027 agrees, agrees-too; nearly: abstains 2 1 April 2024 differs 0 No answer abstains s Skip" {
		t.Errorf("suggestions: %q", got)
	}
	if got := text(t, page, "#reading"); !strings.Contains(got, "broken Model fake/broken: its weights are cut off.") || !strings.Contains(got, "agrees all read") {
		t.Errorf("models: %q", got)
	}
	if got := text(t, page, ".outlook"); got != "After 5 labels the models are scored here; 5 to go." {
		t.Errorf("outlook: %q", got)
	}
	value := func(page, button string) string {
		_, rest, _ := strings.Cut(page, `name="`+button+`" value="`)
		v, _, _ := strings.Cut(rest, `"`)
		return strings.NewReplacer("&#34;", `"`, "&amp;", "&").Replace(v)
	}
	say := func(to string, fields url.Values) (int, string, string) {
		t.Helper()
		u, _ := url.Parse(to)
		for k, v := range u.Query() {
			fields[k] = v
		}
		status, body, head := call(t, "POST", srv.URL+"/questions/label", fields, nil)
		return status, head.Get("Location"), body
	}
	status, next, body := say(to, url.Values{"pick": {value(page, "pick")}})
	if status != http.StatusSeeOther || next == to || !strings.Contains(next, "item=q") {
		t.Fatalf("%d %s %s", status, next, text(t, body, ".failure"))
	}
	j := lastJudged(t, f, name, 1)
	if j.Kind != "answer" || j.Answer != "31 March 2027" || contextOf(j.Item)[j.Start:j.Start+len(j.Answer)] != j.Answer || j.How != workbench.LabelSuggested || j.Who != workbench.UserName() || j.Weight <= 0 {
		t.Errorf("%+v", j)
	}
	// Undo goes back to it.
	if _, back, _ := say(next, url.Values{"undo": {"1"}}); back != to {
		t.Errorf("undo leads to %s, not %s", back, to)
	}
	lastJudged(t, f, name, 0)
	// What is typed: nowhere, at one place, at several.
	if status, _, body := say(to, url.Values{"type": {"1"}, "typed": {"end of March"}}); status != 422 || !strings.Contains(text(t, body, ".failure"), "does not stand in the text") || !strings.Contains(body, `value="end of March"`) {
		t.Errorf("%d %s", status, text(t, body, ".failure"))
	}
	if status, _, body := say(to, url.Values{"type": {"1"}, "typed": {" "}}); status != 422 || !strings.Contains(text(t, body, ".failure"), "Nothing was typed") {
		t.Errorf("%d %s", status, text(t, body, ".failure"))
	}
	status, _, body = say(to, url.Values{"type": {"1"}, "typed": {"on"}})
	if got := text(t, body, ".choosing"); status != 200 || !strings.HasPrefix(got, "It stands at 3 places. Which one is meant? 1 ") {
		t.Fatalf("%d %q", status, got)
	}
	checkSafe(t, to, body)
	_, next, _ = say(to, url.Values{"type": {"1"}, "pick": {value(body, "pick")}})
	if j := lastJudged(t, f, name, 1); j.Answer != "on" || j.Start != strings.Index(contextOf(j.Item), " on ")+1 || j.How != workbench.LabelMarked {
		t.Errorf("%+v", j)
	}
	_, next, _ = say(next, url.Values{"type": {"1"}, "typed": {"the  THIRD day"}})
	if j := lastJudged(t, f, name, 2); j.Answer != "the third day" {
		t.Errorf("%+v", j)
	}
	_, next, _ = say(next, url.Values{"none": {""}, "who": {"Zoë <b>"}})
	if j := lastJudged(t, f, name, 3); j.Kind != "no answer" || j.Who != "Zoë <b>" {
		t.Errorf("%+v", j)
	}
	for _, fields := range []url.Values{{}, {"pick": {"{"}}, {"mark": {"x"}}, {"pick": {`{"s":5,"t":"nowhere"}`}}, {"mark": {`{"doc":"../../etc/passwd","base":0,"from":0,"to":3,"text":"abc"}`}},
		{"mark": {`{"doc":"","base":0,"from":0,"to":99999,"text":"abc"}`}}, {"mark": {`{"doc":"","base":-1,"from":0,"to":3,"text":"Lea"}`}}} {
		if status, _, body := say(next, fields); status < 400 || status >= 500 || text(t, body, ".failure") == "" {
			t.Errorf("%v: %d %s", fields, status, text(t, body, ".failure"))
		}
	}
	lastJudged(t, f, name, 3)
	for range 5 {
		_, next, _ = say(next, url.Values{"pick": {fmt.Sprintf(`{"s":%d,"t":"31 March 2027"}`, strings.Index(contextOf("q0"), "31 March"))}})
	}
	if strings.Contains(next, "item=") {
		t.Errorf("after the last question: %s", next)
	}
	_, page, _ = call(t, "GET", srv.URL+next, nil, nil)
	if got := text(t, page, "#asked"); got != "All questions are labelled" || !strings.Contains(page, `href="/bakeoff?set=my+%3Cb%3E.jsonl"`) {
		t.Errorf("at the end: %q", text(t, page, "#main"))
	}
	if got := text(t, page, ".label-scores"); !strings.Contains(got, "agrees ") || !strings.Contains(got, "Of 7 labels") || !strings.Contains(got, "Race models over these questions") {
		t.Errorf("scores: %q", got)
	}
	_, page, _ = call(t, "GET", srv.URL+"/bakeoff?set=my+%3Cb%3E.jsonl&m="+url.QueryEscape(webtest.Differs), nil, nil)
	if !strings.Contains(page, `name="set" value="my &lt;b&gt;.jsonl" checked`) || strings.Contains(page, `value="fake/agrees" checked`) || !strings.Contains(text(t, page, ".offer"), "Race 1 model over my <b>.jsonl") {
		t.Errorf("the bake-off does not begin with the set: %s", text(t, page, "#main"))
	}
	if status, page, _ := call(t, "GET", srv.URL+"/questions/label?name=my+%3Cb%3E.jsonl&item=nowhere", nil, nil); status != 404 || text(t, page, ".failure") == "" {
		t.Errorf("a question that is not there: %d", status)
	}
	if status, page, _ := call(t, "GET", srv.URL+to+"&m=fake/nobody&m="+url.QueryEscape(webtest.Differs), nil, nil); status != 200 || !strings.Contains(text(t, page, "#reading"), "fake/nobody is not on this machine") {
		t.Errorf("a model that is not there: %d %s", status, text(t, page, "#reading"))
	}
}

// TestLabelOvertaken: two pages show the same question, and the second to say something of it is asked whose word is to stand.
func TestLabelOvertaken(t *testing.T) {
	f, srv := start(t, nil)
	const set = "two.jsonl"
	send(t, srv.URL+"/questions", set, openLeases(3), nil)
	hidden := func(page, name string) string {
		_, rest, _ := strings.Cut(page, `name="`+name+`" value="`)
		v, _, _ := strings.Cut(rest, `"`)
		return html.UnescapeString(v)
	}
	say := func(page, item, who string, fields url.Values) (int, string) {
		t.Helper()
		fields["name"], fields["item"], fields["who"], fields["seen"] = []string{set}, []string{item}, []string{who}, []string{hidden(page, "seen")}
		status, body, _ := call(t, "POST", srv.URL+"/questions/label", fields, nil)
		return status, body
	}
	shown := func(item string) string {
		_, page, _ := call(t, "GET", srv.URL+"/questions/label?name="+set+"&item="+item, nil, nil)
		return page
	}
	answer := func(s string) url.Values {
		return url.Values{"pick": {fmt.Sprintf(`{"s":%d,"t":%q}`, strings.Index(contextOf("q0"), s), s)}}
	}
	// meanwhile has ann and bob look at the same question; ann is first.
	meanwhile := func(item string, bobs url.Values) string {
		t.Helper()
		ann, bob := shown(item), shown(item)
		if status, body := say(ann, item, "ann <b>", answer("31 March 2027")); status != http.StatusSeeOther {
			t.Fatalf("ann: %d %s", status, text(t, body, ".failure"))
		}
		n := len(judged(t, f, set))
		status, body := say(bob, item, "bob", bobs)
		if status != http.StatusConflict || len(judged(t, f, set)) != n {
			t.Fatalf("bob: %d, and %d judgements after %d", status, len(judged(t, f, set)), n)
		}
		checkSafe(t, item, body)
		return body
	}
	words := func(n int) (out []string) {
		for _, j := range judged(t, f, set)[n:] {
			out = append(out, j.Who+": "+j.Kind+" "+j.Answer)
		}
		return out
	}
	decide := func(page, item, keep string) {
		t.Helper()
		if status, body := say(page, item, "bob", url.Values{"mine": {hidden(page, "mine")}, "since": {hidden(page, "since")}, "keep": {keep}}); status != http.StatusSeeOther {
			t.Errorf("%s: %d %s", keep, status, text(t, body, "#main"))
		}
	}
	page := meanwhile("q0", answer("1 April 2024"))
	if got := text(t, page, ".choosing"); !strings.HasPrefix(got, "Somebody labelled this question while you were at it ann <b> said “31 March 2027” You say “1 April 2024” Keep theirs Use mine Both are right") {
		t.Errorf("%q", got)
	}
	decide(page, "q0", "theirs")
	if got := words(0); !slices.Equal(got, []string{"ann <b>: answer 31 March 2027"}) {
		t.Errorf("theirs: %q", got)
	}
	page = meanwhile("q1", answer("1 April 2024"))
	decide(page, "q1", "both")
	if got := words(1); !slices.Equal(got, []string{"ann <b>: answer 31 March 2027", "bob: answer 1 April 2024"}) {
		t.Errorf("both: %q", got)
	}
	page = meanwhile("q2", url.Values{"none": {""}})
	if got := text(t, page, ".choosing"); !strings.Contains(got, "You say there is no answer Keep theirs Use mine Yours") {
		t.Errorf("%q", got)
	}
	// It goes on: carol comes between, and bob is asked again.
	say(shown("q2"), "q2", "carol", url.Values{"skip": {"1"}})
	status, again := say(page, "q2", "bob", url.Values{"mine": {hidden(page, "mine")}, "since": {hidden(page, "since")}, "keep": {"mine"}})
	if got := text(t, again, ".choosing"); status != http.StatusConflict || !strings.Contains(got, "carol said skip it You say there is no answer") {
		t.Fatalf("%d %q", status, got)
	}
	decide(again, "q2", "mine")
	if got := words(3); !slices.Equal(got, []string{"bob: no answer "}) {
		t.Errorf("mine: %q", got)
	}
}

// TestLabelOvertakenInABrowser: two tabs of one person, with the script; the second is asked in place, by a focus that says so.
func TestLabelOvertakenInABrowser(t *testing.T) {
	f, srv := start(t, nil)
	const set = "tabs.jsonl"
	send(t, srv.URL+"/questions", set, openLeases(2), nil)
	b := webtest.Browser(t)
	at := srv.URL + "/questions/label?name=" + set + "&item=q1"
	first, second := b.Tab(t, 1280, "light"), b.Tab(t, 390, "dark")
	defer first.Close()
	defer second.Close()
	for _, tab := range []*webtest.Tab{first, second} {
		tab.Run(t, chromedp.Navigate(at), chromedp.WaitVisible(`#suggestions li:nth-child(2) button`))
	}
	first.Run(t, chromedp.Click(`#suggestions li:nth-child(1) button`))
	lastJudged(t, f, set, 1)
	var focus string
	second.Run(t, chromedp.Click(`#suggestions li:nth-child(2) button`), chromedp.WaitVisible(`.choosing`), chromedp.Evaluate(`document.activeElement.textContent`, &focus))
	if focus != "You have labelled this question meanwhile, on another page" {
		t.Errorf("the focus is on %q", focus)
	}
	lastJudged(t, f, set, 1)
	second.Run(t, chromedp.Click(`.choosing button[value="mine"]`), chromedp.WaitNotPresent(`.choosing`))
	if j := lastJudged(t, f, set, 1); j.Answer != "1 April 2024" || j.How != workbench.LabelSuggested {
		t.Errorf("%+v", j)
	}
}

// TestFromFilesToAVerdict is the way of somebody who has nothing but files: texts, questions typed in, labels, a race.
func TestFromFilesToAVerdict(t *testing.T) {
	f, srv := start(t, nil)
	_, page, _ := call(t, "GET", srv.URL+"/questions", nil, nil)
	if got := text(t, page, "#main"); !strings.Contains(got, "Add your files to the corpus first") || !strings.Contains(page, `action="/questions/label/add"`) {
		t.Errorf("the empty screen: %s", got)
	}
	for i := range 3 {
		send(t, srv.URL+"/corpus/add", fmt.Sprintf("lease-%d.md", i), fmt.Sprintf("# Lease of house %d\n\n%s\n", i, webtest.Lease), nil)
		until(t, srv.URL+"/corpus", "1 file added")
	}
	var asked []string
	for i := range 10 {
		asked = append(asked, fmt.Sprintf("When does the lease of house %d end, asks person %d?", i%3, i))
	}
	status, _, head := call(t, "POST", srv.URL+"/questions/label/add", url.Values{"name": {workbench.OwnQuestions}, "text": {strings.Join(asked, "\r\n")}}, nil)
	if to := head.Get("Location"); status != http.StatusSeeOther || to != "/questions/label?name=my+questions" {
		t.Fatalf("%d %s", status, to)
	}
	at := head.Get("Location")
	for n := range 10 {
		_, _, head := call(t, "GET", srv.URL+at, nil, nil)
		to := head.Get("Location")
		page := until(t, srv.URL+to, `name="pick"`)
		if n == 0 {
			checkSafe(t, to, page)
			if got := text(t, page, ".to-mark"); !strings.Contains(got, "Lease of house") || !strings.Contains(got, "ends on 31 March 2027") {
				t.Errorf("the passage: %q", got)
			}
		}
		_, rest, _ := strings.Cut(page, `name="pick" value="`)
		pick, _, _ := strings.Cut(rest, `"`)
		u, _ := url.Parse(to)
		fields := u.Query()
		fields.Set("pick", strings.ReplaceAll(pick, "&#34;", `"`))
		if n == 4 {
			fields.Del("pick")
			fields.Set("none", judged(t, f, workbench.OwnQuestions)[0].Document)
		}
		if status, body, _ := call(t, "POST", srv.URL+"/questions/label", fields, nil); status != http.StatusSeeOther {
			t.Fatalf("%d %s", status, text(t, body, ".failure"))
		}
	}
	for _, j := range judged(t, f, workbench.OwnQuestions) {
		if !strings.Contains(j.Document, "lease-") || j.Weight <= 0 {
			t.Errorf("%+v", j)
		}
	}
	_, page, _ = call(t, "GET", srv.URL+at, nil, nil)
	if !strings.Contains(text(t, page, "#main"), "All questions are labelled") {
		t.Fatal(text(t, page, "#main"))
	}
	status, run, body := begin(t, srv.URL, "", append(two(), [2]string{"set", workbench.OwnQuestions})...)
	if status != http.StatusSeeOther {
		t.Fatalf("%d %s", status, text(t, body, ".failure"))
	}
	page = until(t, srv.URL+run, "verdict")
	if got := text(t, page, ".far"); !strings.Contains(got, "10 questions") {
		t.Errorf("the race: %q", text(t, page, "#main"))
	}
	for _, c := range []struct{ text, document, want string }{{"", "", "No question was typed"}, {"Who?", "nowhere.pdf", "nowhere.pdf"}} {
		if status, body, _ := call(t, "POST", srv.URL+"/questions/label/add", url.Values{"text": {c.text}, "document": {c.document}}, nil); status != 422 || !strings.Contains(text(t, body, ".failure"), c.want) {
			t.Errorf("%q: %d %s", c.text, status, text(t, body, ".failure"))
		}
	}
}

// TestLabelEvents: the stream tells how far the models have read, and gives their answers once all have come to the question.
func TestLabelEvents(t *testing.T) {
	f, srv := start(t, nil)
	send(t, srv.URL+"/questions", "x.jsonl", openLeases(3), nil)
	release := f.Hold(webtest.Differs)
	defer release()
	page := until(t, srv.URL+"/questions/label?name=x.jsonl&item=q1", "still to answer")
	if strings.Contains(page, `name="pick"`) || !strings.Contains(page, `data-events="/questions/label/events?item=q1`) {
		t.Errorf("before all have answered: %s", text(t, page, "#suggestions"))
	}
	time.AfterFunc(200*time.Millisecond, release)
	_, events, _ := call(t, "GET", srv.URL+"/questions/label/events?name=x.jsonl&item=q1", nil, nil)
	if n := strings.Count(events, `id="suggestions"`); n != 1 || !strings.HasSuffix(events, "event: done\ndata: \n\n") {
		t.Errorf("%d times answers, ending with %q", n, events[max(0, len(events)-200):])
	}
	if status, _, _ := call(t, "GET", srv.URL+"/questions/label/events?name=nowhere", nil, nil); status != 404 {
		t.Errorf("of a set that is not there: %d", status)
	}
}

// TestLabelInABrowser labels by keyboard alone, and marks what stands between emoji, combining marks, two directions and tags.
func TestLabelInABrowser(t *testing.T) {
	f, srv := start(t, nil)
	send(t, srv.URL+"/questions", "x.jsonl", openLeases(10), nil)
	tab := webtest.Browser(t).Tab(t, 1280, "light")
	defer tab.Close()
	tab.Run(t, chromedp.Navigate(srv.URL+"/questions/label?name=x.jsonl"), chromedp.WaitVisible(`#suggestions [data-key="2"]`))
	labelled := func(want string) { t.Helper(); says(t, tab, ".label-progress strong", want) }
	item := func() string {
		t.Helper()
		u, err := url.Parse(at(t, tab, "item=q"))
		if err != nil {
			t.Fatal(err)
		}
		return u.Query().Get("item")
	}
	var told string
	if tab.Run(t, chromedp.Evaluate(`document.getElementById("status").textContent`, &told)); told != "2 answers are suggested" && told != "" { // it may have been there at once
		t.Errorf("it is told: %q", told)
	}
	// A suggestion, no answer, skip.
	first := item()
	tab.Run(t, chromedp.KeyEvent("1"))
	labelled("1 of 10 labelled")
	if j := lastJudged(t, f, "x.jsonl", 1); j.Item != first || j.Answer != "31 March 2027" || contextOf(j.Item)[j.Start:j.Start+len(j.Answer)] != j.Answer {
		t.Errorf("1: %+v", j)
	}
	says(t, tab, "#status", "Saved: 31 March 2027. 1 of 10 labelled.")
	second := item()
	var focused string
	if tab.Run(t, chromedp.Evaluate(`document.activeElement.id`, &focused)); focused != "asked" || second == first {
		t.Errorf("%s has the focus, the question is %s after %s", focused, second, first)
	}
	tab.Run(t, chromedp.KeyEvent("0"))
	labelled("2 of 10 labelled")
	if j := lastJudged(t, f, "x.jsonl", 2); j.Item != second || j.Kind != "no answer" {
		t.Errorf("0: %+v", j)
	}
	third := item()
	tab.Run(t, chromedp.KeyEvent("s"))
	says(t, tab, "#status", "Skipped. 2 of 10 labelled.")
	if j := lastJudged(t, f, "x.jsonl", 3); j.Item != third || j.Kind != "skip" {
		t.Errorf("s: %+v", j)
	}
	// Undo leads back.
	tab.Run(t, chromedp.KeyEvent("z"))
	says(t, tab, "#status", "Taken back.")
	if lastJudged(t, f, "x.jsonl", 2); item() != third {
		t.Errorf("undo leads to %s, not %s", item(), third)
	}
	// Keys that lead elsewhere are not taken for answers.
	tab.Run(t, chromedp.KeyEvent("g"), chromedp.KeyEvent("0"))
	// Marking by keyboard: the first word, the next, several.
	tab.Run(t, chromedp.KeyEvent("m"), chromedp.WaitVisible("[data-passage]:focus"), chromedp.KeyEvent(kb.ArrowRight))
	says(t, tab, "[data-mark-text]", "Lease")
	tab.Run(t, chromedp.KeyEvent(kb.ArrowRight))
	says(t, tab, "[data-mark-text]", strings.TrimPrefix(third, "q"))
	tab.Run(t, chromedp.KeyEvent(kb.Escape), chromedp.WaitNotVisible("[data-mark-shown]"), chromedp.KeyEvent(kb.Home), chromedp.KeyEvent(kb.ArrowRight, chromedp.KeyModifiers(8)))
	says(t, tab, "[data-mark-text]", "Lease "+strings.TrimPrefix(third, "q"))
	says(t, tab, "#status", "Marked: Lease "+strings.TrimPrefix(third, "q")+". Enter saves it.")
	tab.Run(t, chromedp.KeyEvent(kb.Enter))
	labelled("3 of 10 labelled")
	if j := lastJudged(t, f, "x.jsonl", 3); j.Item != third || j.Answer != "Lease "+strings.TrimPrefix(third, "q") || j.Start != 0 || j.How != workbench.LabelMarked {
		t.Errorf("marked by keyboard: %+v", j)
	}
	// What is selected is what is kept, whatever stands before it. Lines end in the browser as it shows them.
	n := 3
	for _, c := range []struct{ shown, kept string }{
		{"<script>alert(1)</script>", "<script>alert(1)</script>"},
		{"👩‍👩‍👧 e\u0301te\u0301", "👩‍👩‍👧 e\u0301te\u0301"},
		{"רעה\uFFFD שלום \nund", "רעה\u202C שלום\r\nund"},
		{"so</b>\n weiter\n& ", "so</b>\r weiter\u2028&"},
		{"\"quoted\" 🙂 This", "\"quoted\" 🙂 This"},
	} {
		id := item()
		script := fmt.Sprintf(`(() => {
			const p = document.querySelector("[data-passage]"), i = p.textContent.indexOf(%s);
			if (i < 0) return "not in " + JSON.stringify(p.textContent);
			const find = (at) => { const w = document.createTreeWalker(p, NodeFilter.SHOW_TEXT); for (let n = w.nextNode(); n; n = w.nextNode()) { if (at <= n.data.length) return [n, at]; at -= n.data.length; } };
			getSelection().setBaseAndExtent(...find(i), ...find(i + %s.length));
			return "";
		})()`, quotedJSON(c.shown), quotedJSON(c.shown))
		var wrong string
		if tab.Run(t, chromedp.Evaluate(script, &wrong)); wrong != "" {
			t.Fatalf("%q: %s", c.shown, wrong)
		}
		says(t, tab, "[data-mark-text]", strings.Join(strings.Fields(c.shown), " "))
		tab.Run(t, chromedp.KeyEvent(kb.Enter))
		n++
		labelled(fmt.Sprintf("%d of 10 labelled", n))
		j := lastJudged(t, f, "x.jsonl", n)
		if j.Item != id || j.Answer != c.kept || j.Start != strings.Index(contextOf(id), c.kept) {
			t.Errorf("%q: %+v, not %q at %d", c.shown, j, c.kept, strings.Index(contextOf(id), c.kept))
		}
	}
	// Dragged over by mouse.
	var box struct{ Left, Right, Y float64 }
	tab.Run(t, chromedp.Evaluate(`(() => {
		const p = document.querySelector("[data-passage]"), r = document.createRange();
		for (const w = document.createTreeWalker(p, NodeFilter.SHOW_TEXT); w.nextNode();) {
			const i = w.currentNode.data.indexOf("third day");
			if (i >= 0) { r.setStart(w.currentNode, i); r.setEnd(w.currentNode, i + 9); break; }
		}
		const b = r.getBoundingClientRect();
		return {Left: b.left, Right: b.right, Y: (b.top + b.bottom) / 2};
	})()`, &box))
	tab.Run(t, chromedp.MouseEvent(input.MousePressed, box.Left+1, box.Y, chromedp.ButtonLeft), chromedp.MouseEvent(input.MouseMoved, box.Right-20, box.Y, chromedp.ButtonLeft),
		chromedp.MouseEvent(input.MouseMoved, box.Right, box.Y, chromedp.ButtonLeft), chromedp.MouseEvent(input.MouseReleased, box.Right, box.Y, chromedp.ButtonLeft))
	says(t, tab, "[data-mark-text]", "third day")
	tab.Run(t, chromedp.Click("#mark .go"))
	labelled("9 of 10 labelled")
	if j := lastJudged(t, f, "x.jsonl", 9); j.Answer != "third day" || j.Start != strings.Index(contextOf(j.Item), "third day") {
		t.Errorf("dragged: %+v", j)
	}
	// One place of several that is typed, by keyboard.
	tab.Run(t, chromedp.Click(".type summary"), chromedp.SendKeys("#typed", "on"), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("#choosing:focus"), chromedp.KeyEvent("2"))
	labelled("10 of 10 labelled")
	if j := lastJudged(t, f, "x.jsonl", 10); j.Answer != "on" || j.Start != strings.Index(contextOf(j.Item), "ends on")+5 {
		t.Errorf("%+v", j)
	}
	says(t, tab, "#asked", "All questions are labelled")
	says(t, tab, "#status", "Saved: on. 10 of 10 labelled. That was the last question.")
	// The address of a question shows it to whoever opens it.
	tab.Run(t, chromedp.Navigate(srv.URL+"/questions/label?name=x.jsonl&item="+first))
	says(t, tab, "#asked", "When does lease "+strings.TrimPrefix(first, "q")+" <i>end</i>? 🙂")
	var weights []float64
	for _, j := range judged(t, f, "x.jsonl") {
		weights = append(weights, j.Weight)
	}
	if slices.Contains(weights, 0) {
		t.Errorf("drawn with %v", weights)
	}
	tab.Check(t, srv.URL)
}

func quotedJSON(s string) string { raw, _ := json.Marshal(s); return string(raw) }
