package hub

import (
	"encoding/json"
	"path"
	"slices"
	"sort"
	"strings"
)

// Role is what a file of a model is for.
type Role string

// The roles.
const (
	RoleConfig    Role = "config"
	RoleTokenizer Role = "tokenizer"
	RoleWeights   Role = "weights"
	RoleCard      Role = "card"
	RoleSettings  Role = "settings"
)

// wanted is what a pull takes besides weights, from the top folder of the repository. Everything else
// stays where it is: weights of other frameworks, exports, optimizer states, logs, pictures.
var wanted = []struct {
	name string
	role Role
}{
	{"config.json", RoleConfig},
	{"tokenizer.json", RoleTokenizer},
	{"tokenizer_config.json", RoleTokenizer},
	{"special_tokens_map.json", RoleTokenizer},
	{"added_tokens.json", RoleTokenizer},
	{"vocab.txt", RoleTokenizer},               // WordPiece
	{"vocab.json", RoleTokenizer},              // BPE, with merges.txt
	{"merges.txt", RoleTokenizer},              //
	{"spiece.model", RoleTokenizer},            // SentencePiece: ALBERT, XLNet
	{"sentencepiece.bpe.model", RoleTokenizer}, // SentencePiece: XLM-R, CamemBERT
	{"spm.model", RoleTokenizer},               // SentencePiece: DeBERTa-v2
	{"sentencepiece.model", RoleTokenizer},     // SentencePiece: RemBERT
	{"tokenizer.model", RoleTokenizer},         // SentencePiece: others
	{"README.md", RoleCard},
	{"tryall.json", RoleSettings}, // calibrated threshold, where one was fitted
}

// weightFormats are the weights that can be read, best first; of the first that is there, one file or
// the shards of its index are taken, and nothing of the others.
var weightFormats = []struct {
	format, single, index string
}{
	{"safetensors", "model.safetensors", "model.safetensors.index.json"},
	{"pytorch", "pytorch_model.bin", "pytorch_model.bin.index.json"},
}

// foreign are weights that cannot be read, to say what a repository has instead.
var foreign = []string{"tf_model.h5", "flax_model.msgpack", "rust_model.ot", "*.onnx", "*.gguf", "*.ckpt", "*.safetensors", "*.bin", "*.pt", "*.pth", "*.tflite", "*.mlmodel"}

// formats lists the readable weight formats among the names, best first.
func formats(names []string) []string {
	var out []string
	for _, f := range weightFormats {
		if slices.Contains(names, f.single) || slices.Contains(names, f.index) {
			out = append(out, f.format)
		}
	}
	return out
}

// choose picks the files that a model needs. The index is the name of the weights' index when they
// are in shards; its shards are still to be added (see shards).
func choose(all []File) (chosen []File, index string, err error) {
	byName := map[string]File{}
	for _, f := range all {
		byName[f.Path] = f
	}
	for _, w := range wanted {
		if f, ok := byName[w.name]; ok {
			f.Role = w.role
			chosen = append(chosen, f)
		}
	}
	for _, w := range weightFormats {
		name := w.single
		f, ok := byName[name]
		if !ok {
			if f, ok = byName[w.index]; !ok {
				continue
			}
			index = w.index
		}
		f.Role = RoleWeights
		return append(chosen, f), index, nil
	}
	return nil, "", errorf(NoWeights, "there are no weights that can be read: model.safetensors or pytorch_model.bin is wanted%s", otherWeights(all))
}

func otherWeights(all []File) string {
	var found []string
	for _, f := range all {
		for _, pattern := range foreign {
			if ok, _ := path.Match(pattern, path.Base(f.Path)); ok && len(found) < 8 && !slices.Contains(found, f.Path) {
				found = append(found, f.Path)
			}
		}
	}
	if len(found) == 0 {
		return ""
	}
	sort.Strings(found)
	return "; the repository has " + clean(strings.Join(found, ", "))
}

const maxShards = 4096

// shards reads a weights index and finds its files in the listing.
func shards(index string, data []byte, all []File) ([]File, error) {
	var doc struct {
		WeightMap map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, errorf(Corrupt, "%s is not a weights index: %s", index, clean(err.Error()))
	}
	byName := map[string]File{}
	for _, f := range all {
		byName[f.Path] = f
	}
	seen := map[string]bool{}
	var out []File
	for _, name := range doc.WeightMap {
		if seen[name] {
			continue
		}
		seen[name] = true
		if err := checkName(name); err != nil {
			return nil, wrapf(err, "%s", index)
		}
		f, ok := byName[name]
		if !ok {
			return nil, errorf(Corrupt, "%s names the shard %s, which is not in the repository", index, quote(name))
		}
		f.Role = RoleWeights
		out = append(out, f)
		if len(out) > maxShards {
			return nil, errorf(Corrupt, "%s names more than %d shards", index, maxShards)
		}
	}
	if len(out) == 0 {
		return nil, errorf(Corrupt, "%s names no shards", index)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Path < out[j].Path })
	return out, nil
}
