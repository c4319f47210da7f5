package hub

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestCheckID(t *testing.T) {
	// The same answers as validate_repo_id of huggingface_hub 0.36 gives (see python_test.go).
	for _, id := range goodIDs {
		if err := CheckID(id); err != nil {
			t.Error(err)
		}
	}
	for _, id := range badIDs {
		if err := CheckID(id); !errors.Is(err, Invalid) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

var (
	goodIDs = []string{"a", "distilbert-base-cased-distilled-squad", "deepset/roberta-base-squad2", "Foo-BAR_foo.bar123", "a/b", "0/1", "_a/_b_", strings.Repeat("a", 96)}
	badIDs  = []string{"", "/", "a/", "/a", "a/b/c", "a--b", "a..b", "-a", "a-", ".a", "a.", "a.git", "a b", "a\\b", "a/../b", "..", "a/-b", "a:b", "a\x00", "a\n", strings.Repeat("a", 97)}
)

func TestCheckRevision(t *testing.T) {
	for _, rev := range []string{"main", "v1.0", "refs/pr/12", "feature/x-y_z", strings.Repeat("a", 40), "1.17.0"} {
		if err := CheckRevision(rev); err != nil {
			t.Error(err)
		}
	}
	for _, rev := range []string{"", "..", "a/../b", "/a", "a/", "a//b", "a\\b", "a b", "a\nb", "a:b", ".hidden", "x/.y", "a~1", "a^", "x.lock", strings.Repeat("a", 201), "\xff"} {
		if err := CheckRevision(rev); !errors.Is(err, Invalid) {
			t.Errorf("%q: %v", rev, err)
		}
	}
}

func TestCheckName(t *testing.T) {
	for _, name := range []string{"config.json", "onnx/model.onnx", "a b.txt", "ünï.txt", "console.txt", "com10.txt"} {
		if err := checkName(name); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"", ".", "..", "../a", "a/..", "/a", `a\b`, "C:/a", "c:", "a//b", "a/", "x\x00", "NUL", "con.txt", "a/aux.json", "LPT1", "com5.tar.gz", "a.", "a ", "a:b", "a\x01", "\xff", strings.Repeat("a", 256)} {
		if err := checkName(name); !errors.Is(err, UnsafePath) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestNormalizeETag(t *testing.T) {
	for header, want := range map[string]string{`"abc"`: "abc", `W/"abc"`: "abc", "abc": "abc", `"a.b-c_d"`: "a.b-c_d"} {
		if got, err := normalizeETag(header); got != want || err != nil {
			t.Errorf("%s: %q %v", header, got, err)
		}
	}
	for _, header := range []string{"", `""`, `"a/b"`, `".."`, `".x"`, `"a b"`, `"x.incomplete"`, `"5.part"`, `"nul"`, strings.Repeat("a", 129)} {
		if got, err := normalizeETag(header); err == nil {
			t.Errorf("%s: %q", header, got)
		}
	}
}

func TestFromEnv(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("token", " hf_file\n")
	other := write("other", "hf_other")
	for _, x := range []struct {
		env  map[string]string
		want string // endpoint cache offline token source
	}{
		{map[string]string{"HOME": "/h"}, " /h/.cache/huggingface/hub false  "},
		{map[string]string{"HOME": "/h", "XDG_CACHE_HOME": "/x"}, " /x/huggingface/hub false  "},
		{map[string]string{"HOME": dir, "HF_HOME": "~"}, " " + dir + "/hub false hf_file the token file " + dir + "/token"},
		{map[string]string{"HF_HOME": "$D", "D": dir, "HUGGINGFACE_HUB_CACHE": "/old"}, " /old false hf_file the token file " + dir + "/token"},
		{map[string]string{"HF_HOME": dir, "HUGGINGFACE_HUB_CACHE": "/old", "HF_HUB_CACHE": "/new/$X"}, " /new/$X false hf_file the token file " + dir + "/token"},
		{map[string]string{"HF_HOME": dir, "HF_TOKEN": " hf_env ", "HF_ENDPOINT": "https://mirror/"}, "https://mirror " + dir + "/hub false hf_env HF_TOKEN"},
		{map[string]string{"HF_HOME": dir, "HUGGING_FACE_HUB_TOKEN": "hf_old", "HF_HUB_OFFLINE": "on"}, " " + dir + "/hub true hf_old HUGGING_FACE_HUB_TOKEN"},
		{map[string]string{"HF_HOME": dir, "HF_TOKEN_PATH": other, "TRANSFORMERS_OFFLINE": "1"}, " " + dir + "/hub true hf_other the token file " + other},
		{map[string]string{"HF_HOME": dir, "HF_TOKEN": "x", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "true", "HF_HUB_OFFLINE": "0"}, " " + dir + "/hub false  none is sent because HF_HUB_DISABLE_IMPLICIT_TOKEN is set"},
	} {
		cfg, err := FromEnv(func(name string) string { return x.env[name] })
		got := fmt.Sprintf("%s %s %v %s %s", cfg.Endpoint, filepath.ToSlash(cfg.CacheDir), cfg.Offline, string(cfg.Token), cfg.TokenSource)
		if err != nil || got != filepath.ToSlash(x.want) && runtime.GOOS != "windows" {
			t.Errorf("%v\n got %q (%v)\nwant %q", x.env, got, err, x.want)
		}
	}
	cfg, err := FromEnv(func(n string) string {
		return map[string]string{"HOME": dir, "HF_HUB_ETAG_TIMEOUT": "3", "HF_HUB_DOWNLOAD_TIMEOUT": "44", "HF_HUB_USER_AGENT_ORIGIN": "lab"}[n]
	})
	if err != nil || cfg.MetaTimeout != 3*time.Second || cfg.StallTimeout != 44*time.Second || cfg.Origin != "lab" {
		t.Errorf("%+v %v", cfg, err)
	}
	if _, err := FromEnv(func(n string) string { return map[string]string{"HF_HUB_ETAG_TIMEOUT": "soon"}[n] }); !errors.Is(err, Invalid) {
		t.Error(err)
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	for _, cfg := range []Config{
		{}, {CacheDir: "x", Endpoint: "huggingface.co"}, {CacheDir: "x", Endpoint: "ftp://x"}, {CacheDir: "x", Endpoint: "https://u:p@x"},
		{CacheDir: "x", Token: "a b", TokenSource: "HF_TOKEN"}, {CacheDir: "x", Token: "a\nb"},
	} {
		if _, err := New(cfg); !errors.Is(err, Invalid) {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
	c, err := New(Config{CacheDir: "x", Token: "hf_secret"})
	if err != nil || !filepath.IsAbs(c.Config().CacheDir) || c.Config().Endpoint != DefaultEndpoint {
		t.Fatal(c, err)
	}
	if s := fmt.Sprintf("%v %+v %#v", c.Config(), c.Config(), c.Config()); strings.Contains(s, "hf_secret") {
		t.Error("the token can be printed: " + s)
	}
}
