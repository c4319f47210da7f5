package reader

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/tokenizer"
)

// made is a model without one: the logits of a window depend on its own tokens only.
type made struct {
	info  model.Info
	known map[string]goldenWindow // logits for windows by their tokens; others get some
	// refuses is a token that the model does not know.
	refuses string
	tok     *tokenizer.Tokenizer

	mu     sync.Mutex
	sizes  [][]int // the lengths of the windows of each batch
	masked int     // batches with a mask
}

func key(ids []int32) string {
	b := make([]byte, 4*len(ids))
	for i, id := range ids {
		binary.LittleEndian.PutUint32(b[4*i:], uint32(id))
	}
	return string(b)
}

func (m *made) Info() model.Info { return m.info }

func (m *made) Score(ctx context.Context, b *model.Batch) (model.Logits, error) {
	if err := ctx.Err(); err != nil {
		return model.Logits{}, err
	}
	var l model.Logits
	var sizes []int
	for i := range len(b.Bounds) - 1 {
		ids := b.IDs[b.Bounds[i]:b.Bounds[i+1]]
		sizes = append(sizes, len(ids))
		for _, id := range ids {
			if m.refuses != "" && m.tok.Token(id) == m.refuses {
				return l, qa.Errorf(qa.Invalid, "id %d is not in the vocabulary", id)
			}
		}
		if m.info.Head == "beam" {
			l.Beams = append(l.Beams, madeBeam(ids))
			continue
		}
		w, ok := m.known[key(ids)]
		if !ok {
			w.Start, w.End = madeLogits(ids, 's'), madeLogits(ids, 'e')
		}
		l.Start, l.End = append(l.Start, w.Start...), append(l.End, w.End...)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sizes = append(m.sizes, sizes)
	if b.Mask != nil {
		m.masked++
	}
	return l, nil
}

func madeLogits(ids []int32, kind byte) []float32 {
	out := make([]float32, len(ids))
	for i := range ids {
		h := fnv.New32a()
		h.Write([]byte{kind, byte(i), byte(i >> 8)})
		h.Write([]byte(key(ids)))
		out[i] = float32(h.Sum32()%4001)/200 - 10
	}
	return out
}

func madeBeam(ids []int32) model.Beam {
	b := model.Beam{ClsLogit: madeLogits(ids, 'c')[0]}
	for i, v := range madeLogits(ids, 'b')[:min(3, len(ids))] {
		at := int32(v+10) * int32(len(ids)-1) / 21
		b.StartTopIndex, b.StartTopLogProbs = append(b.StartTopIndex, at), append(b.StartTopLogProbs, 0.5/float32(i+1))
		for rank := range int32(2) {
			b.EndTopIndex = append(b.EndTopIndex, min(at+rank, int32(len(ids)-1)))
			b.EndTopLogProbs = append(b.EndTopLogProbs, 0.4/float32(rank+1))
		}
	}
	return b
}

var tokenizers = []string{"wordpiece", "bytelevel", "metaspace"}

func load(t testing.TB, name string) *tokenizer.Tokenizer {
	t.Helper()
	tok, err := tokenizer.Load(os.DirFS("testdata/" + name))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func newReader(t testing.TB, m *made, name string, o Options) *Reader {
	t.Helper()
	m.tok = load(t, name)
	r, err := New(m, m.tok, name, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ask(question string, texts ...string) qa.Task {
	task := qa.Task{Question: qa.Question{Text: question}}
	for _, text := range texts {
		task.Hits = append(task.Hits, qa.Hit{Passage: qa.Passage{Range: qa.Range{End: len(text)}, Text: text}})
	}
	return task
}

func TestReaderEqualsTheReference(t *testing.T) {
	readers := map[string]*Reader{}
	models := map[string]*made{}
	eachCase(t, func(t *testing.T, folder string, number int, c goldenCase) {
		name := strings.TrimPrefix(folder, "testdata/")
		if readers[name] == nil {
			models[name] = &made{info: model.Info{Head: "span"}}
			readers[name] = newReader(t, models[name], name, Options{})
		}
		models[name].known = map[string]goldenWindow{}
		for _, w := range c.Windows {
			models[name].known[key(w.IDs)] = w
		}
		if len(models[name].known) < len(c.Windows) {
			return // two windows of equal tokens cannot be told apart
		}
		r, task, ctx := readers[name], ask(c.Question, c.Context), context.Background()
		p, windows, err := r.Inspect(ctx, task, c.Params.params("hf"))
		if err != nil || p.Err != nil {
			t.Fatal(number, err, p.Err)
		}
		if len(windows) != len(c.Windows) || p.Windows != len(windows) {
			t.Fatalf("line %d: %d windows, want %d %s", number, len(windows), len(c.Windows), regenerate)
		}
		checkHF(t, number, c, p)
		for i, w := range windows {
			checkWindow(t, number, c, w, c.Windows[i], r.frame.context)
		}
		for squad, params := range squadParams() {
			params.MaxSeqLen, params.DocStride = c.Params.MaxSeqLen, c.Params.DocStride
			p, err := r.ReadEach(ctx, []qa.Task{task}, []Params{params})
			if err != nil || p[0].Err != nil {
				t.Fatal(number, err, p[0].Err)
			}
			checkSquad(t, number, squad, c, p[0])
		}
	})
}

func checkWindow(t *testing.T, number int, c goldenCase, got Window, want goldenWindow, sequence int8) {
	t.Helper()
	if !slices.Equal(got.IDs, want.IDs) || !slices.Equal(got.Start, want.Start) || !slices.Equal(got.End, want.End) {
		t.Errorf("line %d: window of %v, want %v %s", number, got.IDs, want.IDs, regenerate)
		return
	}
	for i, o := range want.Offsets {
		in := want.Sequences[i] != nil && *want.Sequences[i] == sequence
		var r qa.Range
		if in {
			r = qa.Range{Start: bytesAt(c.Context, o[0]), End: bytesAt(c.Context, o[1])}
		}
		if got.InContext[i] != in || got.Offsets[i] != r || got.Tokens[i] == "" {
			t.Errorf("line %d: token %d %q is %v of the context, want %v %s", number, i, got.Tokens[i], got.Offsets[i], r, regenerate)
		}
	}
}

func drawQuestions(t *rapid.T) []qa.Task {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) qa.Task {
		text := func(most int) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(append(pieces, "The lion", " 1811 ", "[CLS]", "<pad>")), 1, most).Draw(t, "text"), "")
		}
		task := ask(text(4))
		for range rapid.IntRange(1, 3).Draw(t, "hits") {
			passage := text(60)
			task.Hits = append(task.Hits, qa.Hit{Passage: qa.Passage{Range: qa.Range{End: len(passage)}, Text: passage}})
		}
		return task
	}), 1, 8).Draw(t, "tasks")
}

// plain takes from predictions what may differ from run to run.
func plain(ps []qa.Prediction) []qa.Prediction {
	out := slices.Clone(ps)
	for i := range out {
		out[i].Took = 0
	}
	return out
}

func TestCompanyChangesNothing(t *testing.T) {
	for _, name := range tokenizers {
		for _, head := range []string{"span", "beam"} {
			t.Run(name+"/"+head, func(t *testing.T) {
				tok := load(t, name)
				rapid.Check(t, func(t *rapid.T) {
					var fit []string
					for _, d := range Decoders {
						if d.Head == "" || d.Head == head {
							fit = append(fit, d.Name)
						}
					}
					topK := 3
					o := Options{Params: Params{Decoder: rapid.SampledFrom(fit).Draw(t, "decoder"), TopK: &topK}}
					read := func(tokens int, tasks []qa.Task) []qa.Prediction {
						o.BatchTokens = tokens
						m := &made{info: model.Info{Head: head}}
						r, err := New(m, tok, name, o)
						if err != nil {
							t.Fatal(err)
						}
						p, err := r.Read(context.Background(), tasks)
						if err != nil {
							t.Fatal(err)
						}
						m.check(t, o.BatchTokens)
						return plain(p)
					}
					tasks := drawQuestions(t)
					together := read(0, tasks)
					if tight := read(rapid.IntRange(1, 200).Draw(t, "batch"), tasks); !reflect.DeepEqual(tight, together) {
						t.Fatalf("in other batches:\n%+v\n%+v", tight, together)
					}
					slices.Reverse(tasks)
					backwards := read(0, tasks)
					slices.Reverse(backwards)
					if !reflect.DeepEqual(backwards, together) {
						t.Fatalf("in another order:\n%+v\n%+v", backwards, together)
					}
					slices.Reverse(tasks)
					for i, task := range tasks {
						if alone := read(0, []qa.Task{task}); !reflect.DeepEqual(alone[0], together[i]) {
							t.Fatalf("alone:\n%+v\n%+v", alone[0], together[i])
						}
					}
				})
			})
		}
	}
}

// check holds the batches to their size and to like lengths standing together.
func (m *made) check(t *rapid.T, most int) {
	if most == 0 {
		most = 8192
	}
	for _, sizes := range m.sizes {
		total := 0
		for i, n := range sizes {
			if total += n; i > 0 && n > sizes[i-1] {
				t.Fatalf("lengths %v", sizes)
			}
		}
		if total > most && len(sizes) > 1 {
			t.Fatalf("lengths %v in a batch of at most %d", sizes, most)
		}
	}
}

func TestEveryTokenIsInAWindow(t *testing.T) {
	for _, name := range tokenizers {
		t.Run(name, func(t *testing.T) {
			tok := load(t, name)
			rapid.Check(t, func(t *rapid.T) {
				length, stride := rapid.IntRange(24, 60).Draw(t, "max_seq_len"), rapid.IntRange(0, 20).Draw(t, "doc_stride")
				r, err := New(&made{info: model.Info{Head: "span"}}, tok, name, Options{Params: Params{MaxSeqLen: &length, DocStride: &stride}})
				if err != nil {
					t.Fatal(err)
				}
				s, _ := r.settings(r.options.Params)
				for _, task := range drawQuestions(t) {
					text := task.Hits[0].Passage.Text
					cut, err := r.cut(ask(task.Question.Text, text), s)
					if err != nil {
						continue // no room
					}
					whole := tok.Encode(text)
					next := 0 // the first token that was in no window yet
					for i, w := range cut.windows {
						w.open()
						if w.size != len(w.IDs) || len(w.IDs) > length {
							t.Fatalf("a window of %d tokens, max_seq_len %d", len(w.IDs), length)
						}
						if i > 0 {
							next -= stride
						}
						for k := w.lo; k < w.hi; k++ {
							if w.IDs[k] != whole.IDs[next] {
								t.Fatalf("window %d has token %d at %d, want %d", i, w.IDs[k], k, whole.IDs[next])
							}
							next++
						}
					}
					if next != len(whole.IDs) {
						t.Fatalf("%d of %d tokens are in windows", next, len(whole.IDs))
					}
				}
			})
		})
	}
}

func TestGapRanksPassages(t *testing.T) {
	r := newReader(t, &made{info: model.Info{Head: "span"}}, "wordpiece", Options{Calibration: &Calibration{A: 0.5, B: -1, Threshold: 3}})
	texts := []string{"The lion weighs 50 tons.", "Ships call at the harbour.", "The lion weighs 50 tons.", "In 1856 the town put up a lighthouse."}
	task := ask("What weighs 50 tons?", texts...)
	eight, no, yes := 8, false, true
	read := func(p Params) qa.Prediction {
		p.TopK = &eight
		got, err := r.ReadEach(context.Background(), []qa.Task{task}, []Params{p})
		if err != nil || got[0].Err != nil {
			t.Fatal(err, got[0].Err)
		}
		return got[0]
	}
	byGap, byScore := read(Params{NoAnswer: &yes}), read(Params{NoAnswer: &no})
	if byGap.Windows != 3 {
		t.Errorf("%d windows, want 3: equal passages share one", byGap.Windows)
	}
	if len(byScore.Answers) != eight || byScore.Abstained {
		t.Errorf("%d answers, want %d", len(byScore.Answers), eight)
	}
	for i, a := range byGap.Candidates {
		if a.Hit == 2 || texts[a.Hit][a.Range.Start:a.Range.End] != a.Text {
			t.Errorf("candidate %+v", a)
		}
		if want := (&Calibration{A: 0.5, B: -1}).Probability(a.Gap); *a.P != want || i > 0 && a.Gap > byGap.Candidates[i-1].Gap {
			t.Errorf("candidate %d: p %v for gap %v", i, *a.P, a.Gap)
		}
		if kept := i < len(byGap.Answers); kept != (i < eight && a.Gap > 3) {
			t.Errorf("candidate %d with gap %v: kept is %v, the calibrated threshold 3", i, a.Gap, kept)
		}
	}
	for i, a := range byScore.Candidates[1:] {
		if a.Score > byScore.Candidates[i].Score {
			t.Errorf("candidate %d is better than the one before", i+1)
		}
	}
	if best, ok := byGap.Best(3); !ok || best.Text != byGap.Text {
		t.Errorf("Best is %+v, the answer %q", best, byGap.Text)
	}
}

func TestMasks(t *testing.T) {
	for decoder, want := range map[string]bool{"gap": true, "squad-beam": true, "squad-beam-hf": false} {
		m := &made{info: model.Info{Head: "beam"}}
		r := newReader(t, m, "metaspace", Options{Params: Params{Decoder: decoder}})
		task := ask("What weighs 50 tons?", "The lion weighs 50 tons.")
		if _, err := r.Read(context.Background(), []qa.Task{task}); err != nil {
			t.Fatal(err)
		}
		if got := m.masked > 0; got != want {
			t.Errorf("%s: masked %v, want %v", decoder, got, want)
		}
		m.masked, m.sizes = 0, nil
		p, windows, err := r.Inspect(context.Background(), task, r.options.Params)
		if err != nil || len(windows) != 1 || windows[0].Beam == nil || windows[0].Start != nil {
			t.Fatalf("%s: %+v %v", decoder, windows, err)
		}
		if scored := len(m.sizes); m.masked > 1 || scored != 1+m.masked {
			t.Errorf("%s: scored %d times, %d of them masked; what is shown has no mask", decoder, scored, m.masked)
		}
		if p.Windows != 1 || p.Tokens != len(windows[0].IDs) {
			t.Errorf("%s: %d windows, %d tokens", decoder, p.Windows, p.Tokens)
		}
	}
	r := newReader(t, &made{info: model.Info{Head: "beam"}}, "metaspace", Options{})
	s, err := r.settings(Params{})
	if err != nil {
		t.Fatal(err)
	}
	cut, err := r.cut(ask("a?", "The lion"), s)
	if err != nil {
		t.Fatal(err)
	}
	w := cut.windows[0]
	for i, masked := range newBatch(cut.windows, w.size).Mask {
		if want := w.Sequence[i] != 0 && i != len(w.IDs)-1; masked != want {
			t.Errorf("token %d: masked %v, want %v", i, masked, want)
		}
	}
}

func TestReadStopsWithItsContext(t *testing.T) {
	r := newReader(t, &made{info: model.Info{Head: "span"}}, "wordpiece", Options{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := r.Read(ctx, []qa.Task{ask("a?", "b")}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want canceled", err)
	}
}
