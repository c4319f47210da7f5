package hub

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// DefaultEndpoint is the public Hub.
const DefaultEndpoint = "https://huggingface.co"

// Config says which Hub, which cache and how. FromEnv fills it from the variables that Python's
// huggingface_hub reads; New fills in what is zero.
type Config struct {
	Endpoint  string // HF_ENDPOINT; may have a path
	CacheDir  string // HF_HUB_CACHE: the folder that holds models--org--name folders; required
	SearchDir string // where answers of Search are kept for use offline; empty = not kept
	Offline   bool   // HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE: never touch the network
	// OfflineNote is what errors say about it: who switched the network off, and how it is switched on again.
	OfflineNote string

	Token       Token  // sent to the endpoint's host only
	TokenSource string // for messages: "HF_TOKEN", "the token file ...", why there is none

	UserAgent     string        // what precedes the parts that we add
	Origin        string        // HF_HUB_USER_AGENT_ORIGIN
	MetaTimeout   time.Duration // HF_HUB_ETAG_TIMEOUT: answers about files; 10 s
	StallTimeout  time.Duration // HF_HUB_DOWNLOAD_TIMEOUT: no byte for this long = try again; 10 s
	Connections   int           // request bodies read at a time, over all files; 8
	PartSize      int64         // bytes of one range of a large file; 16 MiB
	Retries       int           // tries in a row that bring no byte before a step fails; 5
	BackoffBase   time.Duration // first wait; doubles; 500 ms
	BackoffMax    time.Duration // longest wait of our own choosing; 10 s
	RetryAfterMax time.Duration // longest wait that a server may ask for before we report it; 5 min
}

// Token is an access token. It prints as stars, so that it cannot get into a log by accident.
type Token string

// String hides the token.
func (t Token) String() string {
	if t == "" {
		return ""
	}
	return "***"
}

// GoString hides the token from %#v.
func (t Token) GoString() string { return strconv.Quote(t.String()) }

// MarshalText hides the token from JSON.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// FromEnv reads the configuration from the environment: HF_ENDPOINT, HF_HOME, HF_HUB_CACHE,
// HF_TOKEN, HF_TOKEN_PATH, HF_HUB_OFFLINE and their kin, with the precedence that
// huggingface_hub 0.36 (constants.py, utils/_auth.py) gives them. It reads the token file.
func FromEnv(getenv func(string) string) (Config, error) {
	cfg := Config{
		Endpoint: strings.TrimRight(getenv("HF_ENDPOINT"), "/"),
		Offline:  isTrue(firstSet(getenv, "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")),
		Origin:   getenv("HF_HUB_USER_AGENT_ORIGIN"),
	}
	if cfg.Offline && getenv("HF_HUB_OFFLINE") == "" {
		cfg.OfflineNote = "TRANSFORMERS_OFFLINE is set: unset it"
	}
	home := hfHome(getenv)
	cfg.CacheDir = expandPath(getenv, firstSet(getenv, "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"))
	if cfg.CacheDir == "" && home != "" {
		cfg.CacheDir = filepath.Join(home, "hub")
	}
	var err error
	if cfg.MetaTimeout, err = seconds(getenv, "HF_HUB_ETAG_TIMEOUT"); err != nil {
		return Config{}, err
	}
	if cfg.StallTimeout, err = seconds(getenv, "HF_HUB_DOWNLOAD_TIMEOUT"); err != nil {
		return Config{}, err
	}
	cfg.Token, cfg.TokenSource, err = findToken(getenv, home)
	return cfg, err
}

func (c Config) withDefaults() (Config, error) {
	set := func(p *time.Duration, d time.Duration) {
		if *p <= 0 {
			*p = d
		}
	}
	set(&c.MetaTimeout, 10*time.Second)
	set(&c.StallTimeout, 10*time.Second)
	set(&c.BackoffBase, 500*time.Millisecond)
	set(&c.BackoffMax, 10*time.Second)
	set(&c.RetryAfterMax, 5*time.Minute)
	if c.Connections <= 0 {
		c.Connections = 8
	}
	if c.PartSize <= 0 {
		c.PartSize = 16 << 20
	}
	if c.Retries <= 0 {
		c.Retries = 5
	}
	if c.Endpoint == "" {
		c.Endpoint = DefaultEndpoint
	}
	if c.OfflineNote == "" {
		c.OfflineNote = "HF_HUB_OFFLINE is set: unset it"
	}
	c.Endpoint = strings.TrimRight(c.Endpoint, "/")
	u, err := url.Parse(c.Endpoint)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return c, errorf(Invalid, "HF_ENDPOINT %q is not an address like %s", c.Endpoint, DefaultEndpoint)
	}
	if c.CacheDir == "" {
		return c, errorf(Invalid, "no folder for the model cache: set HF_HUB_CACHE, HF_HOME or HOME")
	}
	if c.CacheDir, err = filepath.Abs(c.CacheDir); err != nil {
		return c, fmt.Errorf("model cache %s: %w", c.CacheDir, err)
	}
	if strings.ContainsFunc(string(c.Token), notTokenRune) {
		return c, errorf(Invalid, "the access token from %s holds characters that no token has; copy it anew from https://huggingface.co/settings/tokens", c.TokenSource)
	}
	return c, nil
}

func notTokenRune(r rune) bool { return r <= ' ' || r > '~' }

// hfHome is HF_HOME, or "huggingface" in the user's cache folder; empty when not even that is known.
func hfHome(getenv func(string) string) string {
	if h := getenv("HF_HOME"); h != "" {
		return expandPath(getenv, h)
	}
	base := getenv("XDG_CACHE_HOME")
	if base == "" {
		if base = userHome(getenv); base == "" {
			return ""
		}
		base = filepath.Join(base, ".cache")
	}
	return expandPath(getenv, filepath.Join(base, "huggingface"))
}

func userHome(getenv func(string) string) string {
	return firstSet(getenv, "HOME", "USERPROFILE")
}

// expandPath puts the home folder for a leading ~ and values for $NAME; unknown names stay as they
// are, as Python's expandvars leaves them.
func expandPath(getenv func(string) string, p string) string {
	if p == "~" || strings.HasPrefix(p, "~/") {
		p = userHome(getenv) + p[1:]
	}
	return os.Expand(p, func(name string) string {
		if v := getenv(name); v != "" {
			return v
		}
		return "$" + name
	})
}

// findToken looks where huggingface_hub looks: HF_TOKEN, its old name, then the token file.
func findToken(getenv func(string) string, home string) (Token, string, error) {
	if isTrue(getenv("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
		return "", "none is sent because HF_HUB_DISABLE_IMPLICIT_TOKEN is set", nil
	}
	for _, name := range []string{"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"} {
		if t := strings.TrimSpace(getenv(name)); t != "" {
			return Token(t), name, nil
		}
	}
	path := expandPath(getenv, getenv("HF_TOKEN_PATH"))
	if path == "" {
		if home == "" {
			return "", "", nil
		}
		path = filepath.Join(home, "token")
	}
	data, err := readSmall(path, 64<<10)
	switch {
	case os.IsNotExist(err):
		return "", "", nil
	case err != nil:
		return "", "", wrapDisk(err, "read the access token %s", path)
	}
	return Token(strings.TrimSpace(string(data))), "the token file " + path, nil
}

func firstSet(getenv func(string) string, names ...string) string {
	for _, n := range names {
		if v := getenv(n); v != "" {
			return v
		}
	}
	return ""
}

func isTrue(v string) bool {
	switch strings.ToUpper(v) {
	case "1", "ON", "YES", "TRUE":
		return true
	}
	return false
}

func seconds(getenv func(string) string, name string) (time.Duration, error) {
	v := getenv(name)
	if v == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(v))
	if err != nil || n < 0 || n > 1<<20 {
		return 0, errorf(Invalid, "%s is %q: a whole number of seconds is wanted", name, v)
	}
	return time.Duration(n) * time.Second, nil
}
