package tokenizer

import (
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// divided are the tokenizers of testdata that may take a text in blocks.
var divided = []string{"bart", "bert-recased-json", "bert-uncased", "bert-uncased-json", "bpe-word-ends", "deberta", "distilbert-cased", "electra-accents", "funnel", "mpnet", "roberta", "roberta-prefix-json", "roberta-untrimmed-json", "splinter"}

// TestBlocks holds every tokenizer that divides texts, at each place where it may, against itself with the text whole.
func TestBlocks(t *testing.T) {
	odd := []string{"a", "b", "the", "harbour", "it's", "don't", " ", "  ", "\n", "\u00a0", "é", "e\u0301", "\u0301", "İ", "東京", "\xff", "\xe2\x82", ".", "[SEP]", "<mask>", "</s>", "9", "A", "\u3000", "ﬁ", "\u200d"}
	for _, dir := range goldenDirs(t) {
		name := filepath.Base(dir)
		t.Run(name, func(t *testing.T) {
			whole, parts := loadDir(t, dir), loadDir(t, dir)
			if got, want := whole.blockSize > 0, slices.Contains(divided, name); got != want {
				t.Fatalf("divides texts: %t, want %t", got, want)
			}
			if whole.blockSize == 0 {
				return
			}
			whole.blockSize, parts.blockSize = 0, 1
			check := func(text string) string {
				if a, b := whole.Encode(text), parts.Encode(text); !reflect.DeepEqual(a, b) {
					return text
				}
				a, err1 := whole.EncodePair("a b", text, 24, 5)
				b, err2 := parts.EncodePair("a b", text, 24, 5)
				if err1 != nil || err2 != nil || !reflect.DeepEqual(a, b) {
					return text
				}
				return ""
			}
			for _, g := range readGolden(t, dir)[1:] {
				text := g.Context
				if g.Text != nil {
					text = *g.Text
				}
				if bad := check("the end " + text + " a b " + text); bad != "" {
					t.Fatalf("differs in blocks: %+q", bad)
				}
			}
			rapid.Check(t, func(r *rapid.T) {
				words := rapid.SliceOfN(rapid.SampledFrom(odd), 1, 40).Draw(r, "words")
				if bad := check(strings.Join(words, rapid.SampledFrom([]string{"", " "}).Draw(r, "between"))); bad != "" {
					r.Fatalf("differs in blocks: %+q", bad)
				}
			})
			if n := len(parts.sequence("the end of a long day").blocks); n != 6 {
				t.Errorf("%d blocks of six words, want 6", n)
			}
		})
	}
}

// TestDivision finds the places by hand.
func TestDivision(t *testing.T) {
	for _, c := range []struct {
		text     string
		from, at int
	}{{"ab cd", 1, 2}, {"ab cd", 2, 2}, {"ab cd", 3, 5}, {"ab  cd", 1, 6}, {"aB cd", 1, 5}, {"ab. cd ef", 1, 6}, {" ab cd", 0, 3}, {"ab ", 1, 3}, {"", 1, 0}, {"é a b", 1, 4}} {
		if got := division(c.text, c.from); got != c.at {
			t.Errorf("%q from %d: cut at %d, want %d", c.text, c.from, got, c.at)
		}
	}
}

// TestLongTextMemory holds a pair of 8 MB to what it may keep: 16 bytes a token and the windows' bounds.
func TestLongTextMemory(t *testing.T) {
	tok := loadDir(t, "testdata/bert-uncased")
	text := strings.Repeat("the end of a long day ", 8<<20/22)
	held := func() uint64 {
		runtime.GC()
		runtime.GC() // what a pool holds lives for two
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := held()
	p, err := tok.Pair("the end", text, 384, 128)
	if err != nil {
		t.Fatal(err)
	}
	if kept, most := int64(held()-before), int64(20*p.context.tokens); kept > most {
		t.Errorf("%d tokens hold %d bytes, more than %d", p.context.tokens, kept, most)
	}
	runtime.KeepAlive(p)
}
