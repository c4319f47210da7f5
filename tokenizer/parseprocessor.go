package tokenizer

import (
	"encoding/json"
	"fmt"
)

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
