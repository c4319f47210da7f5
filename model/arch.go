package model

import (
	"context"
	"slices"
	"strings"

	"github.com/tryall/tryall/nn"
	"github.com/tryall/tryall/qa"
)

// Architecture is one kind of encoder, as the model_type of a config.json names it.
type Architecture struct {
	Types    []string // the values of model_type that mean this architecture
	Upstream string   // the file of the transformers package whose numbers it gives
	// Prefix is upstream's base_model_prefix: the first word of the encoder's tensor names, absent in some files.
	Prefix string
	// Anchor is a tensor that every checkpoint of the architecture has, named within the encoder: it tells what the file
	// puts in front of the names.
	Anchor string
	// Leftovers are the tensors of heads and buffers that question answering does not use but checkpoints may still
	// hold, as whole leading words of names without the prefix. Any other unused tensor fails the load.
	Leftovers []string
	// New reads the settings and asks for the tensors. What is wrong with either is noted in them, and what New returns
	// is used only when nothing was.
	New func(*Config, *Weights) Encoder
}

// Encoder turns the tokens of a batch into hidden states.
type Encoder interface {
	// Encode gives one row per token, (tokens, hidden), in memory of e. Windows do not see each other. The context ends
	// it between layers. The batch has been checked against Limits.
	Encode(ctx context.Context, e *nn.Exec, b *Batch) (nn.Matrix, error)
	// Limits says what a batch may hold.
	Limits() Limits
}

// Limits is the shape of an encoder and what it can be given.
type Limits struct {
	Layers, Hidden int
	Vocab          int // ids are below it
	Types          int // token types are below it; 0: any, or not used at all
	Positions      int // most tokens of one window; 0: no limit
}

// Architectures are the encoders that run, in the order in which people see them listed.
var Architectures = []Architecture{
	{
		Types: []string{"bert"}, Upstream: "models/bert/modeling_bert.py", New: newBERT,
		Prefix: "bert", Anchor: "embeddings.word_embeddings.weight", Leftovers: bertLeftovers,
	},
	{
		Types: []string{"roberta"}, Upstream: "models/roberta/modeling_roberta.py", New: newRoBERTa,
		Prefix: "roberta", Anchor: "embeddings.word_embeddings.weight", Leftovers: robertaLeftovers,
	},
	{
		Types: []string{"xlm-roberta"}, Upstream: "models/xlm_roberta/modeling_xlm_roberta.py", New: newRoBERTa,
		Prefix: "roberta", Anchor: "embeddings.word_embeddings.weight", Leftovers: robertaLeftovers,
	},
	{
		Types: []string{"camembert"}, Upstream: "models/camembert/modeling_camembert.py", New: newRoBERTa,
		Prefix: "roberta", Anchor: "embeddings.word_embeddings.weight", Leftovers: robertaLeftovers,
	},
	{
		Types: []string{"distilbert"}, Upstream: "models/distilbert/modeling_distilbert.py", New: newDistilBERT,
		Prefix: "distilbert", Anchor: "embeddings.word_embeddings.weight", Leftovers: distilbertLeftovers,
	},
	{
		Types: []string{"electra"}, Upstream: "models/electra/modeling_electra.py", New: newELECTRA,
		Prefix: "electra", Anchor: "embeddings.word_embeddings.weight", Leftovers: electraLeftovers,
	},
	{
		Types: []string{"albert"}, Upstream: "models/albert/modeling_albert.py", New: newALBERT,
		Prefix: "albert", Anchor: "embeddings.word_embeddings.weight", Leftovers: albertLeftovers,
	},
	{
		Types: []string{"xlnet"}, Upstream: "models/xlnet/modeling_xlnet.py", New: newXLNet,
		Prefix: "transformer", Anchor: "word_embedding.weight", Leftovers: xlnetLeftovers,
	},
}

// supported lists every model_type that runs.
func supported() string {
	var types []string
	for _, a := range Architectures {
		types = append(types, a.Types...)
	}
	slices.Sort(types)
	return strings.Join(types, ", ")
}

// architectureOf finds the architecture that a config.json names, and the model_type. Files of 2019 have no model_type;
// upstream's class name in architectures says the same.
func architectureOf(c *Config) (*Architecture, string, error) {
	kind, classes := c.String("model_type", ""), c.Strings("architectures")
	for i := range Architectures {
		a := &Architectures[i]
		for _, t := range a.Types {
			if kind == t {
				return a, t, nil
			}
			if kind == "" && slices.ContainsFunc(classes, func(class string) bool { return classOf(t, class) }) {
				c.warnings = append(c.warnings, "config.json names no model_type; its architectures make it "+t)
				return a, t, nil
			}
		}
	}
	if kind == "" {
		return nil, "", qa.Errorf(qa.UnsupportedModel, "config.json names no model_type; what runs here: %s", supported())
	}
	what := "is not supported"
	switch {
	case c.Bool("is_encoder_decoder", false):
		what = "is an encoder-decoder, which is not supported"
	case slices.ContainsFunc(classes, generates):
		what = "generates text, it does not mark answers"
	}
	return nil, kind, qa.Errorf(qa.UnsupportedModel, "model_type %q %s; what runs here: %s", shorten(kind), what, supported())
}

// classOf reports whether a class of upstream belongs to a model_type: XLMRobertaForQuestionAnswering to xlm-roberta.
func classOf(kind, class string) bool {
	name, _, _ := strings.Cut(class, "For")
	return strings.EqualFold(strings.ReplaceAll(kind, "-", ""), strings.TrimSuffix(name, "Model"))
}

// generates reports whether a class of upstream is a language model that writes.
func generates(class string) bool {
	for _, end := range []string{"ForCausalLM", "LMHeadModel", "ForConditionalGeneration"} {
		if strings.HasSuffix(class, end) {
			return true
		}
	}
	return false
}
