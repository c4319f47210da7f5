package tokenizer

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// tiny is a tokenizer.json with one part replaced.
func tiny(part, by string) fstest.MapFS {
	parts := map[string]string{
		"version": `"1.0"`, "truncation": "null", "padding": "null", "added_tokens": "[]", "normalizer": "null", "pre_tokenizer": `{"type":"Whitespace"}`,
		"post_processor": "null", "decoder": `{"type":"anything"}`, "model": `{"type":"WordPiece","unk_token":"[UNK]","vocab":{"[UNK]":0,"a":1,"##b":2,"b":3}}`,
	}
	if part != "" {
		parts[part] = by
	}
	var b strings.Builder
	for key, value := range parts {
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:%s", key, value)
	}
	return fstest.MapFS{"tokenizer.json": {Data: []byte("{" + b.String() + "}")}}
}

func TestLoadRefuses(t *testing.T) {
	long := strings.Repeat("[", 100_000)
	for _, c := range []struct{ part, by, want string }{
		{"version", `"2.0"`, `version "2.0" is not supported`},
		{"extra", `1`, `key "extra" is not supported`},
		{"normalizer", `{"type":"Magic"}`, "normalizer Magic: is not supported"},
		{"normalizer", `{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Magic"}]}`, "normalizer Magic: is not supported"},
		{"normalizer", `{"type":"Strip","strip_left":true,"strip_right":true,"middle":true}`, "middle"},
		{"normalizer", `{"type":"Replace","pattern":{"Regex":"a(?=b)"},"content":""}`, `(?=`},
		{"normalizer", `{"type":"Replace","pattern":{"Regex":"[[:alpha:]]"},"content":""}`, "class within a class"},
		{"normalizer", `{"type":"Replace","pattern":{"Regex":"\\bx"},"content":""}`, `escape "\\b"`},
		{"normalizer", `{"type":"Replace","pattern":{"Regex":"a++"},"content":""}`, "possessive"},
		{"normalizer", `{"type":"Replace","pattern":{"Regex":"\\p{Klingon}"},"content":""}`, "Klingon"},
		{"normalizer", `{"type":"Replace","pattern":{"Regex":"(a{1000}){1000}"},"content":""}`, "invalid repeat"},
		{"normalizer", `{"type":"Replace","pattern":{"String":""},"content":"x"}`, "empty"},
		{"normalizer", `{"type":"Precompiled","precompiled_charsmap":"AAAA"}`, "header"},
		{"normalizer", `{"type":"Precompiled","precompiled_charsmap":"/////w=="}`, "precompiled_charsmap says"},
		{"pre_tokenizer", `{"type":"UnicodeScripts"}`, "pre-tokenizer UnicodeScripts: is not supported"},
		{"pre_tokenizer", `{"type":"Split","pattern":{"String":" "},"behavior":"Sideways","invert":false}`, "Sideways"},
		{"pre_tokenizer", `{"type":"Metaspace","replacement":"__"}`, "not one character"},
		{"pre_tokenizer", `{"type":"Metaspace","replacement":"▁","prepend_scheme":"sometimes"}`, "sometimes"},
		{"pre_tokenizer", `{"type":"Metaspace","replacement":"▁","add_prefix_space":false}`, "contradicts"},
		{"post_processor", `{"type":"TemplateProcessing","single":[],"pair":[],"special_tokens":{}}`, "template does not hold each sequence once"},
		{"post_processor", `{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x","type_id":0}}],"pair":[],"special_tokens":{}}`, `"x" has no ids`},
		{"post_processor", `{"type":"Oracle"}`, "post-processor Oracle: is not supported"},
		{"model", `{"type":"Neural","vocab":{}}`, "model Neural: is not supported"},
		{"model", `{"type":"WordPiece","unk_token":"[UNK]","vocab":{"a":0}}`, `unknown token "[UNK]"`},
		{"model", `{"type":"WordPiece","unk_token":"a","vocab":{"a":0,"b":2000000000}}`, "2000000000"},
		{"model", `{"type":"WordPiece","unk_token":"a","vocab":{"a":0,"b":0}}`, "same id 0"},
		{"model", `{"type":"WordPiece","unk_token":"a","vocab":{"a":-1}}`, "-1"},
		{"model", `{"type":"WordPiece","unk_token":"a"}`, "no vocabulary"},
		{"model", `{"type":"Unigram","unk_id":7,"vocab":[["a",0.0]]}`, "7"},
		{"model", `{"type":"Unigram","unk_id":null,"vocab":[["a",0.0]]}`, "null unk_id"},
		{"model", `{"type":"Unigram","unk_id":0,"vocab":[["a",1e999]]}`, "1e999"},
		{"model", `{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}`, `"ab"`},
		{"model", `{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a c"]}`, `"c"`},
		{"model", `{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}`, "merge of 1 parts"},
		{"model", `{"type":"BPE","dropout":0.1,"vocab":{"a":0},"merges":[]}`, "dropout 0.1"},
		{"added_tokens", `[{"id":0,"content":"x","color":"red"}]`, "color"},
		{"decoder", long, "nested more than"},
		{"truncation", `{"direction":"Up"}`, `"Up"`},
	} {
		_, err := Load(tiny(c.part, c.by))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "load tokenizer: ") {
			t.Errorf("%s %.80s: error %v, want one with %q", c.part, c.by, err, c.want)
		}
	}
}

func TestLoadRefusesFiles(t *testing.T) {
	file := func(name, data string) fstest.MapFS { return fstest.MapFS{name: {Data: []byte(data)}} }
	for _, c := range []struct {
		files fstest.MapFS
		want  string
	}{
		{fstest.MapFS{}, "no tokenizer.json"},
		{file("config.json", `{"model_type":"bert"}`), "BertTokenizer needs tokenizer.json or vocab.txt"},
		{file("tokenizer_config.json", `{"tokenizer_class":"BertJapaneseTokenizer"}`), "BertJapaneseTokenizer is not supported"},
		{file("tokenizer_config.json", `{"tokenizer_class":`), "read tokenizer_config.json"},
		{fstest.MapFS{"config.json": {Data: []byte(`{"model_type":"albert"}`)}, "spiece.model": {Data: []byte{0x0a, 0xff, 0x01}}}, "convert spiece.model"},
		{fstest.MapFS{"config.json": {Data: []byte(`{"model_type":"bert"}`)}, "vocab.txt": {Data: []byte("a\nb\n")}}, `unknown token "[UNK]"`},
		{fstest.MapFS{"config.json": {Data: []byte(`{"model_type":"bert"}`)}, "vocab.txt": {Data: []byte("[UNK]\n\xff\n")}}, "not valid UTF-8"},
	} {
		if _, err := Load(c.files); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want one with %q", c.files, err, c.want)
		}
	}
}

// TestStoredSizes: truncation and padding stored in tokenizer.json say nothing about our windows, but for the sides.
func TestStoredSizes(t *testing.T) {
	for part, by := range map[string]string{"truncation": `{"direction":"Right","max_length":2,"strategy":"LongestFirst","stride":0}`,
		"padding": `{"strategy":{"Fixed":64},"direction":"Right","pad_to_multiple_of":8,"pad_id":0,"pad_type_id":0,"pad_token":"[UNK]"}`} {
		tok, err := Load(tiny(part, by))
		if err != nil {
			t.Fatal(err)
		}
		if e := tok.Encode("a b a b"); len(e.IDs) != 4 {
			t.Errorf("%s: %d tokens, want 4", part, len(e.IDs))
		}
	}
	tok, err := Load(tiny("padding", `{"direction":"Left"}`))
	if err != nil || tok.PadRight() {
		t.Errorf("padding to the left: %v, PadRight %t", err, tok.PadRight())
	}
}

func TestWindowErrors(t *testing.T) {
	tok, err := Load(tiny("", ""))
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("a ", 50)
	for _, c := range []struct {
		question       string
		maxLen, stride int
		want           string
	}{
		{"a", 8, -1, "negative"}, {"a", 8, 9, "use a smaller stride"}, {"a b", 8, 6, "use a smaller stride"}, {"a b a b", 4, 0, "shorten the question"}, {"a", -1, 0, "use longer windows"},
	} {
		if _, err := tok.EncodePair(c.question, long, c.maxLen, c.stride); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v", c, err)
		}
	}
	if es, err := tok.EncodePair("a b a b", "", 4, 0); err != nil || len(es) != 1 {
		t.Errorf("an empty context: %d windows, %v; want 1", len(es), err)
	}
}

func TestWindows(t *testing.T) {
	for _, c := range []struct {
		n, size, stride int
		fromLeft        bool
		want            string
	}{
		{0, 4, 1, true, "[{0 0}]"}, {4, 4, 1, true, "[{0 4}]"}, {5, 4, 1, true, "[{0 4} {3 5}]"}, {10, 4, 2, true, "[{0 4} {2 6} {4 8} {6 10}]"},
		{10, 4, 0, true, "[{0 4} {4 8} {8 10}]"}, {9, 4, 1, false, "[{5 9} {2 6} {0 3}]"},
	} {
		if got := fmt.Sprint(windows(c.n, c.size, c.stride, c.fromLeft)); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// TestInvalidUTF8: a byte that is no UTF-8 is U+FFFD to the model, and one byte of the text.
func TestInvalidUTF8(t *testing.T) {
	tok := loadDir(t, "testdata/roberta")
	bad, good := "caf\xe9 \xf0\x9f then\xff", "caf\ufffd \ufffd\ufffd then\ufffd"
	a, b := tok.Encode(bad), tok.Encode(good)
	if !equal(a.IDs, b.IDs) {
		t.Fatalf("ids %v, want %v", a.IDs, b.IDs)
	}
	for i, o := range a.Offsets {
		if o.End > len(bad) || points(bad, o) != points(good, b.Offsets[i]) {
			t.Errorf("token %d stands for %v of %q and %v of %q", i, o, bad, b.Offsets[i], good)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	for _, dir := range []string{"testdata/bert-uncased-json", "testdata/bart", "testdata/albert-json", "testdata/bpe-split-0"} {
		tok, cases := loadDir(t, dir), readGolden(t, dir)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for _, g := range cases[1:] {
					if g.Text != nil && checkText(tok, g) != "" || g.Text == nil && checkPair(tok, g) != "" {
						t.Errorf("%s: other tokens when used from several goroutines", dir)
						return
					}
				}
			})
		}
		wg.Wait()
	}
}

// TestFloatAsReference: the digits as an integer, then one division; where that is not the nearest float64, the reference has the
// same neighbour of it.
func TestFloatAsReference(t *testing.T) {
	for text, want := range map[string]float64{"0.1": 0.1, "-8.25": -8.25, "1e3": 1000, "-2.5E-3": -0.0025, "12": 12, "0.0": 0, "-3.5239999294281006": float64(35239999294281006) / -1e16, "1e-400": 0} {
		s := &scanner{data: text}
		if got, err := s.float(); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestClassTable(t *testing.T) {
	for _, c := range classes {
		if c.convert == nil {
			continue
		}
		if c.file == "" || len(c.specials) < len(specialNames) {
			t.Errorf("%s: incomplete: %+v", c.name, c)
		}
	}
	for model, name := range modelTypes {
		if classNamed(name) == nil {
			t.Errorf("model_type %s: class %s is not in classes", model, name)
		}
	}
}
