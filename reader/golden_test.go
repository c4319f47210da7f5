package reader

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/tokenizer"
)

// regenerate is added to mismatches with testdata.
const regenerate = "(testdata is written by scripts/reference/reader.py)"

type goldenCase struct {
	Question string
	Context  string
	Params   goldenParams
	Windows  []goldenWindow
	Answers  []goldenAnswer
	Squad    map[string]goldenSquad
}

type goldenParams struct {
	TopK         *int  `json:"top_k"`
	MaxSeqLen    *int  `json:"max_seq_len"`
	DocStride    *int  `json:"doc_stride"`
	MaxAnswerLen *int  `json:"max_answer_len"`
	NoAnswer     *bool `json:"handle_impossible_answer"`
	AlignToWords *bool `json:"align_to_words"`
}

type goldenWindow struct {
	IDs       []int32
	Offsets   [][2]int
	Words     []*int32
	Sequences []*int8
	Start     []float32
	End       []float32
}

type goldenAnswer struct {
	Answer     string
	Score      float64
	Start, End int
}

type goldenSquad struct {
	Text     string
	Error    string
	Count    int
	NBest    []goldenBest
	NullOdds float64 `json:"null_odds"`
}

type goldenBest struct {
	Text                    string
	Probability             float64
	StartLogit, EndLogit    float64
	StartLogProb, EndLogPro float64
}

func (b *goldenBest) UnmarshalJSON(raw []byte) error {
	var v struct {
		Text        string
		Probability float64
		Start       float64 `json:"start_logit"`
		End         float64 `json:"end_logit"`
	}
	err := json.Unmarshal(raw, &v)
	b.Text, b.Probability, b.StartLogit, b.EndLogit = v.Text, v.Probability, v.Start, v.End
	return err
}

func (p goldenParams) params(decoder string) Params {
	return Params{Decoder: decoder, TopK: p.TopK, MaxSeqLen: p.MaxSeqLen, DocStride: p.DocStride, MaxAnswerLen: p.MaxAnswerLen, NoAnswer: p.NoAnswer, AlignToWords: p.AlignToWords}
}

// eachCase calls f for every case of every kind of tokenizer.
func eachCase(t *testing.T, f func(t *testing.T, folder string, number int, c goldenCase)) {
	t.Helper()
	files, err := filepath.Glob("testdata/*/cases.jsonl")
	if err != nil || len(files) < 3 {
		t.Fatalf("found %d files of cases, want 3 %s", len(files), regenerate)
	}
	for _, file := range files {
		folder := filepath.Dir(file)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			for i, c := range readLines[goldenCase](t, file) {
				f(t, folder, i+2, c)
			}
		})
	}
}

// readLines reads JSON lines after the first, which says what the file was made with.
func readLines[T any](t *testing.T, file string) []T {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []T
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var v T
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, v)
	}
	if len(all) < 2 {
		t.Fatalf("%s has no cases %s", file, regenerate)
	}
	return all[1:]
}

// bytesAt turns code points of a text into bytes.
func bytesAt(text string, points int) int {
	at := 0
	for ; points > 0; points-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}

// plainFrames are what the tokenizers of testdata do to pairs.
var plainFrames = map[string]frame{
	"wordpiece": {context: 1, cls: 2, pad: 0, types: true},
	"bytelevel": {context: 1, cls: 0, pad: 1},
	"metaspace": {context: 0, cls: 2, pad: 1, types: true},
}

// plainTask is a case as a task whose windows have logits, without a tokenizer and a model.
func plainTask(t *testing.T, f *frame, c goldenCase, p Params) *task {
	t.Helper()
	s, err := resolve(p, Options{}, model.Info{Head: "span"}, 48)
	if err != nil {
		t.Fatal(err)
	}
	passage := qa.Passage{Text: c.Context, Range: qa.Range{End: len(c.Context)}}
	made := &task{settings: s, hits: []qa.Hit{{Passage: passage}}}
	for i, g := range c.Windows {
		e := tokenizer.Encoding{IDs: g.IDs}
		for k, o := range g.Offsets {
			word, sequence, text := int32(-1), int8(-1), ""
			if g.Words[k] != nil {
				word = *g.Words[k]
			}
			if g.Sequences[k] != nil {
				if sequence = *g.Sequences[k]; sequence == f.context {
					text = c.Context
				} else {
					text = c.Question
				}
			}
			e.Words, e.Sequence = append(e.Words, word), append(e.Sequence, sequence)
			e.Offsets = append(e.Offsets, tokenizer.Offset{Start: bytesAt(text, o[0]), End: bytesAt(text, o[1])})
		}
		w := newWindow(e, f, c.Question, &made.hits[0].Passage, 0, i)
		w.task, w.start, w.end = made, g.Start, g.End
		w.found = s.decoder.decode(w, s)
		made.windows = append(made.windows, w)
	}
	return made
}

func TestDecodersEqualTheReference(t *testing.T) {
	eachCase(t, func(t *testing.T, folder string, number int, c goldenCase) {
		f := plainFrames[filepath.Base(folder)]
		checkHF(t, number, c, plainTask(t, &f, c, c.Params.params("hf")).prediction())
		for name, p := range squadParams() {
			checkSquad(t, number, name, c, plainTask(t, &f, c, p).prediction())
		}
	})
}

func squadParams() map[string]Params {
	threshold, nBest := -4.0, 5
	return map[string]Params{
		"v1":           {Decoder: "squad"},
		"v2":           {Decoder: "squad", V2: true},
		"v2_threshold": {Decoder: "squad", V2: true, Threshold: &threshold, NBest: &nBest},
	}
}

func checkHF(t *testing.T, number int, c goldenCase, p qa.Prediction) {
	t.Helper()
	if len(p.Answers) != len(c.Answers) {
		t.Errorf("hf, line %d: %d answers, want %d %s\n%+v\n%+v", number, len(p.Answers), len(c.Answers), regenerate, p.Answers, c.Answers)
		return
	}
	for i, want := range c.Answers {
		got := p.Answers[i]
		if got.Text != want.Answer || math.Abs(got.Score-want.Score) > 1e-6*want.Score {
			t.Errorf("hf, line %d, answer %d: %q %v, want %q %v %s", number, i, got.Text, got.Score, want.Answer, want.Score, regenerate)
		}
		start, end := bytesBeyond(c.Context, want.Start), bytesBeyond(c.Context, want.End)
		if got.Range.Start != start || got.Range.End != end {
			t.Errorf("hf, line %d, answer %d %q: bytes %v, want %d:%d %s", number, i, got.Text, got.Range, start, end, regenerate)
		}
	}
}

// bytesBeyond is bytesAt for positions that may lie behind the text.
func bytesBeyond(text string, points int) int {
	n := utf8.RuneCountInString(text)
	return bytesAt(text, min(points, n)) + max(0, points-n)
}

func checkSquad(t *testing.T, number int, name string, c goldenCase, p qa.Prediction) {
	t.Helper()
	want := c.Squad[name]
	if want.Error != "" {
		if !p.Abstained || len(p.Warnings) == 0 {
			t.Errorf("squad %s, line %d: predicts %q without a warning where run_qa stops with an error", name, number, p.Text)
		}
		return
	}
	if p.Text != want.Text || p.Abstained != (want.Text == "") {
		t.Errorf("squad %s, line %d: %q, want %q %s", name, number, p.Text, want.Text, regenerate)
	}
	if name != "v1" && (math.Abs(p.Null-want.NullOdds) > 1e-6*math.Abs(want.NullOdds) || p.NullKind != qa.NullOdds) {
		t.Errorf("squad %s, line %d: null odds %v (%s), want %v %s", name, number, p.Null, p.NullKind, want.NullOdds, regenerate)
	}
	best := want.NBest
	if len(best) > 0 && best[0].Text == placeholder {
		best = best[1:] // not a part of the text, so no answer
		want.Count--
	}
	if len(p.Candidates) != want.Count {
		t.Errorf("squad %s, line %d: %d candidates, want %d %s", name, number, len(p.Candidates), want.Count, regenerate)
		return
	}
	for i, want := range best {
		got := p.Candidates[i]
		near := func(a, b float64) bool { return math.Abs(a-b) <= 2e-6*math.Abs(b) }
		if got.Text != want.Text || !near(got.StartLogit, want.StartLogit) || !near(got.EndLogit, want.EndLogit) || !near(got.Probability, want.Probability) {
			t.Errorf("squad %s, line %d, candidate %d: %+v, want %+v %s", name, number, i, got, want, regenerate)
		}
	}
}
