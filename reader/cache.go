package reader

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"sync/atomic"

	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/qa"
)

// Cache keeps what a model made of windows, by content. A value that is not there is nil. It is a cache: what it loses is
// computed again.
type Cache interface {
	Get(ctx context.Context, keys [][32]byte) ([][]byte, error)
	Put(ctx context.Context, keys [][32]byte, values [][]byte) error
}

// CachedScorer asks its cache before its model. Since a window's logits do not depend on its company, what comes from the
// cache is the same to the last bit, whatever decoder and threshold are used afterwards: only the model is left out.
//
// A key is the hash of Identity (all that could change the arithmetic: the model's revision, its precision, the engine and its
// kernels) and of the window's tokens, their types and its mask, which are what tokenizer, window parameters, question
// and passage come down to.
type CachedScorer struct {
	Scorer
	Cache    Cache
	Identity string

	computed, found atomic.Int64
}

// Counts are how many windows the model was run on, and how many were found.
func (c *CachedScorer) Counts() (computed, found int64) { return c.computed.Load(), c.found.Load() }

// Score takes from the cache what is there, runs the model on the rest, and keeps that.
func (c *CachedScorer) Score(ctx context.Context, b *model.Batch) (model.Logits, error) {
	windows := len(b.Bounds) - 1
	if windows < 1 {
		return c.Scorer.Score(ctx, b)
	}
	keys := make([][32]byte, windows)
	for i := range keys {
		keys[i] = c.key(b, i)
	}
	values, err := c.Cache.Get(ctx, keys)
	if err != nil {
		return model.Logits{}, ofCache(err)
	}
	parts := make([]model.Logits, windows)
	var missing []int
	for i, v := range values {
		ok := false
		if parts[i], ok = unpackLogits(v, b.Bounds[i+1]-b.Bounds[i]); !ok {
			missing = append(missing, i)
		}
	}
	c.found.Add(int64(windows - len(missing)))
	if len(missing) > 0 {
		if err := c.compute(ctx, b, missing, keys, parts); err != nil {
			return model.Logits{}, err
		}
	}
	return join(parts), nil
}

// compute runs the model on the windows that are missing.
func (c *CachedScorer) compute(ctx context.Context, b *model.Batch, missing []int, keys [][32]byte, parts []model.Logits) error {
	sub := subBatch(b, missing)
	logits, err := c.Scorer.Score(ctx, sub)
	if err != nil {
		return err
	}
	c.computed.Add(int64(len(missing)))
	newKeys, values := make([][32]byte, len(missing)), make([][]byte, len(missing))
	for k, i := range missing {
		parts[i] = part(logits, sub.Bounds[k], sub.Bounds[k+1], k)
		newKeys[k], values[k] = keys[i], packLogits(parts[i])
	}
	if err := c.Cache.Put(ctx, newKeys, values); err != nil {
		return ofCache(err)
	}
	return nil
}

// part is what belongs to one window of a batch's logits.
func part(l model.Logits, lo, hi, k int) model.Logits {
	var w model.Logits
	if l.Start != nil {
		w.Start = l.Start[lo:hi]
	}
	if l.End != nil {
		w.End = l.End[lo:hi]
	}
	if l.Beams != nil {
		w.Beams = l.Beams[k : k+1]
	}
	return w
}

// subBatch is a batch of some windows of another; all of them need no copy.
func subBatch(b *model.Batch, windows []int) *model.Batch {
	if len(windows) == len(b.Bounds)-1 {
		return b
	}
	s := &model.Batch{Bounds: []int{0}}
	for _, i := range windows {
		lo, hi := b.Bounds[i], b.Bounds[i+1]
		s.IDs = append(s.IDs, b.IDs[lo:hi]...)
		if b.Types != nil {
			s.Types = append(s.Types, b.Types[lo:hi]...)
		}
		if b.Mask != nil {
			s.Mask = append(s.Mask, b.Mask[lo:hi]...)
		}
		s.Bounds = append(s.Bounds, len(s.IDs))
	}
	return s
}

func join(parts []model.Logits) model.Logits {
	if len(parts) == 1 {
		return parts[0]
	}
	var l model.Logits
	for _, p := range parts {
		l.Start, l.End, l.Beams = append(l.Start, p.Start...), append(l.End, p.End...), append(l.Beams, p.Beams...)
	}
	return l
}

// key hashes the identity and one window. Lengths are hashed before what they count, so that no two windows look alike.
func (c *CachedScorer) key(b *model.Batch, i int) [32]byte {
	lo, hi := b.Bounds[i], b.Bounds[i+1]
	raw := make([]byte, 0, len(c.Identity)+16+9*(hi-lo))
	raw = binary.AppendUvarint(raw, uint64(len(c.Identity)))
	raw = append(raw, c.Identity...)
	raw = binary.AppendUvarint(raw, uint64(hi-lo))
	for _, id := range b.IDs[lo:hi] {
		raw = binary.LittleEndian.AppendUint32(raw, uint32(id))
	}
	if b.Types != nil {
		raw = append(raw, 't')
		for _, t := range b.Types[lo:hi] {
			raw = binary.LittleEndian.AppendUint32(raw, uint32(t))
		}
	}
	// A batch has a mask when one of its windows has one; all false and none are the same to the model.
	if b.Mask != nil && slices.Contains(b.Mask[lo:hi], true) {
		raw = append(raw, 'm')
		for _, m := range b.Mask[lo:hi] {
			raw = append(raw, boolByte(m))
		}
	}
	return sha256.Sum256(raw)
}

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// packedSpan and packedBeam begin a packed value and say what it is.
const packedSpan, packedBeam = 's', 'b'

// packLogits writes one window's logits, bit for bit.
func packLogits(l model.Logits) []byte {
	if l.Beams == nil {
		return appendFloats(appendFloats([]byte{packedSpan}, l.Start), l.End)
	}
	beam := &l.Beams[0]
	out := []byte{packedBeam}
	for _, fs := range [][]float32{l.Start, beam.StartTopLogProbs, beam.EndTopLogProbs, {beam.ClsLogit}} {
		out = appendFloats(binary.AppendUvarint(out, uint64(len(fs))), fs)
	}
	for _, is := range [][]int32{beam.StartTopIndex, beam.EndTopIndex} {
		out = binary.AppendUvarint(out, uint64(len(is)))
		for _, i := range is {
			out = binary.LittleEndian.AppendUint32(out, uint32(i))
		}
	}
	return out
}

func appendFloats(b []byte, fs []float32) []byte {
	for _, f := range fs {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
	}
	return b
}

// unpackLogits reads what packLogits wrote for a window of so many tokens; what does not fit is as good as absent.
func unpackLogits(v []byte, tokens int) (l model.Logits, ok bool) {
	switch {
	case len(v) == 1+8*tokens && v[0] == packedSpan:
		l.Start, l.End = floatsOf(v[1:1+4*tokens]), floatsOf(v[1+4*tokens:])
		return l, true
	case len(v) == 0 || v[0] != packedBeam:
		return l, false
	}
	u := unpacker{rest: v[1:]}
	l.Start = floatsOf(u.list())
	beam := model.Beam{StartTopLogProbs: floatsOf(u.list()), EndTopLogProbs: floatsOf(u.list())}
	cls := floatsOf(u.list())
	beam.StartTopIndex, beam.EndTopIndex = intsOf(u.list()), intsOf(u.list())
	if u.bad || len(u.rest) > 0 || len(cls) != 1 || len(l.Start) != tokens && len(l.Start) > 0 ||
		len(beam.StartTopIndex) != len(beam.StartTopLogProbs) || len(beam.EndTopIndex) != len(beam.EndTopLogProbs) ||
		!within(beam.StartTopIndex, tokens) || !within(beam.EndTopIndex, tokens) {
		return model.Logits{}, false
	}
	beam.ClsLogit = cls[0]
	l.Beams = []model.Beam{beam}
	return l, true
}

// within says whether all indices are tokens of the window.
func within(indices []int32, tokens int) bool {
	return !slices.ContainsFunc(indices, func(i int32) bool { return i < 0 || int(i) >= tokens })
}

// unpacker reads lists of four-byte numbers with their count before them.
type unpacker struct {
	rest []byte
	bad  bool
}

func (u *unpacker) list() []byte {
	n, size := binary.Uvarint(u.rest)
	if size <= 0 || n > uint64(len(u.rest)-size)/4 {
		u.bad, u.rest = true, nil
		return nil
	}
	list := u.rest[size : size+4*int(n)]
	u.rest = u.rest[size+4*int(n):]
	return list
}

func floatsOf(raw []byte) []float32 {
	fs := make([]float32, len(raw)/4)
	for i := range fs {
		fs[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return fs
}

func intsOf(raw []byte) []int32 {
	is := make([]int32, len(raw)/4)
	for i := range is {
		is[i] = int32(binary.LittleEndian.Uint32(raw[4*i:])) //nolint:gosec // written from an int32
	}
	return is
}

// ofCache tells the cache's trouble from the model's.
func ofCache(err error) error {
	return qa.Errorf(qa.CodeOf(err), "use the cache of predictions: %w", err)
}
