package tokenizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// config is what tokenizer_config.json, special_tokens_map.json, added_tokens.json and config.json say.
type config struct {
	class  *class
	values map[string]json.RawMessage // tokenizer_config.json, under the special tokens of special_tokens_map.json
	// decoder are the tokens of added_tokens_decoder, or those of added_tokens.json, in the order of their ids.
	decoder []addedToken
	legacy  bool // added_tokens_decoder is not there
}

func readConfig(fsys fs.FS) (*config, error) {
	c := &config{}
	var model struct {
		ModelType      string `json:"model_type"`
		TokenizerClass string `json:"tokenizer_class"`
	}
	if _, err := readJSON(fsys, "config.json", &model); err != nil {
		return nil, err
	}
	if _, err := readJSON(fsys, "tokenizer_config.json", &c.values); err != nil {
		return nil, err
	}
	if c.values == nil {
		c.values = map[string]json.RawMessage{}
	}
	name, err := c.text("tokenizer_class", model.TokenizerClass)
	if err != nil {
		return nil, err
	}
	if name == "" {
		name = modelTypes[model.ModelType]
	}
	if name == "" {
		name = "PreTrainedTokenizer"
	}
	if c.class = classNamed(strings.TrimSuffix(name, "Fast")); c.class == nil {
		return nil, fmt.Errorf("the tokenizer class %s is not supported", name)
	}
	return c, c.readAdded(fsys)
}

// readJSON decodes a file, if it is there.
func readJSON(fsys fs.FS, name string, into any) (found bool, err error) {
	data, err := readFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), into); err != nil {
		return false, fmt.Errorf("read %s: %w", name, err)
	}
	return true, nil
}

// set tells whether a key is there and not null.
func (c *config) set(key string) bool {
	v, ok := c.values[key]
	return ok && string(v) != "null"
}

func (c *config) get(key string, into any) error {
	if !c.set(key) {
		return nil
	}
	if err := json.Unmarshal(c.values[key], into); err != nil {
		return fmt.Errorf("read tokenizer_config.json: %s: %w", key, err)
	}
	return nil
}

func (c *config) text(key, otherwise string) (string, error) {
	err := c.get(key, &otherwise)
	return otherwise, err
}

func (c *config) flag(key string, otherwise bool) (bool, error) {
	err := c.get(key, &otherwise)
	return otherwise, err
}

// maxLength is model_max_length, 0 when it is not said or astronomic, which is how "none" is written.
func (c *config) maxLength() (int, error) {
	key := "model_max_length"
	if !c.set(key) {
		key = "max_len"
	}
	var v float64
	if err := c.get(key, &v); err != nil || v >= 1e9 {
		return 0, err
	}
	if v < 0 || v != float64(int(v)) {
		return 0, fmt.Errorf("read tokenizer_config.json: %s %v is no length", key, v)
	}
	return int(v), nil
}

// flexToken is an added token as files write it: a string, or an object, whose absent keys have defaults.
type flexToken struct {
	addedToken
	plain bool // written as a string
}

func (t *flexToken) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		t.plain = true
		return json.Unmarshal(data, &t.Content)
	}
	var k struct {
		Normalized *bool `json:"normalized"`
	}
	if err := json.Unmarshal(data, &t.addedToken); err != nil {
		return err
	}
	if err := json.Unmarshal(data, &k); err != nil {
		return err
	}
	if k.Normalized == nil {
		t.Normalized = !t.Special
	}
	return nil
}

// readAdded fills in the decoder, and in older repositories the special tokens of special_tokens_map.json.
func (c *config) readAdded(fsys fs.FS) error {
	if c.set("added_tokens_decoder") {
		var byID map[string]flexToken
		if err := c.get("added_tokens_decoder", &byID); err != nil {
			return err
		}
		return c.sortDecoder(byID)
	}
	c.legacy = true
	var special map[string]json.RawMessage
	if _, err := readJSON(fsys, "special_tokens_map.json", &special); err != nil {
		return err
	}
	for key, value := range special {
		c.values[key] = value
	}
	var ids map[string]int64
	if _, err := readJSON(fsys, "added_tokens.json", &ids); err != nil {
		return err
	}
	names, err := c.specialContents(c.class.specials)
	if err != nil {
		return err
	}
	byID := map[string]flexToken{}
	for content, id := range ids {
		isSpecial := slices.Contains(names, content)
		byID[strconv.FormatInt(id, 10)] = flexToken{addedToken: addedToken{Content: content, Normalized: !isSpecial, Special: isSpecial}}
	}
	return c.sortDecoder(byID)
}

func (c *config) sortDecoder(byID map[string]flexToken) error {
	ids := make([]int64, 0, len(byID))
	for key := range byID {
		id, err := strconv.ParseInt(key, 10, 64)
		if err != nil {
			return fmt.Errorf("read tokenizer_config.json: added_tokens_decoder: %q is no id", key)
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		c.decoder = append(c.decoder, byID[strconv.FormatInt(id, 10)].addedToken)
	}
	return nil
}

// special is one special token: what the files say, or the class's default. It is empty when neither has one.
func (c *config) special(attribute string, defaults specials) (flexToken, error) {
	t := flexToken{plain: true}
	if i := slices.Index(specialNames, attribute); i >= 0 && i < len(defaults) {
		t.Content = defaults[i]
	}
	if v, ok := c.values[attribute]; ok && string(v) == "null" {
		return flexToken{}, nil
	}
	if c.set(attribute) {
		t = flexToken{}
	}
	err := c.get(attribute, &t)
	return t, err
}

// additional are the special tokens that have no attribute of their own.
func (c *config) additional(defaults specials) ([]flexToken, error) {
	var tokens []flexToken
	if c.set("additional_special_tokens") {
		if err := c.get("additional_special_tokens", &tokens); err != nil {
			return nil, err
		}
	} else if len(defaults) > len(specialNames) {
		for _, content := range defaults[len(specialNames):] {
			tokens = append(tokens, flexToken{addedToken{Content: content}, true})
		}
	}
	var extra map[string]flexToken
	if err := c.get("extra_special_tokens", &extra); err != nil {
		return nil, err
	}
	for _, key := range slices.Sorted(mapKeys(extra)) {
		tokens = append(tokens, extra[key])
	}
	return tokens, nil
}

// specialContents are the strings of all special tokens.
func (c *config) specialContents(defaults specials) (contents []string, err error) {
	for _, name := range specialNames {
		t, err := c.special(name, defaults)
		if err != nil {
			return nil, err
		}
		contents = append(contents, t.Content)
	}
	more, err := c.additional(defaults)
	for _, t := range more {
		contents = append(contents, t.Content)
	}
	return contents, err
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
