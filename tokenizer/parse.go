package tokenizer

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
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

// bertNormalizerKeys are kept apart from bertNormalizer because tokenizer_config.json may change them.
type bertNormalizerKeys struct {
	tagged
	CleanText    bool  `json:"clean_text"`
	ChineseChars bool  `json:"handle_chinese_chars"`
	StripAccents *bool `json:"strip_accents"`
	Lowercase    bool  `json:"lowercase"`
}

func (k bertNormalizerKeys) build() normalizer {
	strip := k.Lowercase
	if k.StripAccents != nil {
		strip = *k.StripAccents
	}
	return bertNormalizer{k.CleanText, k.ChineseChars, strip, k.Lowercase}
}

func parseNormalizer(raw string) (normalizer, error) {
	kind, err := typeOf(raw)
	if err != nil || kind == "" {
		return nil, within("read", "the normalizer", err)
	}
	n, err := parseNormalizerOf(kind, raw)
	return n, within("normalizer", kind, err)
}

func parseNormalizerOf(kind, raw string) (normalizer, error) {
	switch kind {
	case "Sequence":
		parts, err := elements(raw, "normalizers")
		if err != nil {
			return nil, err
		}
		var all normalizers
		for _, part := range parts {
			n, err := parseNormalizer(part)
			if err != nil {
				return nil, err
			}
			if n != nil {
				all = append(all, n)
			}
		}
		return all, nil
	case "BertNormalizer":
		k := bertNormalizerKeys{CleanText: true, ChineseChars: true, Lowercase: true}
		err := decode(raw, &k)
		return k.build(), err
	case "Strip":
		var k struct {
			tagged
			Left  bool `json:"strip_left"`
			Right bool `json:"strip_right"`
		}
		err := decode(raw, &k)
		return strip{k.Left, k.Right}, err
	case "Prepend":
		var k struct {
			tagged
			Prepend string `json:"prepend"`
		}
		err := decode(raw, &k)
		return prepend(k.Prepend), err
	case "Replace":
		var k struct {
			tagged
			Pattern patternSource `json:"pattern"`
			Content string        `json:"content"`
		}
		if err := decode(raw, &k); err != nil {
			return nil, err
		}
		p, err := k.Pattern.compile()
		return replacement{p, []rune(k.Content)}, err
	case "Precompiled":
		var k struct {
			tagged
			Map string `json:"precompiled_charsmap"`
		}
		if err := decode(raw, &k); err != nil {
			return nil, err
		}
		data, err := base64.StdEncoding.DecodeString(k.Map)
		if err != nil {
			return nil, fmt.Errorf("precompiled_charsmap: %w", err)
		}
		return newCharsmap(data)
	}
	simple := map[string]normalizer{"NFC": form{compose: true}, "NFD": form{}, "NFKC": form{compatible: true, compose: true}, "NFKD": form{compatible: true},
		"Lowercase": lowercase{}, "StripAccents": stripAccents{}, "Nmt": nmt{}, "ByteLevel": byteLevel{}}
	if n := simple[kind]; n != nil {
		return n, decode(raw, new(tagged))
	}
	return nil, fmt.Errorf("is not supported")
}

// byteLevelKeys are the keys of ByteLevel, which is a pre-tokenizer and a post-processor.
type byteLevelKeys struct {
	tagged
	PrefixSpace bool `json:"add_prefix_space"`
	TrimOffsets bool `json:"trim_offsets"`
	UseRegex    bool `json:"use_regex"`
}

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
	if k.PrefixSpace != nil && !*k.PrefixSpace {
		if scheme == prependFirst {
			return nil, fmt.Errorf("add_prefix_space false contradicts prepend_scheme %q", k.PrependScheme)
		}
		scheme = prependNever
	}
	return metaspace{r, scheme, k.Split == nil || *k.Split}, nil
}

func parseProcessor(raw string) (processor, error) {
	p := plain()
	err := p.merge(raw)
	if err == nil {
		err = p.validate()
	}
	return p, err
}

// merge adds the post-processor raw to p.
func (p *processor) merge(raw string) error {
	kind, err := typeOf(raw)
	if err != nil || kind == "" {
		return within("read", "the post-processor", err)
	}
	return within("post-processor", kind, p.mergeOf(kind, raw))
}

func (p *processor) mergeOf(kind, raw string) error {
	if framed := len(p.single) > 1 || len(p.pair) > 2; framed && kind != "ByteLevel" && kind != "Sequence" {
		return fmt.Errorf("comes after another that adds special tokens, which is not supported")
	}
	switch kind {
	case "Sequence":
		parts, err := elements(raw, "processors")
		if err != nil {
			return err
		}
		for _, part := range parts {
			if err := p.merge(part); err != nil {
				return err
			}
		}
		return nil
	case "ByteLevel":
		k := byteLevelKeys{PrefixSpace: true, TrimOffsets: true, UseRegex: true}
		err := decode(raw, &k)
		p.setTrim(k.TrimOffsets, k.PrefixSpace)
		return err
	case "BertProcessing", "RobertaProcessing":
		k := robertaKeys{TrimOffsets: true, PrefixSpace: true}
		if err := decode(raw, &k); err != nil {
			return err
		}
		if kind == "BertProcessing" {
			cls, sep := k.CLS.slot(0), k.SEP.slot(0)
			p.single = []slot{cls, {sequence: 0}, sep}
			p.pair = []slot{cls, {sequence: 0}, sep, {sequence: 1, kind: 1}, k.SEP.slot(1)}
			return nil
		}
		cls, sep := k.CLS.slot(0), k.SEP.slot(0)
		p.single, p.pair, p.uniform = []slot{cls, {sequence: 0}, sep}, []slot{cls, {sequence: 0}, sep, sep, {sequence: 1}, sep}, true
		p.setTrim(k.TrimOffsets, k.PrefixSpace)
		return nil
	case "TemplateProcessing":
		return p.template(raw)
	}
	return fmt.Errorf("is not supported")
}

func (p *processor) setTrim(on, prefixSpace bool) {
	if on {
		p.trim = &trim{prefixSpace}
	}
}

// robertaKeys are the keys of RobertaProcessing, of which BertProcessing has the first two.
type robertaKeys struct {
	tagged
	SEP         tokenPair `json:"sep"`
	CLS         tokenPair `json:"cls"`
	TrimOffsets bool      `json:"trim_offsets"`
	PrefixSpace bool      `json:"add_prefix_space"`
}

// tokenPair is a token written as a list of string and id.
type tokenPair struct{ id int32 }

func (t *tokenPair) UnmarshalJSON(data []byte) error {
	var token string
	if err := json.Unmarshal(data, &[]any{&token, &t.id}); err != nil || token == "" {
		return fmt.Errorf("%.60s is no list of a token and its id", data)
	}
	return nil
}

func (t tokenPair) slot(kind int32) slot { return slot{sequence: -1, kind: kind, ids: []int32{t.id}} }

// template reads a TemplateProcessing.
func (p *processor) template(raw string) error {
	type place struct {
		ID   string `json:"id"`
		Type int32  `json:"type_id"`
	}
	type part struct{ Sequence, SpecialToken *place }
	var k struct {
		tagged
		Single  []part `json:"single"`
		Pair    []part `json:"pair"`
		Special map[string]struct {
			ID     string   `json:"id"`
			IDs    []int32  `json:"ids"`
			Tokens []string `json:"tokens"`
		} `json:"special_tokens"`
	}
	if err := decode(raw, &k); err != nil {
		return err
	}
	slots := func(parts []part) (out []slot, err error) {
		for _, x := range parts {
			switch {
			case x.Sequence != nil && x.Sequence.ID == "A":
				out = append(out, slot{sequence: 0, kind: x.Sequence.Type})
			case x.Sequence != nil && x.Sequence.ID == "B":
				out = append(out, slot{sequence: 1, kind: x.Sequence.Type})
			case x.SpecialToken != nil:
				special, ok := k.Special[x.SpecialToken.ID]
				if !ok || len(special.IDs) == 0 {
					return nil, fmt.Errorf("the special token %q has no ids", x.SpecialToken.ID)
				}
				out = append(out, slot{sequence: -1, kind: x.SpecialToken.Type, ids: special.IDs})
			default:
				return nil, fmt.Errorf("a part is neither a sequence nor a special token")
			}
		}
		return out, nil
	}
	var err error
	if p.single, err = slots(k.Single); err != nil {
		return err
	}
	p.pair, err = slots(k.Pair)
	return err
}
