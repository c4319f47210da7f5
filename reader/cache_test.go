package reader

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/qa"
)

// memory is a cache in memory.
type memory struct {
	values map[[32]byte][]byte
	err    error
}

func (m *memory) Get(_ context.Context, keys [][32]byte) ([][]byte, error) {
	out := make([][]byte, len(keys))
	for i, k := range keys {
		out[i] = m.values[k]
	}
	return out, m.err
}

func (m *memory) Put(_ context.Context, keys [][32]byte, values [][]byte) error {
	for i, k := range keys {
		m.values[k] = append([]byte(nil), values[i]...)
	}
	return m.err
}

func cacheTasks() []qa.Task {
	var tasks []qa.Task
	for _, q := range []string{"Who met Bob?", "Where did they go?", "Why?"} {
		var hits []qa.Hit
		for _, text := range []string{"Alice met Bob.", strings.Repeat("They went to the house by the sea. ", 12)} {
			hits = append(hits, qa.Hit{Passage: qa.Passage{Text: text, Range: qa.Range{End: len(text)}}})
		}
		tasks = append(tasks, qa.Task{Question: qa.Question{Text: q}, Hits: hits})
	}
	return tasks
}

// answersOf reads with every decoder that the head allows, and leaves out the times.
func answersOf(t *testing.T, s Scorer, m *made, name string) map[string][]qa.Prediction {
	t.Helper()
	out := map[string][]qa.Prediction{}
	for _, d := range Decoders {
		if d.Head != "" && d.Head != m.info.Head {
			continue
		}
		size, stride, k := 40, 8, 5
		r, err := New(s, load(t, name), name, Options{Params: Params{Decoder: d.Name, MaxSeqLen: &size, DocStride: &stride, TopK: &k}, BatchTokens: 100})
		if err != nil {
			t.Fatal(err)
		}
		ps, err := r.Read(t.Context(), cacheTasks())
		if err != nil {
			t.Fatal(err)
		}
		for i := range ps {
			ps[i].Took = 0
		}
		out[d.Name] = ps
	}
	return out
}

// TestCachedIsTheSame reads without a cache, with an empty one and with a full one, by every decoder: the same to the last bit,
// and the model runs once for each window and mask.
func TestCachedIsTheSame(t *testing.T) {
	for _, head := range []string{"span", "beam"} {
		for _, name := range tokenizers {
			m := &made{info: model.Info{Head: head, MaxPositions: 64}}
			want := answersOf(t, m, m, name)
			cache := &memory{values: map[[32]byte][]byte{}}
			scorer := &CachedScorer{Scorer: m, Cache: cache, Identity: "a@1:fp32"}
			for pass, what := range []string{"with an empty cache", "with a full cache"} {
				if got := answersOf(t, scorer, m, name); !reflect.DeepEqual(got, want) {
					t.Errorf("%s, %s head: %s answers differ from those without", name, head, what)
				}
				computed, found := scorer.Counts()
				if computed != int64(len(cache.values)) || pass == 1 && found < computed {
					t.Errorf("%s, %s head, %s: %d windows computed, %d found, %d kept", name, head, what, computed, found, len(cache.values))
				}
			}

			before, _ := scorer.Counts()
			for k, v := range cache.values { // damage: cut, empty, of another kind
				switch k[0] % 4 {
				case 0:
					cache.values[k] = v[:len(v)/2]
				case 1:
					cache.values[k] = []byte{}
				case 2:
					cache.values[k] = append([]byte{'x'}, v[1:]...)
				}
			}
			if got := answersOf(t, scorer, m, name); !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %s head: answers from a damaged cache differ", name, head)
			}
			if after, _ := scorer.Counts(); after == before {
				t.Errorf("%s, %s head: nothing damaged was computed again", name, head)
			}

			other := &CachedScorer{Scorer: m, Cache: cache, Identity: "a@2:fp32"}
			answersOf(t, other, m, name)
			if computed, _ := other.Counts(); computed == 0 {
				t.Errorf("%s, %s head: another revision took the first one's values", name, head)
			}
		}
	}
}

// TestCacheFails: trouble with the cache is told as such.
func TestCacheFails(t *testing.T) {
	m := &made{info: model.Info{Head: "span", MaxPositions: 64}}
	full := qa.Errorf(qa.Unavailable, "the disk is full")
	scorer := &CachedScorer{Scorer: m, Cache: &memory{values: map[[32]byte][]byte{}, err: full}}
	r, err := New(scorer, load(t, "wordpiece"), "x", Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Read(t.Context(), cacheTasks())
	if !errors.Is(err, full) || qa.CodeOf(err) != qa.Unavailable || !strings.Contains(err.Error(), "cache of predictions") {
		t.Errorf("error %v", err)
	}
}

// FuzzUnpackLogits: damaged values never crash and never give a window of another length.
func FuzzUnpackLogits(f *testing.F) {
	f.Add(packLogits(model.Logits{Start: []float32{1, 2}, End: []float32{3, 4}}), 2)
	f.Add(packLogits(model.Logits{Start: madeLogits([]int32{1, 2, 3}, 's'), Beams: []model.Beam{madeBeam([]int32{1, 2, 3})}}), 3)
	f.Fuzz(func(t *testing.T, v []byte, tokens int) {
		if tokens < 1 || tokens > 1<<20 {
			return
		}
		l, ok := unpackLogits(v, tokens)
		if ok && len(l.Beams) == 0 && (len(l.Start) != tokens || len(l.End) != tokens) {
			t.Errorf("%d starts and %d ends for %d tokens", len(l.Start), len(l.End), tokens)
		}
	})
}
