package tokenizer

import (
	"encoding/base64"
	"fmt"
)

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
