package web

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tryall/tryall/web/webtest"
)

// send posts a form with a file and gives status, place and body.
func send(t *testing.T, address, name, content string, fields map[string]string) (int, string, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, v := range fields {
		w.WriteField(k, v)
	}
	if name != "" {
		part, _ := w.CreateFormFile("file", name)
		io.WriteString(part, content)
	}
	w.Close()
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, address, &b)
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

// TestCorpus: texts are sent and named, one that cannot be read says why, passages are found, and the corpus is asked.
func TestCorpus(t *testing.T) {
	f, srv := start(t, nil)
	if _, page, _ := call(t, "GET", srv.URL+"/corpus", nil, nil); !strings.Contains(text(t, page, "#main"), "Ask all your texts at once") {
		t.Errorf("before: %s", text(t, page, "#main"))
	}
	status, to, _ := send(t, srv.URL+"/corpus/add", "../../lease<b>.md", "# The lease\n\n"+webtest.Lease+"\n<script>alert(1)</script>", nil)
	if status != http.StatusSeeOther || to != "/corpus" {
		t.Fatalf("%d %s", status, to)
	}
	page := until(t, srv.URL+"/corpus", "1 file added")
	checkSafe(t, "/corpus", page)
	if got := text(t, page, ".files"); !strings.Contains(got, "passages lease<b>.md markdown") {
		t.Errorf("the file that was sent: %s", got)
	}
	data, _ := f.Data()
	if _, err := os.Stat(filepath.Join(data, "uploads", "lease<b>.md")); err != nil {
		t.Error(err)
	}
	if up, _ := filepath.Glob(filepath.Join(filepath.Dir(data), "*")); len(up) != 1 {
		t.Errorf("something was written outside: %v", up)
	}
	// A path, with a file that cannot be read.
	dir := t.TempDir()
	for name, content := range map[string]string{"notes.txt": "The rent of the garage is 40 pounds.", "broken.docx": "PK\x03\x04"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if status, _, body := send(t, srv.URL+"/corpus/add", "", "", map[string]string{"path": dir}); status != http.StatusSeeOther {
		t.Fatalf("%d %s", status, text(t, body, ".failure"))
	}
	page = until(t, srv.URL+"/corpus", "1 file failed")
	if got := text(t, page, "#main"); !strings.Contains(got, "broken.docx") || !strings.Contains(got, "1 file could not be read") {
		t.Errorf("%s", got)
	}
	if _, page, _ := call(t, "GET", srv.URL+"/corpus?show=failed", nil, nil); strings.Contains(text(t, page, ".files"), "notes.txt") || !strings.Contains(text(t, page, ".files"), "broken.docx") {
		t.Errorf("files that failed: %s", text(t, page, ".files"))
	}
	_, page, _ = call(t, "GET", srv.URL+"/corpus?q=garage", nil, nil)
	if got := text(t, page, ".found"); !strings.Contains(got, "rent of the garage is 40") || !strings.Contains(page, `<mark class="also">garage</mark>`) {
		t.Errorf("found: %q", got)
	}
	_, link, _ := strings.Cut(page, `href="/corpus/document?`)
	link, _, _ = strings.Cut(link, `"`)
	if _, page, _ = call(t, "GET", srv.URL+"/corpus/document?"+link, nil, nil); !strings.Contains(text(t, page, ".passages"), "The rent of the garage") {
		t.Errorf("the document: %s", text(t, page, "#main"))
	}
	_, page, _ = call(t, "GET", srv.URL+"/corpus?q=lease", nil, nil)
	if got := text(t, page, ".found"); !strings.HasPrefix(got, "The lease, lease<b>.md ") {
		t.Errorf("what was sent, found: %q", got)
	}
	_, page, _ = call(t, "GET", srv.URL+"/corpus/document?"+url.Values{"id": {filepath.ToSlash(filepath.Join(data, "uploads", "lease<b>.md"))}}.Encode(), nil, nil)
	if got := text(t, page, ".kind"); got != "Corpus · lease<b>.md" {
		t.Errorf("what was sent, read: %q", got)
	}
	v := url.Values{"q": {"When does the lease end?"}, "from": {"corpus"}}
	_, page, _ = call(t, "GET", srv.URL+"/?"+v.Encode(), nil, nil)
	if text(t, page, ".says") != "31 March 2027" || !strings.HasSuffix(text(t, page, ".passage"), "The lease, lease<b>.md") {
		t.Errorf("asked: %s", text(t, page, "#answer"))
	}
	call(t, "POST", srv.URL+"/corpus/again", url.Values{}, nil)
	until(t, srv.URL+"/corpus", "files updated")
	_, page, _ = call(t, "GET", srv.URL+"/corpus", nil, nil)
	asksFirst(t, page, "/corpus/remove", "This takes lease&lt;b&gt;.md with its 1 passage out of the corpus. It was sent here", "notes.txt with its 1 passage out of the corpus. The file itself", "cannot be undone")
	call(t, "POST", srv.URL+"/corpus/remove", url.Values{"path": {filepath.ToSlash(filepath.Join(dir, "notes.txt"))}}, nil)
	if _, page, _ = call(t, "GET", srv.URL+"/corpus?q=garage", nil, nil); !strings.Contains(page, "No passage has a word of that") {
		t.Error("a file that was removed is found")
	}
	for _, fields := range []map[string]string{nil, {"path": filepath.Join(dir, "nowhere")}} {
		status, _, body := send(t, srv.URL+"/corpus/add", "", "", fields)
		if fields == nil && (status != 422 || !strings.Contains(body, "Nothing was chosen")) {
			t.Errorf("%d %s", status, text(t, body, ".failure"))
		}
	}
	until(t, srv.URL+"/corpus", "nowhere")
	if status, _, _ := call(t, "GET", srv.URL+"/corpus/document?id=..%2f..%2fetc%2fpasswd", nil, nil); status != 404 {
		t.Errorf("a document that is not there: %d", status)
	}
}

// TestPathsAreForThisMachine: whoever comes over the network names no paths.
func TestPathsAreForThisMachine(t *testing.T) {
	_, srv := start(t, func(c *Config) { c.Access = Access{Addr: "0.0.0.0:0", Insecure: true} })
	if _, page, _ := call(t, "GET", srv.URL+"/corpus", nil, nil); strings.Contains(page, `name="path"`) {
		t.Error("the form asks for a path")
	}
	status, _, body := send(t, srv.URL+"/corpus/add", "", "", map[string]string{"path": "/etc"})
	if status != http.StatusForbidden {
		t.Errorf("%d %s", status, text(t, body, ".failure"))
	}
}

func TestQuestions(t *testing.T) {
	_, srv := start(t, nil)
	if _, page, _ := call(t, "GET", srv.URL+"/questions", nil, nil); !strings.Contains(page, "question,answer,context") {
		t.Error("before the first set there is no example")
	}
	csv := "question,answer,context\nWhen does it end?,31 March 2027,It ends on 31 March 2027.\n<script>alert(1)</script>,[no answer],It ends.\nWho?,,It ends.\n"
	status, to, body := send(t, srv.URL+"/questions", "my <b> set.csv", csv, nil)
	if status != http.StatusSeeOther {
		t.Fatalf("%d %s", status, text(t, body, ".failure"))
	}
	_, page, _ := call(t, "GET", srv.URL+to, nil, nil)
	checkSafe(t, to, page)
	if got := text(t, page, ".far"); got != "3 questions, 1 with an answer, 1 known to have none, 1 not labelled" {
		t.Errorf("counts: %q", got)
	}
	if _, page, _ = call(t, "GET", srv.URL+to+"&show=open", nil, nil); strings.Contains(text(t, page, ".items"), "When does it end?") || !strings.Contains(text(t, page, ".items"), "Who? not labelled") {
		t.Errorf("not labelled: %s", text(t, page, ".items"))
	}
	if _, page, _ = call(t, "GET", srv.URL+"/questions", nil, nil); !strings.Contains(text(t, page, "#main"), "my <b> set.csv 3 1 1 1") {
		t.Errorf("sets: %s", text(t, page, "#main"))
	}
	name := url.Values{"name": {"my <b> set.csv"}}
	for as, want := range map[string]string{"squad": `"is_impossible"`, "jsonl": `"question"`, "csv": "31 March 2027"} {
		if status, body, head := call(t, "GET", srv.URL+"/questions/export?as="+as+"&"+name.Encode(), nil, nil); status != 200 || !strings.Contains(body, want) || !strings.HasPrefix(head.Get("Content-Disposition"), "attachment") {
			t.Errorf("as %s: %d %s", as, status, body)
		}
	}
	send(t, srv.URL+"/questions", "sums.csv", "question,answer\n=1+1,-2\n", nil)
	_, page, _ = call(t, "GET", srv.URL+"/questions/set?name=sums.csv", nil, nil)
	for href, want := range map[string]string{"/questions/export?as=csv&amp;name=sums.csv": ",=1+1,-2", "/questions/export?as=csv&amp;name=sums.csv&amp;safe=1": `"'=1+1","'-2"`} {
		if _, body, _ := call(t, "GET", srv.URL+strings.ReplaceAll(href, "&amp;", "&"), nil, nil); !strings.Contains(page, `"`+href+`"`) || !strings.Contains(body, want) {
			t.Errorf("%s: %s", href, body)
		}
	}
	for _, c := range []struct{ name, content, want string }{{"", "", "No file was chosen"}, {"x.json", "{", "x.json"}} {
		if status, _, body := send(t, srv.URL+"/questions", c.name, c.content, nil); status != 422 || !strings.Contains(text(t, body, ".failure"), c.want) {
			t.Errorf("%q: %d %s", c.name, status, text(t, body, ".failure"))
		}
	}
	_, page, _ = call(t, "GET", srv.URL+to, nil, nil)
	asksFirst(t, page, "/questions/remove", "This removes my &lt;b&gt; set.csv with its 3 questions, 2 of them labelled", "Runs over them stay", "cannot be undone")
	call(t, "POST", srv.URL+"/questions/remove", name, nil)
	if status, _, _ := call(t, "GET", srv.URL+to, nil, nil); status != 404 {
		t.Errorf("a set that was removed: %d", status)
	}
}

// TestLinksOutliveTheServer: the address of a question about a long text, or about a file, shows the same when the server was started anew;
// in a demonstration nothing of it is kept.
func TestLinksOutliveTheServer(t *testing.T) {
	f, first := start(t, nil)
	_, _, head := call(t, "POST", first.URL+"/ask", url.Values{"q": {"When does it end?"}, "c": {strings.Repeat("Nothing is said here. ", 200) + webtest.Lease}}, nil)
	long := head.Get("Location")
	_, part := upload(t, first.URL+"/ask/file", "lease.md", "# Terms\n\n"+webtest.Lease)
	_, id, _ := strings.Cut(part, `name="t" value="`)
	id, _, _ = strings.Cut(id, `"`)
	file := "/?" + url.Values{"q": {"When does it end?"}, "t": {id}}.Encode()
	first.Close()
	_, second := start(t, func(c *Config) { c.Bench = f.Workbench })
	for _, at := range []string{long, file} {
		if _, page, _ := call(t, "GET", second.URL+at, nil, nil); text(t, page, ".says") != "31 March 2027" {
			t.Errorf("%s: %s", at, text(t, page, "#main"))
		}
	}
	g, shown := start(t, func(c *Config) { c.Demo, c.Models = &Demo{}, []string{webtest.Agrees} })
	if status, _ := upload(t, shown.URL+"/ask/file", "lease.md", webtest.Lease); status != 200 {
		t.Error(status)
	}
	data, _ := g.Data()
	if left, _ := filepath.Glob(filepath.Join(data, "texts", "*")); len(left) > 0 {
		t.Errorf("what a visitor brought is kept: %v", left)
	}
}
