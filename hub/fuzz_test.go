package hub

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"
)

// What a Hub sends must never panic, and what passes the checks must be safe to make paths of.

func FuzzAPI(f *testing.F) {
	f.Add([]byte(`[{"type":"file","path":"model.safetensors","oid":"` + strings.Repeat("a", 40) + `","size":5,"lfs":{"oid":"` + strings.Repeat("b", 64) + `","size":7,"pointerSize":134}},{"type":"directory","path":"onnx","oid":"x","size":0}]`))
	f.Add([]byte(`[{"id":"a/b","sha":"` + strings.Repeat("c", 40) + `","tags":["en","tf","license:mit","dataset:squad_v2","base_model:a:b"],"gated":"auto","downloads":1e3,"likes":-1,"siblings":[{"rfilename":"../x"}],"config":{"model_type":"bert","architectures":"X"},"cardData":{"license":["a"],"language":5,"datasets":["x",null]},"safetensors":{"parameters":{"F32":9007199254740991,"X":1},"total":7},"lastModified":"2026-01-02T03:04:05.000Z"}]`))
	f.Add([]byte(`[{"config":[],"cardData":"x","safetensors":null,"createdAt":5,"gated":true}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var tree []treeEntry
		if json.Unmarshal(data, &tree) == nil {
			for _, e := range tree {
				file, err := e.file()
				if err == nil && (file.Size < 0 || digestOf(file.name()) != file.Digest) {
					t.Errorf("%+v passed as %+v", e, file)
				}
				checkPath(t, e.Path)
			}
		}
		var models []apiModel
		if json.Unmarshal(data, &models) == nil {
			for _, a := range models {
				m := a.model()
				if m.Parameters < 0 || m.WeightBytes < 0 || m.Downloads < 0 || m.Abstains == "" {
					t.Errorf("%+v", m)
				}
				if _, err := json.Marshal(m); err != nil {
					t.Error(err)
				}
				if CheckID(m.ID) == nil && strings.ContainsAny(repoFolder(m.ID), `/\:`) {
					t.Errorf("id %q", m.ID)
				}
			}
		}
	})
}

// checkPath holds what the checks promise about a name that they let pass.
func checkPath(t *testing.T, name string) {
	t.Helper()
	if checkName(name) != nil {
		return
	}
	if strings.ContainsAny(name, "\\:\x00\n") || strings.HasPrefix(name, "/") || !utf8.ValidString(name) {
		t.Errorf("%q passed", name)
	}
	for _, part := range strings.Split(name, "/") {
		if part == "" || part == "." || part == ".." {
			t.Errorf("%q passed", name)
		}
	}
}

func FuzzIndex(f *testing.F) {
	f.Add([]byte(`{"metadata":{"total_size":5},"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors"}}`))
	f.Add([]byte(`{"weight_map":{"a":"../x"}}`))
	f.Add([]byte(`{"weight_map":{"a":"aux.safetensors","":""}}`))
	f.Add([]byte(`{"weight_map":[]}`))
	all := []File{{Path: "model-1.safetensors"}, {Path: "model-2.safetensors"}, {Path: "../x"}, {Path: "aux.safetensors"}}
	f.Fuzz(func(t *testing.T, data []byte) {
		files, err := shards("index", data, all)
		if err == nil && len(files) == 0 {
			t.Error("no shards and no error")
		}
		for _, file := range files {
			checkPath(t, file.Path)
			if !strings.HasPrefix(file.Path, "model-") {
				t.Errorf("%q passed", file.Path)
			}
		}
	})
}

func FuzzCard(f *testing.F) {
	f.Add([]byte("---\nlicense: mit\nlanguage: [en, no]\ndatasets:\n- squad_v2\n---\n# x\n"))
	f.Add([]byte("---\nmodel-index:\n- results:\n  - dataset: {type: squad}\n    metrics: [{type: f1, value: 5%}]\n---\n"))
	f.Add([]byte("---\na: &a [*a, x]\nlicense: *a\n---\n"))
	f.Add([]byte("---\n? {a: b}\n: c\ntags: !!binary aGk=\n---\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		card, err := ParseCard(data)
		if err != nil && CodeOf(err) != Corrupt {
			t.Errorf("%v", err)
		}
		if _, err := json.Marshal(card); err != nil {
			t.Error(err)
		}
		if _, why := JudgeAbstains("a/b", card.Datasets); why == "" {
			t.Error("no reason")
		}
	})
}

func FuzzHeaders(f *testing.F) {
	f.Add(`"abc"`, `<http://x/?cursor=5>; rel="next"`, "bytes 0-9/10", "5")
	f.Add(`W/"../x"`, `<>; rel=next, <%>; rel="next"`, "bytes */5", "Fri, 02 Jan 2026 03:05:05 GMT")
	f.Fuzz(func(t *testing.T, etag, link, contentRange, after string) {
		if tag, err := normalizeETag(etag); err == nil && (tag == "" || strings.ContainsAny(tag, "/\\:") || strings.HasPrefix(tag, ".")) {
			t.Errorf("ETag %q gives %q", etag, tag)
		}
		if next, err := nextPage(http.Header{"Link": {link}}, "http://hub/api/models?a=b"); err == nil && next != "" && !strings.HasPrefix(next, "http://hub/api/models?") {
			t.Errorf("Link %q gives %q", link, next)
		}
		tr := &transfer{size: 10}
		if tr.checkRange(contentRange, 2, 5) == nil && !strings.Contains(contentRange, "2-4/") {
			t.Errorf("Content-Range %q passed", contentRange)
		}
		if d := retryAfter(http.Header{"Retry-After": {after}}, apiTime{}.Time); d < 0 {
			t.Errorf("Retry-After %q gives %v", after, d)
		}
	})
}
