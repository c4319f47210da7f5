package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/tryall/tryall/qa"
)

// maxConfig is the most bytes a config.json may have. Real ones have a few thousand; label maps make some larger.
const maxConfig = 16 << 20

// maxSize bounds every size in a config.json, so that products of two of them cannot overflow.
const maxSize = 1 << 24

// Config is a repository's config.json under upstream's keys. A key that is absent has the default of upstream's
// configuration class, which the caller names; a value that is out of range, of the wrong kind or not implemented is
// noted, and all that was noted comes out as one error when the model is loaded.
type Config struct {
	raw map[string]json.RawMessage
	*problems
}

// readConfig reads config.json. Errors have the code not_found when there is none, broken_model when it is no JSON object.
func readConfig(fsys fs.FS) (*Config, error) {
	f, err := fsys.Open("config.json")
	if err != nil {
		code := qa.BrokenModel
		if errors.Is(err, fs.ErrNotExist) {
			code = qa.NotFound
		}
		return nil, qa.Errorf(code, "read config.json: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err != nil {
		return nil, qa.Errorf(qa.BrokenModel, "read config.json: %w", err)
	}
	if len(data) > maxConfig {
		return nil, qa.Errorf(qa.BrokenModel, "read config.json: more than %d bytes", maxConfig)
	}
	c := &Config{problems: new(problems)}
	if err := json.Unmarshal(data, &c.raw); err != nil {
		return nil, qa.Errorf(qa.BrokenModel, "read config.json: %w", err)
	}
	if c.raw == nil {
		return nil, qa.Errorf(qa.BrokenModel, "read config.json: it is null, not an object")
	}
	return c, nil
}

// get decodes a key into v and reports whether the key is there and well formed. A null is not, nor is a quoted number.
func (c *Config) get(key, want string, v any) bool {
	raw, ok := c.raw[key]
	if !ok {
		return false
	}
	_, number := v.(*json.Number)
	if raw[0] == 'n' || number && raw[0] == '"' || json.Unmarshal(raw, v) != nil {
		c.broken("config.json: %s is %s, not %s", key, shorten(string(raw)), want)
		return false
	}
	return true
}

// Int gives a whole number between lo and hi.
func (c *Config) Int(key string, def, lo, hi int) int {
	var n json.Number
	if !c.get(key, "a whole number", &n) {
		return def
	}
	v, err := strconv.ParseInt(n.String(), 10, 64)
	if err != nil || v < int64(lo) || v > int64(hi) {
		c.broken("config.json: %s=%s is not a whole number from %d to %d", key, shorten(n.String()), lo, hi)
		return def
	}
	return int(v)
}

// Size gives the number of rows or columns of some tensor.
func (c *Config) Size(key string, def int) int { return c.Int(key, def, 1, maxSize) }

// Layers gives how many layers the model has.
func (c *Config) Layers(key string, def int) int { return c.Int(key, def, 1, 4096) }

// Float gives a finite number.
func (c *Config) Float(key string, def float64) float64 {
	v := def
	if !c.get(key, "a number", &v) {
		return def
	}
	return v
}

// Epsilon gives the small number that a layer norm adds to the variance.
func (c *Config) Epsilon(key string) float32 {
	v := c.Float(key, 1e-12)
	if v < 0 || v > 1 {
		c.broken("config.json: %s=%g is not between 0 and 1", key, v)
	}
	return float32(v)
}

// Bool gives true or false.
func (c *Config) Bool(key string, def bool) bool {
	v := def
	if !c.get(key, "true or false", &v) {
		return def
	}
	return v
}

// String gives a text.
func (c *Config) String(key, def string) string {
	v := def
	if !c.get(key, "a text", &v) {
		return def
	}
	return v
}

// Strings gives a list of texts, nil when it is absent or null.
func (c *Config) Strings(key string) []string {
	var v []string
	if json.Unmarshal(c.raw[key], &v) != nil {
		return nil
	}
	return v
}

// OneOf gives a text that must be one of those listed; the first is the default.
func (c *Config) OneOf(key string, values ...string) string {
	v := c.String(key, values[0])
	if !slices.Contains(values, v) {
		c.unsupported("config.json: %s=%q is not supported (%s)", key, shorten(v), strings.Join(values, ", "))
	}
	return v
}

// Heads gives the number of attention heads and checks that it divides the hidden size.
func (c *Config) Heads(key string, def, hidden int) int {
	h := c.Size(key, def)
	if hidden%h != 0 {
		c.broken("config.json: %s=%d does not divide the hidden size %d", key, h, hidden)
		return 1
	}
	return h
}

// MustBe refuses a switch that is not at the only setting that is implemented.
func (c *Config) MustBe(value bool, keys ...string) {
	for _, key := range keys {
		if c.Bool(key, value) != value {
			c.unsupported("config.json: %s=%t is not supported", key, !value)
		}
	}
}

// MustBeEmpty refuses a key that holds more than null, an empty list or an empty object.
func (c *Config) MustBeEmpty(keys ...string) {
	for _, key := range keys {
		switch raw := strings.Join(strings.Fields(string(c.raw[key])), ""); raw {
		case "", "null", "{}", "[]", "false":
		default:
			c.unsupported("config.json: %s=%s is not supported", key, shorten(raw))
		}
	}
}

func shorten(s string) string {
	const most = 120
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%s... (%d bytes)", strings.ToValidUTF8(s[:most], ""), len(s))
}
