package model

// ALBERT: Lan et al., "ALBERT: A Lite BERT for Self-supervised Learning of Language Representations",
// https://arxiv.org/abs/1909.11942. Upstream: models/albert/modeling_albert.py, AlbertForQuestionAnswering. Layers are
// shared: num_hidden_layers steps go through num_hidden_groups groups, each of which runs inner_group_num layers.

// albertLeftovers are the pooler, the two pretraining heads, the classifiers, and buffers of old versions.
var albertLeftovers = []string{
	"pooler", "pooler_activation", "predictions", "sop_classifier", "classifier",
	"embeddings.position_ids", "embeddings.token_type_ids",
}

// newALBERT reads an AlbertConfig and the tensors of an AlbertModel.
func newALBERT(c *Config, w *Weights) Encoder {
	s := bertShape(c, 4096, 12, 64, 16384)
	s.act, s.vocab = c.Activation("hidden_act", "gelu_new"), c.Size("vocab_size", 30000)
	groups, inner := c.Layers("num_hidden_groups", 1), c.Layers("inner_group_num", 1)
	width := c.Size("embedding_size", 128)
	out := &stack{width: width, embed: s.embeddings(c, w.In("embeddings"), width), limits: s.limits()}
	w = w.In("encoder")
	out.project = w.Wide().Linear("embedding_hidden_mapping_in", s.hidden, width)
	if groups > s.layers || groups*inner > w.size() {
		c.broken("config.json: num_hidden_groups=%d with inner_group_num=%d do not fit num_hidden_layers=%d and %d tensors",
			groups, inner, s.layers, w.size())
		return out
	}
	layers, tables := s.groups(c, w, groups, inner)
	for i := range s.layers {
		// Upstream divides in floating point, which decides where groups do not divide the layers.
		group := int(float64(i) / (float64(s.layers) / float64(groups)))
		out.layers = append(out.layers, layers[group]...)
		out.distances = append(out.distances, tables[group]...)
	}
	return out
}

// groups asks for the tensors of the module albert_layer_groups: layers and, where positions are relative, distances,
// by group and in the order in which a group runs them.
func (s *shape) groups(c *Config, w *Weights, groups, inner int) (layers [][]*block, tables [][]*distances) {
	d, f := s.hidden, s.intermediate
	layers, tables = make([][]*block, groups), make([][]*distances, groups)
	for i := range groups * inner {
		g := i / inner
		w := w.In("albert_layer_groups.%d.albert_layers.%d", g, i%inner)
		layers[g] = append(layers[g], &block{
			heads: s.heads, act: s.act, precision: w.precision,
			qkv:      w.Fused(d, d, "attention.query", "attention.key", "attention.value"),
			out:      w.Linear("attention.dense", d, d),
			attnNorm: w.LayerNorm("attention.LayerNorm", d, s.eps),
			up:       w.Linear("ffn", f, d),
			down:     w.Linear("ffn_output", d, f),
			ffnNorm:  w.LayerNorm("full_layer_layer_norm", d, s.eps),
		})
		if t := newDistances(c, w, "attention.distance_embedding.weight", s.positions, d/s.heads); t != nil {
			t.scale = 1 // ALBERT divides by the square root of the head size before it adds the products
			tables[g] = append(tables[g], t)
		}
	}
	return layers, tables
}
