package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// Load reads the tokenizer of a repository: tokenizer.json, else the vocabulary files that its class has, in either case under
// what tokenizer_config.json, special_tokens_map.json, added_tokens.json and config.json say. Whatever is not supported is
// refused by name.
func Load(fsys fs.FS) (*Tokenizer, error) {
	t, err := load(fsys)
	if err != nil {
		return nil, fmt.Errorf("load tokenizer: %w", err)
	}
	return t, nil
}

func load(fsys fs.FS) (*Tokenizer, error) {
	c, err := readConfig(fsys)
	if err != nil {
		return nil, err
	}
	b := &builder{config: c, fsys: fsys, specials: c.class.specials, wrap: c.class.wrap}
	data, err := readFile(fsys, "tokenizer.json")
	switch {
	case err == nil:
		err = within("read", "tokenizer.json", b.readJSON(string(data)))
	case errors.Is(err, fs.ErrNotExist):
		err = b.convert()
	}
	if err != nil {
		return nil, err
	}
	return b.build()
}

// builder collects the parts of a tokenizer.
type builder struct {
	*config
	fsys     fs.FS
	specials specials
	wrap     wrapping

	normalizer   string // JSON, as tokenizer.json has it
	preTokenizer string
	processor    string
	model        model
	tokens       []addedToken // in the order they are added

	padding, truncation string // direction, "" where tokenizer.json has none
}

// readJSON reads a tokenizer.json.
func (b *builder) readJSON(data string) error {
	s := &scanner{data: data}
	var file *modelFile
	err := s.object(func(key string) (err error) {
		switch key {
		case "version":
			var v string
			if v, err = s.str(); err == nil && v != "1.0" {
				err = fmt.Errorf("version %q is not supported", v)
			}
		case "truncation":
			b.truncation, err = direction(s)
		case "padding":
			b.padding, err = direction(s)
		case "added_tokens":
			err = b.readTokens(s)
		case "normalizer":
			b.normalizer, err = s.skip()
		case "pre_tokenizer":
			b.preTokenizer, err = s.skip()
		case "post_processor":
			b.processor, err = s.skip()
		case "decoder":
			_, err = s.skip()
		case "model":
			file, err = readModel(s)
		default:
			err = fmt.Errorf("the key %q is not supported", key)
		}
		return err
	})
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return err
	}
	if file == nil {
		return errors.New("it has no model")
	}
	if err := b.overridePreTokenizer(); err != nil {
		return err
	}
	byteLevel, err := b.bytesOnly()
	if err != nil {
		return err
	}
	b.model, err = file.build(byteLevel)
	return err
}

// direction is all that counts of stored truncation and padding: their sizes are those of whoever saved the file.
func direction(s *scanner) (string, error) {
	raw, err := s.skip()
	if err != nil {
		return "", err
	}
	var k *struct {
		Direction string `json:"direction"`
	}
	if err := json.Unmarshal([]byte(raw), &k); err != nil || k == nil {
		return "", err
	}
	switch k.Direction {
	case "", "Right":
		return "right", nil
	case "Left":
		return "left", nil
	}
	return "", fmt.Errorf("the direction %q is not supported", k.Direction)
}

func (b *builder) readTokens(s *scanner) error {
	if s.null() {
		return nil
	}
	return s.array(func() error {
		raw, err := s.skip()
		if err != nil {
			return err
		}
		var k struct {
			ID int64 `json:"id"`
			addedToken
		}
		if err := decode(raw, &k); err != nil {
			return fmt.Errorf("an added token: %w", err)
		}
		if b.class.rawSpecials && k.Special && k.Content != b.specials[2] {
			k.Normalized = false
		}
		b.tokens = append(b.tokens, k.addedToken)
		return nil
	})
}

// build puts the parts together, after what the class overrides.
func (b *builder) build() (*Tokenizer, error) {
	t := &Tokenizer{model: b.model, class: b.class.name}
	err := errors.Join(b.overrideNormalizer(), b.overrideProcessor())
	if err != nil {
		return nil, err
	}
	if t.normalizer, err = parseNormalizer(b.normalizer); err != nil {
		return nil, err
	}
	if t.preTokenizer, err = parsePreTokenizer(b.preTokenizer); err != nil {
		return nil, err
	}
	t.added.add(b.model, b.tokens...)
	if err := b.addSpecials(&t.added); err != nil {
		return nil, err
	}
	if t.added.splitSpecials, err = b.flag("split_special_tokens", false); err != nil {
		return nil, err
	}
	if err := t.added.build(t.normalizer); err != nil {
		return nil, err
	}
	if t.frames, err = parseProcessor(b.processor); err != nil {
		return nil, err
	}
	if t.canDivide() {
		t.blockSize = blockSize
	}
	return t, b.finish(t)
}

// finish sets what does not concern the text.
func (b *builder) finish(t *Tokenizer) (err error) {
	if t.maxLength, err = b.maxLength(); err != nil {
		return err
	}
	if t.padRight, err = b.toRight("padding_side", b.padding, !b.class.padLeft); err != nil {
		return err
	}
	if t.fromLeft, err = b.toRight("truncation_side", b.truncation, true); err != nil {
		return err
	}
	t.types = !b.class.noTypes
	if b.set("model_input_names") {
		var names []string
		if err := b.get("model_input_names", &names); err != nil {
			return err
		}
		t.types = slices.Contains(names, "token_type_ids")
	}
	cls, err := b.special("cls_token", b.specials)
	if err != nil {
		return err
	}
	t.cls = -1
	if id, ok := t.ID(cls.Content); ok && cls.Content != "" {
		t.cls = id
	}
	t.size = t.model.size()
	for content := range t.added.ids {
		if _, ok := t.model.lookup(content); !ok {
			t.size++
		}
	}
	return nil
}

// toRight reads a side: tokenizer_config.json's, else tokenizer.json's, else the class's.
func (b *builder) toRight(key, stored string, otherwise bool) (bool, error) {
	side, err := b.text(key, stored)
	if err != nil {
		return false, err
	}
	switch side {
	case "":
		return otherwise, nil
	case "left", "right":
		return side == "right", nil
	}
	return false, fmt.Errorf("read tokenizer_config.json: %s %q is neither left nor right", key, side)
}

// addSpecials adds the tokens of the configuration that are missing or different, as a fast tokenizer does at the end of its
// construction.
func (b *builder) addSpecials(v *addedVocabulary) error {
	var add []addedToken
	known := map[string]bool{} // contents
	for content := range v.ids {
		known[content] = true
	}
	mapped := map[string]addedToken{}
	if b.legacy {
		for _, t := range b.tokens {
			mapped[t.Content] = t
		}
	}
	for _, t := range b.decoder {
		mapped[t.Content] = t
		if !v.has(t) {
			add = append(add, t)
			known[t.Content] = true
		}
	}
	contents, err := b.specialContents(b.specials)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	offer := func(t flexToken, wrap wrapKind) {
		if t.Content == "" || seen[t.Content] {
			return
		}
		seen[t.Content] = true
		t.wrapAs(wrap)
		if t.plain {
			if !known[t.Content] {
				add = append(add, addedToken{Content: t.Content, Special: true})
			}
		} else if !slices.Contains(add, t.addedToken) {
			add = append(add, t.addedToken)
		}
	}
	for _, name := range specialNames {
		t, err := b.special(name, b.specials)
		if err != nil {
			return err
		}
		if m, ok := mapped[t.Content]; ok && b.set(name) {
			t = flexToken{addedToken: m}
		}
		offer(t, b.wrap.of(name))
	}
	more, err := b.additional(b.specials)
	if err != nil {
		return err
	}
	for _, t := range more {
		offer(t, asString)
	}
	for i := range add {
		add[i].Special = add[i].Special || slices.Contains(contents, add[i].Content)
	}
	v.add(b.model, add...)
	return nil
}

// of is how the token of an attribute is wrapped.
func (w wrapping) of(attribute string) wrapKind {
	switch attribute {
	case "mask_token":
		return w.mask
	case "unk_token":
		return w.unk
	}
	return w.others
}

func (t *flexToken) wrapAs(k wrapKind) {
	if !t.plain || k == asString {
		return
	}
	t.plain = false
	t.LStrip = k == lstripped || k == lstrippedNormalized
	t.Normalized = k == normalized || k == lstrippedNormalized
	t.Special = true
}
