package reader

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/tokenizer"
)

// pieces are what drawn texts are made of: blanks, characters of several bytes, bytes that are no UTF-8.
var pieces = []string{"a", "b", "word", " ", "  ", "\n", "é", "東京", "👩\u200d🚀", "\u00a0", "\xff", "\xe2\x82", ".", "İ"}

// drawTokens cuts a text into tokens as odd as tokenizers make them: with the blank before, with gaps between, without any
// width, and two for one character.
func drawTokens(t *rapid.T, text string) (offsets []tokenizer.Offset) {
	for at := 0; at < len(text); {
		_, size := utf8.DecodeRuneInString(text[at:])
		end := at + size
		for range rapid.IntRange(0, 3).Draw(t, "more") {
			if end < len(text) {
				_, size = utf8.DecodeRuneInString(text[end:])
				end += size
			}
		}
		switch rapid.IntRange(0, 9).Draw(t, "kind") {
		case 0: // a part of the text without a token
		case 1:
			offsets = append(offsets, tokenizer.Offset{Start: at, End: at}, tokenizer.Offset{Start: at, End: end})
		case 2:
			offsets = append(offsets, tokenizer.Offset{Start: at, End: end}, tokenizer.Offset{Start: at, End: end})
		default:
			offsets = append(offsets, tokenizer.Offset{Start: at, End: end})
		}
		at = end
	}
	return offsets
}

// drawTask makes a task of one to three passages, two of which may overlap in one document, with logits from few values,
// so that ties are common.
func drawTask(t *rapid.T, s *settings) (*task, map[qa.DocumentID]string) {
	made := &task{settings: s}
	documents := map[qa.DocumentID]string{}
	f := &frame{context: 1, cls: 2, pad: 0}
	for hit := range rapid.IntRange(1, 3).Draw(t, "hits") {
		id := rapid.SampledFrom([]qa.DocumentID{"", "x", "y"}).Draw(t, "document")
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 30).Draw(t, "text"), "")
		p := qa.Passage{Doc: id, Text: text, Range: qa.Range{End: len(text)}}
		if known, ok := documents[id]; ok && id != "" {
			var starts []int // passages are cut between characters
			for i := range known {
				starts = append(starts, i)
			}
			from := rapid.SampledFrom(starts).Draw(t, "from")
			to := rapid.SampledFrom(append(starts, len(known))).Filter(func(to int) bool { return to > from }).Draw(t, "to")
			p.Range, p.Text = qa.Range{Start: from, End: to}, known[from:to]
		} else if id != "" {
			documents[id] = text
		}
		made.hits = append(made.hits, qa.Hit{Passage: p})
		if id == "" {
			id = qa.DocumentID(string(rune('0' + hit)))
			documents[id] = text
		}
	}
	for hit := range made.hits {
		p := &made.hits[hit].Passage
		tokens := drawTokens(t, p.Text)
		size := rapid.IntRange(2, 12).Draw(t, "room")
		overlap := rapid.IntRange(0, size-1).Draw(t, "stride")
		for from, index := 0, 0; ; from, index = from+size-overlap, index+1 {
			to := min(from+size, len(tokens))
			w := newWindow(plainWindow(tokens[from:to]), f, "?", p, hit, index)
			w.task = made
			w.start, w.end = drawLogits(t, len(w.IDs)), drawLogits(t, len(w.IDs))
			w.found = s.decoder.decode(w, s)
			made.windows = append(made.windows, w)
			if to == len(tokens) {
				break
			}
		}
	}
	return made, documents
}

// plainWindow is [CLS] ? [SEP] tokens [SEP].
func plainWindow(tokens []tokenizer.Offset) tokenizer.Encoding {
	e := tokenizer.Encoding{IDs: []int32{2, 7, 3}, Words: []int32{-1, 0, -1}, Sequence: []int8{-1, 0, -1}, Offsets: []tokenizer.Offset{{}, {Start: 0, End: 1}, {}}}
	for i, o := range tokens {
		e.IDs, e.Words, e.Sequence, e.Offsets = append(e.IDs, 9), append(e.Words, int32(i)), append(e.Sequence, 1), append(e.Offsets, o)
	}
	e.IDs, e.Words, e.Sequence, e.Offsets = append(e.IDs, 3), append(e.Words, -1), append(e.Sequence, -1), append(e.Offsets, tokenizer.Offset{})
	return e
}

func drawLogits(t *rapid.T, n int) []float32 {
	return rapid.SliceOfN(rapid.SampledFrom([]float32{-7.5, -1, 0, 0.1, 0.2, 0.30000001, 2, 5}), n, n).Draw(t, "logits")
}

func drawParams(t *rapid.T, decoder string) *settings {
	p := Params{Decoder: decoder}
	topK, nBest, longest := rapid.IntRange(1, 6).Draw(t, "top_k"), rapid.IntRange(1, 25).Draw(t, "n_best"), rapid.IntRange(1, 14).Draw(t, "max_answer_len")
	no, align, threshold := rapid.Bool().Draw(t, "no answer"), rapid.Bool().Draw(t, "align"), rapid.Float64Range(-5, 5).Draw(t, "threshold")
	p.TopK, p.NBest, p.MaxAnswerLen, p.NoAnswer, p.AlignToWords, p.Threshold = &topK, &nBest, &longest, &no, &align, &threshold
	p.V2 = rapid.Bool().Draw(t, "v2")
	s, err := resolve(p, Options{Abstains: rapid.Bool().Draw(t, "abstains")}, model.Info{Head: "span"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// allSpans is the slow twin of gap: every span of every window, sorted, each taken if it overlaps none taken before.
func allSpans(task *task) (chosen []span) {
	s := task.settings
	nulls := map[int]float64{}
	for _, w := range task.windows {
		z := sum(w.start[0], w.end[0])
		if old, ok := nulls[w.hit]; !ok || z < old {
			nulls[w.hit] = z
		}
	}
	var all []span
	for _, w := range task.windows {
		for from := range w.IDs {
			for to := from; to < len(w.IDs) && to-from < s.maxAnswerLen; to++ {
				visible := false
				for i := from; i <= to; i++ {
					visible = visible || trim(w, w.bytesOf(i, i)).Len() > 0
				}
				if visible && w.Sequence[from] == 1 && w.Sequence[to] == 1 {
					all = append(all, span{w: w, bytes: trim(w, w.bytesOf(from, to)), start: w.start[from], end: w.end[to], score: sum(w.start[from], w.end[to])})
				}
			}
		}
	}
	rank := func(x span) float64 {
		if s.rankByGap {
			return x.score - nulls[x.w.hit]
		}
		return x.score
	}
	slices.SortStableFunc(all, func(a, b span) int { return cmp.Compare(rank(b), rank(a)) })
	inDocument := func(x span) qa.Range {
		base := x.w.passage.Range.Start
		return qa.Range{Start: base + x.bytes.Start, End: base + x.bytes.End}
	}
	for _, x := range all {
		free := true
		for _, c := range chosen {
			together := c.w.hit == x.w.hit || c.w.passage.Doc != "" && c.w.passage.Doc == x.w.passage.Doc
			free = free && !(together && overlap(inDocument(c), inDocument(x)))
		}
		if free && len(chosen) < max(s.nBest, s.topK) {
			chosen = append(chosen, x)
		}
	}
	return chosen
}

func TestGapEqualsASearchOfAllSpans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		task, documents := drawTask(t, drawParams(t, "gap"))
		want := allSpans(task)
		p := task.prediction()
		if len(p.Candidates) != len(want) {
			t.Fatalf("%d candidates, want %d", len(p.Candidates), len(want))
		}
		for i, a := range p.Candidates {
			if w := task.answer(want[i]); a.Text != w.Text || a.Range != w.Range || a.Score != w.Score || a.Hit != w.Hit || a.Window != w.Window {
				t.Fatalf("candidate %d is %+v, want %+v", i, a, w)
			}
			checkPlace(t, task, a, documents)
			if strings.TrimSpace(a.Text) != a.Text || a.Text == "" {
				t.Fatalf("%q begins or ends blank", a.Text)
			}
		}
		for i, a := range p.Answers {
			if task.settings.noAnswer && a.Gap <= task.settings.threshold {
				t.Fatalf("answer %d has gap %v, threshold %v", i, a.Gap, task.settings.threshold)
			}
			if math.Abs(a.Score-a.Gap-nullOf(task, a.Hit)) > 1e-9 {
				t.Fatalf("gap %v of score %v is not over its passage's null %v", a.Gap, a.Score, nullOf(task, a.Hit))
			}
		}
	})
}

func nullOf(task *task, hit int) float64 {
	z := math.Inf(1)
	for _, w := range task.windows {
		if w.hit == hit {
			z = min(z, sum(w.start[0], w.end[0]))
		}
	}
	return z
}

// checkPlace holds an answer to the promise that its text is its range of its document.
func checkPlace(t *rapid.T, task *task, a qa.Answer, documents map[qa.DocumentID]string) {
	id := a.Doc
	if id == "" {
		id = qa.DocumentID(string(rune('0' + a.Hit)))
	}
	if document := documents[id]; a.Range.Start < 0 || a.Range.End > len(document) || document[a.Range.Start:a.Range.End] != a.Text {
		t.Fatalf("%q is not %v of %q", a.Text, a.Range, document)
	}
	passage := task.hits[a.Hit].Passage
	for _, at := range []int{a.Range.Start, a.Range.End} {
		if in := at - passage.Range.Start; in < 0 || in > len(passage.Text) || !boundary(passage.Text, in) {
			t.Fatalf("%v splits a character of %q", a.Range, passage.Text)
		}
	}
}

// boundary says whether a character begins at byte at; every byte that is no UTF-8 is a character.
func boundary(text string, at int) bool {
	for i := range text {
		if i >= at {
			return i == at
		}
	}
	return at == len(text)
}

func TestSpansAreOfThePassage(t *testing.T) {
	for _, decoder := range []string{"hf", "squad"} {
		t.Run(decoder, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				task, documents := drawTask(t, drawParams(t, decoder))
				p := task.prediction()
				for _, a := range append(p.Candidates, p.Answers...) {
					if a.Score == 0 && decoder == "hf" || a.Text == "" {
						continue // "no answer", or numpy's filling
					}
					checkPlace(t, task, a, documents)
				}
				if len(p.Answers) > task.settings.topK {
					t.Fatalf("%d answers, top_k is %d", len(p.Answers), task.settings.topK)
				}
			})
		})
	}
}

// cellsSlow sorts all spans of positive probability.
func cellsSlow(start, end []float32, k, maxAnswerLen int) (all []cell) {
	for s := range start {
		for e := s; e < len(end) && e < s+maxAnswerLen; e++ {
			if p := start[s] * end[e]; p > 0 {
				all = append(all, cell{p, s*len(end) + e})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b cell) int { return cmp.Compare(b.score, a.score) })
	return all[:min(k, len(all))]
}

func TestBestCellsEqualASort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "tokens")
		values := rapid.SliceOfN(rapid.SampledFrom([]float32{0, 1e-30, 0.01, 0.02, 0.5, 1}), n, n)
		start, end := values.Draw(t, "start"), values.Draw(t, "end")
		k, longest := rapid.IntRange(1, 60).Draw(t, "k"), rapid.IntRange(1, 45).Draw(t, "max_answer_len")
		want, got := cellsSlow(start, end, k, longest), bestCells(start, end, k, longest)
		if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
			t.Fatalf("%v, want %v", got, want)
		}
		seen := map[int]bool{}
		for i, c := range got {
			if seen[c.at] || c.at < 0 || c.at >= n*n || i >= len(want) && c.score != 0 {
				t.Fatalf("cell %v beyond the positive ones", c)
			}
			seen[c.at] = true
		}
	})
}

func TestBestPositionsEqualASort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		logits, k := drawLogits(t, rapid.IntRange(1, 50).Draw(t, "tokens")), rapid.IntRange(1, 60).Draw(t, "k")
		want := make([]int, len(logits))
		for i := range want {
			want[i] = i
		}
		slices.SortStableFunc(want, func(a, b int) int { return cmp.Compare(logits[a], logits[b]) })
		slices.Reverse(want)
		if got := bestPositions(logits, k); !slices.Equal(got, want[:min(k, len(want))]) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}
