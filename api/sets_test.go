package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/tryall/tryall/web/webtest"
)

// lease is a row whose answer stands behind an emoji.
const leaseRow = `{"id": "a", "question": "When does it end?", "answer": "31 März 2027", "context": "🎉🎉 Es endet am 31 März 2027."}`

// TestQuestionSets: a file of questions is taken in under a name with slashes, looked at in parts, given as a file, and removed.
func TestQuestionSets(t *testing.T) {
	x := serve(t)
	if got := x.call(200, "GET", "/api/questions", nil); len(list(got)) != 0 || got == nil {
		t.Errorf("%v", got)
	}
	rows := leaseRow + "\n" + `{"id": "b", "question": "Who signs?", "answer": "", "impossible": true, "context": "Es endet."}` + "\n" + `{"id": "c", "question": "Who?", "context": "Es endet."}` + "\n"
	got := x.call(201, "POST", "/api/questions?name=data/a+b.jsonl&as=data/<b>.jsonl", rows, "application/octet-stream")
	if at(got, "name") != "data/<b>.jsonl" || at(got, "format") != "jsonl" || at(got, "counts", "questions") != 3.0 || at(got, "replaced") != 0.0 || at(got, "problems") == nil {
		t.Errorf("%v", got)
	}
	const path = "/api/questions/data/%3Cb%3E.jsonl"
	page := x.call(200, "GET", path+"?limit=1", nil)
	context, _ := at(page, "contexts", 0, "text").(string)
	if at(page, "total") != 3.0 || len(list(at(page, "items"))) != 1 || at(page, "items", 0, "answers", 0, "start") != points(context, "31 März") || at(page, "items", 0, "context") != at(page, "contexts", 0, "context") {
		t.Errorf("%v", page)
	}
	for show, id := range map[string]string{"answered": "a", "none": "b", "open": "c"} {
		if got := x.call(200, "GET", path+"?show="+show, nil); at(got, "total") != 1.0 || at(got, "items", 0, "id") != id {
			t.Errorf("%s: %v", show, got)
		}
	}
	for format, want := range map[string]string{"squad": `"is_impossible"`, "jsonl": `"31 März 2027"`, "csv": "Who signs?"} {
		status, body, head := x.send("GET", path+"/export?format="+format, nil)
		if status != 200 || !strings.Contains(body, want) || !strings.HasPrefix(head.Get("Content-Disposition"), "attachment") {
			t.Errorf("as %s: %d %s", format, status, body)
		}
	}
	named := x.call(201, "POST", "/api/questions?name=named.csv", "question,answer,document\nWhen?,x,nowhere.txt\n", "application/octet-stream")
	for _, got := range []any{named, x.call(200, "GET", "/api/questions/named.csv", nil), at(x.call(200, "GET", "/api/questions", nil), 1)} {
		if at(got, "name") != "named.csv" || at(got, "counts", "with_document") != 1.0 || at(got, "counts", "missing_document") != 1.0 {
			t.Errorf("of no document that is here: %v", got)
		}
	}
	x.call(201, "POST", "/api/questions?name=sums.csv", "question,answer\n=1+1,-2\n", "application/octet-stream")
	for query, want := range map[string]string{"safe=1": `"'=1+1","'-2"`, "safe=true": `"'=1+1","'-2"`, "safe=0": `,=1+1,-2`, "": `,=1+1,-2`} {
		if _, body, _ := x.send("GET", "/api/questions/sums.csv/export?format=csv&"+query, nil); !strings.Contains(body, want) {
			t.Errorf("%s: %s", query, body)
		}
	}
	_, whole, _ := x.send("GET", path+"/export", nil)
	again, kind := form("file", [2]string{"a.json", whole})
	if got := x.call(201, "POST", "/api/questions?as=data/%3Cb%3E.jsonl", again, kind); at(got, "replaced") != 3.0 || at(got, "format") != "squad" {
		t.Errorf("as it was given: %v", got)
	}
	x.call(204, "DELETE", path, nil)
	x.refused([]refusal{
		{"GET", path, nil, 404, "not_found", "no question set", nil},
		{"DELETE", path, nil, 404, "not_found", "no question set", nil},
		{"GET", path + "/export", nil, 404, "not_found", "no question set", nil},
	})
}

func TestQuestionSetsRefused(t *testing.T) {
	x := serve(t)
	two, kind := form("file", [2]string{"a.txt", "Who?"}, [2]string{"b.txt", "Who?"})
	none, _ := form("file")
	x.refused([]refusal{
		{"POST", "/api/questions", "Who?", 422, "invalid", "?name=FILE", []string{"text/plain"}},
		{"POST", "/api/questions?name=x.json", "{", 422, "invalid", "x.json", []string{"application/octet-stream"}},
		{"POST", "/api/questions?name=x.txt", "", 422, "invalid", "no questions", []string{"application/octet-stream"}},
		{"POST", "/api/questions?name=x.txt", "\xff", 422, "invalid", "UTF-8", []string{"application/octet-stream"}},
		{"POST", "/api/questions", two, 422, "invalid", "one file", []string{kind}},
		{"POST", "/api/questions?name=x.txt&extra=1", "Who?", 422, "invalid", `no parameter "extra"`, nil},
		{"GET", "/api/questions/nothing.json", nil, 404, "not_found", "nothing.json", nil},
		{"GET", "/api/questions/nothing.json?show=some", nil, 422, "invalid", "query.show", nil},
		{"GET", "/api/questions/nothing.json/export?format=pdf", nil, 422, "invalid", `format is "pdf"`, nil},
		{"GET", "/api/questions/nothing.json/export?format=csv&safe=maybe", nil, 422, "invalid", `safe is "maybe"`, nil},
		{"GET", "/api/questions/nothing.json/export?format=jsonl&safe=1", nil, 422, "invalid", "only csv", nil},
		{"GET", "/api/questions/nothing.json/judgements", nil, 404, "not_found", "nothing.json", nil},
		{"POST", "/api/samples/nothing.json", nil, 404, "not_found", "no sample", nil},
	})
	if status, body, _ := x.send("POST", "/api/questions", none, kind); status != 422 {
		t.Errorf("a form without a file: %d %s", status, body)
	}
}

// TestAddQuestions: questions are written into a set, each once.
func TestAddQuestions(t *testing.T) {
	x := serve(t)
	if got := x.call(201, "POST", "/api/questions/mine", map[string]any{"questions": []string{"When? 🎉", " Who?", "When? 🎉"}}); len(list(at(got, "items"))) != 3 || at(got, "items", 0) != at(got, "items", 2) {
		t.Errorf("%v", got)
	}
	if got := x.call(200, "GET", "/api/questions/mine?show=open", nil); at(got, "total") != 2.0 || at(got, "items", 0, "text") != "When? 🎉" || at(got, "items", 0, "context") != -1.0 {
		t.Errorf("%v", got)
	}
	x.refused([]refusal{
		{"POST", "/api/questions/mine", map[string]any{"questions": []string{" "}}, 422, "invalid", "no question", nil},
		{"POST", "/api/questions/mine", map[string]any{"questions": []string{}}, 422, "invalid", "body.questions", nil},
		{"POST", "/api/questions/mine", map[string]any{"questions": []string{"Who?"}, "document": "none.txt"}, 422, "invalid", "none.txt", nil},
	})
}

// TestReadText: a file gives its text, and nothing is kept.
func TestReadText(t *testing.T) {
	x := serve(t)
	got := x.call(200, "POST", "/api/text?name=lease.md", emoji, "application/octet-stream")
	if text, _ := at(got, "text").(string); !strings.Contains(text, "🎉 It ends on 31 March 2027") || at(got, "warnings") == nil {
		t.Errorf("%v", got)
	}
	body, kind := form("file", [2]string{"lease.html", "<p>It ends on <b>31 March 2027</b>.</p><script>alert(1)</script>"})
	if got := x.call(200, "POST", "/api/text", body, kind); strings.TrimSpace(at(got, "text").(string)) != "It ends on 31 March 2027." {
		t.Errorf("%v", got)
	}
	x.refused([]refusal{
		{"POST", "/api/text", "x", 422, "invalid", "?name=FILE", []string{"text/plain"}},
		{"POST", "/api/text?name=a.docx", "PK\x03\x04", 422, "invalid", "a.docx", []string{"application/octet-stream"}},
		{"POST", "/api/text?name=a.txt", " ", 422, "invalid", "no text", []string{"application/octet-stream"}},
	})
	if x.HasProject() {
		t.Error("it has made a project")
	}
}

func TestSamples(t *testing.T) {
	x := serve(t)
	if got := x.call(200, "GET", "/api/samples", nil); at(got, 0, "name") != "leases.json" || at(got, 0, "about") != "8 leases" {
		t.Errorf("%v", got)
	}
	if got := x.call(201, "POST", "/api/samples/leases.json", nil); at(got, "counts", "questions") != 8.0 {
		t.Errorf("%v", got)
	}
	if got := x.call(200, "GET", "/api/questions", nil); at(got, 0, "name") != "leases.json" {
		t.Errorf("%v", got)
	}
}

// TestJudgements: what is said of a question counts in code points, changes the set, and can be taken back.
func TestJudgements(t *testing.T) {
	x := serve(t)
	const context = "🎉🎉 Es endet am 31 März 2027."
	x.call(201, "POST", "/api/questions?name=open.jsonl", fmt.Sprintf("{\"id\": \"a\", \"question\": \"Wann?\", \"context\": %q}\n{\"id\": \"b\", \"question\": \"Wer?\", \"context\": %q}\n", context, context), "application/octet-stream")
	const path = "/api/questions/open.jsonl/judgements"
	start := points(context, "31 März")
	got := x.call(201, "POST", path, map[string]any{"item": "a", "kind": "answer", "answer": "31 März 2027", "start": start, "who": "ann"})
	if at(got, "start") != start || at(got, "how") != "api" || at(got, "who") != "ann" || at(got, "question") != "Wann?" || at(got, "id") == nil {
		t.Errorf("%v", got)
	}
	x.call(201, "POST", path, map[string]any{"item": "b", "kind": "skip", "who": "bob"})
	x.call(201, "POST", path, map[string]any{"item": "b", "kind": "no answer", "who": "ann", "how": "label"})
	if got := x.call(200, "GET", "/api/questions/open.jsonl", nil); at(got, "counts", "labelled") != 2.0 || at(got, "items", 0, "answers", 0, "start") != start || at(got, "items", 1, "impossible") != true {
		t.Errorf("%v", got)
	}
	if got := x.call(200, "DELETE", path+"?who=ann", nil); at(got, "item") != "b" || at(got, "kind") != "no answer" || at(got, "undone") == nil {
		t.Errorf("%v", got)
	}
	if got := x.call(200, "DELETE", path+"?item=a", nil); at(got, "start") != start || at(got, "undone") == nil {
		t.Errorf("%v", got)
	}
	all := list(x.call(200, "GET", path, nil))
	if len(all) != 3 || at(all, 0, "start") != start || at(all, 1, "start") != -1.0 || at(all, 1, "undone") != nil {
		t.Errorf("%v", all)
	}
	x.refused([]refusal{
		{"POST", path, map[string]any{"item": "a", "kind": "answer", "answer": "31 März 2027", "start": start + 1}, 422, "invalid", "does not stand at character", nil},
		{"POST", path, map[string]any{"item": "a", "kind": "answer", "answer": "31 März 2027", "start": 4000}, 422, "invalid", "does not stand at character", nil},
		{"POST", path, map[string]any{"item": "a", "kind": "answer", "answer": " "}, 422, "invalid", "the answer is empty", nil},
		{"POST", path, map[string]any{"item": "a", "kind": "no answer", "start": 1}, 422, "invalid", "comes with an answer or a start", nil},
		{"POST", path, map[string]any{"item": "a", "kind": "no answer", "answer": "x"}, 422, "invalid", "comes with an answer or a start", nil},
		{"POST", path, map[string]any{"item": "a", "kind": "right"}, 422, "invalid", "body.kind", nil},
		{"POST", path, map[string]any{"item": "z", "kind": "skip"}, 404, "not_found", `no question "z"`, nil},
		{"POST", path, map[string]any{"item": "a", "kind": "answer", "answer": "1 April"}, 422, "invalid", "does not stand in its text", nil},
		{"POST", path, map[string]any{"item": "a", "kind": "answer", "answer": "🎉"}, 422, "invalid", "stands at 2 places", nil},
		{"POST", path, map[string]any{"item": "a", "kind": "answer", "answer": "🎉", "document": "lease.md"}, 422, "invalid", "a text of its own", nil},
		{"POST", "/api/questions/none/judgements", map[string]any{"item": "a", "kind": "skip"}, 404, "not_found", "none", nil},
		{"DELETE", path + "?who=carol", nil, 404, "not_found", "no judgement to take back", nil},
		{"DELETE", path + "?item=a", nil, 404, "not_found", "no judgement to take back", nil},
	})
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			if status, raw, _ := x.send(http.MethodPost, path, map[string]any{"item": "b", "kind": "no answer", "who": fmt.Sprint("w", i)}); status != 201 {
				t.Errorf("%d %s", status, raw)
			}
		})
	}
	work.Wait()
	if all := list(x.call(200, "GET", path, nil)); len(all) != 11 {
		t.Errorf("%d judgements", len(all))
	}
}

// TestJudgeWhatWasSeen: with what was seen, a judgement is kept only where nobody has come before it.
func TestJudgeWhatWasSeen(t *testing.T) {
	x := serve(t)
	x.call(201, "POST", "/api/questions?name=open.jsonl", "{\"id\": \"a\", \"question\": \"Wann?\", \"context\": \"Es endet im März.\"}\n", "application/octet-stream")
	const path = "/api/questions/open.jsonl/judgements"
	if got := at(x.call(200, "GET", "/api/questions/open.jsonl/next?item=a", nil), "question", "last_judgement"); got != 0.0 {
		t.Errorf("last judgement %v", got)
	}
	ann := at(x.call(201, "POST", path, map[string]any{"item": "a", "kind": "answer", "answer": "März", "who": "ann", "seen": 0}), "id")
	x.refused([]refusal{
		{"POST", path, map[string]any{"item": "a", "kind": "no answer", "who": "bob", "seen": 0}, 409, "invalid", `ann said "März"`, nil},
		{"POST", path, map[string]any{"item": "a", "kind": "no answer", "who": "bob", "seen": -1}, 422, "invalid", "body.seen", nil},
		{"POST", path, map[string]any{"item": "a", "kind": "no answer", "who": "bob", "seen": 4711}, 422, "invalid", `question "a" has no judgement 4711 and never had one`, nil},
	})
	if all := list(x.call(200, "GET", path, nil)); len(all) != 1 {
		t.Errorf("%v", all)
	}
	if got := at(x.call(200, "GET", "/api/questions/open.jsonl/next?item=a", nil), "question", "last_judgement"); got != ann {
		t.Errorf("last judgement %v, not %v", got, ann)
	}
	x.call(201, "POST", path, map[string]any{"item": "a", "kind": "no answer", "who": "bob", "seen": ann})
	x.call(201, "POST", path, map[string]any{"item": "a", "kind": "skip", "who": "carol"}) // without it as ever
	for range 3 {
		x.call(200, "DELETE", path+"?item=a", nil)
	}
	x.refused([]refusal{{"POST", path, map[string]any{"item": "a", "kind": "skip", "who": "bob", "seen": ann}, 409, "invalid", "was taken back meanwhile", nil}})
	_, raw, _ := x.send(http.MethodGet, "/openapi.json", nil)
	var described map[string]any
	if err := json.Unmarshal([]byte(raw), &described); err != nil || at(described, "paths", "/api/questions/{set}/judgements", "post", "responses", "409") == nil {
		t.Error("the description does not know the status 409")
	}
}

// TestJudgeADocument: where a question names a document, answers count in that.
func TestJudgeADocument(t *testing.T) {
	x := serve(t)
	body, kind := form("file", [2]string{"lease.md", emoji})
	x.call(202, "POST", "/api/corpus/files", body, kind)
	x.until("/api/corpus/addition", ended)
	documents := x.call(200, "GET", "/api/corpus/documents", nil)
	id, _ := at(documents, "items", 0, "document").(string)
	d := x.call(200, "GET", "/api/corpus/document?id="+url.QueryEscape(id), nil)
	passage, _ := at(d, "passages", 0, "text").(string)
	start := at(d, "passages", 0, "passage", "start").(float64) + points(passage, "31 March")
	got := x.call(201, "POST", "/api/questions?name=q.jsonl", `{"id": "a", "question": "When does it end?", "answer": "31 March 2027", "document": "lease.md"}`+"\n"+`{"id": "b", "question": "When?", "document": "lease.md"}`+"\n", "application/octet-stream")
	if problems := list(at(got, "problems")); len(problems) != 0 {
		t.Errorf("%v", problems)
	}
	if got := x.call(200, "GET", "/api/questions/q.jsonl", nil); at(got, "items", 0, "answers", 0, "start") != start || len(list(at(got, "contexts"))) != 0 {
		t.Errorf("not at %v: %v", start, got)
	}
	const path = "/api/questions/q.jsonl/judgements"
	for who, said := range map[string]map[string]any{"ann": {"start": start}, "bob": {"start": start, "document": id}, "carol": {}} {
		said["item"], said["kind"], said["answer"], said["who"] = "b", "answer", "31 March 2027", who
		if got := x.call(201, "POST", path, said); at(got, "start") != start || at(got, "document") != nil {
			t.Errorf("%v", got)
		}
	}
	if got := x.call(200, "DELETE", path+"?who=bob", nil); at(got, "start") != start {
		t.Errorf("%v", got)
	}
	x.refused([]refusal{{"POST", "/api/questions/q.jsonl/judgements", map[string]any{"item": "b", "kind": "answer", "answer": "31 March 2027", "start": start - 1}, 422, "invalid", "does not stand", nil}})
}

// TestNext: the question that is next is drawn, with what models suggest; who judges it gets another, and nobody the same at once.
func TestNext(t *testing.T) {
	x := serve(t)
	var rows strings.Builder
	for i := range 6 {
		fmt.Fprintf(&rows, "{\"id\": \"q%d\", \"question\": \"When does lease %d end?\", \"context\": %q}\n", i, i, fmt.Sprintf("🏠 Lease %d. %s", i, webtest.Lease))
	}
	x.call(201, "POST", "/api/questions?name=open.jsonl", rows.String(), "application/octet-stream")
	const path = "/api/questions/open.jsonl/next?who=ann&model=fake/agrees&model=fake/differs&model=fake/abstains"
	got := x.until(path, func(v any) bool { return at(v, "reading") == false && at(v, "question", "waiting") == 0.0 })
	item, _ := at(got, "next", "item").(string)
	text, _ := at(got, "question", "passages", 0, "text").(string)
	if at(got, "open") != 6.0 || at(got, "question", "id") != item || at(got, "question", "passages", 0, "start") != 0.0 || at(got, "models", 0, "done") != 6.0 {
		t.Errorf("%v", got)
	}
	if at(got, "question", "suggestions", 0, "text") != "31 March 2027" || at(got, "question", "suggestions", 0, "start") != points(text, "31 March") || at(got, "question", "suggestions", 0, "nearly", 0) == nil ||
		at(got, "question", "suggestions", 1, "start") != points(text, "1 April") {
		t.Errorf("%v", got)
	}
	if again := x.call(200, "GET", path, nil); at(again, "next", "item") != item {
		t.Errorf("another question: %v", again)
	}
	if other := x.call(200, "GET", "/api/questions/open.jsonl/next?who=bob", nil); at(other, "next", "item") == item || at(other, "next", "item") == nil {
		t.Errorf("the same for bob: %v", other)
	}
	j := x.call(201, "POST", "/api/questions/open.jsonl/judgements", map[string]any{"item": item, "kind": "answer", "answer": "31 March 2027", "start": points(text, "31 March"), "who": "ann"})
	if weight, _ := at(j, "weight").(float64); weight <= 0 || weight > 1 || weight != at(got, "next", "weight") {
		t.Errorf("%v", j)
	}
	then := x.call(200, "GET", path, nil)
	if at(then, "next", "item") == item || at(then, "labelled") != 1.0 || at(then, "open") != 5.0 {
		t.Errorf("%v", then)
	}
	if back := x.call(200, "DELETE", "/api/questions/open.jsonl/judgements?who=ann", nil); at(back, "item") != item {
		t.Errorf("%v", back)
	}
	if shown := x.call(200, "GET", path+"&item="+item, nil); at(shown, "question", "id") != item || at(shown, "next", "item") != item {
		t.Errorf("%v", shown)
	}
	x.refused([]refusal{
		{"GET", "/api/questions/none/next", nil, 404, "not_found", "none", nil},
		{"GET", path + "&item=z", nil, 404, "not_found", `no question "z"`, nil},
		{"GET", "/api/questions/open.jsonl/next?model=/etc", nil, 403, "forbidden", "only models of this machine", nil},
		{"GET", "/api/questions/open.jsonl/next?passages=0", nil, 422, "invalid", "query.passages", nil},
	})
}
