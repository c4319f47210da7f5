package model

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tryall/tryall/nn"
	"github.com/tryall/tryall/qa"
)

// A window's logits are the same bits alone, in company, in any order and on any number of threads.
func TestAloneAndInCompany(t *testing.T) {
	for _, name := range checkpoints(t) {
		t.Run(name, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(1, 2))
			models := []*QA{load(t, name, 1), load(t, name, 2), load(t, name, 5)}
			lengths := []int{1, 2, 7, 48, 49, 130, 160, 64, 3, 95}
			windows := make([]*Batch, len(lengths))
			alone := make([]Logits, len(lengths))
			for i, n := range lengths {
				windows[i] = randomWindow(rnd, n, models[0])
				alone[i] = score(t, models[0], windows[i])
			}
			for _, m := range models {
				for range 3 {
					order := rnd.Perm(len(windows))[:1+rnd.IntN(len(windows))]
					b := pack(windows, order)
					got := score(t, m, b)
					for at, w := range order {
						same(t, w, window(got, b, at), alone[w])
					}
				}
			}
		})
	}
}

func randomWindow(rnd *rand.Rand, n int, m *QA) *Batch {
	b := &Batch{Bounds: []int{0, n}}
	types := max(1, m.limits.Types)
	for range n {
		b.IDs = append(b.IDs, rnd.Int32N(int32(m.info.VocabSize)))
		b.Types = append(b.Types, rnd.Int32N(int32(types)))
		b.Mask = append(b.Mask, rnd.IntN(3) == 0)
	}
	return b
}

// pack makes one batch of some windows, in the given order.
func pack(windows []*Batch, order []int) *Batch {
	b := &Batch{Bounds: []int{0}}
	for _, i := range order {
		b.IDs = append(b.IDs, windows[i].IDs...)
		b.Types = append(b.Types, windows[i].Types...)
		b.Mask = append(b.Mask, windows[i].Mask...)
		b.Bounds = append(b.Bounds, len(b.IDs))
	}
	return b
}

// window is the part of the logits of a batch that is about its window i.
func window(l Logits, b *Batch, i int) Logits {
	lo, hi := b.Bounds[i], b.Bounds[i+1]
	out := Logits{Start: l.Start[lo:hi]}
	if l.End != nil {
		out.End = l.End[lo:hi]
	}
	if l.Beams != nil {
		out.Beams = l.Beams[i : i+1]
	}
	return out
}

func same(t *testing.T, i int, got, want Logits) {
	t.Helper()
	bits := func(what string, got, want []float32) {
		if !slices.EqualFunc(got, want, func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }) {
			t.Fatalf("window %d: %s in company %v, alone %v", i, what, got, want)
		}
	}
	bits("start", got.Start, want.Start)
	bits("end", got.End, want.End)
	for j := range want.Beams {
		g, w := got.Beams[j], want.Beams[j]
		bits("start_top_log_probs", g.StartTopLogProbs, w.StartTopLogProbs)
		bits("end_top_log_probs", g.EndTopLogProbs, w.EndTopLogProbs)
		bits("cls_logits", []float32{g.ClsLogit}, []float32{w.ClsLogit})
		if !slices.Equal(g.StartTopIndex, w.StartTopIndex) || !slices.Equal(g.EndTopIndex, w.EndTopIndex) {
			t.Fatalf("window %d: indices in company %v %v, alone %v %v", i, g.StartTopIndex, g.EndTopIndex, w.StartTopIndex, w.EndTopIndex)
		}
	}
}

func score(t testing.TB, m *QA, b *Batch) Logits {
	t.Helper()
	l, err := m.Score(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Several goroutines may use one model.
func TestConcurrentScore(t *testing.T) {
	m, g := load(t, "bert", 2), readGolden(t, "bert")
	want := score(t, m, g.Windows[1].batch())
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for range 5 {
				got, err := m.Score(context.Background(), g.Windows[1].batch())
				if err != nil {
					t.Error(err)
					return
				}
				same(t, 1, got, want)
			}
		})
	}
	wg.Wait()
}

func TestScoreRefuses(t *testing.T) {
	for _, c := range []struct {
		model string
		batch Batch
		want  string
	}{
		{"bert", Batch{IDs: []int32{1, 150}, Bounds: []int{0, 2}}, "token 1 has id 150, the vocabulary has 150"},
		{"bert", Batch{IDs: []int32{-1}, Bounds: []int{0, 1}}, "token 0 has id -1"},
		{"bert", Batch{IDs: []int32{1, 2}, Types: []int32{0, 2}, Bounds: []int{0, 2}}, "token 1 has type 2, the model has 2"},
		{"bert", Batch{IDs: []int32{1, 2}, Types: []int32{0}, Bounds: []int{0, 2}}, "1 token types for 2 tokens"},
		{"bert", Batch{IDs: []int32{1, 2}, Mask: []bool{true}, Bounds: []int{0, 2}}, "a mask of 1 for 2 tokens"},
		{"bert", Batch{IDs: make([]int32, 161), Bounds: []int{0, 161}}, "window 0 has 161 tokens, the model takes 160"},
		{"roberta", Batch{IDs: make([]int32, 161), Bounds: []int{0, 161}}, "the model takes 160"},
		{"bert", Batch{IDs: []int32{1}, Bounds: []int{0, 2}}, "bounds do not run from 0 to the 1 tokens"},
		{"bert", Batch{IDs: []int32{1}, Bounds: nil}, "bounds do not run"},
		{"bert", Batch{IDs: []int32{1}, Bounds: []int{0, 0, 1}}, "window 0 is empty"},
		{"bert", Batch{IDs: []int32{1}, Bounds: []int{0, 1, 0, 1}}, "window 1 is empty"},
	} {
		m := load(t, c.model, 1)
		if _, err := m.Score(context.Background(), &c.batch); err == nil || !strings.Contains(err.Error(), c.want) || qa.CodeOf(err) != qa.Invalid {
			t.Errorf("%s: error %v (%s), want %q", c.model, err, qa.CodeOf(err), c.want)
		}
	}
}

// XLNet takes windows of any length, and no batch at all is no error.
func TestScoreAccepts(t *testing.T) {
	m := load(t, "xlnet", 2)
	if n := len(score(t, m, &Batch{IDs: make([]int32, 1500), Bounds: []int{0, 1500}}).Start); n != 1500 {
		t.Errorf("%d logits for 1500 tokens", n)
	}
	if l := score(t, m, &Batch{Bounds: []int{0}}); l.Start != nil || l.Beams != nil {
		t.Errorf("no tokens gave %v", l)
	}
}

func TestScoreStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, name := range []string{"bert", "xlnet"} {
		m := load(t, name, 1)
		if _, err := m.Score(ctx, &Batch{IDs: []int32{1}, Bounds: []int{0, 1}}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v after the context ended", name, err)
		}
	}
}

// Windows shorter than the beam give what there is; a window that is masked altogether is uniform.
func TestBeamOfShortWindows(t *testing.T) {
	m := load(t, "xlnet-beam", 2) // 4 starts, 3 ends
	for _, n := range []int{1, 2, 3, 4} {
		b := &Batch{IDs: make([]int32, n), Bounds: []int{0, n}}
		got := score(t, m, b).Beams[0]
		if len(got.StartTopIndex) != min(4, n) || len(got.EndTopIndex) != min(4, n)*min(3, n) {
			t.Errorf("%d tokens: %d starts, %d ends", n, len(got.StartTopIndex), len(got.EndTopIndex))
		}
	}
	b := &Batch{IDs: make([]int32, 8), Bounds: []int{0, 8}, Mask: slices.Repeat([]bool{true}, 8)}
	l := score(t, m, b)
	if p := l.Beams[0].StartTopLogProbs[3]; p != 1./8 || l.Start[0] != -1e30 {
		t.Errorf("all masked: probability %g, logit %g", p, l.Start[0])
	}
}

func TestTopK(t *testing.T) {
	values, index := topK([]float32{0.1, 0.4, 0.4, 0.05}, 3)
	if !slices.Equal(values, []float32{0.4, 0.4, 0.1}) || !slices.Equal(index, []int32{1, 2, 0}) {
		t.Errorf("topK gave %v at %v", values, index)
	}
}

func TestNumberAfterPadding(t *testing.T) {
	got := make([]int32, 6)
	numberAfterPadding(got, []int32{0, 7, 1, 9, 1, 2}, 1)
	if want := []int32{2, 3, 1, 4, 1, 5}; !slices.Equal(got, want) {
		t.Errorf("positions %v, want %v", got, want)
	}
}

func TestPrecision(t *testing.T) {
	if _, err := Load(os.DirFS("testdata/bert"), Options{Precision: "int8"}); qa.CodeOf(err) != qa.Invalid || !strings.Contains(err.Error(), "fp32") {
		t.Errorf("int8: %v", err)
	}
	m, err := Load(os.DirFS("testdata/bert"), Options{Precision: "fp32"}) // with a pool of its own
	if err != nil {
		t.Fatal(err)
	}
	score(t, m, &Batch{IDs: []int32{1}, Bounds: []int{0, 1}})
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}

func BenchmarkScore(b *testing.B) {
	for _, name := range []string{"bert", "xlnet"} {
		b.Run(name, func(b *testing.B) {
			pool := nn.NewPool(0)
			defer pool.Close()
			m, err := Load(os.DirFS("testdata/"+name), Options{Pool: pool})
			if err != nil {
				b.Fatal(err)
			}
			defer m.Close()
			w := randomWindow(rand.New(rand.NewPCG(1, 1)), 128, m)
			b.ReportAllocs()
			for b.Loop() {
				score(b, m, w)
			}
		})
	}
}
