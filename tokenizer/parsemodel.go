package tokenizer

import (
	"errors"
	"fmt"
	"strings"
)

// modelFile is the model of a tokenizer.json.
type modelFile struct {
	kind    string
	entries []entry     // vocab as an object
	scored  []scored    // vocab as a list
	merges  [][2]string // BPE
	others  map[string]string
}

// readModel reads a model without knowing yet which one it is.
func readModel(s *scanner) (*modelFile, error) {
	f := &modelFile{others: map[string]string{}}
	err := s.object(func(key string) (err error) {
		switch key {
		case "type":
			if !s.null() {
				f.kind, err = s.str()
			}
		case "vocab":
			if s.peek() == '[' {
				f.scored, err = readScored(s)
			} else {
				f.entries, err = readEntries(s)
			}
		case "merges":
			f.merges, err = readMerges(s)
		default:
			f.others[key], err = s.skip()
		}
		return err
	})
	if f.kind == "" {
		f.kind = f.guess()
	}
	return f, err
}

// guess tells the model of an old file, which does not say.
func (f *modelFile) guess() string {
	_, wordPiece := f.others["max_input_chars_per_word"]
	switch {
	case f.merges != nil:
		return "BPE"
	case wordPiece:
		return "WordPiece"
	case f.scored != nil:
		return "Unigram"
	}
	return "WordLevel"
}

func readEntries(s *scanner) (entries []entry, err error) {
	err = s.object(func(token string) error {
		id, err := s.integer()
		entries = append(entries, entry{token, id})
		return err
	})
	return entries, err
}

func readScored(s *scanner) (pieces []scored, err error) {
	pieces = []scored{}
	err = s.array(func() error {
		var p scored
		n := 0
		err := s.array(func() (err error) {
			switch n {
			case 0:
				p.token, err = s.str()
			case 1:
				p.score, err = s.float()
			default:
				err = s.errorf("a vocabulary entry of more than two parts")
			}
			n++
			return err
		})
		if err == nil && n != 2 {
			err = s.errorf("a vocabulary entry of %d parts", n)
		}
		pieces = append(pieces, p)
		return err
	})
	return pieces, err
}

func readMerges(s *scanner) (merges [][2]string, err error) {
	merges = [][2]string{}
	err = s.array(func() error {
		var m [2]string
		if s.peek() == '"' {
			line, err := s.str()
			if err != nil {
				return err
			}
			if m, err = parseMerge(line); err != nil {
				return s.errorf("%v", err)
			}
			merges = append(merges, m)
			return nil
		}
		n := 0
		err := s.array(func() (err error) {
			if n >= 2 {
				return s.errorf("a merge of more than two parts")
			}
			m[n], err = s.str()
			n++
			return err
		})
		if err == nil && n != 2 {
			err = s.errorf("a merge of %d parts", n)
		}
		merges = append(merges, m)
		return err
	})
	return merges, err
}

func parseMerge(line string) (m [2]string, err error) {
	a, b, ok := strings.Cut(line, " ")
	if !ok || strings.Contains(b, " ") {
		return m, fmt.Errorf("the merge %q is not two tokens", line)
	}
	return [2]string{a, b}, nil
}

// build makes the model. byteLevel says that only the characters of bytes reach it.
func (f *modelFile) build(byteLevel bool) (m model, err error) {
	switch f.kind {
	case "WordPiece":
		o := struct {
			Unk      string `json:"unk_token"`
			Prefix   string `json:"continuing_subword_prefix"`
			MaxChars int    `json:"max_input_chars_per_word"`
		}{"[UNK]", "##", 100}
		if err = f.options(&o); err == nil {
			m, err = newWordPiece(f.entries, o.Unk, o.Prefix, o.MaxChars)
		}
	case "BPE":
		m, err = f.buildBPE(byteLevel)
	case "Unigram":
		var o struct {
			Unk          *int64 `json:"unk_id"`
			ByteFallback bool   `json:"byte_fallback"`
		}
		if err = f.options(&o); err != nil {
			break
		}
		if o.Unk == nil {
			return nil, errors.New("model Unigram: a null unk_id is not supported")
		}
		m, err = newUnigram(f.scored, *o.Unk, o.ByteFallback)
	case "WordLevel":
		o := struct {
			Unk string `json:"unk_token"`
		}{"<unk>"}
		if err = f.options(&o); err == nil {
			m, err = newWordLevel(f.entries, o.Unk)
		}
	default:
		err = errors.New("is not supported")
	}
	if err != nil {
		return nil, within("model", f.kind, err)
	}
	return m, nil
}

func (f *modelFile) buildBPE(byteLevel bool) (model, error) {
	var o struct {
		Dropout      float64 `json:"dropout"`
		Unk          *string `json:"unk_token"`
		Prefix       string  `json:"continuing_subword_prefix"`
		Suffix       string  `json:"end_of_word_suffix"`
		FuseUnk      bool    `json:"fuse_unk"`
		ByteFallback bool    `json:"byte_fallback"`
		IgnoreMerges bool    `json:"ignore_merges"`
	}
	if err := f.options(&o); err != nil {
		return nil, err
	}
	if o.Dropout != 0 {
		return nil, fmt.Errorf("dropout %v is not supported; it would cut the same text differently each time", o.Dropout)
	}
	return newBPE(f.entries, f.merges, o.Unk, bpeOptions{o.Prefix, o.Suffix, o.FuseUnk, o.ByteFallback, o.IgnoreMerges}, byteLevel)
}

// options decodes what the model has besides its vocabulary and merges.
func (f *modelFile) options(into any) error {
	if f.entries == nil && f.scored == nil {
		return errors.New("it has no vocabulary")
	}
	var b strings.Builder
	b.WriteByte('{')
	for key, raw := range f.others {
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:%s", key, raw)
	}
	b.WriteByte('}')
	return decode(b.String(), into)
}
