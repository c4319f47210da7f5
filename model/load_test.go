package model

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tryall/tryall/internal/weights"
	"github.com/tryall/tryall/qa"
)

// repository is a checkpoint of testdata in memory, for tests to change.
type repository struct {
	config  map[string]any
	tensors map[string]weights.Tensor
}

func openRepository(t testing.TB, name string) repository {
	t.Helper()
	dir := os.DirFS(filepath.Join("testdata", name))
	data, err := fs.ReadFile(dir, "config.json")
	if err != nil {
		t.Fatal(err)
	}
	r := repository{tensors: map[string]weights.Tensor{}}
	if err := json.Unmarshal(data, &r.config); err != nil {
		t.Fatal(err)
	}
	set, err := weights.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	for _, n := range set.Names() {
		tensor, _ := set.Get(n)
		tensor.Data = slices.Clone(tensor.Data)
		r.tensors[n] = tensor
	}
	return r
}

// files writes the repository as config.json and model.safetensors.
func (r repository) files(t testing.TB) fstest.MapFS {
	t.Helper()
	config, err := json.Marshal(r.config)
	if err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{"config.json": {Data: config}, "model.safetensors": {Data: r.safetensors(t)}}
}

func (r repository) safetensors(t testing.TB) []byte {
	t.Helper()
	header, data := map[string]any{}, []byte(nil)
	for _, name := range slices.Sorted(maps.Keys(r.tensors)) {
		tensor := r.tensors[name]
		header[name] = map[string]any{
			"dtype": tensor.Type.String(), "shape": tensor.Shape, "data_offsets": []int{len(data), len(data) + len(tensor.Data)},
		}
		data = append(data, tensor.Data...)
	}
	h, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	n := len(h)
	return slices.Concat([]byte{byte(n), byte(n >> 8), byte(n >> 16), 0, 0, 0, 0, 0}, h, data)
}

// put adds a tensor of zeros.
func (r repository) put(name string, kind weights.DType, shape ...int) {
	t := weights.Tensor{Name: name, Type: kind, Shape: shape}
	t.Data = make([]byte, t.Len()*kind.Size())
	r.tensors[name] = t
}

// rename changes the names of all tensors.
func (r repository) rename(f func(string) string) {
	renamed := map[string]weights.Tensor{}
	for name, t := range r.tensors {
		renamed[f(name)] = t
	}
	clear(r.tensors)
	maps.Copy(r.tensors, renamed)
}

func TestLoadRefuses(t *testing.T) {
	const bert, query = "bert", "bert.encoder.layer.1.attention.self.query.weight"
	set := func(key string, value any) func(repository) {
		return func(r repository) { r.config[key] = value }
	}
	for _, c := range []struct {
		from   string
		change func(repository)
		code   qa.Code
		want   []string // parts of the error
	}{
		// Tensors.
		{bert, func(r repository) { delete(r.tensors, query) }, qa.BrokenModel, []string{"load bert", "tensor " + query + " is missing"}},
		{bert, func(r repository) { r.put(query, weights.F32, 24, 25) }, qa.BrokenModel,
			[]string{query + " has shape [24 25], but by config.json it is [24 24]"}},
		{bert, func(r repository) { r.put(query, weights.I8, 24, 24) }, qa.BrokenModel, []string{query + " has type I8"}},
		{bert, func(r repository) { r.put("bert.adapter.weight", weights.F32, 3) }, qa.BrokenModel,
			[]string{"tensor bert.adapter.weight is not used by bert"}},
		{bert, set("vocab_size", 151), qa.BrokenModel, []string{"vocab_size=151, but tensor bert.embeddings.word_embeddings.weight has 150 rows"}},
		{bert, set("num_hidden_layers", 1), qa.BrokenModel, []string{"bert.encoder.layer.1.attention.output.LayerNorm.bias is not used by bert", "and 8 more"}},
		{bert, set("num_hidden_layers", 3), qa.BrokenModel, []string{"bert.encoder.layer.2.attention.self.query.weight is missing", "and 8 more"}},
		{bert, func(r repository) {
			r.rename(func(n string) string { return strings.Replace(n, "bert.", "roberta.", 1) })
		}, qa.BrokenModel,
			[]string{"called roberta....", "bert...."}},
		{bert, func(r repository) { clear(r.tensors); r.put("x.weight", weights.F32, 1) }, qa.BrokenModel,
			[]string{"no tensor is called bert.embeddings.word_embeddings.weight (found: x)"}},
		{bert, func(r repository) {
			for _, w := range []string{"student.", "teacher."} {
				r.put(w+"bert.embeddings.word_embeddings.weight", weights.F32, 150, 24)
			}
			delete(r.tensors, "bert.embeddings.word_embeddings.weight")
		}, qa.BrokenModel, []string{"more than one encoder: student.bert., teacher.bert."}},

		// Heads.
		{bert, func(r repository) {
			delete(r.tensors, "qa_outputs.weight")
			delete(r.tensors, "qa_outputs.bias")
			r.put("classifier.weight", weights.F32, 3, 24)
		}, qa.UnsupportedModel, []string{"not a question answering checkpoint: it has no qa_outputs head (found: classifier, cls)"}},
		{"electra-unprojected", func(r repository) {
			delete(r.tensors, "qa_outputs.weight")
			r.put("classifier.dense.weight", weights.F32, 3)
		}, qa.UnsupportedModel, []string{"no qa_outputs head (found: classifier)"}},
		{bert, func(r repository) { r.put("qa_outputs.weight", weights.F32, 3, 24) }, qa.UnsupportedModel,
			[]string{"qa_outputs.weight has shape [3 24]"}},
		{"xlnet-beam", func(r repository) { delete(r.tensors, "answer_class.dense_1.weight") }, qa.BrokenModel,
			[]string{"answer_class.dense_1.weight is missing"}},

		// Kinds of models.
		{bert, set("model_type", "frob"), qa.UnsupportedModel, []string{`model_type "frob" is not supported`, "albert, bert, camembert"}},
		{bert, func(r repository) {
			r.config["model_type"], r.config["architectures"] = "gpt2", []string{"GPT2LMHeadModel"}
		},
			qa.UnsupportedModel, []string{`model_type "gpt2" generates text`}},
		{bert, func(r repository) { r.config["model_type"], r.config["is_encoder_decoder"] = "t5", true },
			qa.UnsupportedModel, []string{`model_type "t5" is an encoder-decoder`}},
		{bert, func(r repository) { delete(r.config, "model_type"); delete(r.config, "architectures") },
			qa.UnsupportedModel, []string{"names no model_type"}},

		// Settings.
		{bert, set("is_decoder", true), qa.UnsupportedModel, []string{"is_decoder=true is not supported"}},
		{bert, set("add_cross_attention", true), qa.UnsupportedModel, []string{"add_cross_attention=true is not supported"}},
		{bert, set("pruned_heads", map[string][]int{"0": {1}}), qa.UnsupportedModel, []string{`pruned_heads={"0":[1]} is not supported`}},
		{bert, set("quantization_config", map[string]any{"bits": 4}), qa.UnsupportedModel, []string{"quantization_config"}},
		{bert, set("hidden_act", "prelu"), qa.UnsupportedModel, []string{`hidden_act="prelu" is not supported`}},
		{bert, set("hidden_act", nil), qa.BrokenModel, []string{"hidden_act is null, not a text"}},
		{bert, set("position_embedding_type", "rotary"), qa.UnsupportedModel, []string{`position_embedding_type="rotary"`}},
		{bert, set("num_attention_heads", 5), qa.BrokenModel, []string{"num_attention_heads=5 does not divide the hidden size 24"}},
		{bert, set("hidden_size", 24.5), qa.BrokenModel, []string{"hidden_size=24.5 is not a whole number"}},
		{bert, set("hidden_size", "24"), qa.BrokenModel, []string{`hidden_size is "24", not a whole number`}},
		{bert, set("num_hidden_layers", 0), qa.BrokenModel, []string{"num_hidden_layers=0 is not a whole number from 1 to 4096"}},
		{bert, set("layer_norm_eps", -1), qa.BrokenModel, []string{"layer_norm_eps=-1"}},
		{bert, set("num_hidden_layers", 1_000_000_000), qa.BrokenModel, []string{"num_hidden_layers=1000000000 is not a whole number"}},
		{"roberta", set("pad_token_id", 500), qa.BrokenModel, []string{"max_position_embeddings=162 leaves none after pad_token_id=500"}},
		{"roberta", set("pad_token_id", nil), qa.BrokenModel, []string{"pad_token_id is null"}},
		{"albert", set("num_hidden_groups", 4000), qa.BrokenModel, []string{"num_hidden_groups=4000"}},
		{"xlnet", set("attn_type", "uni"), qa.UnsupportedModel, []string{`attn_type="uni" is not supported (bi)`}},
		{"xlnet", set("bi_data", true), qa.UnsupportedModel, []string{"bi_data=true is not supported"}},
		{"xlnet", set("d_head", 9), qa.BrokenModel, []string{"d_head=9 is not d_model/n_head=8"}},
	} {
		r := openRepository(t, c.from)
		c.change(r)
		_, err := Load(r.files(t), Options{})
		for _, part := range c.want {
			if err == nil || !strings.Contains(err.Error(), part) || qa.CodeOf(err) != c.code {
				t.Errorf("error %v (%s), want %q (%s)", err, qa.CodeOf(err), part, c.code)
			}
		}
		if _, checked := Check(r.files(t)); checked == nil || checked.Error() != err.Error() {
			t.Errorf("Check says %v, Load %v", checked, err)
		}
	}
}

func TestLoadAccepts(t *testing.T) {
	identity := func(n string) string { return n }
	for _, c := range []struct {
		name   string
		from   string
		change func(repository)
	}{
		{"as it is", "bert", func(r repository) { r.rename(identity) }},
		{"wrapped twice", "bert", func(r repository) { r.rename(func(n string) string { return "module._orig_mod." + n }) }},
		{"wrapped without prefix", "bert", func(r repository) {
			r.rename(func(n string) string { return "model." + strings.TrimPrefix(n, "bert.") })
		}},
		{"no prefix", "bert", func(r repository) {
			r.rename(func(n string) string { return strings.TrimPrefix(n, "bert.") })
		}},
		{"no prefix", "xlnet", func(r repository) {
			r.rename(func(n string) string { return strings.TrimPrefix(n, "transformer.") })
		}},
		{"no model_type", "roberta", func(r repository) { delete(r.config, "model_type") }},
		{"no model_type", "xlm-roberta", func(r repository) { delete(r.config, "model_type") }},
		{"no model_type", "distilbert", func(r repository) { delete(r.config, "model_type") }},
		{"defaults", "bert", func(r repository) {
			for _, key := range []string{"position_embedding_type", "type_vocab_size", "layer_norm_eps", "hidden_act", "is_decoder", "pad_token_id"} {
				delete(r.config, key)
			}
		}},
		{"harmless settings", "bert", func(r repository) {
			r.config["chunk_size_feed_forward"], r.config["pruned_heads"], r.config["summary_type"] = 7, map[string]any{}, "first"
		}},
	} {
		t.Run(c.name+" "+c.from, func(t *testing.T) {
			g, r := readGolden(t, c.from), openRepository(t, c.from)
			want := score(t, load(t, c.from, 1), g.Windows[1].batch())
			c.change(r)
			m, err := Load(r.files(t), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			same(t, 1, score(t, m, g.Windows[1].batch()), want)
		})
	}
}

func TestInfo(t *testing.T) {
	for name, want := range map[string]Info{
		"bert":        {Architecture: "bert", Head: "span", Layers: 2, Hidden: 24, VocabSize: 150, MaxPositions: 160, DType: "F32"},
		"xlm-roberta": {Architecture: "xlm-roberta", Head: "span", Layers: 2, Hidden: 24, VocabSize: 150, MaxPositions: 160, DType: "BF16"},
		"camembert":   {Architecture: "camembert", Head: "span", Layers: 2, Hidden: 24, VocabSize: 150, MaxPositions: 160, DType: "F16"},
		"distilbert":  {Architecture: "distilbert", Head: "span", Layers: 2, Hidden: 24, VocabSize: 150, MaxPositions: 160, DType: "F64"},
		"xlnet-beam":  {Architecture: "xlnet", Head: "beam", Layers: 2, Hidden: 24, VocabSize: 150, MaxPositions: 0, DType: "F32"},
	} {
		got, err := Check(os.DirFS(filepath.Join("testdata", name)))
		if err != nil {
			t.Fatal(err)
		}
		want.Parameters = readGolden(t, name).Parameters
		if loaded := load(t, name, 1).Info(); !equal(got, want) || !equal(loaded, want) {
			t.Errorf("%s: Check gives %+v, Load %+v, want %+v", name, got, loaded, want)
		}
	}
}

func equal(a, b Info) bool {
	warnings := slices.Equal(a.Warnings, b.Warnings)
	a.Warnings, b.Warnings = nil, nil
	return warnings && a.Architecture == b.Architecture && a.Head == b.Head && a.Parameters == b.Parameters && a.Layers == b.Layers &&
		a.Hidden == b.Hidden && a.VocabSize == b.VocabSize && a.MaxPositions == b.MaxPositions && a.DType == b.DType
}

func TestLoadWithoutFiles(t *testing.T) {
	r := openRepository(t, "bert").files(t)
	for _, c := range []struct {
		drop, want string
		code       qa.Code
	}{
		{"config.json", "read config.json", qa.NotFound},
		{"model.safetensors", "read weights: no weights", qa.UnsupportedModel},
	} {
		files := maps.Clone(r)
		delete(files, c.drop)
		if _, err := Load(files, Options{}); err == nil || !strings.Contains(err.Error(), c.want) || qa.CodeOf(err) != c.code {
			t.Errorf("without %s: %v (%s)", c.drop, err, qa.CodeOf(err))
		}
	}
	for _, text := range []string{"", "{", "[]", "null", `"x"`, "{} {}"} {
		files := maps.Clone(r)
		files["config.json"] = &fstest.MapFile{Data: []byte(text)}
		if _, err := Load(files, Options{}); qa.CodeOf(err) != qa.BrokenModel {
			t.Errorf("config.json %q: %v (%s)", text, err, qa.CodeOf(err))
		}
	}
}

// Damaged weights give an error, not numbers.
func TestScoreOfDamagedWeights(t *testing.T) {
	r := openRepository(t, "bert")
	copy(r.tensors["qa_outputs.bias"].Data, []byte{0, 0, 0xc0, 0x7f}) // NaN
	m, err := Load(r.files(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	_, err = m.Score(t.Context(), &Batch{IDs: []int32{1}, Bounds: []int{0, 1}})
	if qa.CodeOf(err) != qa.BrokenModel || !strings.Contains(err.Error(), "not finite") {
		t.Errorf("error %v", err)
	}
}

// FuzzConfig gives settings to checkpoints that are small: whatever they claim, no panic and no large allocation.
func FuzzConfig(f *testing.F) {
	sets := []fstest.MapFS{}
	for _, name := range checkpoints(f) {
		r := openRepository(f, name)
		files := r.files(f)
		f.Add(uint8(len(sets)), files["config.json"].Data)
		sets = append(sets, files)
	}
	f.Fuzz(func(t *testing.T, which uint8, config []byte) {
		files := maps.Clone(sets[int(which)%len(sets)])
		files["config.json"] = &fstest.MapFile{Data: config}
		_, err := Check(files)
		if err != nil && (qa.CodeOf(err) == qa.Internal || qa.CodeOf(err) == qa.NotFound || len(err.Error()) > 4000) {
			t.Errorf("%s: %v", qa.CodeOf(err), err)
		}
		if err != nil {
			return
		}
		m, err := Load(files, Options{})
		if err != nil {
			t.Fatalf("Check accepts it, Load says %v", err)
		}
		defer m.Close()
		b := &Batch{IDs: []int32{0, 0}, Bounds: []int{0, 2}}
		if m.Info().Layers < 64 {
			if _, err := m.Score(t.Context(), b); err != nil && qa.CodeOf(err) == qa.Internal {
				t.Error(err)
			}
		}
	})
}
