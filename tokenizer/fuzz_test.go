package tokenizer

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"unicode/utf8"
)

// FuzzLoadJSON: any tokenizer.json is loaded or refused, and what is loaded encodes.
func FuzzLoadJSON(f *testing.F) {
	files, _ := filepath.Glob("testdata/*/tokenizer.json")
	if len(files) == 0 {
		f.Fatal("no testdata/*/tokenizer.json")
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if len(data) < 60_000 {
			f.Add(data)
		}
	}
	for _, c := range []string{"", "model", "normalizer"} {
		f.Add(tiny(c, `{"type":"NFC"}`)["tokenizer.json"].Data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tok, err := Load(fstest.MapFS{"tokenizer.json": {Data: data}})
		if err == nil {
			checkEncoding(t, tok, "The ferry, 1887: naïve ﬁ\u0301 \x80 [SEP]</s> 東京 \n")
		}
	})
}

// FuzzSentencePiece: any sentencepiece file is converted or refused.
func FuzzSentencePiece(f *testing.F) {
	for _, name := range []string{"testdata/albert/spiece.model", "testdata/sentencepiece-bpe/spiece.model", "testdata/xlnet/spiece.model"} {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte{0x0a, 0x05, 0x0a, 0x01, 'a', 0x18, 0x03})
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, err := parseSentencePiece(data); err != nil || len(p.pieces) > 5000 {
			return
		}
		tok, err := Load(fstest.MapFS{"spiece.model": {Data: data}, "config.json": {Data: []byte(`{"model_type":"albert"}`)}})
		if err == nil {
			checkEncoding(t, tok, "The ferry, 1887: naïve ﬁ\u0301 \x80 [SEP]</s> 東京 \n")
		}
	})
}

// FuzzEncode: any text gives tokens that lie in it.
func FuzzEncode(f *testing.F) {
	var toks []*Tokenizer
	for _, dir := range goldenDirs(f) {
		toks = append(toks, loadDir(f, dir))
		for _, g := range readGolden(f, dir)[1:6] {
			f.Add(*g.Text)
		}
	}
	f.Add("\xff\xfe \u0344\u0301e\u0327\u0301 가각\r\n\u0301")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			return
		}
		for _, tok := range toks {
			checkEncoding(t, tok, text)
		}
	})
}

// checkEncoding holds what is true of any text: offsets are in it, on the bounds of characters, and do not go back; words go up.
func checkEncoding(t *testing.T, tok *Tokenizer, text string) {
	e := tok.Encode(text)
	n := len(e.IDs)
	if len(e.Types) != n || len(e.Offsets) != n || len(e.Words) != n || len(e.Sequence) != n {
		t.Fatalf("%d ids, %d types, %d offsets, %d words, %d sequences", n, len(e.Types), len(e.Offsets), len(e.Words), len(e.Sequence))
	}
	last := Offset{}
	for i, o := range e.Offsets {
		if o.Start < 0 || o.End < o.Start || o.End > len(text) || !bound(text, o.Start) || !bound(text, o.End) {
			t.Fatalf("token %d of %+q stands for %v", i, text, o)
		}
		// Trimmed tokens may end before they begin to the left of their neighbour's end, so only untrimmed ones are compared.
		if tok.frames.trim == nil && o.Start < last.Start {
			t.Fatalf("token %d of %+q stands for %v, after %v", i, text, o, last)
		}
		if i > 0 && e.Words[i] < e.Words[i-1] {
			t.Fatalf("token %d of %+q is of word %d, after %d", i, text, e.Words[i], e.Words[i-1])
		}
		last = o
		tok.Token(e.IDs[i])
	}
	if es, err := tok.EncodePair("Who?", text, 32, 4); err == nil {
		total := 0
		for i := range es {
			if len(es[i].IDs) > 32 {
				t.Fatalf("window %d has %d tokens", i, len(es[i].IDs))
			}
			total += len(es[i].IDs)
		}
		if total < n {
			t.Fatalf("%d tokens in all windows, %d in the text", total, n)
		}
	}
}

// bound tells whether a character begins at i, or text ends there. Every invalid byte is a character.
func bound(text string, i int) bool {
	if i == len(text) || utf8.RuneStart(text[i]) {
		return true
	}
	for k := 1; k < utf8.UTFMax && i-k >= 0; k++ {
		if utf8.RuneStart(text[i-k]) {
			_, n := utf8.DecodeRuneInString(text[i-k:])
			return n <= k
		}
	}
	return true
}
