package reader

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/tokenizer"
	"github.com/tryall/tryall/zoo"
)

// BenchmarkDecode is one window of 384 tokens, from logits to a prediction.
func BenchmarkDecode(b *testing.B) {
	text := strings.Repeat("lion ", 376)
	var tokens []tokenizer.Offset
	for at := 0; at < len(text); at += 5 {
		tokens = append(tokens, tokenizer.Offset{Start: at, End: at + 4})
	}
	e := plainWindow(tokens)
	random := rand.New(rand.NewPCG(1, 2))
	start, end := make([]float32, len(e.IDs)), make([]float32, len(e.IDs))
	for i := range start {
		start[i], end[i] = float32(random.NormFloat64()*3), float32(random.NormFloat64()*3)
	}
	for _, name := range []string{"gap", "hf", "squad"} {
		b.Run(name, func(b *testing.B) {
			s, err := resolve(Params{Decoder: name}, Options{}, model.Info{Head: "span"}, 0)
			if err != nil {
				b.Fatal(err)
			}
			passage := qa.Passage{Text: text}
			for b.Loop() {
				t := &task{settings: s, hits: []qa.Hit{{Passage: passage}}}
				w := newWindow(e, &frame{context: 1, cls: 2}, "?", &passage, 0, 0)
				w.task, w.start, w.end = t, start, end
				w.found = s.decoder.decode(w, s)
				t.windows = []*window{w}
				t.prediction()
			}
		})
	}
}

// BenchmarkCut is the tokenizer's part: a question and a passage of about 384 tokens.
func BenchmarkCut(b *testing.B) {
	r := newReader(b, &made{info: model.Info{Head: "span"}}, "wordpiece", Options{})
	length := 384
	s, err := r.settings(Params{MaxSeqLen: &length})
	if err != nil {
		b.Fatal(err)
	}
	task := ask("When was the harbour dug?", strings.Repeat("The lion of marble weighs 50 tons and was put up in 1856. ", 20))
	b.SetBytes(int64(len(task.Hits[0].Passage.Text)))
	for b.Loop() {
		cut, err := r.cut(task, s)
		if err != nil {
			b.Fatal(err)
		}
		for _, w := range cut.windows {
			w.open()
		}
	}
}

// builtIn is a reader of a built-in model in a precision, and its tokenizer.
func builtIn(b *testing.B, precision string) (*Reader, *tokenizer.Tokenizer) {
	b.Helper()
	files := zoo.Models()[0].FS
	weights, err := model.Load(files, model.Options{Precision: precision})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = weights.Close() })
	words, err := tokenizer.Load(files)
	if err != nil {
		b.Fatal(err)
	}
	r, err := New(weights, words, "built in", Options{})
	if err != nil {
		b.Fatal(err)
	}
	return r, words
}

// sentences is a text of so many words, each a token.
func sentences(words int) string {
	all := strings.Fields(strings.Repeat("the lion of marble weighs fifty tons and was put up by the harbour ", words/14+1))
	return strings.Join(all[:words], " ")
}

// BenchmarkDocument holds a document of 40 windows, of which the last is short, against 40 questions of one full window
// each, read by turns: over-time is how much more, in percent, a token of the document takes.
func BenchmarkDocument(b *testing.B) {
	for _, precision := range []string{"fp32", "int8"} {
		b.Run(precision, func(b *testing.B) {
			r, _ := builtIn(b, precision)
			var single []qa.Task
			for range 40 {
				single = append(single, ask("What weighs fifty tons?", sentences(376)))
			}
			document := []qa.Task{ask("What weighs fifty tons?", sentences(376+38*248+40))}
			var least, tokens [2]float64 // seconds a token; tokens
			windows := 0
			for b.Loop() {
				for i, tasks := range [][]qa.Task{single, document} {
					began := time.Now()
					out, err := r.Read(b.Context(), tasks)
					if err != nil {
						b.Fatal(err)
					}
					took := time.Since(began).Seconds()
					n := 0
					for _, p := range out {
						n += p.Tokens
					}
					windows = out[0].Windows
					if each := took / float64(n); least[i] == 0 || each < least[i] {
						least[i], tokens[i] = each, float64(n)
					}
				}
			}
			b.ReportMetric(float64(windows), "windows")
			b.ReportMetric(tokens[1], "tokens")
			b.ReportMetric(100*(least[1]/least[0]-1), "%over-time")
		})
	}
}

// idle is a model that has its logits already.
type idle struct{ logits []float32 }

func (idle) Info() model.Info { return model.Info{Head: "span"} }

func (m idle) Score(_ context.Context, b *model.Batch) (model.Logits, error) {
	n := len(b.IDs)
	return model.Logits{Start: m.logits[:n], End: m.logits[n : 2*n]}, nil
}

func noise(n int) []float32 {
	random := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(random.NormFloat64() * 3)
	}
	return x
}

// BenchmarkAround is what a window of 384 tokens takes around the model: cutting a passage of its own, packing, decoding, merging.
func BenchmarkAround(b *testing.B) {
	_, words := builtIn(b, "int8")
	for _, decoder := range []string{"gap", "hf", "squad"} {
		b.Run(decoder, func(b *testing.B) {
			r, err := New(idle{noise(1 << 15)}, words, "idle", Options{Params: Params{Decoder: decoder}})
			if err != nil {
				b.Fatal(err)
			}
			var tasks []qa.Task
			for range 64 {
				tasks = append(tasks, ask("What weighs fifty tons?", sentences(376)))
			}
			windows := 0
			for b.Loop() {
				out, err := r.Read(b.Context(), tasks)
				if err != nil {
					b.Fatal(err)
				}
				for _, p := range out {
					windows += p.Windows
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(windows), "µs/window")
		})
	}
}

// BenchmarkAfterPause is a question of one full window in int8 after the machine has rested: threads must wake, on processors
// of their own, and a processor that has rested computes more slowly at first.
func BenchmarkAfterPause(b *testing.B) {
	r, _ := builtIn(b, "int8")
	tasks := []qa.Task{ask("What weighs fifty tons?", sentences(376))}
	for _, pause := range []time.Duration{0, 10 * time.Millisecond, 100 * time.Millisecond} {
		b.Run(pause.String(), func(b *testing.B) {
			var times []float64
			for b.Loop() {
				time.Sleep(pause)
				began := time.Now()
				if _, err := r.Read(b.Context(), tasks); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(began).Seconds()*1e3)
			}
			slices.Sort(times)
			b.ReportMetric(times[len(times)/2], "ms-median")
			b.ReportMetric(times[len(times)*9/10], "ms-90th")
		})
	}
}
