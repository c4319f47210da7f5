package web

import (
	"bytes"
	"encoding/csv"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/tryall/tryall/web/webtest"
)

// raced starts a race over a file of questions, waits for its end, and gives the path of the run.
func raced(t *testing.T, home, file string, fields ...[2]string) string {
	t.Helper()
	status, run, body := begin(t, home, file, fields...)
	if status != http.StatusSeeOther {
		t.Fatalf("%d %s", status, text(t, body, "#main"))
	}
	call(t, "GET", home+run+"/events", nil, nil) // ends with the race
	return run
}

func TestLeaderboardPage(t *testing.T) {
	_, srv := start(t, nil)
	run := raced(t, srv.URL, leases(60), append(two(), [2]string{"m", webtest.Abstains})...)
	board := func(query string) (string, string) {
		_, page, _ := call(t, "GET", srv.URL+run+"/leaderboard"+query, nil, nil)
		checkSafe(t, run, page)
		return text(t, page, ".full-board"), page
	}
	got, page := board("")
	if !strings.Contains(got, "rank ▴model F1 %") || !regexp.MustCompile(`1 agrees pick ?front 100\.0 .*dropped after \d+ questions: \d+\.\d F1 behind agrees`).MatchString(got) || strings.Contains(got, "licence") {
		t.Errorf("the board is %q", got)
	}
	if !strings.Contains(page, `<svg class="bar"`) || !strings.Contains(page, `<nav class="tabs"`) || len(page) > 150<<10 {
		t.Errorf("no whiskers, no tabs, or too large: %d bytes", len(page))
	}
	// The order and the columns are those of the address.
	if got, _ = board("?sort=model&rev=1&col=precision&col=no_ans_f1"); !strings.HasPrefix(got, "rank model ▾F1 % F1, has none % precision ") || strings.Index(got, "differs") > strings.Index(got, "1 agrees") {
		t.Errorf("sorted: %q", got)
	}
	if got, _ = board("?sort=n"); !strings.Contains(got, "questions ▾") || !strings.Contains(got, "agrees") {
		t.Errorf("by questions: %q", got)
	}
	if _, page = board("?mode=<script>&sort=%22%3E&col=x"); !strings.Contains(text(t, page, ".full-board"), "agrees") {
		t.Errorf("nonsense in the address: %s", text(t, page, "#main"))
	}
	// The table as it is shown.
	status, body, head := call(t, "GET", srv.URL+run+"/leaderboard.csv?sort=model&rev=1&col=precision", nil, nil)
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if status != 200 || err != nil || len(rows) != 4 || strings.Join(rows[0], " ") != "mode rank tied contestant f1 f1_lo f1_hi precision out" || rows[1][3] != webtest.Differs+"@0123456789:fp32" || rows[3][4] == "" || rows[3][7] != "fp32" {
		t.Errorf("%d %v %q", status, err, body)
	}
	if !strings.HasPrefix(head.Get("Content-Disposition"), "attachment") {
		t.Error(head)
	}
	for _, screen := range []string{"leaderboard", "leaderboard.csv", "matrix", "report"} {
		if status, _, _ := call(t, "GET", srv.URL+"/bakeoff/20990101-zzzz/"+screen, nil, nil); status != 404 {
			t.Errorf("%s of a run that is not there: %d", screen, status)
		}
	}
	if _, page, _ = call(t, "GET", srv.URL+run, nil, nil); !strings.Contains(page, run+"/leaderboard") {
		t.Error("the verdict does not lead to the leaderboard")
	}
}

// TestMarksStay: a contestant has the same mark while it races, on the verdict and on the leaderboard, whoever leads.
func TestMarksStay(t *testing.T) {
	f, srv := start(t, nil)
	release := f.Hold(webtest.Agrees)
	defer release()
	_, run, _ := begin(t, srv.URL, leases(60), [2]string{"m", webtest.Differs}, [2]string{"m", webtest.Agrees}) // the worse one first
	mark := regexp.MustCompile(`class="f-(m\d)" d="[^"]*"/>\s*</svg>\s*<span[^>]*>(agrees|differs)<`)
	marks := func(page string) map[string]string {
		out := map[string]string{}
		for _, m := range mark.FindAllStringSubmatch(page, -1) {
			out[m[2]] = m[1]
		}
		return out
	}
	live := until(t, srv.URL+run, "The race is on")
	if got := marks(live); got["differs"] != "m0" || got["agrees"] != "m1" {
		t.Errorf("in the race: %v", got)
	}
	release()
	until(t, srv.URL+run, "is better than")
	for _, screen := range []string{"", "/leaderboard", "/matrix"} {
		_, page, _ := call(t, "GET", srv.URL+run+screen, nil, nil)
		if got := marks(page); got["agrees"] != "m1" || got["differs"] != "" && got["differs"] != "m0" { // who was dropped is hollow on boards
			t.Errorf("%s: %v", screen, got)
		}
	}
}

func TestMatrixPage(t *testing.T) {
	_, srv := start(t, nil)
	run := raced(t, srv.URL, leases(60), append(two(), [2]string{"limit", "16"})...)
	matrix := func(query string) (string, string) {
		_, page, _ := call(t, "GET", srv.URL+run+"/matrix"+query, nil, nil)
		checkSafe(t, run, page)
		return text(t, page, ".matrix"), page
	}
	got, page := matrix("")
	if !strings.HasPrefix(got, "question and right answer agrees differs 1 When does lease 0 end? 31 March 2027 ✓right: 31 March 2027 ◐half: 1 April 2024") && !strings.HasPrefix(got, "question and right answer agrees differs 1 When does lease 0 end? 31 March 2027 ✓right: 31 March 2027 ✗wrong: 1 April 2024") {
		t.Errorf("%q", got)
	}
	if !strings.Contains(got, "4 When does lease 3 end? no answer ✓right: no answer ✓right: no answer") {
		t.Errorf("a question without an answer: %q", got)
	}
	inspect := "/inspect?" + url.Values{"run": {strings.TrimPrefix(run, "/bakeoff/")}, "mode": {"oracle"}, "q": {"q0"}, "m": {webtest.Differs + "@0123456789:fp32"}}.Encode()
	if !strings.Contains(page, `href="`+strings.ReplaceAll(inspect, "&", "&amp;")+`"`) {
		t.Error("a cell does not lead to its inspection")
	}
	count := func(query string) string {
		_, page := matrix(query)
		return text(t, page, ".pager")
	}
	for query, want := range map[string]string{"": "1 to 16 of 16 questions", "?show=failures": "1 to 12 of 12 questions", "?show=differ": "1 to 12 of 12 questions",
		"?show=none": "1 to 4 of 4 questions", "?q=LEASE+1+end": "1 to 1 of 1 question", "?q=april": "1 to 12 of 12 questions", "?show=none&q=lease+3": "1 to 1 of 1 question", "?page=99": "1 to 16 of 16 questions"} {
		if got := count(query); got != want {
			t.Errorf("%s: %q, not %q", query, got, want)
		}
	}
	for query, want := range map[string]string{"": "", "?show=none&page=1&m=0": "", "?filter=none": "", "?filter=zzz": "There is no filter “zzz”; all questions are shown.", "?show=<b>": "There is no filter “<b>”; all questions are shown.",
		"?page=-1": "There is no page “-1”; this is the first.", "?page=99": "There is no page 99; this is the last.", "?mode=zzz&page=x": "There is no page “x”; this is the first. This run has no mode “zzz”; this is its first."} {
		_, page := matrix(query)
		if got := text(t, page, "#not-known"); html.UnescapeString(got) != want {
			t.Errorf("%s notes %q, not %q", query, got, want)
		}
	}
	if got := count("?filter=none"); got != "1 to 4 of 4 questions" {
		t.Errorf("by another name of the filter: %q", got)
	}
	for query, want := range map[string]string{"": "", "?sort=model": "", "?sort=zzz&rev=1": "There is no column “zzz” to sort by; these are in the order of their ranks.", "?col=zzz": "There is no column “zzz”.", "?mode=zzz": "This run has no mode “zzz”; this is its first."} {
		_, page, _ := call(t, "GET", srv.URL+run+"/leaderboard"+query, nil, nil)
		if got := text(t, page, "#not-known"); got != want {
			t.Errorf("the leaderboard%s notes %q, not %q", query, got, want)
		}
	}
	if _, page = matrix("?show=errors"); !strings.Contains(text(t, page, ".nothing"), "No contestant has failed") {
		t.Errorf("without errors: %s", text(t, page, "#main"))
	}
	if got, _ = matrix("?m=1"); strings.Contains(got, "agrees") || !strings.Contains(got, "differs") {
		t.Errorf("one contestant: %q", got)
	}
	_, _, head := call(t, "GET", srv.URL+run+"/matrix", nil, map[string]string{"Accept-Encoding": "gzip"})
	if head.Get("Content-Encoding") != "gzip" {
		t.Errorf("it is sent as it is: %v", head)
	}
}

// TestJudging: an answer becomes one of the right ones of its question in the set, the run stays as it is, and it can be taken back.
func TestJudging(t *testing.T) {
	_, srv := start(t, nil)
	run := raced(t, srv.URL, leases(20), two()...)
	right := func() string {
		_, page, _ := call(t, "GET", srv.URL+"/questions/export?as=jsonl&name=leases-20.json", nil, nil)
		first, _, _ := strings.Cut(page, "\n")
		return first
	}
	if strings.Contains(right(), `"text": "1 April`) {
		t.Fatalf("before: %s", right())
	}
	_, page, _ := call(t, "GET", srv.URL+run+"/matrix?show=failures", nil, nil)
	button := regexp.MustCompile(`name="right" value="(0\.1)"`).FindStringSubmatch(page)
	if button == nil {
		t.Fatalf("there is no button: %s", text(t, page, ".matrix"))
	}
	form := url.Values{"right": {button[1]}, "mode": {"oracle"}, "state": {"show=failures"}, "who": {"<b>Ann</b>"}}
	status, body, head := call(t, "POST", srv.URL+run+"/judge", form, nil)
	if status != http.StatusSeeOther || head.Get("Location") != run+"/matrix?show=failures#c0-1" {
		t.Fatalf("%d %s %s", status, head.Get("Location"), text(t, body, ".failure"))
	}
	if !strings.Contains(right(), `"text": "1 April 2024"`) || !strings.Contains(right(), `"text": "31 March 2027"`) {
		t.Errorf("the question has %s", right())
	}
	_, page, _ = call(t, "GET", srv.URL+run+"/matrix", nil, nil)
	checkSafe(t, run, page)
	row := text(t, page, ".added")
	if !strings.HasPrefix(row, "right too: 1 April 2024 <b>Ann</b>, ") || !strings.Contains(text(t, page, ".matrix"), "31 March 2027 ✓right") || strings.Contains(page, `name="right" value="0.1"`) {
		t.Errorf("the row says %q", row)
	}
	if _, page, _ := call(t, "GET", srv.URL+run+"/leaderboard", nil, nil); !strings.Contains(text(t, page, ".full-board"), "100.0") {
		t.Error("the run's figures have changed")
	}
	_, page, _ = call(t, "GET", srv.URL+run+"/matrix", nil, nil)
	undo := regexp.MustCompile(`name="undo" value="([^"]+)"`).FindStringSubmatch(page)
	if status, _, _ := call(t, "POST", srv.URL+run+"/judge", url.Values{"undo": {undo[1]}, "mode": {"oracle"}}, nil); status != http.StatusSeeOther || strings.Contains(right(), `"text": "1 April`) {
		t.Errorf("taken back: %d %s", status, right())
	}
	for _, c := range []struct {
		form url.Values
		want string
	}{
		{url.Values{"undo": {undo[1]}, "mode": {"oracle"}}, "no judgement to take back"}, {url.Values{"undo": {"0.x"}, "mode": {"oracle"}}, "There is no judgement"},
		{url.Values{"right": {"999.1"}, "mode": {"oracle"}}, "no cell"}, {url.Values{"right": {"0.9"}, "mode": {"oracle"}}, "no cell"}, {url.Values{"right": {"0.1"}, "mode": {"luck"}}, "no cell"},
		{url.Values{"right": {"3.0"}, "mode": {"oracle"}}, "no answer that could be right"},
	} {
		status, body, _ := call(t, "POST", srv.URL+run+"/judge", c.form, nil)
		if status < 400 || status >= 500 || !strings.Contains(text(t, body, ".failure"), c.want) {
			t.Errorf("%v: %d %q", c.form, status, text(t, body, ".failure"))
		}
	}
	// The set has changed since, or is gone.
	begin(t, srv.URL, strings.ReplaceAll(leases(20), "When does", "Until when does"), two()...)
	if _, body, _ := call(t, "POST", srv.URL+run+"/judge", form, nil); !strings.Contains(text(t, body, ".failure"), "reads otherwise now") {
		t.Errorf("another question: %q", text(t, body, ".failure"))
	}
}

// TestJudgingOvertaken: whoever calls an answer right of whose question somebody has said something meanwhile is asked whose word is to
// stand, in the words of the page for labelling.
func TestJudgingOvertaken(t *testing.T) {
	f, srv := start(t, nil)
	const set = "leases-20.json"
	run := raced(t, srv.URL, leases(20), two()...)
	load := func() string {
		_, page, _ := call(t, "GET", srv.URL+run+"/matrix", nil, nil)
		return page
	}
	hidden := func(page, name string) (out []string) {
		for _, m := range regexp.MustCompile(`name="`+name+`" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			out = append(out, html.UnescapeString(m[1]))
		}
		return out
	}
	say := func(page, right, who string, more url.Values) (int, string) {
		form := url.Values{"right": {right}, "mode": {"oracle"}, "state": {"show=failures"}, "who": {who}, "seen": hidden(page, "seen")}
		for k, v := range more {
			form[k] = v
		}
		status, body, head := call(t, "POST", srv.URL+run+"/judge", form, nil)
		if status == http.StatusSeeOther && head.Get("Location") != run+"/matrix?show=failures#c"+strings.Replace(right, ".", "-", 1) {
			t.Errorf("it leads to %s", head.Get("Location"))
		}
		return status, body
	}
	words := func(n int) (out []string) {
		for _, j := range judged(t, f, set)[n:] {
			out = append(out, j.Who+": "+j.Answer)
		}
		return out
	}
	ann, bob := load(), load()
	if n := len(hidden(ann, "seen")); n != 20 {
		t.Fatalf("the page says of %d questions what it shows of them", n)
	}
	cells := hidden(ann, "right")
	if len(cells) < 3 {
		t.Fatalf("only %q can be called right", cells)
	}
	conflict := func(right, who string) string {
		t.Helper()
		status, page := say(bob, right, who, nil)
		if status != http.StatusConflict || !slices.Equal(hidden(page, "right"), []string{right}) {
			t.Fatalf("%d %s", status, text(t, page, "#main"))
		}
		checkSafe(t, run, page)
		return page
	}
	decide := func(page, right, keep string) {
		t.Helper()
		if status, body := say(page, right, "bob", url.Values{"keep": {keep}, "since": hidden(page, "since")}); status != http.StatusSeeOther {
			t.Errorf("%s: %d %s", keep, status, text(t, body, "#main"))
		}
	}
	for _, right := range cells[:3] {
		if status, body := say(ann, right, "ann <b>", nil); status != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", right, status, text(t, body, "#main"))
		}
	}
	page := conflict(cells[0], "bob")
	if got := text(t, page, ".choosing"); !strings.HasPrefix(got, "Somebody labelled this question while you were at it ann <b> said “1 April 2024” You say “1 April 2024” Keep theirs Use mine Both are right Yours is not saved") {
		t.Errorf("%q", got)
	}
	if got := text(t, conflict(cells[0], "ann <b>"), ".choosing"); !strings.HasPrefix(got, "You have labelled this question meanwhile, on another page You said there “1 April 2024”") {
		t.Errorf("%q", got)
	}
	before := words(0)
	decide(page, cells[0], "theirs")
	if got := words(0); !slices.Equal(got, before) || len(got) != 3 {
		t.Errorf("theirs: %q, before %q", got, before)
	}
	decide(conflict(cells[1], "bob"), cells[1], "both")
	if got := words(3); !slices.Equal(got, []string{"bob: 1 April 2024"}) {
		t.Errorf("both: %q", got)
	}
	page = conflict(cells[2], "bob")
	decide(page, cells[2], "mine")
	if got := words(0); !slices.Equal(got, []string{"ann <b>: 1 April 2024", "ann <b>: 1 April 2024", "bob: 1 April 2024", "bob: 1 April 2024"}) {
		t.Errorf("mine: %q", got)
	}
	if status, body := say(page, cells[2], "bob", url.Values{"keep": {"mine"}, "since": hidden(page, "since")}); status != http.StatusConflict {
		t.Errorf("twice: %d %s", status, text(t, body, "#main"))
	}
	if status, body := say(load(), cells[2], "carol", nil); status != http.StatusSeeOther {
		t.Errorf("who has seen it: %d %s", status, text(t, body, "#main"))
	}
	if status, body := say(page, cells[2], "bob", url.Values{"seen": {strings.TrimSuffix(cells[2], ".1") + ".x"}}); status != http.StatusUnprocessableEntity && status != http.StatusBadRequest {
		t.Errorf("no number: %d %s", status, text(t, body, "#main"))
	}
}

func TestReportPage(t *testing.T) {
	_, srv := start(t, nil)
	run := raced(t, srv.URL, leases(20), two()...)
	page := func() string {
		_, page, _ := call(t, "GET", srv.URL+run+"/report", nil, nil)
		checkSafe(t, run, page)
		return page
	}
	if got := page(); !strings.Contains(text(t, got, ".verdict"), "agrees is better") || !regexp.MustCompile(`report\.html .*open.* \d+ kB`).MatchString(text(t, got, ".exports")) || !strings.Contains(text(t, got, "#share"), "listens on this machine alone") {
		t.Errorf("%s", text(t, got, "#main"))
	}
	said := url.Values{"title": {"Our <leases>"}, "decision": {"We take <script>alert(1)</script> agrees"}, "notes": {"Cheap.\r\nGood."}, "who": {"Ann"}}
	if status, body, head := call(t, "POST", srv.URL+run+"/decision", said, nil); status != http.StatusSeeOther || head.Get("Location") != run+"/report#decision" {
		t.Fatalf("%d %s", status, text(t, body, ".failure"))
	}
	got := page()
	for _, want := range []string{`value="Our &lt;leases&gt;"`, "We take &lt;script&gt;alert(1)&lt;/script&gt; agrees</textarea>", "Cheap.\nGood.</textarea>", `value="Ann"`} {
		if !strings.Contains(got, want) {
			t.Errorf("the page does not keep %q", want)
		}
	}
	for file, want := range map[string]string{"report.html": "<p>Cheap.</p>\n<p>Good.</p>", "report.md": "## Decision", "report.json": `"who": "Ann"`} {
		_, body, _ := call(t, "GET", srv.URL+run+"/report/"+file, nil, nil)
		if !strings.Contains(strings.NewReplacer("<bdi>", "", "</bdi>", "").Replace(body), want) || file != "report.json" && strings.Contains(body, "<script") {
			t.Errorf("%s does not tell the decision", file)
		}
	}
	said.Set("notes", strings.Repeat("x", 70_000))
	if status, body, _ := call(t, "POST", srv.URL+run+"/decision", said, nil); status != 422 || !strings.Contains(text(t, body, ".failure"), "at most") || !strings.Contains(body, strings.Repeat("x", 70_000)) {
		t.Errorf("%d: what was typed is lost", status)
	}
}

var shareLink = regexp.MustCompile(`value="https?://[^"]*(/share/[A-Za-z0-9_-]{22})"`)

// TestShare: whoever has a link reads that report without the token, and nothing else, until the link is taken back.
func TestShare(t *testing.T) {
	_, srv := start(t, func(c *Config) { c.Access = Access{Addr: "0.0.0.0:0", Token: "secret"} })
	know := map[string]string{"Authorization": "Bearer secret"}
	if status, _, _ := call(t, "GET", srv.URL+"/bakeoff", nil, nil); status != http.StatusUnauthorized {
		t.Fatalf("the server is open: %d", status)
	}
	run := knownRace(t, srv.URL, know)
	if status, _, _ := call(t, "POST", srv.URL+run+"/share", url.Values{}, nil); status != http.StatusUnauthorized {
		t.Errorf("a stranger makes a link: %d", status)
	}
	call(t, "POST", srv.URL+run+"/share", url.Values{}, know)
	_, page, _ := call(t, "GET", srv.URL+run+"/report", nil, know)
	m := shareLink.FindStringSubmatch(page)
	if m == nil || strings.Contains(text(t, page, "#share"), "this machine alone") {
		t.Fatalf("there is no link: %s", text(t, page, "#share"))
	}
	status, body, head := call(t, "GET", srv.URL+m[1], nil, nil)
	if status != 200 || !strings.Contains(body, "agrees is better") || !strings.Contains(head.Get("Content-Security-Policy"), "style-src 'sha256-") || head.Get("Cache-Control") != "no-store" || !strings.HasPrefix(head.Get("X-Robots-Tag"), "noindex") || head.Get("Set-Cookie") != "" {
		t.Errorf("%d %v", status, head)
	}
	// It opens nothing else.
	key := strings.TrimPrefix(m[1], "/share/")
	for path, want := range map[string]int{"/": 401, "/bakeoff": 401, run: 401, run + "/report": 401, "/?token=" + key: 401, m[1] + "/..": 401, m[1] + "/../../bakeoff": 401, "/share/..%2fbakeoff": 401, "/share/": 401, "/api/models": 401,
		"/share/" + strings.Repeat("A", 22): 404, m[1][:len(m[1])-1]: 404, m[1] + "A": 404} {
		if status, body, _ := call(t, "GET", srv.URL+path, nil, map[string]string{"Cookie": "tryall_token=" + key}); status != want || strings.Contains(body, "agrees") {
			t.Errorf("%s: %d, not %d", path, status, want)
		}
	}
	if status, _, _ := call(t, "POST", srv.URL+m[1], url.Values{}, nil); status != 401 {
		t.Errorf("a link takes a form: %d", status)
	}
	id := regexp.MustCompile(`name="link" value="([0-9a-f]+)"`).FindStringSubmatch(page)
	if strings.Contains(id[1], key) {
		t.Error("the name of the link gives its key away")
	}
	if status, _, _ := call(t, "POST", srv.URL+run+"/unshare", url.Values{"link": {id[1]}}, know); status != http.StatusSeeOther {
		t.Errorf("take back: %d", status)
	}
	if status, body, _ := call(t, "GET", srv.URL+m[1], nil, nil); status != 404 || strings.Contains(body, "agrees") {
		t.Errorf("a link that was taken back: %d", status)
	}
}

// TestShareOnAnotherName: names that could be another site's are refused for links too.
func TestShareOnAnotherName(t *testing.T) {
	_, srv := start(t, nil)
	if status, _, _ := call(t, "GET", srv.URL+"/share/"+strings.Repeat("A", 22), nil, map[string]string{"Host": "evil.example"}); status != http.StatusMisdirectedRequest {
		t.Errorf("%d", status)
	}
}

// knownRace races with a token and gives the run.
func knownRace(t *testing.T, home string, know map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range two() {
		w.WriteField(f[0], f[1])
	}
	part, _ := w.CreateFormFile("file", "leases-20.json")
	io.WriteString(part, leases(12)) // too few for a race to drop anybody
	w.Close()
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, home+"/bakeoff", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	for k, v := range know {
		r.Header.Set(k, v)
	}
	resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("the race does not begin: %d", resp.StatusCode)
	}
	call(t, "GET", home+resp.Header.Get("Location")+"/events", nil, know)
	return resp.Header.Get("Location")
}

// TestRunInABrowser sorts the leaderboard and picks its columns, goes through the matrix by keyboard, calls an answer right and takes
// that back, decides, exports the report and shares it with somebody who has no token.
func TestRunInABrowser(t *testing.T) {
	_, srv := start(t, func(c *Config) { c.Access = Access{Addr: "0.0.0.0:0", Token: "secret"} })
	run := knownRace(t, srv.URL, map[string]string{"Authorization": "Bearer secret"})
	b := webtest.Browser(t)
	tab := b.Tab(t, 1280, "light")
	defer tab.Close()
	tab.Run(t, chromedp.Navigate(srv.URL+"/bakeoff?token=secret"), chromedp.Navigate(srv.URL+run), chromedp.Click(`.tabs a[href$="/leaderboard"]`), chromedp.WaitVisible(".full-board"))
	tab.Run(t, chromedp.Click(`.full-board thead th:nth-child(2) a`))
	at(t, tab, "sort=model")
	tab.Run(t, chromedp.Click(`.full-board thead th:nth-child(2) a`))
	at(t, tab, "rev=1")
	says(t, tab, ".full-board tbody tr:first-child .who", "differs")
	tab.Run(t, chromedp.Click("#columns summary"))
	for _, c := range []string{"exact", "has_ans_f1", "no_ans_f1", "answered", "wrong_rate", "coverage_at_90", "size", "n"} {
		tab.Run(t, chromedp.Click(`#columns input[value="`+c+`"]`))
	}
	tab.Run(t, chromedp.Click(`#columns input[value="precision"]`), chromedp.Click("#columns button"))
	at(t, tab, "col=precision")
	says(t, tab, ".full-board tbody tr:first-child td:last-child", "fp32")
	matrixByKeyboard(t, tab)
	tab.Run(t, chromedp.Click(`.tabs a[href$="/report"]`), chromedp.SetValue("#decided", "We take agrees."), chromedp.Click(".decision .go"), chromedp.WaitVisible(".decision .minor"))
	says(t, tab, "#decided", "We take agrees.")
	// The report comes as a file by a click.
	dir := t.TempDir()
	tab.Run(t, browser.SetDownloadBehavior(browser.SetDownloadBehaviorBehaviorAllow).WithDownloadPath(dir), chromedp.Click(`.exports a[download$="report.html"]`))
	var file []byte
	for end := time.Now().Add(10 * time.Second); len(file) == 0 && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		file, _ = os.ReadFile(filepath.Join(dir, strings.TrimPrefix(run, "/bakeoff/")+"-report.html"))
	}
	if !strings.Contains(string(file), "We take agrees.") {
		t.Errorf("the report that was downloaded has %d bytes", len(file))
	}
	// A link, for somebody without the token.
	link := ""
	tab.Run(t, chromedp.Click("#share form:last-of-type button"), chromedp.WaitVisible(".links input[readonly]"), chromedp.Value(".links input[readonly]", &link))
	copied := ""
	tab.Run(t, chromedp.Evaluate(`navigator.clipboard.writeText = async (s) => { window.copied = s; }`, nil), chromedp.Click("[data-copy]"))
	says(t, tab, "[data-copy]", "Copied")
	if tab.Run(t, chromedp.Evaluate(`window.copied`, &copied)); copied != link {
		t.Errorf("copied %q, not %q", copied, link)
	}
	stranger := webtest.Browser(t).Tab(t, 390, "dark") // another browser, without the cookie
	defer stranger.Close()
	stranger.Run(t, chromedp.Navigate(link))
	says(t, stranger, "#decision + p", "We take agrees.")
	stranger.Check(t, srv.URL)
	stranger.Run(t, chromedp.Navigate(srv.URL+run))
	says(t, stranger, "body", "a token is needed: open /?token=T, or send Authorization: Bearer T")
	tab.Run(t, chromedp.Click(".links form button"), chromedp.WaitNotPresent(".links"))
	stranger.Run(t, chromedp.Navigate(link))
	says(t, stranger, "body", "This link opens nothing: it was taken back, or it is not whole. Ask whoever gave it to you.")
	tab.Check(t, srv.URL)
}

// matrixByKeyboard goes through the matrix without a mouse.
func matrixByKeyboard(t *testing.T, tab *webtest.Tab) { //nolint:thelper // the line that fails is wanted
	focused := func(want string) { // a page that came by a form has no :focus in a browser without a window
		t.Helper()
		got := ""
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			err := tab.Try(chromedp.Evaluate(`document.activeElement.matches("[data-matrix] td > a") ? document.activeElement.textContent.replace(/\s+/g, " ").trim() : ""`, &got))
			if err == nil && got == want {
				return
			}
		}
		t.Fatalf("the focus is on %q, not on %q", got, want)
	}
	key := func(keys ...string) {
		for _, k := range keys {
			tab.Run(t, chromedp.KeyEvent(k))
		}
	}
	tab.Run(t, chromedp.Click(`.tabs a[href$="/matrix"]`), chromedp.WaitVisible("[data-matrix]"))
	says(t, tab, "[data-filter][aria-current]", "All 12")
	key("f")
	at(t, tab, "show=failures")
	says(t, tab, "[data-filter][aria-current]", "Failures 9")
	tab.Run(t, chromedp.WaitVisible(`[data-matrix] td > a[tabindex="0"]`))
	key(kb.ArrowDown)
	focused("✓right: 31 March 2027")
	key(kb.ArrowRight)
	focused("✗wrong: 1 April 2024")
	key(kb.ArrowDown, kb.ArrowUp, kb.ArrowLeft, kb.End, kb.Home, kb.ArrowRight)
	focused("✗wrong: 1 April 2024")
	tab.Run(t, chromedp.Click(".judging summary"), chromedp.SetValue("#who", "Ann"), chromedp.Focus("#c0-1"))
	key("r")
	tab.Run(t, chromedp.WaitVisible(".added"))
	focused("✗wrong: 1 April 2024") // where one was
	says(t, tab, ".added > .minor", "Ann, "+time.Now().Format("2 Jan 2006"))
	tab.Run(t, chromedp.Click(".added button"), chromedp.WaitNotPresent(".added"))
	here := at(t, tab, "/matrix?")
	tab.Run(t, chromedp.Focus("#c0-1"))
	key(kb.Enter)
	at(t, tab, "/inspect?")
	tab.Run(t, chromedp.Navigate(here), chromedp.WaitVisible(`[data-matrix] td > a[tabindex="0"]`))
	tab.Forget() // where the page of one question is not there
	key("f")
	at(t, tab, "show=differ")
	tab.Run(t, chromedp.WaitVisible(`[data-matrix] td > a[tabindex="0"]`))
	key("f")
	at(t, tab, "show=errors")
	says(t, tab, ".nothing h2", "No question is left")
}
