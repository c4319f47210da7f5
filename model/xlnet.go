package model

import (
	"context"
	"math"

	"github.com/tryall/tryall/nn"
)

// XLNet: Yang et al., "XLNet: Generalized Autoregressive Pretraining for Language Understanding",
// https://arxiv.org/abs/1906.08237. Upstream: models/xlnet/modeling_xlnet.py, XLNetForQuestionAnsweringSimple and
// XLNetForQuestionAnswering. Positions are relative (Dai et al., https://arxiv.org/abs/1901.02860): the score of query i
// and key j is (q+r_w)·k + (q+r_r)·r(i-j) + (q+r_s)·s, where r is a projected sinusoid and s one of two vectors, for
// tokens of the same type and of different types. There is no memory of earlier windows.

// xlnetLeftovers are the language model's head, the classifiers, and the vector that stands for words to be predicted.
var xlnetLeftovers = []string{"lm_loss", "logits_proj", "sequence_summary", "classifier", "mask_emb"}

// xlnet is an XLNetModel.
type xlnet struct {
	word   *nn.Table // (vocabulary, hidden)
	layers []*xlnetLayer
	clamp  int // distances beyond it count as it; 0: none do
	limits Limits
}

// xlnetLayer is an XLNetLayer. Its block's queries include r_w_bias.
type xlnetLayer struct {
	block
	distance   *nn.Linear // (hidden, hidden): the tensor r
	rw, rr, rs *[]float32 // (heads, head size)
	segments   *[]float32 // (2, heads, head size)
}

// newXLNet reads an XLNetConfig and the tensors of an XLNetModel. untie_r, mem_len and the like make no difference to a
// single forward pass.
func newXLNet(c *Config, w *Weights) Encoder {
	d, layers := c.Size("d_model", 1024), c.Layers("n_layer", 24)
	f, vocab := c.Size("d_inner", 4096), c.Size("vocab_size", 32000)
	act, eps := c.Activation("ff_activation", "gelu"), c.Epsilon("layer_norm_eps")
	heads := c.Heads("n_head", 16, d)
	if size := c.Size("d_head", d/heads); size != d/heads {
		c.broken("config.json: d_head=%d is not d_model/n_head=%d", size, d/heads)
	}
	if d%2 != 0 {
		c.broken("config.json: d_model=%d is odd, so that sines and cosines do not fill it", d)
	}
	c.OneOf("attn_type", "bi")
	c.MustBe(false, "bi_data")
	m := &xlnet{
		word:   w.Table("word_embedding", "vocab_size", vocab, d),
		clamp:  max(0, c.Int("clamp_len", -1, -maxSize, maxSize)),
		limits: Limits{Layers: layers, Hidden: d, Vocab: vocab},
	}
	for i := range layers {
		w := w.In("layer.%d", i)
		attn, ff := w.In("rel_attn"), w.In("ff")
		size := d / heads
		m.layers = append(m.layers, &xlnetLayer{
			block: block{
				heads: heads, act: act, precision: w.precision,
				qkv:      attn.perHead(d, heads, "r_w_bias", "q", "k", "v"),
				out:      attn.pack(part{out: d, in: d, weight: attn.tensor([]int{d, heads, size}, "o")}),
				attnNorm: attn.LayerNorm("layer_norm", d, eps),
				up:       ff.Linear("layer_1", f, d),
				down:     ff.Linear("layer_2", d, f),
				ffnNorm:  ff.LayerNorm("layer_norm", d, eps),
			},
			distance: attn.perHead(d, heads, "", "r"),
			rw:       attn.Floats("r_w_bias", heads, size),
			rr:       attn.Floats("r_r_bias", heads, size),
			rs:       attn.Floats("r_s_bias", heads, size),
			segments: attn.Floats("seg_embed", 2, heads, size),
		})
	}
	return m
}

// perHead is the linear layers of tensors (hidden, heads, size), their outputs side by side. bias, where named, is added
// to the first.
func (w *Weights) perHead(hidden, heads int, bias string, names ...string) *nn.Linear {
	size := hidden / heads
	parts := make([]part, len(names))
	for i, name := range names {
		parts[i] = part{out: hidden, in: hidden, inFirst: true, weight: w.tensor([]int{hidden, heads, size}, name)}
	}
	if bias != "" {
		b := w.tensor([]int{heads, size}, bias)
		parts[0].bias = &b
	}
	return w.pack(parts...)
}

// Limits says what a batch may hold.
func (m *xlnet) Limits() Limits { return m.limits }

// Encode gives the hidden states of the last layer, (tokens, hidden).
func (m *xlnet) Encode(ctx context.Context, e *nn.Exec, b *Batch) (nn.Matrix, error) {
	x := e.Matrix(len(b.IDs), m.limits.Hidden)
	embed := embeddings{word: m.word}
	embed.apply(e, b, x)
	longest := 0
	for i := range len(b.Bounds) - 1 {
		longest = max(longest, b.Bounds[i+1]-b.Bounds[i])
	}
	waves, projected := e.Matrix(2*longest-1, x.Cols), e.Matrix(2*longest-1, x.Cols)
	m.sinusoids(waves, longest)
	for _, l := range m.layers {
		if err := ctx.Err(); err != nil {
			return nn.Matrix{}, err
		}
		l.distance.Apply(e, waves, projected, nn.None)
		l.apply(e, b.Bounds, x, l.biases(b, projected, longest), false, nil)
	}
	return x, ctx.Err()
}

// sinusoids fills row longest-1 + j - i of x (2 longest - 1, hidden) with the position vector of the distance i-j. The
// steps are rounded to float32 as upstream's are: at long distances the rounding shows.
func (m *xlnet) sinusoids(x nn.Matrix, longest int) {
	half := x.Cols / 2
	for k := range half {
		exponent := float32(2*k) / float32(x.Cols)
		frequency := 1 / float32(math.Pow(10000, float64(exponent)))
		for r := range x.Rows {
			distance := longest - 1 - r
			if m.clamp > 0 {
				distance = min(max(distance, -m.clamp), m.clamp)
			}
			sin, cos := math.Sincos(float64(float32(distance) * frequency))
			x.Row(r)[k], x.Row(r)[half+k] = float32(sin), float32(cos)
		}
	}
}

// biases adds the terms of distance and segment. The queries it is given include r_w_bias, in place of which the terms
// want r_r_bias and r_s_bias. projected is (2 longest - 1, hidden).
func (l *xlnetLayer) biases(b *Batch, projected nn.Matrix, longest int) biases {
	return func(q, _ nn.Matrix) bias {
		size := q.Cols / l.heads
		scale := scoreScale(size)
		return func(seg, head, row0, row1 int, scores nn.Matrix) {
			lo, hi := b.Bounds[seg], b.Bounds[seg+1]
			part := func(v []float32) []float32 { return v[head*size:][:size] }
			rows := q.Slice(lo+row0, lo+row1).Columns(head*size, (head+1)*size)
			rw, rr, rs := part(*l.rw), part(*l.rr), part(*l.rs)

			swapped, giveBack := nn.Borrow(rows.Rows, size)
			defer giveBack()
			for i := range rows.Rows {
				row := swapped.Row(i)
				for k, v := range rows.Row(i) {
					row[k] = v - rw[k] + rr[k]
				}
			}
			addByQuery(scores, swapped, projected.Columns(head*size, (head+1)*size), longest-1-row0, scale)
			if b.Types == nil {
				return
			}
			same, other := part(*l.segments), part((*l.segments)[q.Cols:])
			for i := range rows.Rows {
				var s, o float32
				for k, v := range rows.Row(i) {
					v += rs[k] - rw[k]
					s, o = s+v*same[k], o+v*other[k]
				}
				addSegments(scores.Row(i), b.Types[lo:hi], b.Types[lo+row0+i], scale*s, scale*o)
			}
		}
	}
}

// addSegments adds one number for keys of the query's type and another for the rest.
func addSegments(scores []float32, types []int32, own int32, same, other float32) {
	for j, kind := range types {
		if kind == own {
			scores[j] += same
		} else {
			scores[j] += other
		}
	}
}
