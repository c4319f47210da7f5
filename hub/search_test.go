package hub

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tryall/tryall/hub/hubtest"
)

func searchHub(t *testing.T) *hubtest.Server {
	hub := startHub(t)
	add := func(id string, downloads int, info map[string]any) {
		r := hub.Add(id, map[string][]byte{"config.json": nil, "model.safetensors": nil, "pytorch_model.bin": nil})
		r.Info["downloads"], r.Info["likes"] = downloads, downloads/10
		for k, v := range info {
			r.Info[k] = v
		}
	}
	add("deepset/roberta-base-squad2", 900, map[string]any{
		"tags":        []string{"transformers", "tf", "roberta", "en", "license:cc-by-4.0", "dataset:squad_v2", "base_model:FacebookAI/roberta-base", "base_model:finetune:FacebookAI/roberta-base"},
		"config":      map[string]any{"model_type": "roberta", "architectures": []string{"RobertaForQuestionAnswering"}},
		"cardData":    map[string]any{"license": "cc-by-4.0", "language": "en", "datasets": []string{"squad_v2"}, "model-index": []any{1}},
		"safetensors": map[string]any{"parameters": map[string]any{"F32": 124056578, "I64": 512}, "total": 124057090},
	})
	add("me/distilled-squad", 500, map[string]any{"tags": []string{"de", "license:mit", "dataset:squad"}, "gated": "manual", "cardData": map[string]any{"language": []any{"de", "en"}}})
	add("me/german-qa", 700, map[string]any{"tags": []string{"de", "tf", "license:mit"}, "cardData": "odd", "config": []int{1}, "safetensors": nil, "downloads": 700})
	add("other/summary", 5000, map[string]any{"pipeline_tag": "summarization"})
	return hub
}

func TestSearch(t *testing.T) {
	hub := searchHub(t)
	c, _ := testClient(t, hub, t.TempDir())
	ids := func(q Query) string {
		t.Helper()
		r, err := c.Search(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, m := range r.Models {
			ids = append(ids, m.ID)
		}
		return strings.Join(ids, " ")
	}
	for _, x := range []struct {
		q    Query
		want string
	}{
		{Query{}, "deepset/roberta-base-squad2 me/german-qa me/distilled-squad"},
		{Query{Task: "any", Limit: 2}, "other/summary deepset/roberta-base-squad2"},
		{Query{Text: "SQUAD"}, "deepset/roberta-base-squad2 me/distilled-squad"},
		{Query{Language: "de", License: "mit"}, "me/german-qa me/distilled-squad"},
		{Query{Dataset: "squad", Author: "me"}, "me/distilled-squad"},
		{Query{Tags: []string{"roberta"}, Sort: "likes"}, "deepset/roberta-base-squad2"},
	} {
		if got := ids(x.q); got != x.want {
			t.Errorf("%+v: %s", x.q, got)
		}
	}
	r, err := c.Search(context.Background(), Query{})
	if err != nil {
		t.Fatal(err)
	}
	m := r.Models[0]
	got := fmt.Sprintln(m.Languages, m.License, m.Datasets, m.BaseModels, m.ModelType, m.Architectures, m.Parameters, m.WeightBytes, m.Formats, m.Downloads, m.Likes, m.Abstains, m.AbstainsWhy, m.Gated)
	want := fmt.Sprintln("[en] cc-by-4.0 [squad_v2] [FacebookAI/roberta-base] roberta [RobertaForQuestionAnswering] 124057090 496230408 [safetensors pytorch] 900 90 yes trained on squad_v2 ")
	if got != want {
		t.Errorf("got  %swant %s", got, want)
	}
	if m = r.Models[1]; fmt.Sprintf("%v %d %q %s", m.Languages, m.Parameters, m.ModelType, m.Abstains) != `[de] 0 "" unknown` {
		t.Errorf("%+v", m)
	}
	if m = r.Models[2]; fmt.Sprintf("%v %s %s", m.Languages, m.Gated, m.Abstains) != "[de en] manual no" {
		t.Errorf("%+v", m)
	}
	for _, q := range []Query{{Limit: -1}, {Limit: 1001}, {Sort: "beauty"}, {Cursor: "%zz"}} {
		if _, err := c.Search(context.Background(), q); !errors.Is(err, Invalid) {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

func TestSearchPagesAndKeepsAnswers(t *testing.T) {
	hub, kept := searchHub(t), t.TempDir()
	c, _ := testClient(t, hub, t.TempDir(), func(c *Config) { c.SearchDir = kept })
	var ids []string
	q := Query{Limit: 1}
	for pages := 0; ; pages++ {
		r, err := c.Search(context.Background(), q)
		if err != nil || pages > 3 || r.Cached {
			t.Fatal(r, err)
		}
		for _, m := range r.Models {
			ids = append(ids, m.ID)
		}
		if q.Cursor = r.Next; r.Next == "" {
			break
		}
	}
	if len(ids) != 3 {
		t.Errorf("%v", ids)
	}
	offline, _ := testClient(t, hub, t.TempDir(), func(c *Config) { c.SearchDir, c.Offline = kept, true })
	r, err := offline.Search(context.Background(), Query{Limit: 1})
	if err != nil || !r.Cached || r.Models[0].ID != ids[0] || r.Next == "" || r.At.IsZero() {
		t.Errorf("%+v %v", r, err)
	}
	if _, err := offline.Search(context.Background(), Query{Text: "new"}); !errors.Is(err, Offline) {
		t.Error(err)
	}
	hub.Fail(&hubtest.Fault{Status: 503})
	if r, err := c.Search(context.Background(), Query{Limit: 1}); err != nil || !r.Cached {
		t.Errorf("the Hub is down, and the kept answer is not given: %v", err)
	}
	if _, err := c.Search(context.Background(), Query{Text: "new"}); !errors.Is(err, Unreachable) {
		t.Error(err)
	}
	hub.Heal()
	for i := range maxKept + 5 {
		os.WriteFile(filepath.Join(kept, fmt.Sprint(i)+searchSuffix), []byte("{}"), 0o666)
	}
	if _, err := c.Search(context.Background(), Query{Text: "x"}); err != nil {
		t.Fatal(err)
	}
	if n := len(diskFiles(t, kept)); n != maxKept {
		t.Errorf("%d answers are kept", n)
	}
}

func TestNextPageStaysOnTheHost(t *testing.T) {
	here := "http://mirror/api/models?limit=1"
	for link, want := range map[string]string{
		`<https://huggingface.co/api/models?limit=1&cursor=abc>; rel="next"`:          "http://mirror/api/models?limit=1&cursor=abc",
		`<http://x/?cursor=1>; rel="prev", <https://evil/steal?cursor=2>; rel="next"`: "http://mirror/api/models?cursor=2",
		`<http://x/?cursor=1>; rel=prev`:                                              "",
		"":                                                                            "",
	} {
		got, err := nextPage(map[string][]string{"Link": {link}}, here)
		if got != want || err != nil {
			t.Errorf("%s: %q %v", link, got, err)
		}
	}
	for _, link := range []string{`<http://mirror/api/models?limit=1>; rel="next"`, `<http://mirror/api/models>; rel="next"`} {
		if _, err := nextPage(map[string][]string{"Link": {link}}, here); !errors.Is(err, BadResponse) {
			t.Errorf("%s: %v", link, err)
		}
	}
}
