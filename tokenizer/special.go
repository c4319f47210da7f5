package tokenizer

import (
	"fmt"
	"io/fs"
)

// SpecialTokens gives the special tokens of a repository by attribute ("cls_token", "pad_token"), as its files or else its
// class name them. Attributes without a token are left out. What Load adds to the vocabulary because it lacks one of them is
// at the end of its ids.
func SpecialTokens(fsys fs.FS) (map[string]string, error) {
	c, err := readConfig(fsys)
	if err != nil {
		return nil, fmt.Errorf("read special tokens: %w", err)
	}
	tokens := map[string]string{}
	for _, attribute := range specialNames {
		t, err := c.special(attribute, c.class.specials)
		if err != nil {
			return nil, fmt.Errorf("read special tokens: %w", err)
		}
		if t.Content != "" {
			tokens[attribute] = t.Content
		}
	}
	return tokens, nil
}
