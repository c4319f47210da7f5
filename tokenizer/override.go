package tokenizer

import (
	"encoding/json"
	"strings"
)

// overrideNormalizer lets tokenizer_config.json, or else the class's defaults, decide the case and accents of a BertNormalizer.
func (b *builder) overrideNormalizer() error {
	if b.class.override != bertAll && b.class.override != bertCase {
		return nil
	}
	kind, err := typeOf(b.normalizer)
	if err != nil || kind != "BertNormalizer" {
		return err
	}
	k := bertNormalizerKeys{CleanText: true, ChineseChars: true, Lowercase: true}
	if err := decode(b.normalizer, &k); err != nil {
		return within("normalizer", kind, err)
	}
	if k.Lowercase, err = b.flag("do_lower_case", b.class.lower); err != nil {
		return err
	}
	k.StripAccents = nil
	if err := b.get("strip_accents", &k.StripAccents); err != nil {
		return err
	}
	if b.class.override == bertAll {
		if k.ChineseChars, err = b.flag("tokenize_chinese_chars", true); err != nil {
			return err
		}
	}
	b.normalizer, err = encode(k)
	return err
}

// overridePreTokenizer lets add_prefix_space decide for a ByteLevel pre-tokenizer.
func (b *builder) overridePreTokenizer() error {
	kind, err := typeOf(b.preTokenizer)
	if err != nil || kind != "ByteLevel" {
		return err
	}
	k := byteLevelKeys{PrefixSpace: true, TrimOffsets: true, UseRegex: true}
	if err := decode(b.preTokenizer, &k); err != nil {
		return within("pre-tokenizer", kind, err)
	}
	if k.PrefixSpace, err = b.flag("add_prefix_space", b.class.prefix); err != nil {
		return err
	}
	b.preTokenizer, err = encode(k)
	return err
}

// overrideProcessor lets the RoBERTa-like classes decide how offsets are trimmed.
func (b *builder) overrideProcessor() error {
	if b.class.override != robertaOffsets {
		return nil
	}
	kind, err := typeOf(b.processor)
	if err != nil || kind != "RobertaProcessing" && kind != "ByteLevel" {
		return err
	}
	var keys map[string]any
	if err := decode(b.processor, &keys); err != nil {
		return within("post-processor", kind, err)
	}
	prefix, err := b.flag("add_prefix_space", b.class.prefix)
	if err != nil {
		return err
	}
	trim, err := b.flag("trim_offsets", true)
	if err != nil {
		return err
	}
	keys["add_prefix_space"], keys["trim_offsets"] = prefix, trim
	b.processor, err = encode(keys)
	return err
}

func encode(v any) (string, error) {
	raw, err := json.Marshal(v)
	return string(raw), err
}

// bytesOnly tells whether nothing but the characters of bytes can reach the model.
func (b *builder) bytesOnly() (bool, error) {
	for _, part := range []string{b.normalizer, b.preTokenizer} {
		kind, err := typeOf(part)
		if err != nil {
			return false, err
		}
		if kind == "ByteLevel" || kind == "Sequence" && strings.Contains(part, `"ByteLevel"`) {
			return true, nil
		}
	}
	return false, nil
}

// place is a part of a template: a sequence ("$A", "$B") or a special token, and its type.
type place struct {
	name string
	kind int32
}

// template writes a TemplateProcessing.
func template(id func(token string) (int32, error), single, pair []place) (string, error) {
	type where struct {
		ID   string `json:"id"`
		Type int32  `json:"type_id"`
	}
	type special struct {
		ID     string   `json:"id"`
		IDs    []int32  `json:"ids"`
		Tokens []string `json:"tokens"`
	}
	known := map[string]special{}
	parts := func(places []place) (out []map[string]where, err error) {
		for _, p := range places {
			if p.name == "$A" || p.name == "$B" {
				out = append(out, map[string]where{"Sequence": {p.name[1:], p.kind}})
				continue
			}
			n, err := id(p.name)
			if err != nil {
				return nil, err
			}
			known[p.name] = special{p.name, []int32{n}, []string{p.name}}
			out = append(out, map[string]where{"SpecialToken": {p.name, p.kind}})
		}
		return out, nil
	}
	s, err := parts(single)
	if err != nil {
		return "", err
	}
	p, err := parts(pair)
	if err != nil {
		return "", err
	}
	return encode(map[string]any{"type": "TemplateProcessing", "single": s, "pair": p, "special_tokens": known})
}
