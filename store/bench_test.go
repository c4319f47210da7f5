package store

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
)

// block is 64 results with 20 spans each, as a race makes them.
func block(from int) (rs []eval.Result, spans []Spans) {
	rng := rand.New(rand.NewPCG(uint64(from), 1))
	for i := range 64 {
		rs = append(rs, eval.Result{
			Example: from + i, ID: fmt.Sprintf("56beb4343aeaaa14008c%04x", from+i), Passage: i, Document: i / 8, Golds: []string{"the Denver Broncos", "Broncos", "Denver"}, HasAns: true,
			Text: "Denver Broncos", HasBest: true, Best: "Denver Broncos", BestExact: 100, Confidence: rng.Float64(), HasNull: true, NullOdds: -rng.Float64(), Exact: 100, F1: 100, Windows: 1, Tokens: 180, Took: 12345678,
		})
		s := Spans{Null: rng.Float64(), NullKind: qa.NullLogit}
		for range 20 {
			s.Answers = append(s.Answers, qa.Answer{Text: "Denver Broncos and others", Doc: "passage-12", Range: qa.Range{Start: rng.IntN(900), End: 950}, Score: rng.Float64(), StartLogit: rng.Float64(), EndLogit: rng.Float64(), Gap: rng.Float64()})
		}
		spans = append(spans, s)
	}
	return rs, spans
}

func BenchmarkSaveBlock(b *testing.B) {
	s := open(b)
	id, err := s.CreateRun(b.Context(), eval.Spec{}, "")
	if err != nil {
		b.Fatal(err)
	}
	for n := 0; b.Loop(); n++ {
		rs, spans := block(n / 12 * 64)
		if err := s.SaveBlock(b.Context(), id, eval.Oracle, fmt.Sprint("model", n%12), rs, spans); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkResults(b *testing.B) { // 1,000 of one contestant among twelve
	s := open(b)
	id, err := s.CreateRun(b.Context(), eval.Spec{}, "")
	if err != nil {
		b.Fatal(err)
	}
	for n := range 12 * 16 {
		rs, spans := block(n / 12 * 64)
		if err := s.SaveBlock(b.Context(), id, eval.Oracle, fmt.Sprint("model", n%12), rs, spans); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if rs, err := s.Results(b.Context(), id, eval.Oracle, "model3"); err != nil || len(rs) != 1024 {
			b.Fatal(len(rs), err)
		}
	}
}

func cacheKey(n int) [32]byte { return sha256.Sum256(binary.LittleEndian.AppendUint64(nil, uint64(n))) }

func cacheBlock(from, size int) (keys [][32]byte, values [][]byte) {
	rng := rand.NewChaCha8([32]byte{1})
	for i := range 64 {
		keys = append(keys, cacheKey(from+i))
		v := make([]byte, size)
		_, _ = rng.Read(v)
		values = append(values, v)
	}
	return keys, values
}

func BenchmarkCachePut(b *testing.B) {
	for _, size := range []int{1000, 3000, 10000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := open(b)
			n := 0
			for b.Loop() {
				keys, values := cacheBlock(n, size)
				n += 64
				if err := s.CachePut(b.Context(), keys, values); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCacheGet(b *testing.B) {
	for _, size := range []int{1000, 3000, 10000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := open(b)
			const blocks = 200
			for n := range blocks {
				keys, values := cacheBlock(64*n, size)
				if err := s.CachePut(b.Context(), keys, values); err != nil {
					b.Fatal(err)
				}
			}
			rng := rand.New(rand.NewPCG(1, 1))
			for b.Loop() {
				keys := make([][32]byte, 64)
				for i := range keys {
					keys[i] = cacheKey(rng.IntN(64 * blocks))
				}
				if v, err := s.CacheGet(b.Context(), keys); err != nil || len(v[0]) != size {
					b.Fatal(err)
				}
			}
		})
	}
}
