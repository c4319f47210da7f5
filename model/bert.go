package model

// BERT: Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
// https://arxiv.org/abs/1810.04805. Upstream: models/bert/modeling_bert.py, BertForQuestionAnswering.
// With relative positions: Shaw et al., https://arxiv.org/abs/1803.02155; Huang et al., https://arxiv.org/abs/2009.13658.

// bertLeftovers are the pooler, the two pretraining heads, the classifiers, and buffers of old versions.
var bertLeftovers = []string{
	"pooler", "cls", "classifier", "embeddings.position_ids", "embeddings.token_type_ids",
}

// newBERT reads a BertConfig and the tensors of a BertModel.
func newBERT(c *Config, w *Weights) Encoder {
	s := bertShape(c, 768, 12, 12, 3072)
	return s.stack(c, w, s.hidden)
}

// shape is what the settings of most architectures say, be it under different keys.
type shape struct {
	hidden, layers, heads, intermediate int
	vocab, positions, types             int
	reserved                            int // rows of the position table that are no positions
	act                                 activation
	eps                                 float32
}

// bertShape reads the keys that BERT, RoBERTa, ELECTRA and ALBERT have in common. The sizes given are the defaults of
// the architecture's configuration class.
func bertShape(c *Config, hidden, layers, heads, intermediate int) shape {
	s := shape{
		hidden:       c.Size("hidden_size", hidden),
		layers:       c.Layers("num_hidden_layers", layers),
		intermediate: c.Size("intermediate_size", intermediate),
		vocab:        c.Size("vocab_size", 30522),
		positions:    c.Size("max_position_embeddings", 512),
		types:        c.Size("type_vocab_size", 2),
		act:          c.Activation("hidden_act", "gelu"),
		eps:          c.Epsilon("layer_norm_eps"),
	}
	s.heads = c.Heads("num_attention_heads", heads, s.hidden)
	return s
}

// stack asks for the tensors of the modules embeddings, whose vectors have the given width, and encoder.
func (s *shape) stack(c *Config, w *Weights, width int) *stack {
	out := &stack{embed: s.embeddings(c, w.In("embeddings"), width), width: width, limits: s.limits()}
	for i := range s.layers {
		w := w.In("encoder.layer.%d", i)
		out.layers = append(out.layers, s.layer(w))
		if d := newDistances(c, w, "attention.self.distance_embedding.weight", s.positions, s.hidden/s.heads); d != nil {
			out.distances = append(out.distances, d)
		}
	}
	return out
}

// embeddings asks for the tensors of BertEmbeddings.
func (s *shape) embeddings(c *Config, w *Weights, width int) embeddings {
	m := embeddings{
		word:  w.Table("word_embeddings", "vocab_size", s.vocab, width),
		types: w.Table("token_type_embeddings", "type_vocab_size", s.types, width),
		norm:  w.LayerNorm("LayerNorm", width, s.eps),
	}
	if positionType(c) == "absolute" {
		m.position = w.Table("position_embeddings", "max_position_embeddings", s.positions, width)
	} else {
		w.Skip("position_embeddings.weight")
	}
	return m
}

// layer asks for the tensors of one BertLayer.
func (s *shape) layer(w *Weights) *block {
	d, f := s.hidden, s.intermediate
	return &block{
		heads: s.heads, act: s.act, precision: w.precision,
		qkv:      w.Fused(d, d, "attention.self.query", "attention.self.key", "attention.self.value"),
		out:      w.Linear("attention.output.dense", d, d),
		attnNorm: w.LayerNorm("attention.output.LayerNorm", d, s.eps),
		up:       w.Linear("intermediate.dense", f, d),
		down:     w.Linear("output.dense", d, f),
		ffnNorm:  w.LayerNorm("output.LayerNorm", d, s.eps),
	}
}

func (s *shape) limits() Limits {
	return Limits{Layers: s.layers, Hidden: s.hidden, Vocab: s.vocab, Types: s.types, Positions: s.positions - s.reserved}
}
