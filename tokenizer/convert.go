package tokenizer

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode/utf8"
)

// converter makes the parts of a tokenizer of the vocabulary files of its class, as transformers' convert_slow_tokenizer does.
type converter func(b *builder) error

// convert builds the tokenizer of a repository without tokenizer.json.
func (b *builder) convert() error {
	if b.class.convert == nil {
		return fmt.Errorf("there is no tokenizer.json, and the tokenizer class %s cannot be made from other files", b.class.name)
	}
	if _, err := fs.Stat(b.fsys, b.class.file); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s needs tokenizer.json or %s: %w", b.class.name, b.class.file, fs.ErrNotExist)
	}
	b.wrap = b.class.slowWrap
	if b.class.slow != nil {
		b.specials = b.class.slow
	}
	if err := b.class.convert(b); err != nil {
		return fmt.Errorf("convert %s: %w", b.class.file, err)
	}
	return b.overridePreTokenizer()
}

// name is the string of a special token.
func (b *builder) name(attribute string) (string, error) {
	t, err := b.config.special(attribute, b.specials)
	if err == nil && t.Content == "" {
		err = fmt.Errorf("there is no %s", attribute)
	}
	return t.Content, err
}

// id is the id a token will have once all tokens are added; that of the unknown token if it is not among them.
func (b *builder) id(token string) (int32, error) {
	var v addedVocabulary
	v.add(b.model, b.tokens...)
	if err := b.addSpecials(&v); err != nil {
		return 0, err
	}
	if id, ok := v.lookup(b.model, token); ok {
		return id, nil
	}
	unk, err := b.name("unk_token")
	if err != nil {
		return 0, err
	}
	id, ok := v.lookup(b.model, unk)
	if !ok {
		return 0, fmt.Errorf("the special token %q is not in the vocabulary", token)
	}
	return id, nil
}

// lines reads a text file as Python does: any of the usual line ends, and no empty line after the last one.
func (b *builder) lines(file string) ([]string, error) {
	data, err := readFile(b.fsys, file)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("%s is not valid UTF-8", file)
	}
	data = bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	return strings.Split(string(data), "\n"), nil
}

// readVocab makes a WordPiece model of vocab.txt, whose lines are the tokens in the order of their ids.
func (b *builder) readVocab() error {
	lines, err := b.lines("vocab.txt")
	if err != nil {
		return err
	}
	if n := len(lines) - 1; lines[n] == "" {
		lines = lines[:n]
	}
	entries := make([]entry, len(lines))
	for i, token := range lines {
		entries[i] = entry{token, int64(i)}
	}
	unk, err := b.name("unk_token")
	if err != nil {
		return err
	}
	b.model, err = newWordPiece(entries, unk, "##", 100)
	return err
}

// bertWith converts a vocab.txt; frame says where the special tokens go, given the names of cls and sep.
func bertWith(frame func(b *builder, cls, sep string) (single, pair []place, err error)) converter {
	return func(b *builder) error {
		if err := b.readVocab(); err != nil {
			return err
		}
		k := bertNormalizerKeys{tagged: tagged{"BertNormalizer"}, CleanText: true}
		basic, err := b.flag("do_basic_tokenize", true)
		if err != nil {
			return err
		}
		if basic {
			if k.Lowercase, err = b.flag("do_lower_case", true); err != nil {
				return err
			}
			if k.ChineseChars, err = b.flag("tokenize_chinese_chars", true); err != nil {
				return err
			}
			if err := b.get("strip_accents", &k.StripAccents); err != nil {
				return err
			}
		} else {
			k.StripAccents = new(bool)
		}
		if b.normalizer, err = encode(k); err != nil {
			return err
		}
		b.preTokenizer = `{"type": "BertPreTokenizer"}`
		return b.framed(func(cls, sep string) ([]place, []place, error) { return frame(b, cls, sep) })
	}
}

func (b *builder) framed(frame func(cls, sep string) (single, pair []place, err error)) error {
	cls, err := b.name("cls_token")
	if err != nil {
		return err
	}
	sep, err := b.name("sep_token")
	if err != nil {
		return err
	}
	single, pair, err := frame(cls, sep)
	if err != nil {
		return err
	}
	b.processor, err = template(b.id, single, pair)
	return err
}

var convertBERT = bertWith(func(_ *builder, cls, sep string) (single, pair []place, err error) {
	single = []place{{cls, 0}, {"$A", 0}, {sep, 0}}
	return single, append(single[:3:3], place{"$B", 1}, place{sep, 1}), nil
})

var convertMPNet = bertWith(func(_ *builder, cls, sep string) (single, pair []place, err error) {
	single = []place{{cls, 0}, {"$A", 0}, {sep, 0}}
	return single, append(single[:3:3], place{sep, 0}, place{"$B", 1}, place{sep, 1}), nil
})

var convertFunnel = bertWith(func(_ *builder, cls, sep string) (single, pair []place, err error) {
	single = []place{{cls, 2}, {"$A", 0}, {sep, 0}}
	return single, append(single[:3:3], place{"$B", 1}, place{sep, 1}), nil
})

// convertSplinter puts the token that stands for the answer, and a full stop, behind the question.
var convertSplinter = bertWith(func(b *builder, cls, sep string) (single, pair []place, err error) {
	question, err := b.text("question_token", "[QUESTION]")
	if err != nil {
		return nil, nil, err
	}
	single = []place{{cls, 0}, {"$A", 0}, {sep, 0}}
	right, err := b.toRight("padding_side", "", true)
	if right {
		return single, []place{{cls, 0}, {"$A", 0}, {question, 0}, {".", 0}, {sep, 0}, {"$B", 1}, {sep, 1}}, err
	}
	return single, []place{{cls, 0}, {"$A", 0}, {sep, 0}, {"$B", 1}, {question, 0}, {".", 0}, {sep, 1}}, err
})

// readMerges makes a byte-level BPE model of vocab.json and merges.txt, whose first line is a header.
func (b *builder) readMerges() error {
	data, err := readFile(b.fsys, "vocab.json")
	if err != nil {
		return err
	}
	s := &scanner{data: string(data)}
	entries, err := readEntries(s)
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return within("read", "vocab.json", err)
	}
	lines, err := b.lines("merges.txt")
	if err != nil {
		return err
	}
	var merges [][2]string
	seen := map[[2]string]bool{}
	for i := 1; i < len(lines)-1; i++ {
		parts := strings.Fields(lines[i])
		if len(parts) != 2 {
			return fmt.Errorf("merges.txt: line %d, %.60q, is not two tokens", i+1, lines[i])
		}
		m := [2]string{parts[0], parts[1]}
		if !seen[m] {
			merges, seen[m] = append(merges, m), true
		}
	}
	if b.model, err = newBPE(entries, merges, nil, bpeOptions{}, true); err != nil {
		return err
	}
	prefix, err := b.flag("add_prefix_space", b.class.prefix)
	if err != nil {
		return err
	}
	b.preTokenizer, err = encode(byteLevelKeys{tagged{"ByteLevel"}, prefix, true, true})
	return err
}

func convertRoBERTa(b *builder) error {
	if err := b.readMerges(); err != nil {
		return err
	}
	keys := map[string]any{"type": "RobertaProcessing", "trim_offsets": true}
	for key, attribute := range map[string]string{"cls": "cls_token", "sep": "sep_token"} {
		token, err := b.name(attribute)
		if err != nil {
			return err
		}
		id, err := b.id(token)
		if err != nil {
			return err
		}
		keys[key] = []any{token, id}
	}
	prefix, err := b.flag("add_prefix_space", b.class.prefix)
	if err != nil {
		return err
	}
	keys["add_prefix_space"] = prefix
	b.processor, err = encode(keys)
	return err
}

func convertDeberta(b *builder) error {
	if err := b.readMerges(); err != nil {
		return err
	}
	return b.bracketed()
}

// bracketed frames sequences in [CLS] and [SEP], whatever the special tokens are called.
func (b *builder) bracketed() (err error) {
	b.processor, err = template(b.id, []place{{"[CLS]", 0}, {"$A", 0}, {"[SEP]", 0}},
		[]place{{"[CLS]", 0}, {"$A", 0}, {"[SEP]", 0}, {"$B", 1}, {"[SEP]", 1}})
	return err
}

// slashed frames sequences in <s> and </s>.
func (b *builder) slashed() (err error) {
	b.processor, err = template(b.id, []place{{"<s>", 0}, {"$A", 0}, {"</s>", 0}},
		[]place{{"<s>", 0}, {"$A", 0}, {"</s>", 0}, {"</s>", 0}, {"$B", 0}, {"</s>", 0}})
	return err
}

// normalizerJSON writes a Sequence of normalizers.
func (b *builder) setNormalizers(parts ...map[string]any) (err error) {
	b.normalizer, err = encode(map[string]any{"type": "Sequence", "normalizers": parts})
	return err
}

func simple(kind string) map[string]any { return map[string]any{"type": kind} }

func replaceString(from, to string) map[string]any {
	return map[string]any{"type": "Replace", "pattern": map[string]string{"String": from}, "content": to}
}

func replaceSpaces(to string) map[string]any {
	return map[string]any{"type": "Replace", "pattern": map[string]string{"Regex": " {2,}"}, "content": to}
}

func stripSides(left, right bool) map[string]any {
	return map[string]any{"type": "Strip", "strip_left": left, "strip_right": right}
}

// precompiled is the normalizer of a sentencepiece file; nil if it has none.
func precompiled(p *sentencePiece) []map[string]any {
	if len(p.charsmap) == 0 {
		return nil
	}
	return []map[string]any{{"type": "Precompiled", "precompiled_charsmap": base64.StdEncoding.EncodeToString(p.charsmap)}}
}
