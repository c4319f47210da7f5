package model

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tryall/tryall/internal/weights"
	"github.com/tryall/tryall/nn"
	"github.com/tryall/tryall/qa"
)

// A window's logits are the same bits alone, in company, in any order and on any number of threads, in every precision.
func TestAloneAndInCompany(t *testing.T) {
	for _, name := range checkpoints(t) {
		for _, precision := range nn.Precisions() {
			t.Run(name+" "+precision, func(t *testing.T) {
				alone := []*QA{loadIn(t, name, precision, 1), loadIn(t, name, precision, 2), loadIn(t, name, precision, 5)}
				checkCompany(t, alone)
			})
		}
	}
}

func checkCompany(t *testing.T, models []*QA) {
	rnd := rand.New(rand.NewPCG(1, 2))
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
	_, err := Load(os.DirFS("testdata/bert"), Options{Precision: "int4"})
	if qa.CodeOf(err) != qa.Invalid || !strings.Contains(err.Error(), `"int4" is not implemented; there are fp32, fp16, bf16, int8`) {
		t.Errorf("int4: %v", err)
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

// Narrow precisions stay near the reference, in root mean squares: twenty times what one rounding costs, for two layers of
// some ten roundings each, whose errors add as squares do and which enlarge some of them. One rounding to bits b costs 2^-b/√12 or so; to a byte, of a
// range of six standard deviations, 6/255/√12.
func TestPrecisionsAreNear(t *testing.T) {
	most := map[string]float64{"fp32": 1e-5, "fp16": 20 * 0x1p-11 / math.Sqrt(12), "bf16": 20 * 0x1p-8 / math.Sqrt(12), "int8": 20 * 6. / 255 / math.Sqrt(12)}
	for _, name := range checkpoints(t) {
		g := readGolden(t, name)
		if g.Windows[0].Beam != nil {
			continue // probabilities of close ends change places
		}
		off := map[string]float64{}
		for _, precision := range nn.Precisions() {
			m := loadIn(t, name, precision, 2)
			var squares, errors float64
			for _, w := range g.Windows {
				got := score(t, m, w.batch())
				for i := range w.Start {
					start, end := float64(w.Start[i]), float64(w.End[i])
					squares += start*start + end*end
					errors += (float64(got.Start[i])-start)*(float64(got.Start[i])-start) + (float64(got.End[i])-end)*(float64(got.End[i])-end)
				}
			}
			off[precision] = math.Sqrt(errors / squares)
		}
		for p, e := range off {
			if !(e <= most[p]) {
				t.Errorf("%s in %s: the logits are off by %.2g of their size, allowed %.2g", name, p, e, most[p])
			}
		}
		if !(off["int8"] > off["bf16"] && off["bf16"] > off["fp32"]) {
			t.Errorf("%s: errors %v: the precision makes no difference", name, off)
		}
		t.Logf("%s: errors %v", name, off)
	}
}

// Weights stored in half lose nothing in half.
func TestHalfOfHalf(t *testing.T) {
	r := openRepository(t, "bert")
	for _, x := range r.tensors {
		if x.Type != weights.F32 {
			continue
		}
		for i := 0; i < len(x.Data); i += 4 { // numbers that are exact in half
			u := binary.LittleEndian.Uint32(x.Data[i:])
			v := float32(math.Round(float64(math.Float32frombits(u))*256) / 256)
			binary.LittleEndian.PutUint32(x.Data[i:], math.Float32bits(v))
		}
	}
	files, g := r.files(t), readGolden(t, "bert")
	var want Logits
	for _, precision := range []string{"fp32", "fp16"} {
		m, err := Load(files, Options{Precision: precision})
		if err != nil {
			t.Fatal(err)
		}
		got := score(t, m, g.Windows[0].batch())
		if precision == "fp32" {
			want = got
		}
		same(t, 0, got, want)
		m.Close()
	}
}

// Every layer between embeddings and head is measured alone; converting one changes less than converting all, and more
// than nothing.
func TestDamages(t *testing.T) {
	b := readGolden(t, "bert").Windows[1].batch()
	calls := 0
	got, err := Damages(t.Context(), os.DirFS("testdata/bert"), Options{Precision: "int8"}, b, func(i, n int) {
		if calls++; i != calls || n != 8 {
			t.Errorf("call %d says %d of %d", calls, i, n)
		}
	})
	if err != nil || len(got) != 2+8 || calls != 8 {
		t.Fatalf("%d parts, %d calls, %v", len(got), calls, err)
	}
	if got[0].Part != "all" || got[1].Part != "attention" || got[2].Part != "bert.encoder.layer.0.attention.self.query.weight" {
		t.Errorf("parts %v", got)
	}
	sum, squares := 0, 0.0
	for _, d := range got[2:] {
		sum += d.Parameters
		squares += d.Error * d.Error
		if !(d.Error > 1e-4 && d.Error < got[0].Error) || !(d.Share > 0) {
			t.Errorf("%+v beside %+v", d, got[0])
		}
	}
	if sum != got[0].Parameters || got[0].Parameters != 2*(4*24*24+2*24*40) {
		t.Errorf("%d parameters in layers, %d in all", sum, got[0].Parameters)
	}
	if e := math.Sqrt(squares); !(e > got[0].Error/3 && e < 3*got[0].Error) { // errors of layers are independent
		t.Errorf("the layers' errors add up to %g, together they make %g", e, got[0].Error)
	}
	for _, p := range []string{"", "fp32", "int4"} {
		if _, err := Damages(t.Context(), os.DirFS("testdata/bert"), Options{Precision: p}, b, nil); qa.CodeOf(err) != qa.Invalid {
			t.Errorf("precision %q: %v", p, err)
		}
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
