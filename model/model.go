// Package model turns tokens into start and end logits: it reads the config.json and weights of a question answering
// checkpoint and runs its encoder and head, with the numbers that transformers gives.
//
// It takes packed batches of token ids and knows no text: windows come from package reader, ids from package tokenizer.
// What it cannot run exactly as upstream does it refuses at load, by name.
package model

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/tryall/tryall/nn"
	"github.com/tryall/tryall/qa"
)

// Batch is a number of windows, packed end to end without padding.
type Batch struct {
	IDs []int32
	// Types are the token type ids, one per token; nil means zeros, and for XLNet no segment term at all, as upstream
	// has it. Architectures without token types ignore them.
	Types []int32
	// Bounds cut the tokens into windows: window i is [Bounds[i], Bounds[i+1]), Bounds[0] is 0. No window is empty.
	Bounds []int
	// Mask is upstream's p_mask for the beam head, one per token: true means that no answer starts or ends there. nil
	// masks nothing. The span head has no use for it.
	Mask []bool
}

// Logits are what a head makes of a batch.
type Logits struct {
	// Start and End hold one logit per token of the batch (span head). The beam head gives Start alone, Mask applied.
	Start, End []float32
	// Beams holds one entry per window (beam head).
	Beams []Beam
}

// Options are how a model is loaded.
type Options struct {
	// Pool does the arithmetic; nil means one of the model's own, with as many threads as Go uses.
	Pool *nn.Pool
	// Precision is one of nn.Precisions, "" meaning fp32. It is that of the linear layers and of attention between
	// embeddings and head, which stay float32. Weights of any stored type are converted to it.
	Precision string
	// Converted, if it names a folder, keeps what conversion to a narrower type makes of files.
	Converted Converted

	only func(layer string) bool // nil or the layers that Precision is for; the rest is float32
}

// Info is what can be said about a checkpoint without running it.
type Info struct {
	Architecture string // its model_type
	Head         string // "span" or "beam"
	Parameters   int64  // those in use; heads of other tasks do not count
	Layers       int
	Hidden       int
	VocabSize    int
	MaxPositions int    // most tokens a window may have; 0: no limit
	DType        string // the stored type of most of the weights, as safetensors spells it
	Warnings     []string
	// Converted says what became of Options.Converted: "mapped" if the layers come from there, "kept" if they lie there now,
	// "not kept: " and the reason if they could not be written; empty if there was nothing to keep. Check leaves it empty.
	Converted string
}

// QA is a loaded question answering model. It may be used from several goroutines at once.
type QA struct {
	info    Info
	encoder Encoder
	limits  Limits
	head    head
	files   *checkpoint
	pool    *nn.Pool
	ownPool bool
}

// Load reads a repository in Hub layout: config.json and weights. Errors have the code not_found when a file is not
// there, unsupported_model when upstream would run it and we do not, broken_model when the files do not fit together.
// The weights' files stay mapped until Close.
func Load(fsys fs.FS, o Options) (*QA, error) {
	precision, err := nn.ParsePrecision(o.Precision)
	if err != nil {
		return nil, qa.Errorf(qa.Invalid, "%w", err)
	}
	if _, err := nn.Kernel(); err != nil {
		return nil, qa.Errorf(qa.Invalid, "%w", err)
	}
	m, err := open(fsys, o, precision)
	if err != nil {
		return nil, err
	}
	if err := m.files.run(); err != nil {
		m.files.close()
		return nil, qa.Errorf(qa.BrokenModel, "load %s: %w", m.info.Architecture, err)
	}
	m.info.Converted = m.files.kept.conversion(m.files.kept.store())
	m.files.set.Forget()                               // all but the embeddings has been copied
	m.files.set.Sparsely(m.info.Converted == "mapped") // rows of embeddings are all that is read from now on
	if m.pool = o.Pool; m.pool == nil {
		m.pool, m.ownPool = nn.NewPool(0), true
	}
	return m, nil
}

// open finds everything that the model is made of, and leaves to run what takes time.
func open(fsys fs.FS, o Options, p nn.Precision) (*QA, error) {
	c, err := readConfig(fsys)
	if err != nil {
		return nil, err
	}
	a, kind, err := architectureOf(c)
	if err != nil {
		return nil, err
	}
	files, err := openWeights(fsys)
	if err != nil {
		return nil, err
	}
	files.problems, files.only = c.problems, o.only
	files.keep(o, p)
	m, err := build(c, a, files, p)
	if err != nil {
		files.close()
		return nil, qa.Errorf(qa.CodeOf(err), "load %s: %w", kind, err)
	}
	m.info.Architecture = kind
	return m, nil
}

// build asks the architecture and the head for their tensors.
func build(c *Config, a *Architecture, files *checkpoint, p nn.Precision) (*QA, error) {
	scope, err := encoderScope(files.set, a)
	if err != nil {
		return nil, err
	}
	root := rootScope(scope, a)
	kind, err := findHead(files.set, a, root, scope)
	if err != nil {
		return nil, err
	}
	c.MustBe(false, "is_decoder", "add_cross_attention", "is_encoder_decoder")
	c.MustBeEmpty("pruned_heads", "quantization_config")
	m := &QA{files: files, encoder: a.New(c, &Weights{files, scope, p})}
	m.limits = m.encoder.Limits()
	m.head = newHead(kind, c, &Weights{files, root, nn.FP32}, m.limits.Hidden)
	files.unused(a, root)
	m.info = Info{
		Head: kind, Parameters: files.params, DType: files.mostly().String(), Warnings: files.warnings,
		Layers: m.limits.Layers, Hidden: m.limits.Hidden, VocabSize: m.limits.Vocab, MaxPositions: m.limits.Positions,
	}
	return m, c.err()
}

// Info describes the model.
func (m *QA) Info() Info { return m.info }

// Score runs the model. The logits of a window are the same whatever else is in the batch, in whatever order and on
// however many threads. A batch that the model cannot take is an error with the code invalid; the context ends the run
// between layers.
func (m *QA) Score(ctx context.Context, b *Batch) (Logits, error) {
	if err := m.check(b); err != nil {
		return Logits{}, qa.Errorf(qa.Invalid, "score: %w", err)
	}
	if len(b.IDs) == 0 {
		return Logits{}, nil
	}
	e := m.pool.Exec()
	defer e.Release()
	x, err := m.encoder.Encode(ctx, e, b)
	if err != nil {
		return Logits{}, err
	}
	out := m.head.score(e, b, x)
	if err := out.finiteLogits(); err != nil {
		return Logits{}, qa.Errorf(qa.BrokenModel, "score: %w", err)
	}
	return out, nil
}

// Close gives the memory of the weights back, their files, and the pool when it is the model's own. No Score may be
// running, or come after it.
func (m *QA) Close() error {
	if m.ownPool {
		m.pool.Close()
	}
	return m.files.close()
}

// check says what in a batch the model cannot take.
func (m *QA) check(b *Batch) error {
	n := len(b.IDs)
	if len(b.Bounds) == 0 || b.Bounds[0] != 0 || b.Bounds[len(b.Bounds)-1] != n {
		return fmt.Errorf("%d bounds do not run from 0 to the %d tokens", len(b.Bounds), n)
	}
	for i := range len(b.Bounds) - 1 {
		size := b.Bounds[i+1] - b.Bounds[i]
		if size <= 0 {
			return fmt.Errorf("window %d is empty", i)
		}
		if most := m.limits.Positions; most > 0 && size > most {
			return fmt.Errorf("window %d has %d tokens, the model takes %d", i, size, most)
		}
	}
	if b.Types != nil && len(b.Types) != n {
		return fmt.Errorf("%d token types for %d tokens", len(b.Types), n)
	}
	if b.Mask != nil && len(b.Mask) != n {
		return fmt.Errorf("a mask of %d for %d tokens", len(b.Mask), n)
	}
	for i, id := range b.IDs {
		if id < 0 || int(id) >= m.limits.Vocab {
			return fmt.Errorf("token %d has id %d, the vocabulary has %d", i, id, m.limits.Vocab)
		}
		if b.Types != nil && m.limits.Types > 0 && (b.Types[i] < 0 || int(b.Types[i]) >= m.limits.Types) {
			return fmt.Errorf("token %d has type %d, the model has %d", i, b.Types[i], m.limits.Types)
		}
	}
	return nil
}
