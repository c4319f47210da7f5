package reader

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/qa"
)

func TestDefaults(t *testing.T) {
	for _, c := range []struct {
		decoder             string
		tokenizer, model    int
		o                   Options
		length, stride, max int
		noAnswer            bool
		threshold           float64
	}{
		{"gap", 512, 512, Options{}, 384, 128, 30, false, 0},
		{"", 512, 512, Options{Abstains: true, Calibration: &Calibration{Threshold: 1.5}}, 384, 128, 30, true, 1.5},
		{"hf", 0, 0, Options{Abstains: true}, 384, 128, 15, false, 0},
		{"hf", 0, 200, Options{}, 200, 100, 15, false, 0},
		{"squad", 64, 512, Options{Calibration: &Calibration{Threshold: 1.5}}, 64, 32, 30, false, 0},
	} {
		s, err := resolve(Params{Decoder: c.decoder}, c.o, model.Info{Head: "span", MaxPositions: c.model}, c.tokenizer)
		if err != nil {
			t.Fatal(err)
		}
		if s.maxSeqLen != c.length || s.docStride != c.stride || s.maxAnswerLen != c.max || s.noAnswer != c.noAnswer || s.threshold != c.threshold || s.topK != 1 || s.nBest != 20 || !s.alignToWords {
			t.Errorf("%q: %+v, want %+v", c.decoder, s, c)
		}
	}
}

func TestValuesOutsideTheirRange(t *testing.T) {
	number := func(n int) *int { return &n }
	nan := math.NaN()
	for _, c := range []struct {
		head   string
		p      Params
		option string
		says   []string
	}{
		{"span", Params{Decoder: "best"}, "decoder", []string{`"best"`, "gap, hf, squad, squad-beam, squad-beam-hf"}},
		{"beam", Params{Decoder: "hf"}, "decoder", []string{`"hf"`, "beam head", "gap or squad-beam or squad-beam-hf"}},
		{"beam", Params{Decoder: "squad"}, "decoder", []string{"beam head"}},
		{"span", Params{Decoder: "squad-beam"}, "decoder", []string{"span head", "gap or hf or squad"}},
		{"span", Params{TopK: number(0)}, "top_k", []string{"is 0", "1 to"}},
		{"span", Params{MaxAnswerLen: number(0)}, "max_answer_len", []string{"is 0"}},
		{"span", Params{MaxSeqLen: number(513)}, "max_seq_len", []string{"513", "512"}},
		{"span", Params{MaxSeqLen: number(-1)}, "max_seq_len", []string{"-1"}},
		{"span", Params{DocStride: number(-1)}, "doc_stride", []string{"-1"}},
		{"span", Params{DocStride: number(101), MaxSeqLen: number(100)}, "doc_stride", []string{"101", "100"}},
		{"span", Params{NBest: number(0)}, "n_best", []string{"is 0"}},
		{"span", Params{NBest: number(1 << 40)}, "n_best", []string{"16777216"}},
		{"span", Params{Threshold: &nan}, "threshold", []string{"NaN"}},
	} {
		_, err := resolve(c.p, Options{}, model.Info{Head: c.head, MaxPositions: 512}, 512)
		var option *OptionError
		if !errors.As(err, &option) || option.Option != c.option || qa.CodeOf(err) != qa.Invalid {
			t.Errorf("%+v: error %v, want one about %s", c.p, err, c.option)
			continue
		}
		for _, part := range c.says {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q does not say %q", err, part)
			}
		}
	}
}

func TestTasksThatCannotBeRead(t *testing.T) {
	r := newReader(t, &made{info: model.Info{Head: "span", MaxPositions: 60}}, "wordpiece", Options{})
	long := strings.Repeat("lion ", 60)
	number := func(n int) *int { return &n }
	tasks := []qa.Task{ask("", "text"), ask("question?", ""), ask(long, long), ask("What weighs 50 tons?", long), ask("lion?", "The lion."), ask("lion?")}
	params := make([]Params, len(tasks))
	params[3].DocStride = number(45)
	got, err := r.ReadEach(context.Background(), tasks, params)
	if err != nil {
		t.Fatal(err)
	}
	for i, says := range [][]string{{"question is empty"}, {"context is empty"}, {"60 tokens", "no room", "max_seq_len 48", "at most 60"}, {"doc_stride 45", "48", "smaller than"}} {
		if qa.CodeOf(got[i].Err) != qa.Invalid {
			t.Errorf("task %d: %v", i, got[i].Err)
			continue
		}
		for _, part := range says {
			if !strings.Contains(got[i].Err.Error(), part) {
				t.Errorf("task %d: %q does not say %q", i, got[i].Err, part)
			}
		}
	}
	if got[4].Err != nil || got[4].Text == "" {
		t.Errorf("a good task beside bad ones: %+v", got[4])
	}
	if got[5].Err != nil || !got[5].Abstained || len(got[5].Warnings) != 1 {
		t.Errorf("a task without passages: %+v", got[5])
	}
	if _, err := r.ReadEach(context.Background(), tasks, params[1:]); err == nil {
		t.Error("as many parameters as tasks are needed")
	}
}

func TestWindowsThatHardlyMoveOn(t *testing.T) {
	r := newReader(t, &made{info: model.Info{Head: "span"}}, "wordpiece", Options{})
	length, stride := 2000, 1994
	got, err := r.ReadEach(context.Background(), []qa.Task{ask("?", strings.Repeat("a b c d ", 70000))}, []Params{{MaxSeqLen: &length, DocStride: &stride}})
	if err != nil || got[0].Err == nil || !strings.Contains(got[0].Err.Error(), "doc_stride") {
		t.Errorf("%v %v, want an error that says what to change", err, got[0].Err)
	}
}

// A vocabulary that is larger than the model's: the line that needs the missing rows fails, the others do not.
func TestOneTaskTheModelCannotTake(t *testing.T) {
	r := newReader(t, &made{info: model.Info{Head: "span"}, refuses: "50"}, "wordpiece", Options{})
	tasks := []qa.Task{ask("lion?", "The lion."), ask("lion?", "It weighs 50 tons."), ask("town?", "The town.")}
	got, err := r.Read(context.Background(), tasks)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range got {
		if (p.Err != nil) != (i == 1) {
			t.Errorf("task %d: error %v", i, p.Err)
		}
	}
	if p, windows, err := r.Inspect(context.Background(), tasks[1], Params{}); err != nil || p.Err == nil || windows != nil {
		t.Errorf("inspect: %+v %v", p, err)
	}
}
