package reader

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/tokenizer"
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
		if _, err := r.cut(task, s); err != nil {
			b.Fatal(err)
		}
	}
}
