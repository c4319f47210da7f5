package tokenizer

import (
	"encoding/json"
	"fmt"
	"strings"
)

// decode reads a component's own keys. A key that it does not have is refused, by name.
func decode(raw string, into any) error {
	d := json.NewDecoder(strings.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// tagged is the key that every component has.
type tagged struct {
	Type string `json:"type"`
}

// typeOf reads the type of a component; null has none.
func typeOf(raw string) (kind string, err error) {
	if raw == "" || raw == "null" {
		return "", nil
	}
	s := &scanner{data: raw}
	err = s.object(func(key string) (err error) {
		if key == "type" {
			kind, err = s.str()
		} else {
			_, err = s.skip()
		}
		return err
	})
	if err == nil && kind == "" {
		err = fmt.Errorf("no type in %.60s", raw)
	}
	return kind, err
}

// elements are the components in the list of a Sequence.
func elements(raw, list string) (parts []string, err error) {
	s := &scanner{data: raw}
	err = s.object(func(key string) (err error) {
		switch key {
		case list:
			err = s.array(func() error {
				part, err := s.skip()
				parts = append(parts, part)
				return err
			})
		case "type":
			_, err = s.str()
		default:
			err = fmt.Errorf("the key %q is not supported", key)
		}
		return err
	})
	return parts, err
}

// within says in which component an error came up.
func within(what, kind string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", what, kind, err)
}

// patternSource is how files write a pattern.
type patternSource struct{ String, Regex *string }

func (p patternSource) compile() (pattern, error) {
	switch {
	case p.String != nil && p.Regex == nil:
		return newLiteral(*p.String)
	case p.Regex != nil && p.String == nil:
		return newRegexp(*p.Regex)
	}
	return nil, fmt.Errorf("the pattern is neither String nor Regex")
}

// byteLevelKeys are the keys of ByteLevel, which is a pre-tokenizer and a post-processor.
type byteLevelKeys struct {
	tagged
	PrefixSpace bool `json:"add_prefix_space"`
	TrimOffsets bool `json:"trim_offsets"`
	UseRegex    bool `json:"use_regex"`
}
