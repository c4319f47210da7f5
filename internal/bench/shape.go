package bench

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"strings"
)

// A shape is the size of an encoder that everybody knows.
type shape struct {
	name                         string
	layers, hidden, heads, inner int
}

var shapes = []shape{
	{"minilm-l6", 6, 384, 12, 1536},
	{"bert-base", 12, 768, 12, 3072},
	{"bert-large", 24, 1024, 16, 4096},
}

// Shapes are the names of the shapes that need no checkpoint.
func Shapes() []string {
	var names []string
	for _, s := range shapes {
		names = append(names, s.name)
	}
	return names
}

// vocab is small: embeddings take no time worth measuring, and a large table would only take long to make.
const vocab = 1000

// random makes a BERT of a named shape with random weights, for windows of up to seq tokens.
func random(name string, seq int) (fs.FS, error) {
	for _, s := range shapes {
		if s.name == name {
			return s.files(max(seq, 512)), nil
		}
	}
	return nil, fmt.Errorf("bench: no shape %q; there are %s", name, strings.Join(Shapes(), ", "))
}

func (s shape) files(positions int) fs.FS {
	config, _ := json.Marshal(map[string]any{
		"model_type": "bert", "architectures": []string{"BertForQuestionAnswering"}, "vocab_size": vocab,
		"num_hidden_layers": s.layers, "hidden_size": s.hidden, "num_attention_heads": s.heads, "intermediate_size": s.inner,
		"max_position_embeddings": positions, "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12,
	})
	return files{"config.json": config, "model.safetensors": s.weights(positions)}
}

// tensor is a name and a shape.
type tensor struct {
	name  string
	shape []int
}

func (s shape) tensors(positions int) []tensor {
	d := s.hidden
	ts := []tensor{
		{"bert.embeddings.word_embeddings.weight", []int{vocab, d}},
		{"bert.embeddings.position_embeddings.weight", []int{positions, d}},
		{"bert.embeddings.token_type_embeddings.weight", []int{2, d}},
	}
	norm := func(name string) {
		ts = append(ts, tensor{name + ".LayerNorm.weight", []int{d}}, tensor{name + ".LayerNorm.bias", []int{d}})
	}
	linear := func(name string, out, in int) {
		ts = append(ts, tensor{name + ".weight", []int{out, in}}, tensor{name + ".bias", []int{out}})
	}
	norm("bert.embeddings")
	for i := range s.layers {
		l := fmt.Sprintf("bert.encoder.layer.%d.", i)
		for _, part := range []string{"query", "key", "value"} {
			linear(l+"attention.self."+part, d, d)
		}
		linear(l+"attention.output.dense", d, d)
		norm(l + "attention.output")
		linear(l+"intermediate.dense", s.inner, d)
		linear(l+"output.dense", d, s.inner)
		norm(l + "output")
	}
	linear("qa_outputs", 2, d)
	return ts
}

// weights writes a safetensors file of bfloat16: normally distributed numbers with the deviation that
// BERT starts with, and ones for the norms' weights.
func (s shape) weights(positions int) []byte {
	header := map[string]any{}
	size := 0
	ts := s.tensors(positions)
	for _, t := range ts {
		header[t.name] = map[string]any{"dtype": "BF16", "shape": t.shape, "data_offsets": []int{size, size + t.bytes()}}
		size += t.bytes()
	}
	text, _ := json.Marshal(header)
	text = append(text, strings.Repeat(" ", -len(text)&7)...)
	file := make([]byte, 0, 8+len(text)+size)
	file = append(binary.LittleEndian.AppendUint64(file, uint64(len(text))), text...)
	noise := noise()
	for _, t := range ts {
		if strings.HasSuffix(t.name, "LayerNorm.weight") {
			for range t.bytes() / 2 {
				file = binary.LittleEndian.AppendUint16(file, 0x3f80)
			}
			continue
		}
		for n := t.bytes(); n > 0; {
			k := min(n, len(noise))
			file = append(file, noise[:k]...)
			n -= k
		}
	}
	return file
}

func (t tensor) bytes() int {
	n := 2
	for _, d := range t.shape {
		n *= d
	}
	return n
}

// noise is random numbers, to be repeated.
func noise() []byte {
	r := rand.New(rand.NewPCG(3, 4))
	var b []byte
	for range 1<<20 - 1 {
		b = binary.LittleEndian.AppendUint16(b, uint16(math.Float32bits(float32(0.02*r.NormFloat64()))>>16))
	}
	return b
}

// intermediate reads the width of the feed-forward layers, under the name that the architecture has for it.
func intermediate(fsys fs.FS) (float64, error) {
	text, err := fs.ReadFile(fsys, "config.json")
	if err != nil {
		return 0, err
	}
	var c struct {
		A float64 `json:"intermediate_size"`
		B float64 `json:"hidden_dim"`
		C float64 `json:"d_inner"`
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return 0, fmt.Errorf("config.json: %w", err)
	}
	if n := max(c.A, c.B, c.C); n > 0 {
		return n, nil
	}
	return 0, fmt.Errorf("config.json has no intermediate_size")
}
