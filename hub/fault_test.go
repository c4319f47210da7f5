package hub

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tryall/tryall/hub/hubtest"
)

// Each case breaks the Hub in one way. Without a code the pull must succeed and leave a whole cache;
// with one it must fail so, with these words, and leave no blob that is not what its name says.
var faults = []struct {
	name   string
	break_ func(*hubtest.Server, *hubtest.Repo)
	code   Code
	says   []string
	retry  bool // a Retry event must tell of it
	config func(*Config)
}{
	{name: "the body is cut in the middle", retry: true, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Host: "cdn", CutAfter: 50_000, Times: 3})
		s.Fail(&hubtest.Fault{Path: "/resolve/", Method: "GET", CutAfter: 100, Times: 2})
	}},
	{name: "the body is cut again and again, and still moves", retry: true, config: func(c *Config) { c.Retries = 1 }, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Host: "cdn", CutAfter: 10_000, Times: 60})
	}},
	{name: "the body is cut before its first byte, for ever", retry: true, code: Unreachable, says: []string{"model.safetensors", "gave up after 6 tries", "cut"}, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Host: "cdn", CutAfter: -1})
	}},
	{name: "the page of the model is cut", retry: true, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Path: "/api/", CutAfter: 20, Times: 2})
	}},
	{name: "5xx a few times", retry: true, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Path: "/api/", Status: 502, Times: 2})
		s.Fail(&hubtest.Fault{Method: "HEAD", Status: 500, Times: 2})
		s.Fail(&hubtest.Fault{Host: "cdn", Status: 503, Times: 4})
	}},
	{name: "5xx for ever", retry: true, code: Unreachable, says: []string{"org/tiny", "503", "gave up after 6 tries"}, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Path: "/api/", Status: 503})
	}},
	{name: "429 with Retry-After", retry: true, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Status: 429, Header: map[string]string{"Retry-After": "7"}, Times: 3})
	}},
	{name: "429 for an hour", code: RateLimited, says: []string{"come back in 1h0m0s", "HF_TOKEN"}, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Status: 429, Header: map[string]string{"Retry-After": "3600"}})
	}},
	{name: "wrong bytes of the right length, once", retry: true, config: oneStream, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Host: "cdn", Wrong: true, Times: 1})
		s.Fail(&hubtest.Fault{Path: "vocab.txt", Method: "GET", Wrong: true, Times: 1})
	}},
	{name: "wrong bytes in one range", retry: true, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Host: "cdn", Wrong: true, Times: 1})
	}},
	{name: "wrong bytes of the right length, always", retry: true, code: HashMismatch, says: []string{"model.safetensors", "sha256", "wrong bytes 2 times", hubtest.SHA256(tinyModel()["model.safetensors"])}, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Host: "cdn", Wrong: true})
	}},
	{name: "wrong bytes in a file of git", retry: true, code: HashMismatch, says: []string{"config.json", "git blob sha1"}, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Path: "config.json", Method: "GET", Wrong: true})
	}},
	{name: "the server ignores ranges", break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{IgnoreRange: true})
	}},
	{name: "the server ignores ranges and cuts", retry: true, config: oneStream, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Host: "cdn", IgnoreRange: true, CutAfter: 700_000, Times: 3})
		s.Fail(&hubtest.Fault{IgnoreRange: true})
	}},
	{name: "the server sends another range", retry: true, code: BadResponse, says: []string{"model.safetensors", "bytes 5-9/20"}, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Host: "cdn", BadRange: "bytes 5-9/20"})
	}},
	{name: "416", code: Changed, says: []string{"model.safetensors", "shorter"}, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Host: "cdn", Status: 416, Header: map[string]string{"Content-Range": "bytes */5"}})
	}},
	{name: "more bytes than there should be", config: oneStream, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Host: "cdn", Extra: 10})
	}},
	{name: "a stalled body", retry: true, config: impatient, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Host: "cdn", StallAfter: 1000, Times: 1})
	}},
	{name: "a hanging server", retry: true, config: impatient, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Path: "/api/", Hang: time.Minute, Times: 1})
	}},
	{name: "a slow body that moves", config: func(c *Config) { c.StallTimeout = time.Second; oneStream(c) }, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Host: "cdn", Drip: 100 * time.Millisecond, DripSize: 50_000, Times: 1}) // two seconds in all, in steps far shorter than the patience
	}},
	{name: "404 for one file", code: EntryNotFound, says: []string{"tokenizer.json"}, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Path: "/tokenizer.json", Method: "HEAD", Status: 404, Header: map[string]string{"X-Error-Code": "EntryNotFound"}})
	}},
	{name: "403", code: Forbidden, says: []string{"org/tiny", "forbids"}, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Path: "/resolve/", Status: 403})
	}},
	{name: "a signature that has run out", retry: true, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Host: "cdn", Status: 403, Times: 2})
	}},
	{name: "a page that is no JSON", code: BadResponse, says: []string{"not the JSON of a Hub", "HF_ENDPOINT"}, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Path: "/api/", Status: 200})
	}},
	{name: "headers of no Hub", code: BadResponse, says: []string{"lacks commit"}, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Method: "HEAD", Status: 200})
	}},
	{name: "an ETag that is a path", code: BadResponse, says: []string{"../../x"}, break_: func(s *hubtest.Server, _ *hubtest.Repo) {
		s.Fail(&hubtest.Fault{Method: "HEAD", Path: "config.json", Status: 200, Header: map[string]string{"X-Repo-Commit": strings.Repeat("a", 40), "X-Linked-Etag": `"../../x"`, "X-Linked-Size": "5"}})
	}},
	{name: "a disabled repository", code: Forbidden, says: []string{"disabled"}, break_: func(s *hubtest.Server, r *hubtest.Repo) {
		r.Info["disabled"] = true
	}},
}

func oneStream(c *Config) { c.PartSize = 1 << 30 }
func impatient(c *Config) { c.StallTimeout, c.MetaTimeout = 400*time.Millisecond, 400*time.Millisecond }

func TestPullThroughFaults(t *testing.T) {
	for _, x := range faults {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			hub, dir, files := startHub(t), t.TempDir(), tinyModel()
			repo := hub.Add("org/tiny", files)
			x.break_(hub, repo)
			c, _ := testClient(t, hub, dir, func(c *Config) {
				if x.config != nil {
					x.config(c)
				}
			})
			var rec recorder
			s, err := c.Pull(context.Background(), "org/tiny", "", PullOptions{Events: rec.add})
			if x.retry != (len(rec.of(Retry)) > 0) && x.code != Changed {
				t.Errorf("retries: %+v", rec.of(Retry))
			}
			if x.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				checkWhole(t, s, files, tinyTaken)
				return
			}
			checkFailure(t, dir, err, x.code, x.says)
			hub.Heal()
			delete(repo.Info, "disabled")
			checkWhole(t, mustPull(t, c, "org/tiny", ""), files, tinyTaken)
		})
	}
}

// checkFailure looks at the error, and that no blob, no link and no reference vouches for what is not there.
func checkFailure(t *testing.T, dir string, err error, code Code, says []string) {
	t.Helper()
	if !errors.Is(err, code) || CodeOf(err) != code {
		t.Fatalf("error %q (%v), want %s", err, CodeOf(err), code)
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("error lacks %q: %v", s, err)
		}
	}
	if strings.Contains(err.Error(), "Signature") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error: %q", err)
	}
	for _, name := range diskFiles(t, dir) {
		base := filepath.Base(name)
		switch {
		case strings.HasSuffix(base, ".incomplete"), strings.HasSuffix(base, ".part"), strings.HasSuffix(base, ".lock"):
		case strings.Contains(name, "/blobs/"):
			if err := verifyFile(context.Background(), filepath.Join(dir, name), name, digestOf(base), nil); err != nil {
				t.Error(err)
			}
		case strings.Contains(name, "/snapshots/"):
			if sizeOf(filepath.Join(dir, name)) < 0 {
				t.Errorf("%s leads nowhere", name)
			}
		default:
			t.Errorf("left: %s", name)
		}
	}
}

func TestPullOfAFileThatChanges(t *testing.T) {
	for _, when := range []string{"HEAD", "GET"} {
		hub, dir, files := startHub(t), t.TempDir(), tinyModel()
		repo := hub.Add("org/tiny", files)
		commit := repo.Commit("main", files)
		after := noise(99, 1<<20+200)
		hub.Fail(&hubtest.Fault{Host: "hub", Path: "model.safetensors", Method: when, Times: 1, Before: func() { repo.Tamper(commit, "model.safetensors", after) }})
		c, _ := testClient(t, hub, dir)
		s := mustPull(t, c, "org/tiny", "")
		files["model.safetensors"] = after
		for _, name := range diskFiles(t, filepath.Join(dir, "models--org--tiny/blobs")) {
			if strings.HasSuffix(name, ".incomplete") {
				t.Logf("%s: %s is kept", when, name) // named for what it is; nothing leads to it
			}
		}
		if link := s.path("model.safetensors"); sizeOf(link) != int64(len(after)) {
			t.Errorf("%s: %d bytes", when, sizeOf(link))
		}
		if checks, err := s.Verify(context.Background(), nil); err != nil || len(checks) != len(tinyTaken) || checks[2].Err != nil {
			t.Errorf("%s: %v %v", when, checks, err)
		}
	}
	// A file that changes at every look is given up, by name.
	hub, files := startHub(t), tinyModel()
	repo := hub.Add("org/tiny", files)
	commit := repo.Commit("main", files)
	n := uint64(0)
	hub.Fail(&hubtest.Fault{Path: "model.safetensors", Method: "HEAD", Before: func() { n++; repo.Tamper(commit, "model.safetensors", noise(n, 400_000)) }})
	c, _ := testClient(t, hub, t.TempDir())
	_, err := c.Pull(context.Background(), "org/tiny", "", PullOptions{})
	if !errors.Is(err, Changed) || !strings.Contains(err.Error(), "model.safetensors changed on the server") || n != 3 {
		t.Errorf("after %d looks: %v", n, err)
	}
}

func TestPullRefusesNamesThatClimbOut(t *testing.T) {
	for _, name := range []string{"../evil", "a/../../evil", "/etc/evil", `..\evil`, `C:\evil`, "a//b", "a/./b", "evil\x00", ""} {
		hub, dir, files := startHub(t), t.TempDir(), tinyModel()
		files[name] = []byte("x")
		hub.Add("org/tiny", files)
		c, _ := testClient(t, hub, filepath.Join(dir, "cache"))
		_, err := c.Pull(context.Background(), "org/tiny", "", PullOptions{})
		if !errors.Is(err, UnsafePath) || !strings.Contains(err.Error(), "refused") || !strings.Contains(err.Error(), "evil") && strings.Contains(name, "evil") {
			t.Errorf("%q: %v", name, err)
		}
		if left := diskFiles(t, dir); len(left) > 0 {
			t.Errorf("%q: wrote %v", name, left)
		}
	}
	for _, shard := range []string{"../evil.safetensors", "/evil", "aux.safetensors", "evil. "} {
		hub, dir := startHub(t), t.TempDir()
		hub.Add("a/b", map[string][]byte{"config.json": nil, "model.safetensors.index.json": []byte(`{"weight_map":{"w":"` + shard + `"}}`)})
		c, _ := testClient(t, hub, filepath.Join(dir, "cache"))
		_, err := c.Pull(context.Background(), "a/b", "", PullOptions{})
		if !errors.Is(err, UnsafePath) || len(diskFiles(t, dir)) > 0 {
			t.Errorf("%q: %v", shard, err)
		}
	}
}

func TestTokenStaysAtTheEndpoint(t *testing.T) {
	hub, files := startHub(t), tinyModel()
	repo := hub.Add("org/tiny", files)
	repo.Gate()
	pull := func(token, from string) error {
		c, _ := testClient(t, hub, t.TempDir(), func(c *Config) { c.Token, c.TokenSource, c.Origin = Token(token), from, "test" })
		_, err := c.Pull(context.Background(), "org/tiny", "", PullOptions{})
		return err
	}
	if err := pull("hf_good", "HF_TOKEN"); err != nil {
		t.Fatal(err)
	}
	cdn := 0
	for _, r := range hub.Requests("") {
		if want := map[string]string{"hub": "Bearer hf_good", "cdn": ""}[r.Host]; r.Authorization != want {
			t.Errorf("%s %s %s has Authorization %q", r.Host, r.Method, r.Path, r.Authorization)
		}
		if !strings.HasPrefix(r.UserAgent, "tryall; go/") || !strings.HasSuffix(r.UserAgent, "; origin/test") {
			t.Errorf("user agent %q", r.UserAgent)
		}
		if r.Host == "cdn" {
			cdn++
		}
	}
	if cdn == 0 {
		t.Error("nothing came from the other host")
	}
	for _, x := range []struct {
		token, from string
		code        Code
		says        string
	}{
		{"", "", GatedRepo, "accept the terms at " + hub.URL() + "/org/tiny and set HF_TOKEN"},
		{"", "none is sent because HF_HUB_DISABLE_IMPLICIT_TOKEN is set", GatedRepo, "HF_HUB_DISABLE_IMPLICIT_TOKEN"},
		{"hf_bad", "the token file x", Unauthorized, "from the token file x is not accepted"},
	} {
		if err := pull(x.token, x.from); !errors.Is(err, x.code) || !strings.Contains(err.Error(), x.says) || strings.Contains(err.Error(), "hf_bad") {
			t.Errorf("%v", err)
		}
	}
	repo.Hide()
	if err := pull("", ""); !errors.Is(err, RepoNotFound) || !strings.Contains(err.Error(), "set HF_TOKEN if it is private") {
		t.Errorf("%v", err)
	}
	c, _ := testClient(t, hub, t.TempDir(), func(c *Config) { c.Token, c.TokenSource = "hf_good", "HF_TOKEN" })
	if _, err := c.Pull(context.Background(), "org/nothing", "", PullOptions{}); !errors.Is(err, RepoNotFound) || !strings.Contains(err.Error(), "check the spelling") {
		t.Errorf("%v", err)
	}
}

func TestAtEndpoint(t *testing.T) {
	for _, x := range []struct {
		endpoint, address string
		want              bool
	}{
		{"https://hub", "https://hub/x", true},
		{"https://hub", "https://HUB:443/x", true},
		{"http://hub:80/mirror", "http://hub/x", true},
		{"https://hub", "http://hub/x", false}, // a downgrade: the token could be read on the way
		{"http://hub", "https://hub/x", false},
		{"https://hub", "https://hub:444/x", false},
		{"https://hub", "https://cdn.hub/x", false},
		{"https://hub", "https://hub.evil/x", false},
		{"https://hub", "https://hub@evil/x", false},
	} {
		u, err := url.Parse(x.address)
		if err != nil {
			t.Fatal(err)
		}
		if got := (&Client{cfg: Config{Endpoint: x.endpoint}}).atEndpoint(u); got != x.want {
			t.Errorf("%s of %s: %v", x.address, x.endpoint, got)
		}
	}
}

func TestUnreachableHub(t *testing.T) {
	hub := startHub(t)
	hub.Close()
	c, w := testClient(t, hub, t.TempDir())
	_, err := c.Pull(context.Background(), "org/tiny", "", PullOptions{})
	if !errors.Is(err, Unreachable) || !strings.Contains(err.Error(), "connection refused") || len(w.all()) != 5 {
		t.Errorf("%v after waits %v", err, w.all())
	}
}

func TestBackoff(t *testing.T) {
	hub := startHub(t)
	hub.Add("org/tiny", tinyModel())
	hub.Fail(&hubtest.Fault{Path: "/api/", Status: http.StatusServiceUnavailable})
	c, w := testClient(t, hub, t.TempDir(), func(c *Config) { c.BackoffBase, c.BackoffMax = time.Second, 5*time.Second })
	c.jitter = func() float64 { return 0.5 }
	if _, err := c.Pull(context.Background(), "org/tiny", "", PullOptions{}); err == nil {
		t.Fatal("no error")
	}
	want := []time.Duration{750 * time.Millisecond, 1500 * time.Millisecond, 3 * time.Second, 3750 * time.Millisecond, 3750 * time.Millisecond}
	for i, d := range w.all() {
		if i >= len(want) || d != want[i] {
			t.Fatalf("waits %v, want %v", w.all(), want)
		}
	}
	if got := retryAfter(http.Header{"Ratelimit": {`"api";r=0;t=55`}}, time.Now()); got != 55*time.Second {
		t.Errorf("RateLimit: %v", got)
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for v, want := range map[string]time.Duration{"": 0, "12": 12 * time.Second, "-3": 0, "x": 0, "Fri, 02 Jan 2026 03:05:05 GMT": time.Minute, "Fri, 02 Jan 2025 03:05:05 GMT": 0} {
		if got := retryAfter(http.Header{"Retry-After": {v}}, now); got != want {
			t.Errorf("Retry-After %q: %v, want %v", v, got, want)
		}
	}
}
