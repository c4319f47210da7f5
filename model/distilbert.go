package model

import (
	"math"

	"github.com/tryall/tryall/nn"
)

// DistilBERT: Sanh et al., "DistilBERT, a distilled version of BERT", https://arxiv.org/abs/1910.01108.
// Upstream: models/distilbert/modeling_distilbert.py, DistilBertForQuestionAnswering. BERT without token types; norms
// have a fixed epsilon.

// distilbertLeftovers are the masked language model's head, the classifiers, and a buffer of old versions.
var distilbertLeftovers = []string{
	"vocab_transform", "vocab_layer_norm", "vocab_projector", "pre_classifier", "classifier", "embeddings.position_ids",
}

// newDistilBERT reads a DistilBertConfig and the tensors of a DistilBertModel.
func newDistilBERT(c *Config, w *Weights) Encoder {
	s := shape{
		hidden:       c.Size("dim", 768),
		layers:       c.Layers("n_layers", 6),
		intermediate: c.Size("hidden_dim", 4*768),
		vocab:        c.Size("vocab_size", 30522),
		positions:    c.Size("max_position_embeddings", 512),
		act:          c.Activation("activation", "gelu"),
		eps:          1e-12,
	}
	s.heads = c.Heads("n_heads", 12, s.hidden)
	d, f, in := s.hidden, s.intermediate, w.In("embeddings")
	out := &stack{width: d, limits: s.limits(), embed: embeddings{
		word: in.Table("word_embeddings", "vocab_size", s.vocab, d),
		norm: in.LayerNorm("LayerNorm", d, s.eps),
	}}
	if c.Bool("sinusoidal_pos_embds", false) && !in.Has("position_embeddings.weight") {
		out.embed.position = in.Sinusoidal(s.positions, d)
	} else {
		out.embed.position = in.Table("position_embeddings", "max_position_embeddings", s.positions, d)
	}
	for i := range s.layers {
		w := w.In("transformer.layer.%d", i)
		out.layers = append(out.layers, &block{
			heads: s.heads, act: s.act, precision: w.precision,
			qkv:      w.Fused(d, d, "attention.q_lin", "attention.k_lin", "attention.v_lin"),
			out:      w.Linear("attention.out_lin", d, d),
			attnNorm: w.LayerNorm("sa_layer_norm", d, s.eps),
			up:       w.Linear("ffn.lin1", f, d),
			down:     w.Linear("ffn.lin2", d, f),
			ffnNorm:  w.LayerNorm("output_layer_norm", d, s.eps),
		})
	}
	return out
}

// mostSinusoidal is the largest table of position vectors, in numbers, that is computed.
const mostSinusoidal = 1 << 22

// Sinusoidal is the table (rows, cols) of position vectors that upstream computes for a checkpoint without one: the sine
// at even columns j of row/10000^(j/cols), the cosine of the same beside it.
func (w *Weights) Sinusoidal(rows, cols int) *nn.Table {
	table := new(nn.Table)
	if rows*cols > mostSinusoidal {
		w.broken("config.json: max_position_embeddings=%d is too many to compute", rows)
	}
	w.then(func() error {
		v := make([]float32, rows*cols)
		for i := range v {
			row, j := i/cols, i%cols
			angle := float64(row) / math.Pow(10000, float64(j-j%2)/float64(cols))
			if j%2 == 0 {
				v[i] = float32(math.Sin(angle))
			} else {
				v[i] = float32(math.Cos(angle))
			}
		}
		made, err := nn.NewTable("F32", littleEndian(v), rows, cols)
		if err == nil {
			*table = *made
		}
		return err
	})
	return table
}
