package doctor

import (
	"crypto/sha1" //nolint:gosec // git names its blobs so
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tryall/tryall/hub"
)

// tiny are the random checkpoints of package model, which have no tokenizers.
func tiny(t testing.TB) map[string]repository {
	t.Helper()
	dirs, err := filepath.Glob("../model/testdata/*/model.safetensors")
	if err != nil || len(dirs) < 10 {
		t.Fatalf("%d checkpoints found in ../model/testdata: %v", len(dirs), err)
	}
	repos := map[string]repository{}
	for _, file := range dirs {
		r := repository{fstest.MapFS{}}
		for _, name := range []string{"config.json", "model.safetensors"} {
			data, err := os.ReadFile(filepath.Join(filepath.Dir(file), name))
			if err != nil {
				t.Fatal(err)
			}
			r.put(name, data)
		}
		r.addTokenizer(t)
		repos[filepath.Base(filepath.Dir(file))] = r
	}
	return repos
}

// addTokenizer makes a tokenizer of as many tokens as the model has rows: special tokens where config.json has them, letters,
// digits, marks.
func (r repository) addTokenizer(t testing.TB) {
	t.Helper()
	var c struct {
		Rows int  `json:"vocab_size"`
		Pad  int  `json:"pad_token_id"`
		BOS  *int `json:"bos_token_id"`
		EOS  *int `json:"eos_token_id"`
	}
	if err := json.Unmarshal(r.MapFS["config.json"].Data, &c); err != nil {
		t.Fatal(err)
	}
	vocab, taken := map[string]int{"[PAD]": c.Pad}, []int{c.Pad}
	if c.BOS != nil && c.EOS != nil {
		vocab["<s>"], vocab["</s>"] = *c.BOS, *c.EOS
		taken = append(taken, *c.BOS, *c.EOS)
	}
	tokens := []string{"[CLS]", "[SEP]", "[UNK]"}
	for _, x := range strings.Split("abcdefghijklmnopqrstuvwxyz0123456789.,?'", "") {
		tokens = append(tokens, x, "##"+x)
	}
	for id, k := 0, 0; id < c.Rows; id++ {
		if slices.Contains(taken, id) {
			continue
		}
		token := fmt.Sprintf("[unused%d]", id)
		if k < len(tokens) {
			token = tokens[k]
		}
		vocab[token] = id
		k++
	}
	special := func(name string) map[string]any {
		return map[string]any{"id": name, "ids": []int{vocab[name]}, "tokens": []string{name}}
	}
	at := func(kind, id string) map[string]any {
		return map[string]any{kind: map[string]any{"id": id, "type_id": 0}}
	}
	cls, sep, a, b := at("SpecialToken", "[CLS]"), at("SpecialToken", "[SEP]"), at("Sequence", "A"), at("Sequence", "B")
	r.edit(t, "tokenizer.json", func(doc map[string]any) {
		doc["version"] = "1.0"
		doc["normalizer"] = map[string]any{"type": "Lowercase"}
		doc["pre_tokenizer"] = map[string]any{"type": "BertPreTokenizer"}
		doc["post_processor"] = map[string]any{"type": "TemplateProcessing", "single": []any{cls, a, sep}, "pair": []any{cls, a, sep, b, sep},
			"special_tokens": map[string]any{"[CLS]": special("[CLS]"), "[SEP]": special("[SEP]")}}
		doc["model"] = map[string]any{"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": vocab}
	})
	r.edit(t, "tokenizer_config.json", func(doc map[string]any) {
		doc["tokenizer_class"], doc["model_max_length"] = "PreTrainedTokenizerFast", 1e30
		doc["model_input_names"] = []string{"input_ids", "attention_mask"}
		for attribute, token := range map[string]string{"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]"} {
			doc[attribute] = token
		}
	})
}

// TestTiny: every architecture is examined to the end, and of random weights only the answers are found wrong.
func TestTiny(t *testing.T) {
	for name, repo := range tiny(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := Examine(t.Context(), Patient{ID: "test/" + name, FS: repo}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			foreign := strings.HasPrefix(name, "xlm") || strings.HasPrefix(name, "camembert")
			if bad := r.bad(); foreign && bad != nil || !foreign && !slices.Equal(bad, []string{"known questions"}) {
				t.Errorf("not OK: %v", bad)
				r.log(t)
			}
		})
	}
}

// TestHashes examines a model in the Hub's cache before and after a byte of it changes.
func TestHashes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "models--test--bert")
	snapshot := &hub.Snapshot{ID: "test/bert", Revision: "main", Commit: strings.Repeat("a", 40)}
	snapshot.Dir = filepath.Join(dir, "snapshots", snapshot.Commit)
	for _, d := range []string{snapshot.Dir, filepath.Join(dir, "blobs")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var weights string
	for name, f := range tiny(t)["bert"].MapFS {
		sum := sha256.Sum256(f.Data)
		blob := hex.EncodeToString(sum[:])
		if strings.HasSuffix(name, ".json") {
			git := sha1.Sum(append(fmt.Appendf(nil, "blob %d\x00", len(f.Data)), f.Data...)) //nolint:gosec // as above
			blob = hex.EncodeToString(git[:])
		} else {
			weights = filepath.Join(dir, "blobs", blob)
		}
		if err := os.WriteFile(filepath.Join(dir, "blobs", blob), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join("..", "..", "blobs", blob), filepath.Join(snapshot.Dir, name)); err != nil {
			t.Skip("no symbolic links here, and without them the cache names no hashes: ", err)
		}
	}
	check := func(level Level, text string) {
		t.Helper()
		r, err := Examine(t.Context(), Patient{ID: snapshot.ID, FS: snapshot.FS(), Snapshot: snapshot}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if c := r.find(t, "hashes"); c.Level != level || !strings.Contains(c.Detail, text) {
			t.Errorf("%+v, want %s: %s", c, level, text)
		}
	}
	check(Pass, "all 4 files are right")
	data, err := os.ReadFile(weights)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1] ^= 1
	if err := os.WriteFile(weights, data, 0o644); err != nil {
		t.Fatal(err)
	}
	check(Fail, "model.safetensors: its sha256 is ")
	if err := os.Remove(weights); err != nil {
		t.Fatal(err)
	}
	check(Fail, "model.safetensors: its link leads nowhere")
	if r, err := Quick(t.Context(), Patient{ID: snapshot.ID, FS: snapshot.FS(), Snapshot: snapshot}); err != nil || r.find(t, "files").Detail != "model.safetensors is a link to a file that is not there" {
		t.Errorf("%v, %+v", err, r.find(t, "files"))
	}
}
