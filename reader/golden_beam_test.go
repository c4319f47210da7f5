package reader

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/tokenizer"
)

type beamCase struct {
	Context string
	Windows []struct {
		Offsets          []*[2]int
		StartTopLogProbs []float32 `json:"start_top_log_probs"`
		StartTopIndex    []int32   `json:"start_top_index"`
		EndTopLogProbs   []float32 `json:"end_top_log_probs"`
		EndTopIndex      []int32   `json:"end_top_index"`
		ClsLogits        float32   `json:"cls_logits"`
	}
	V1, V2 goldenSquad
}

func (c *beamCase) task(t *testing.T, p Params) *task {
	t.Helper()
	s, err := resolve(p, Options{}, model.Info{Head: "beam"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	made := &task{settings: s, hits: []qa.Hit{{Passage: qa.Passage{Text: c.Context}}}}
	f := &frame{context: 0, cls: 9, pad: -1}
	for i, g := range c.Windows {
		var e tokenizer.Encoding
		for _, o := range g.Offsets {
			if o == nil {
				o = &[2]int{}
				e.Sequence = append(e.Sequence, -1)
			} else {
				e.Sequence = append(e.Sequence, 0)
			}
			e.IDs, e.Words = append(e.IDs, 5), append(e.Words, -1)
			e.Offsets = append(e.Offsets, tokenizer.Offset{Start: o[0], End: o[1]})
		}
		w := newWindow(e, f, "?", &made.hits[0].Passage, 0, i)
		w.task = made
		w.beam = &model.Beam{StartTopLogProbs: g.StartTopLogProbs, StartTopIndex: g.StartTopIndex, EndTopLogProbs: g.EndTopLogProbs, EndTopIndex: g.EndTopIndex, ClsLogit: g.ClsLogits}
		w.found = s.decoder.decode(w, s)
		made.windows = append(made.windows, w)
	}
	return made
}

func TestBeamDecoderEqualsTheReference(t *testing.T) {
	for i, c := range readLines[beamCase](t, "testdata/beam.jsonl") {
		for v2, want := range map[bool]goldenSquad{false: c.V1, true: c.V2} {
			p := c.task(t, Params{Decoder: "squad-beam-hf", V2: v2}).prediction()
			if p.Text != want.Text {
				t.Errorf("line %d: %q, want %q %s", i+2, p.Text, want.Text, regenerate)
			}
			if v2 && (p.NullKind != qa.NullOdds || math.Abs(p.Null-want.NullOdds) > 1e-6) {
				t.Errorf("line %d: null odds %v, want %v %s", i+2, p.Null, want.NullOdds, regenerate)
			}
			best := want.NBest
			if best[0].Text == "" { // upstream's entry where there is no span
				best, want.Count = nil, 0
			}
			if len(p.Candidates) != want.Count {
				t.Errorf("line %d: %d candidates, want %d %s", i+2, len(p.Candidates), want.Count, regenerate)
				continue
			}
			for k, b := range best {
				if got := p.Candidates[k]; got.Text != b.Text || math.Abs(got.Probability-b.Probability) > 1e-6 {
					t.Errorf("line %d, candidate %d: %q %v, want %q %v %s", i+2, k, got.Text, got.Probability, b.Text, b.Probability, regenerate)
				}
			}
		}
	}
}

// The pairs that squad-beam-hf gets wrong, by hand: two starts with two ends each.
//
//	start 0 (p 0.5) has ends 1 (0.6) and 0 (0.4); start 2 (p 0.3) has ends 3 (0.9) and 2 (0.1).
//	In memory the ends lie by rank: [1, 3, 0, 2].
func TestBeamPairs(t *testing.T) {
	var c beamCase
	if err := json.Unmarshal([]byte(`{"context": "a b c d ", "windows": [{"offsets": [[0,1],[2,3],[4,5],[6,7],null],
		"start_top_log_probs": [0.5, 0.3], "start_top_index": [0, 2], "end_top_log_probs": [0.6, 0.9, 0.4, 0.1], "end_top_index": [1, 3, 0, 2], "cls_logits": 0.5}]}`), &c); err != nil {
		t.Fatal(err)
	}
	texts := func(decoder string) (all []string) {
		three := 9
		for _, a := range c.task(t, Params{Decoder: decoder, TopK: &three}).prediction().Answers {
			all = append(all, a.Text)
		}
		return all
	}
	same := func(name string, got []string, want ...string) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("%s: %q, want %q", name, got, want)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("%s: %q, want %q", name, got, want)
			}
		}
	}
	// upstream pairs start 0 with the ends [1, 3] and start 2 with [0, 2]: sums 1.1, 1.4, none, 0.4
	same("squad-beam-hf", texts("squad-beam-hf"), "a b c d", "a b", "c")
	// products .30 (0-1), .20 (0-0), .27 (2-3), .03 (2-2)
	same("squad-beam", texts("squad-beam"), "a b", "c d", "a", "c")
	same("gap", texts("gap"), "a b", "c d")

	for threshold, want := range map[float64]string{0.4: "", 0.5: "a b", 0.6: "a b"} {
		if p := c.task(t, Params{Decoder: "squad-beam", V2: true, Threshold: &threshold}).prediction(); p.Text != want || p.Abstained != (want == "") || p.Null != 0.5 {
			t.Errorf("squad-beam --v2, threshold %v: %q, abstained %v, null %v", threshold, p.Text, p.Abstained, p.Null)
		}
	}
	yes, low := true, -1.8 // gap = log 0.3 - 0.5 = -1.70
	if p := c.task(t, Params{Decoder: "gap", NoAnswer: &yes}).prediction(); !p.Abstained || p.Null != 0.5 || p.NullKind != qa.NullLogit {
		t.Errorf("gap: %q, null %v (%s)", p.Text, p.Null, p.NullKind)
	}
	if p := c.task(t, Params{Decoder: "gap", NoAnswer: &yes, Threshold: &low}).prediction(); p.Text != "a b" || math.Abs(p.Answers[0].Gap-(math.Log(0.3)-0.5)) > 1e-6 {
		t.Errorf("gap: %+v", p.Answers)
	}
}
