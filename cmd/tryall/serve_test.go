package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// serving runs "tryall serve" with arguments and gives its address; it is ended with the test.
func serving(t *testing.T, args ...string) string {
	t.Helper()
	t.Setenv("TRYALL_HOME", t.TempDir())
	t.Setenv("HF_HUB_CACHE", t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	var errs bytes.Buffer
	code := make(chan int)
	go func() { code <- run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...), nil, w, &errs) }()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if got := <-code; got != exitOK || errs.Len() > 0 {
			t.Errorf("exit %d, %q", got, errs.String())
		}
	})
	address := strings.Fields(line)[3]
	if !strings.HasPrefix(address, "http://127.0.0.1:") {
		t.Fatalf("it says %q", line)
	}
	return strings.TrimSuffix(address, "/")
}

func get(t *testing.T, address string) string {
	t.Helper()
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", address, resp.StatusCode, err)
	}
	return string(body)
}

// TestServe: the first page is there at once with questions to try; a knob of decoding is turned without the model running again.
func TestServe(t *testing.T) {
	began := time.Now()
	home := serving(t)
	page := get(t, home+"/")
	t.Logf("ready and shown after %v", time.Since(began))
	for _, s := range chosenSamples {
		if !strings.Contains(page, s.question) {
			t.Errorf("the first page does not offer %q", s.question)
		}
	}
	ask := func(v url.Values) string {
		v["wait"] = []string{"1"}
		return get(t, home+"/?"+v.Encode())
	}
	v := url.Values{"t": {"sample-1"}, "q": {"Who proclaimed the oil embargo?"}}
	first := ask(v)
	if !strings.Contains(first, `members of the Organization of Arab Petroleum Exporting Countries</h2>`) || strings.Contains(first, "from kept logits") {
		t.Errorf("the first answer: %s", first)
	}
	for _, c := range []struct{ knob, value, want string }{
		{"threshold", "40", "Not sure enough to answer"}, {"decoder", "hf", "Organization of Arab Petroleum"}, {"decoder", "squad", "Organization of Arab Petroleum"}, {"top_k", "3", "Organization of Arab Petroleum"}, {"max_answer_len", "2", "</h2>"},
	} {
		w := url.Values{"t": v["t"], "q": v["q"], c.knob: {c.value}}
		if page := ask(w); !strings.Contains(page, c.want) || !strings.Contains(page, "from kept logits") {
			t.Errorf("%s=%s runs the model again, or does not say %q", c.knob, c.value, c.want)
		}
	}
	if page := ask(url.Values{"t": v["t"], "q": v["q"], "max_seq_len": {"64"}, "doc_stride": {"16"}}); strings.Contains(page, "from kept logits") {
		t.Error("another window has the logits of the first")
	}
	if page := ask(url.Values{"t": {"sample-1"}, "q": {"When did OPEC begin?"}}); !strings.Contains(page, "Not sure enough to answer") {
		t.Error("a question that the text does not answer is answered")
	}
}

func TestServeUsage(t *testing.T) {
	for _, args := range [][]string{{"--addr", "0.0.0.0:0"}, {"--addr", "nowhere"}} {
		var out, errs bytes.Buffer
		if code := run(context.Background(), append([]string{"serve"}, args...), nil, &out, &errs); code != exitUsage || !strings.Contains(errs.String(), "--addr") {
			t.Errorf("%v: exit %d, %s", args, code, errs.String())
		}
	}
}

// TestServeDemo: a customer sees the title and two screens, and is answered by the models that were named.
func TestServeDemo(t *testing.T) {
	home := serving(t, "--demo", "--title", "Lease finder", "-m", "tryall/minilm-l3-squad2")
	page := get(t, home+"/?"+url.Values{"wait": {"1"}, "q": {"When does the lease end?"}, "c": {"The lease ends on 31 March 2027."}}.Encode())
	if !strings.Contains(page, "Lease finder</title>") || !strings.Contains(page, "31 March 2027</h2>") || strings.Contains(page, "Bake-off") || strings.Contains(page, "minilm-l6") {
		t.Errorf("%s", page)
	}
	for _, path := range []string{"/models", "/bakeoff", "/corpus", "/questions", "/openapi.json"} {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, home+path, nil)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
}
