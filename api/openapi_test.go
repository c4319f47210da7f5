package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestDescription: the OpenAPI document is whole, and describes every route and no other.
func TestDescription(t *testing.T) {
	x := serve(t)
	_, raw, _ := x.send(http.MethodGet, "/openapi.json", nil)
	var doc map[string]any
	if err := json.Unmarshal([]byte(raw), &doc); err != nil {
		t.Fatal(err)
	}
	if version, _ := doc["openapi"].(string); !strings.HasPrefix(version, "3.1") || at(doc, "info", "title") != "tryall" || at(doc, "info", "version") != "test" {
		t.Fatalf("OpenAPI %v, %v", version, doc["info"])
	}
	refs := 0
	resolve(t, doc, doc, "", &refs)
	if refs < 100 {
		t.Errorf("only %d references", refs)
	}
	var described []string
	ids := map[string]string{}
	for path, item := range doc["paths"].(map[string]any) {
		for method, o := range item.(map[string]any) {
			route := strings.ToUpper(method) + " " + path
			described = append(described, route)
			checkOperation(t, route, path, o)
			id, _ := at(o, "operationId").(string)
			if id == "" || ids[id] != "" {
				t.Errorf("%s and %s are both called %q", route, ids[id], id)
			}
			ids[id] = route
		}
	}
	checkPage(t, doc)
	var registered []string
	for _, pattern := range build(x.config).mux.all {
		if _, path, _ := strings.Cut(pattern, " "); strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/models/") {
			registered = append(registered, strings.Replace(pattern, "...}", "}", 1))
		}
	}
	slices.Sort(described)
	slices.Sort(registered)
	if len(registered) < 40 || !slices.Equal(described, registered) {
		t.Errorf("described:  %v\nregistered: %v", described, registered)
	}
}

// checkPage: docs/api.md has a line for every route, as it is described, and no other.
func checkPage(t *testing.T, doc any) {
	t.Helper()
	raw, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for path, item := range at(doc, "paths").(map[string]any) {
		for method, o := range item.(map[string]any) {
			want[fmt.Sprintf("| `%s %s` | %s |", strings.ToUpper(method), path, at(o, "summary"))] = true
		}
	}
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "| `") && !want[line] {
			t.Errorf("docs/api.md says of a route that is not there, or is described otherwise: %s", line)
		}
		delete(want, line)
	}
	for line := range want {
		t.Errorf("docs/api.md lacks: %s", line)
	}
}

// resolve follows every reference of a document.
func resolve(t *testing.T, doc, v any, where string, n *int) {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			ref, isRef := inner.(string)
			if key != "$ref" || !isRef {
				resolve(t, doc, inner, where+"/"+key, n)
				continue
			}
			*n++
			rest, ok := strings.CutPrefix(ref, "#/")
			to := doc
			for part := range strings.SplitSeq(rest, "/") {
				to = at(to, part)
			}
			if !ok || to == nil {
				t.Errorf("%s: there is no %s", where, ref)
			}
		}
	case []any:
		for _, inner := range v {
			resolve(t, doc, inner, where, n)
		}
	}
}

var inPath = regexp.MustCompile(`\{([^}]+)\}`)

// checkOperation: parameters of the path are declared and no others; what comes back is described, errors too; what is taken has a schema.
func checkOperation(t *testing.T, route, path string, o any) {
	if at(o, "summary") == nil {
		t.Errorf("%s says not what it is for", route)
	}
	declared, seen := map[string]bool{}, map[string]bool{}
	for _, p := range list(at(o, "parameters")) {
		name, _ := at(p, "name").(string)
		in, _ := at(p, "in").(string)
		if seen[in+" "+name] || at(p, "schema") == nil || in != "path" && in != "query" {
			t.Errorf("%s: parameter %v", route, p)
		}
		seen[in+" "+name] = true
		if declared[name] = in == "path"; in == "path" && at(p, "required") != true {
			t.Errorf("%s: %s may be left out of the path", route, name)
		}
	}
	for _, m := range inPath.FindAllStringSubmatch(path, -1) {
		if !declared[m[1]] {
			t.Errorf("%s does not declare %s", route, m[1])
		}
		declared[m[1]] = false
	}
	for name, left := range declared {
		if left {
			t.Errorf("%s declares %s, which is not in its path", route, name)
		}
	}
	good, bad := 0, 0
	responses, _ := at(o, "responses").(map[string]any)
	for status, r := range responses {
		content, _ := at(r, "content").(map[string]any)
		switch {
		case status == "204":
			good++
		case status < "300":
			good++
			if len(content) == 0 {
				t.Errorf("%s: nothing comes with %s", route, status)
			}
		default:
			bad++
		}
		for kind, m := range content {
			if at(m, "schema") == nil {
				t.Errorf("%s: %s %s has no schema", route, status, kind)
			}
			if status >= "400" && kind != "application/problem+json" && !strings.HasPrefix(path, "/models/") {
				t.Errorf("%s: an error comes as %s", route, kind)
			}
		}
		if at(r, "description") == nil {
			t.Errorf("%s: %s is not described", route, status)
		}
	}
	if good != 1 || bad == 0 {
		t.Errorf("%s: %d ways to succeed, %d to fail", route, good, bad)
	}
	if body := at(o, "requestBody"); body != nil {
		for kind, m := range at(body, "content").(map[string]any) {
			if at(m, "schema") == nil {
				t.Errorf("%s takes %s without a schema", route, kind)
			}
		}
	}
}

func list(v any) []any { l, _ := v.([]any); return l }

// TestNowhere: what is not there, and what cannot be done, is a problem document too.
func TestNowhere(t *testing.T) {
	serve(t).refused([]refusal{
		{"GET", "/api/nothing", nil, 404, "not_found", "/api/nothing", nil},
		{"GET", "/api/", nil, 404, "not_found", "openapi.json", nil},
		{"DELETE", "/api/models", nil, 405, "invalid", "only GET, HEAD", nil},
		{"GET", "/api/models?x=1", nil, 422, "invalid", "query.x", nil},
		{"GET", "/api/bakeoffs/last/report?x=1", nil, 422, "invalid", `no parameter "x"`, nil},
		{"POST", "/api/ask", "{", 400, "invalid", "", nil},
		{"POST", "/api/ask", map[string]any{"question": "q", "contxt": "c"}, 422, "invalid", "body.contxt", nil},
		{"POST", "/api/ask", `{"question": "q"}`, 415, "invalid", "", []string{"text/plain"}},
		{"POST", "/api/ask", map[string]any{"question": strings.Repeat("q", maxBody)}, 413, "invalid", "", nil},
	})
}
