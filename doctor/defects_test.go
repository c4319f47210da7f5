package doctor

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

type header = map[string]json.RawMessage

// defects are planted one at a time into the quickest built-in model.
var defects = []struct {
	name  string
	plant func(testing.TB, repository)
	check string
	level Level
	text  string // in the detail
}{
	{"no config.json", func(_ testing.TB, r repository) { r.remove("config.json") },
		"files", Fail, "config.json is missing"},
	{"git-lfs pointer", func(_ testing.TB, r repository) {
		r.put(shard, []byte("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 10653956\n"))
	}, "files", Fail, shard + " is a git-lfs pointer"},
	{"missing shard", func(_ testing.TB, r repository) { r.remove(shard) },
		"files", Fail, shard + " is missing"},
	{"empty vocabulary", func(_ testing.TB, r repository) { r.put("tokenizer.json", nil) },
		"files", Fail, "tokenizer.json is empty"},
	{"no tokenizer", func(_ testing.TB, r repository) { r.remove("tokenizer.json", "vocab.txt", "tokenizer_config.json") },
		"files", Fail, "there is no tokenizer"},
	{"no tokenizer, as the tokenizer sees it", func(_ testing.TB, r repository) { r.remove("tokenizer.json", "vocab.txt") },
		"tokenizer", Fail, "vocab.txt"},
	{"only TensorFlow", func(_ testing.TB, r repository) {
		r.remove("model.safetensors.index.json")
		r.put("tf_model.h5", []byte("x"))
	}, "files", Fail, "there are no weights"},

	{"truncated shard", func(_ testing.TB, r repository) {
		data := r.MapFS[shard].Data
		r.put(shard, data[:len(data)-1000])
	}, "weights", Fail, shard},
	{"tensor that only the index has", func(t testing.TB, r repository) {
		r.tensors(t, func(h header, _ func(string) []byte) { delete(h, "bert.encoder.layer.1.output.dense.bias") })
	}, "weights", Fail, shard},

	{"decoder", func(t testing.TB, r repository) {
		r.edit(t, "config.json", func(c map[string]any) { c["model_type"], c["architectures"] = "gpt2", []string{"GPT2LMHeadModel"} })
	}, "config", Fail, "generates text"},
	{"BERT as a decoder", func(t testing.TB, r repository) {
		r.edit(t, "config.json", func(c map[string]any) { c["is_decoder"] = true })
	}, "tensors", Fail, "is_decoder"},
	{"missing tensor", func(t testing.TB, r repository) {
		r.rename(t, "bert.encoder.layer.1.output.dense.bias", "bert.pooler.dense.bias")
	}, "tensors", Fail, "tensor bert.encoder.layer.1.output.dense.bias is missing"},
	{"tensor too many", func(t testing.TB, r repository) {
		r.rename(t, "bert.encoder.layer.1.output.dense.bias", "bert.encoder.layer.1.output.dense.bias_scale")
	}, "tensors", Fail, "tensor bert.encoder.layer.1.output.dense.bias_scale is not used"},
	{"other shape", func(t testing.TB, r repository) {
		r.edit(t, "config.json", func(c map[string]any) { c["intermediate_size"] = 1024 })
	}, "tensors", Fail, "has shape"},

	{"masked language model", func(t testing.TB, r repository) {
		r.rename(t, "qa_outputs.weight", "cls.predictions.transform.dense.weight")
		r.rename(t, "qa_outputs.bias", "cls.predictions.bias")
	}, "head", Fail, "not a question answering checkpoint"},
	{"fresh head", func(t testing.TB, r repository) {
		r.tensors(t, func(_ header, bytesOf func(string) []byte) {
			fill(bytesOf("qa_outputs.weight"), normal(0.02))
			fill(bytesOf("qa_outputs.bias"), zero)
		})
	}, "head", Fail, "the span head was never trained: qa_outputs.weight"},
	{"head of zeros", func(t testing.TB, r repository) {
		r.tensors(t, func(_ header, bytesOf func(string) []byte) { fill(bytesOf("qa_outputs.weight"), zero) })
	}, "head", Fail, "all of qa_outputs.weight is zero"},

	{"NaN", func(t testing.TB, r repository) {
		r.tensors(t, func(_ header, bytesOf func(string) []byte) {
			binary.LittleEndian.PutUint16(bytesOf("bert.encoder.layer.2.attention.self.query.weight")[4242:], 0x7E00)
		})
	}, "numbers", Fail, "bert.encoder.layer.2.attention.self.query.weight (1 NaN, 0 infinite of 147456)"},
	{"overflow in F16", func(t testing.TB, r repository) {
		r.tensors(t, func(_ header, bytesOf func(string) []byte) {
			binary.LittleEndian.PutUint16(bytesOf("bert.encoder.layer.0.output.dense.bias")[2:], 0xFC00)
		})
	}, "numbers", Fail, "bert.encoder.layer.0.output.dense.bias (0 NaN, 1 infinite of 384); infinities in F16 come from weights above 65504"},
	{"zeros", func(t testing.TB, r repository) {
		r.tensors(t, func(_ header, bytesOf func(string) []byte) {
			fill(bytesOf("bert.encoder.layer.0.attention.self.query.weight"), zero)
		})
	}, "numbers", Warn, "all zeros: bert.encoder.layer.0.attention.self.query.weight"},

	{"vocabulary too large", func(_ testing.TB, r repository) {
		r.vocabulary(func(w []string) []string {
			for i := range 50 {
				w = append(w, fmt.Sprintf("more%d", i))
			}
			return w
		})
	}, "vocabulary", Fail, "the embedding has 30522 rows and the tokenizer 30572 tokens"},
	{"vocabulary too small", func(_ testing.TB, r repository) {
		r.vocabulary(func(w []string) []string { return w[:25000] })
	}, "vocabulary", Warn, "only 25000 tokens: it may be the vocabulary of another model"},
	{"vocabulary of another language", func(_ testing.TB, r repository) {
		r.vocabulary(func(w []string) []string {
			for i := 1000; i < len(w); i++ {
				w[i] = strings.Map(func(c rune) rune {
					if 'a' <= c && c <= 'z' {
						return 'а' + c - 'a' // Cyrillic
					}
					return c
				}, w[i])
			}
			return w
		})
	}, "vocabulary", Warn, `of plain English are unknown to it ("[UNK]")`},
	{"token without a row", func(t testing.TB, r repository) {
		r.edit(t, "tokenizer.json", func(c map[string]any) {
			added := map[string]any{"id": 30522, "content": "[QUESTION]", "special": true, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false}
			c["added_tokens"] = append(c["added_tokens"].([]any), added)
		})
	}, "vocabulary", Warn, `without a row are "[QUESTION]" (30522)`},
	{"separator without a row", func(t testing.TB, r repository) {
		r.vocabulary(func(w []string) []string { w[102] = "[SAP]"; return w })
	}, "vocabulary", Fail, `"[SEP]" (30522)`},

	{"vocabulary in halves", func(_ testing.TB, r repository) { r.vocabulary(func(w []string) []string { return halves(w, 0) }) },
		"special tokens", Fail, `the pad_token "[PAD]" has id 15261, but config.json's pad_token_id is 0`},
	{"vocabulary in halves, words", func(_ testing.TB, r repository) {
		r.vocabulary(func(w []string) []string { return halves(w, 0) })
	}, "words", Fail, "the embedding was not trained with this vocabulary"},
	{"vocabulary in halves, special tokens at their ids", func(_ testing.TB, r repository) {
		r.vocabulary(func(w []string) []string { return halves(w, 1000) })
	}, "words", Fail, "the vocabulary is another model's or in another order"},
	{"vocabulary shifted by one", func(_ testing.TB, r repository) {
		r.vocabulary(func(w []string) []string { return slices.Insert(w[:len(w)-1:len(w)-1], 1000, "[unused]") })
	}, "words", Fail, "the embedding was not trained with this vocabulary"},
	{"another vocabulary in tokenizer.json", func(t testing.TB, r repository) {
		r.edit(t, "tokenizer.json", func(c map[string]any) {
			vocab := c["model"].(map[string]any)["vocab"].(map[string]any)
			for token, id := range vocab {
				if n := id.(float64); n >= 1000 {
					vocab[token] = 30521 - (n - 1000)
				}
			}
		})
	}, "words", Fail, "the embedding was not trained with this vocabulary"},
	{"another vocabulary, as its answers tell", func(_ testing.TB, r repository) {
		r.vocabulary(func(w []string) []string { slices.Reverse(w[1000:]); return w })
	}, "known questions", Fail, "of 12 questions answered (6 are needed)"},

	{"separator of another id", func(t testing.TB, r repository) {
		r.edit(t, "config.json", func(c map[string]any) { c["sep_token_id"] = 2 })
	}, "special tokens", Fail, `the sep_token "[SEP]" has id 102, but config.json's sep_token_id is 2`},
	{"no frame", func(t testing.TB, r repository) {
		r.edit(t, "tokenizer.json", func(c map[string]any) { c["post_processor"] = nil })
	}, "special tokens", Fail, "without any special token between or around them"},
	{"frame of another vocabulary", func(t testing.TB, r repository) {
		r.edit(t, "tokenizer.json", func(c map[string]any) {
			frame := c["post_processor"].(map[string]any)["special_tokens"].(map[string]any)["[SEP]"].(map[string]any)
			frame["ids"] = []int{2}
		})
	}, "special tokens", Fail, "around question and text it puts id 2, which is"},
	{"too many token types", func(t testing.TB, r repository) {
		r.edit(t, "config.json", func(c map[string]any) { c["type_vocab_size"] = 1 })
	}, "special tokens", Fail, "token types up to 1, but config.json's type_vocab_size is 1"},
	{"no padding token", func(t testing.TB, r repository) {
		r.edit(t, "tokenizer_config.json", func(c map[string]any) { c["pad_token"] = nil })
		r.remove("special_tokens_map.json")
	}, "special tokens", Info, "there is no pad_token"},

	{"cased text, uncased vocabulary", func(t testing.TB, r repository) {
		r.edit(t, "tokenizer_config.json", func(c map[string]any) { c["do_lower_case"] = false })
	}, "case", Fail, `names become "[UNK]"; set do_lower_case to true`},
	{"lower-cased text, cased vocabulary", func(_ testing.TB, r repository) {
		r.vocabulary(func(w []string) []string {
			for i := 20000; i < 22000; i++ {
				w[i] = strings.ToUpper(w[i])
			}
			return w
		})
	}, "case", Warn, "set do_lower_case to false"},

	{"more tokens than positions", func(t testing.TB, r repository) { r.length(t, 1024) },
		"max length", Warn, "model_max_length is 1024, but the model has only 512 positions"},
	{"hardly any tokens", func(t testing.TB, r repository) { r.length(t, 16) },
		"max length", Fail, "is 16 tokens, which leaves no room"},
	{"few tokens", func(t testing.TB, r repository) { r.length(t, 100) },
		"max length", Warn, "is only 100 tokens"},
	{"no length", func(t testing.TB, r repository) { r.length(t, 1e30) },
		"max length", Info, "model_max_length is unset; the model's 512 positions limit the windows"},

	{"no threshold", func(_ testing.TB, r repository) { r.put("tryall.json", []byte("{}")) },
		"settings", Warn, "no threshold was fitted"},
	{"stored window", func(t testing.TB, r repository) {
		r.edit(t, "tokenizer.json", func(c map[string]any) {
			c["truncation"] = map[string]any{"direction": "Right", "max_length": 128, "strategy": "LongestFirst", "stride": 0}
			c["padding"] = map[string]any{"strategy": map[string]any{"Fixed": 128}, "direction": "Right"}
		})
	}, "settings", Info, "tokenizer.json stores truncation (128 tokens)"},
	{"card without end", func(_ testing.TB, r repository) { r.put("README.md", []byte("---\nlanguage: {\n---\n")) },
		"settings", Info, "the model card cannot be read"},

	{"blind model", func(t testing.TB, r repository) {
		r.tensors(t, func(_ header, bytesOf func(string) []byte) {
			fill(bytesOf("bert.encoder.layer.2.output.LayerNorm.weight"), zero)
		})
	}, "logits", Fail, "the logits are the same for every token"},
	{"faint head", func(t testing.TB, r repository) {
		r.tensors(t, func(_ header, bytesOf func(string) []byte) {
			for w := bytesOf("qa_outputs.weight"); len(w) > 0; w = w[2:] { // all numbers divided by 16
				if u := binary.LittleEndian.Uint16(w); u&0x7C00 > 4<<10 {
					binary.LittleEndian.PutUint16(w, u-4<<10)
				} else {
					binary.LittleEndian.PutUint16(w, 0)
				}
			}
		})
	}, "logits", Warn, "the head looks untrained"},

	{"random head", func(t testing.TB, r repository) {
		r.tensors(t, func(_ header, bytesOf func(string) []byte) { fill(bytesOf("qa_outputs.weight"), normal(0.05)) })
	}, "known questions", Fail, "of 12 questions answered (6 are needed)"},
	{"random encoder", func(t testing.TB, r repository) {
		r.tensors(t, func(h header, bytesOf func(string) []byte) {
			next := normal(0.02)
			for name := range h {
				if strings.Contains(name, "encoder") && strings.HasSuffix(name, "dense.weight") {
					fill(bytesOf(name), next)
				}
			}
		})
	}, "known questions", Fail, "head or encoder are untrained"},
	{"deaf threshold", func(_ testing.TB, r repository) { r.put("tryall.json", []byte(`{"threshold": -100}`)) },
		"no answer", Warn, "it claims to say \"no answer\", but at threshold -100 it abstains on 0 of 6"},
}

// halves exchanges the two halves of the words from some index on.
func halves(words []string, from int) []string {
	middle := from + (len(words)-from)/2
	return slices.Concat(words[:from], words[middle:], words[from:middle])
}

func (r repository) length(t testing.TB, tokens float64) {
	r.edit(t, "tokenizer_config.json", func(c map[string]any) { c["model_max_length"] = tokens })
}

func TestDefects(t *testing.T) {
	planted := map[string]bool{"hashes": true} // TestHashes
	for _, d := range defects {
		planted[d.check] = true
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			repo := builtin(t, quickest)
			d.plant(t, repo)
			p := repo.patient(t, quickest)
			quick := slices.ContainsFunc(Tests, func(o Test) bool { return o.Name == d.check && o.Quick })
			r, err := examine(t.Context(), p, Options{}, quick)
			if err != nil {
				t.Fatal(err)
			}
			c := r.find(t, d.check)
			if c.Level != d.level || !strings.Contains(c.Detail, d.text) {
				t.Errorf("%s: %s: %s\nwant %s: ...%s...", c.Name, c.Level, c.Detail, d.level, d.text)
			}
			if wantOK := d.level != Fail; r.OK != wantOK && wantOK {
				t.Errorf("the model is unfit: %v", r.bad())
			} else if r.OK != wantOK {
				t.Error("the model passes")
			}
			if t.Failed() {
				r.log(t)
			}
		})
	}
	for _, test := range Tests {
		if !planted[test.Name] {
			t.Errorf("no defect is planted for %q", test.Name)
		}
	}
}
