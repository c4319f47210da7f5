package model

// RoBERTa: Liu et al., "RoBERTa: A Robustly Optimized BERT Pretraining Approach", https://arxiv.org/abs/1907.11692.
// XLM-RoBERTa: Conneau et al., https://arxiv.org/abs/1911.02116. CamemBERT: Martin et al., https://arxiv.org/abs/1911.03894.
// Upstream: models/{roberta,xlm_roberta,camembert}/modeling_*.py, which are the same but for their names. The encoder is
// BERT's; positions are numbered otherwise.

// robertaLeftovers are the pooler, the language model's head, the classifiers, and buffers of old versions.
var robertaLeftovers = []string{
	"pooler", "lm_head", "classifier", "embeddings.position_ids", "embeddings.token_type_ids",
}

// newRoBERTa reads a RobertaConfig, XLMRobertaConfig or CamembertConfig and the tensors of the model.
func newRoBERTa(c *Config, w *Weights) Encoder {
	s := bertShape(c, 768, 12, 12, 3072)
	padding := c.Int("pad_token_id", 1, 0, maxSize)
	s.reserved = padding + 1
	if s.reserved >= s.positions {
		c.broken("config.json: max_position_embeddings=%d leaves none after pad_token_id=%d", s.positions, padding)
	}
	out := s.stack(c, w, s.hidden)
	out.embed.number = func(positions, ids []int32) { numberAfterPadding(positions, ids, int32(padding)) }
	return out
}

// numberAfterPadding counts from padding+1. A padding token, which a literal one in the text is too, does not count and
// has the position padding.
func numberAfterPadding(positions, ids []int32, padding int32) {
	next := padding
	for i, id := range ids {
		positions[i] = padding
		if id != padding {
			next++
			positions[i] = next
		}
	}
}
