package tokenizer

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"testing/fstest"
)

// pseudoWords are distinct words of syllables, frequent ones short.
func pseudoWords(n int) []string {
	r := rand.New(rand.NewSource(1))
	seen := map[string]bool{}
	var words []string
	for len(words) < n {
		w := ""
		for range 1 + r.Intn(2+len(words)/5000) {
			w += string("bcdfghklmnprstvw"[r.Intn(16)]) + string("aeiou"[r.Intn(5)]) + []string{"", "", "n", "r", "s"}[r.Intn(5)]
		}
		if !seen[w] {
			seen[w] = true
			words = append(words, w)
		}
	}
	return words
}

// pseudoText is n words, some capitalised, with punctuation, not all of them in the vocabulary.
func pseudoText(words []string, n int) string {
	r := rand.New(rand.NewSource(2))
	var b strings.Builder
	for range n {
		w := words[min(r.Intn(len(words)), r.Intn(len(words)))]
		if r.Intn(8) == 0 {
			w = strings.ToUpper(w[:1]) + w[1:] + words[r.Intn(50)]
		}
		b.WriteString(w + []string{" ", " ", " ", " ", ", ", ". ", " — ", " é "}[r.Intn(8)])
	}
	return b.String()
}

// benchRepo is a repository of a tokenizer with some 30,000 tokens.
func benchRepo(kind string) (repo fstest.MapFS, text string) {
	words := pseudoWords(14000)
	var model any
	normalizer, pre := `null`, `{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}`
	switch kind {
	case "WordPiece":
		vocab := map[string]int{"[UNK]": 0}
		for _, w := range words {
			vocab[w] = len(vocab)
			vocab["##"+w] = len(vocab)
		}
		for c := '!'; c < 0x100; c++ {
			vocab[string(c)] = len(vocab)
			vocab["##"+string(c)] = len(vocab)
		}
		model = map[string]any{"type": kind, "unk_token": "[UNK]", "vocab": vocab}
		normalizer, pre = `{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}`, `{"type":"BertPreTokenizer"}`
	case "Unigram":
		vocab := [][]any{{"<unk>", 0.0}}
		for i, w := range words {
			vocab = append(vocab, []any{"▁" + w, -5 - float64(i)/2000}, []any{w, -6 - float64(i)/2000})
		}
		for c := '!'; c < 0x100; c++ {
			vocab = append(vocab, []any{string(c), -14.5})
		}
		model = map[string]any{"type": kind, "unk_id": 0, "vocab": vocab}
		normalizer = `{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "}]}`
	case "BPE":
		vocab, merges := map[string]int{}, []string{}
		for _, c := range byteChars {
			vocab[string(c)] = len(vocab)
		}
		for _, w := range words {
			for i := 1; i < len(w); i++ {
				if _, ok := vocab[w[:i+1]]; !ok {
					vocab[w[:i+1]] = len(vocab)
					merges = append(merges, w[:i]+" "+w[i:i+1])
				}
			}
			vocab["Ġ"+w] = len(vocab)
			merges = append(merges, "Ġ "+w)
		}
		model = map[string]any{"type": kind, "vocab": vocab, "merges": merges}
		pre = `{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}`
	}
	raw, err := json.Marshal(model)
	if err != nil {
		panic(err)
	}
	file := fmt.Sprintf(`{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":%s,"pre_tokenizer":%s,"post_processor":null,"decoder":null,"model":%s}`, normalizer, pre, raw)
	return fstest.MapFS{"tokenizer.json": {Data: []byte(file)}}, pseudoText(words, 2000)
}

var benchKinds = []string{"WordPiece", "Unigram", "BPE"}

func BenchmarkEncode(b *testing.B) {
	for _, kind := range benchKinds {
		repo, text := benchRepo(kind)
		tok, err := Load(repo)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(kind, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				tok.Encode(text)
			}
		})
	}
}

func BenchmarkEncodePair(b *testing.B) {
	repo, text := benchRepo("WordPiece")
	tok, err := Load(repo)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tok.EncodePair("Who built the harbour?", text, 384, 128); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for _, kind := range benchKinds {
		repo, _ := benchRepo(kind)
		b.Run(kind, func(b *testing.B) {
			b.SetBytes(int64(len(repo["tokenizer.json"].Data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Load(repo); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
