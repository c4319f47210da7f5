package tokenizer

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

func parsePreTokenizer(raw string) (preTokenizer, error) {
	kind, err := typeOf(raw)
	if err != nil || kind == "" {
		return nil, within("read", "the pre-tokenizer", err)
	}
	p, err := parsePreTokenizerOf(kind, raw)
	return p, within("pre-tokenizer", kind, err)
}

func parsePreTokenizerOf(kind, raw string) (preTokenizer, error) {
	switch kind {
	case "Sequence":
		parts, err := elements(raw, "pretokenizers")
		if err != nil {
			return nil, err
		}
		var all preTokenizers
		for _, part := range parts {
			p, err := parsePreTokenizer(part)
			if err != nil {
				return nil, err
			}
			if p != nil {
				all = append(all, p)
			}
		}
		return all, nil
	case "BertPreTokenizer":
		return bertWords{}, decode(raw, new(tagged))
	case "Whitespace":
		return words{}, decode(raw, new(tagged))
	case "WhitespaceSplit":
		return charSplit{unicode.IsSpace, removed}, decode(raw, new(tagged))
	case "ByteLevel":
		k := byteLevelKeys{PrefixSpace: true, TrimOffsets: true, UseRegex: true}
		err := decode(raw, &k)
		return byteLevelWords{k.PrefixSpace, k.UseRegex}, err
	case "Metaspace":
		return parseMetaspace(raw)
	case "Split":
		return parseSplit(raw)
	case "Punctuation":
		k := struct {
			tagged
			Behavior string `json:"behavior"`
		}{Behavior: "Isolated"}
		if err := decode(raw, &k); err != nil {
			return nil, err
		}
		b, err := behaviorOf(k.Behavior)
		return charSplit{isPunctuation, b}, err
	case "Digits":
		var k struct {
			tagged
			Individual bool `json:"individual_digits"`
		}
		err := decode(raw, &k)
		if k.Individual {
			return charSplit{isNumeric, isolated}, err
		}
		return charSplit{isNumeric, contiguous}, err
	case "CharDelimiterSplit":
		var k struct {
			tagged
			Delimiter string `json:"delimiter"`
		}
		if err := decode(raw, &k); err != nil {
			return nil, err
		}
		d, err := oneRune("delimiter", k.Delimiter)
		return charSplit{func(r rune) bool { return r == d }, removed}, err
	}
	return nil, fmt.Errorf("is not supported")
}

func behaviorOf(name string) (behavior, error) {
	b, ok := behaviors[name]
	if !ok {
		return 0, fmt.Errorf("the behavior %q is not supported", name)
	}
	return b, nil
}

func oneRune(key, s string) (rune, error) {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || n < len(s) {
		return 0, fmt.Errorf("%s %q is not one character", key, s)
	}
	return r, nil
}

func parseSplit(raw string) (preTokenizer, error) {
	var k struct {
		tagged
		Pattern  patternSource `json:"pattern"`
		Behavior string        `json:"behavior"`
		Invert   bool          `json:"invert"`
	}
	if err := decode(raw, &k); err != nil {
		return nil, err
	}
	p, err := k.Pattern.compile()
	if err != nil {
		return nil, err
	}
	b, err := behaviorOf(k.Behavior)
	return patternSplit{p, b, k.Invert}, err
}

func parseMetaspace(raw string) (preTokenizer, error) {
	k := struct {
		tagged
		Replacement   string `json:"replacement"`
		PrefixSpace   *bool  `json:"add_prefix_space"` // before tokenizers 0.15
		PrependScheme string `json:"prepend_scheme"`
		Split         *bool  `json:"split"`
		StrRep        string `json:"str_rep"` // older still; follows from replacement
	}{PrependScheme: "always"}
	if err := decode(raw, &k); err != nil {
		return nil, err
	}
	r, err := oneRune("replacement", k.Replacement)
	if err != nil {
		return nil, err
	}
	scheme, ok := map[string]prependScheme{"always": prependAlways, "first": prependFirst, "never": prependNever}[k.PrependScheme]
	if !ok {
		return nil, fmt.Errorf("the prepend_scheme %q is not supported", k.PrependScheme)
	}
	if k.PrefixSpace != nil && !*k.PrefixSpace && scheme != prependNever {
		return nil, fmt.Errorf("add_prefix_space false contradicts prepend_scheme %q", k.PrependScheme)
	}
	return metaspace{r, scheme, k.Split == nil || *k.Split}, nil
}
