package model

// ELECTRA: Clark et al., "ELECTRA: Pre-training Text Encoders as Discriminators Rather Than Generators",
// https://arxiv.org/abs/2003.10555. Upstream: models/electra/modeling_electra.py, ElectraForQuestionAnswering. BERT whose
// embeddings may be narrower than its layers.

// electraLeftovers are the heads of the discriminator and the generator, the classifiers, and buffers of old versions.
var electraLeftovers = []string{
	"discriminator_predictions", "generator_predictions", "generator_lm_head", "classifier", "sequence_summary",
	"embeddings.position_ids", "embeddings.token_type_ids",
}

// newELECTRA reads an ElectraConfig and the tensors of an ElectraModel.
func newELECTRA(c *Config, w *Weights) Encoder {
	s := bertShape(c, 256, 12, 4, 1024)
	width := c.Size("embedding_size", 128)
	out := s.stack(c, w, width)
	if width != s.hidden {
		out.project = w.Wide().Linear("embeddings_project", s.hidden, width)
	}
	return out
}
