package api

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tryall/tryall/web/webtest"
)

// emoji is a text whose code points, bytes and UTF-16 units all differ.
const emoji = "# 🏠🏡 Über den Mietvertrag\n\nThis lease begins on 1 April 2024. 🎉 It ends on 31 March 2027 unless it is renewed.\n"

func ended(v any) bool { return at(v, "going") == false && at(v, "added") != nil }

// TestCorpus: files are sent, read in the background, found, looked at and taken out.
func TestCorpus(t *testing.T) {
	x := serve(t)
	for _, path := range []string{"/api/corpus", "/api/corpus/files", "/api/corpus/documents", "/api/corpus/search?text=rent", "/api/corpus/addition"} {
		x.call(200, "GET", path, nil)
	}
	if x.HasProject() {
		t.Error("looking has made a project")
	}
	body, kind := form("file", [2]string{`..\..\lease.md`, emoji}, [2]string{"broken.docx", "PK\x03\x04"})
	if got := x.call(202, "POST", "/api/corpus/files", body, kind); at(got, "going") == nil {
		t.Errorf("%v", got)
	}
	got := x.until("/api/corpus/addition", ended)
	if at(got, "added", "counts", "added") != 1.0 || at(got, "added", "counts", "failed") != 1.0 || at(got, "failed") != 1.0 || at(got, "done") != 2.0 || at(got, "error") != nil {
		t.Errorf("%v", got)
	}
	if got := x.call(200, "GET", "/api/corpus", nil); at(got, "files") != 2.0 || at(got, "failed") != 1.0 || at(got, "documents") != 1.0 {
		t.Errorf("%v", got)
	}
	data, _ := x.Data()
	if up, _ := filepath.Glob(filepath.Join(data, "uploads", "*")); len(up) != 2 || filepath.Base(up[1]) != "lease.md" {
		t.Errorf("kept: %v", up)
	}
	files := x.call(200, "GET", "/api/corpus/files?match=*.docx", nil)
	if at(files, "total") != 1.0 || at(files, "items", 0, "error") == nil {
		t.Errorf("%v", files)
	}
	documents := x.call(200, "GET", "/api/corpus/documents?limit=1", nil)
	id, _ := at(documents, "items", 0, "document").(string)
	if at(documents, "total") != 1.0 || !strings.HasSuffix(id, "lease.md") {
		t.Errorf("%v", documents)
	}
	x.placed(id)
	if found := x.call(200, "GET", "/api/corpus/documents?offset=1", nil); at(found, "total") != 1.0 || len(list(at(found, "items"))) != 0 || at(found, "items") == nil {
		t.Errorf("behind the last: %v", found)
	}
	if got := x.call(200, "DELETE", "/api/corpus/files?match=lease.md&match=nothing.txt", nil); at(got, "files") != 1.0 || at(got, "documents") != 1.0 {
		t.Errorf("%v", got)
	}
	if _, err := os.Stat(filepath.Join(data, "uploads", "lease.md")); err == nil {
		t.Error("the copy of what was sent is still there")
	}
	x.call(202, "POST", "/api/corpus/reindex", nil)
	x.until("/api/corpus/addition", ended)
}

// placed checks that positions are code points: of the passages of a document, of what a search finds, of an answer.
func (x *world) placed(id string) {
	x.t.Helper()
	d := x.call(200, "GET", "/api/corpus/document?id="+id, nil)
	passage, _ := at(d, "passages", 0, "text").(string)
	text := []rune(strings.TrimSpace(emoji)) // what corpus.Read keeps of it is told by the document itself
	from, to := int(at(d, "passages", 0, "passage", "start").(float64)), int(at(d, "passages", 0, "passage", "end").(float64))
	if passage == "" || to-from != len([]rune(passage)) || at(d, "total") != 1.0 || at(d, "characters").(float64) > float64(len(text)) {
		x.t.Errorf("the document: %v", d)
	}
	found := x.call(200, "GET", "/api/corpus/search?text=renewed&k=1&why=true", nil)
	if at(found, 0, "document") != id || at(found, 0, "passage", "start") != float64(from) || at(found, 0, "text") != passage || at(found, 0, "why") == nil {
		x.t.Errorf("found: %v", found)
	}
	answer := x.call(200, "POST", "/api/ask", map[string]any{"question": "When does the lease end?"})
	if want := float64(from) + points(passage, "31 March 2027"); at(answer, "prediction") != "31 March 2027" || at(answer, "answers", 0, "start") != want {
		x.t.Errorf("the answer starts at %v, not %v: %v", at(answer, "answers", 0, "start"), want, answer)
	}
}

func TestCorpusRefused(t *testing.T) {
	x := serve(t)
	nothing, kind := form("file")
	other, otherKind := form("files", [2]string{"a.txt", "a"})
	hidden, hiddenKind := form("file", [2]string{".bashrc", "a"})
	x.refused([]refusal{
		{"DELETE", "/api/corpus/files?match=a.txt", nil, 404, "not_found", "nothing was kept", nil},
		{"DELETE", "/api/corpus/files", nil, 422, "invalid", "query.match", nil},
		{"DELETE", "/api/corpus/files?match=", nil, 422, "invalid", "match", nil},
		{"POST", "/api/corpus/reindex", nil, 404, "not_found", "there is no corpus", nil},
		{"POST", "/api/corpus/files", nothing, 422, "invalid", "no file was sent", []string{kind}},
		{"POST", "/api/corpus/files", other, 422, "invalid", `a field "files"`, []string{otherKind}},
		{"POST", "/api/corpus/files", hidden, 422, "invalid", "no name of a file", []string{hiddenKind}},
		{"POST", "/api/corpus/files", "{}", 422, "invalid", "multipart/form-data", []string{"application/json"}},
		{"POST", "/api/corpus/paths", map[string]any{"paths": []string{}}, 422, "invalid", "body.paths", nil},
		{"POST", "/api/corpus/paths", map[string]any{"paths": []string{"docs"}}, 422, "invalid", "no whole path", nil},
		{"GET", "/api/corpus/document?id=a", nil, 404, "not_found", "nothing was kept", nil},
		{"GET", "/api/corpus/document", nil, 422, "invalid", "query.id", nil},
		{"GET", "/api/corpus/search", nil, 422, "invalid", "query.text", nil},
		{"GET", "/api/corpus/files?limit=5000", nil, 422, "invalid", "query.limit", nil},
	})
	if x.HasProject() {
		t.Error("what was refused has made a project")
	}
	if _, err := x.project(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	x.refused([]refusal{
		{"DELETE", "/api/corpus/files?match=a.txt", nil, 404, "not_found", "no file of the corpus fits", nil},
		{"GET", "/api/corpus/document?id=..%2F..%2Fetc%2Fpasswd", nil, 404, "not_found", "it is not in the corpus", nil},
		{"GET", "/api/corpus/files?match=%5B", nil, 422, "invalid", "no pattern", nil},
	})
}

// TestPaths: paths of this machine are read while nobody else reaches the server.
func TestPaths(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.txt": webtest.Lease, "left.txt": "Nothing."} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	x := serve(t)
	x.call(202, "POST", "/api/corpus/paths", map[string]any{"paths": []string{dir}, "exclude": []string{"left.txt"}})
	if got := x.until("/api/corpus/addition", ended); at(got, "added", "counts", "added") != 1.0 || at(got, "added", "counts", "skipped") != 1.0 {
		t.Errorf("%v", got)
	}
	x.call(202, "POST", "/api/corpus/paths", map[string]any{"paths": []string{filepath.Join(dir, "nowhere")}})
	if got := x.until("/api/corpus/addition", func(v any) bool { return at(v, "going") == false }); at(got, "error", "message") == nil {
		t.Errorf("%v", got)
	}
	far := serve(t, func(c *Config) { c.Local = false })
	far.refused([]refusal{{"POST", "/api/corpus/paths", map[string]any{"paths": []string{dir}}, 403, "forbidden", "for this machine alone", nil}})
}

// TestAdditionEvents: the events tell how an addition goes on and end with what it came to; a second one is refused meanwhile.
func TestAdditionEvents(t *testing.T) {
	x := serve(t)
	var files [][2]string
	for i := range 40 {
		files = append(files, [2]string{fmt.Sprintf("lease%d.txt", i), strings.Repeat(webtest.Lease+"\n\n", 200)})
	}
	body, kind := form("file", files...)
	statuses := make(chan int, 4)
	var all sync.WaitGroup
	for range cap(statuses) {
		all.Go(func() {
			status, _, _ := x.send(http.MethodPost, "/api/corpus/files", body, kind)
			statuses <- status
		})
	}
	all.Wait()
	close(statuses)
	began := 0
	for s := range statuses {
		if s != http.StatusAccepted && s != http.StatusServiceUnavailable {
			t.Errorf("status %d", s)
		}
		if s == http.StatusAccepted {
			began++
		}
	}
	if began == 0 {
		t.Error("none was begun")
	}
	kinds, last := x.follow("/api/corpus/addition/events")
	if at(last, "added", "counts") == nil || at(last, "going") != false {
		t.Errorf("after %v: %v", kinds, last)
	}
}

// follow reads events to their end and gives their kinds and the last one's data.
func (x *world) follow(path string) (kinds []string, last any) {
	x.t.Helper()
	r, _ := http.NewRequestWithContext(x.t.Context(), http.MethodGet, x.srv.URL+path, nil)
	resp, err := x.srv.Client().Do(r)
	if err != nil {
		x.t.Fatal(err)
	}
	defer resp.Body.Close()
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "text/event-stream") {
		x.t.Fatalf("%s: %d %s", path, resp.StatusCode, kind)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if kind, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			kinds = append(kinds, kind)
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			last = nil
			if err := json.Unmarshal([]byte(data), &last); err != nil {
				x.t.Fatalf("%s: %v", data, err)
			}
		}
	}
	if len(kinds) == 0 || kinds[len(kinds)-1] != eventDone {
		x.t.Errorf("%s ends with %v", path, kinds)
	}
	return kinds, last
}
