package main

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/workbench"
)

// engineFlags say how models are run.
type engineFlags struct {
	Precision string `placeholder:"P" help:"Number format of models that name none (default fp32)."`
	Threads   int    `placeholder:"N" help:"Threads to compute with (default: all cores)."`
}

// check refuses values outside their range.
func (f *engineFlags) check() error {
	switch {
	case f.Threads < 0 || f.Threads > 1024:
		return usagef("--threads is %d; it must be 1 to 1024 (0: all cores)", f.Threads)
	case f.Precision != "" && !slices.Contains(hub.Precisions, f.Precision):
		return usagef("--precision is %q; it must be one of %s", f.Precision, strings.Join(hub.Precisions, ", "))
	}
	return nil
}

// readFlags are the parameters of reading, with the names that transformers gives them.
type readFlags struct {
	Decoder      string   `placeholder:"NAME" default:"gap" help:"How logits become answers: gap, hf, squad, squad-beam, squad-beam-hf (default gap)."`
	TopK         *int     `placeholder:"N" help:"Answers to list (default 1)."`
	MaxSeqLen    *int     `placeholder:"N" help:"Tokens of a window (default 384, or fewer if the model takes fewer)."`
	DocStride    *int     `placeholder:"N" help:"Tokens that neighbouring windows share (default 128, at most half a window)."`
	MaxAnswerLen *int     `placeholder:"N" help:"Longest answer in tokens (default 30; hf 15)."`
	Answerless   *bool    `name:"no-answer" negatable:"" help:"Allow \"no answer\" (gap: on when the model can abstain)."`
	V2           bool     `name:"v2" help:"squad: decode as for SQuAD 2.0."`
	NBest        *int     `placeholder:"N" help:"squad: candidates to keep (default 20)."`
	Threshold    *float64 `placeholder:"X" help:"gap, squad --v2: abstain below (default: the model's own, else 0)."`
	AlignToWords *bool    `negatable:"" help:"Widen answers to whole words (hf: on)."`
}

// maxCount bounds counts and lengths; it is far above any use.
const maxCount = 1 << 24

// check refuses values outside their range, by the names of the flags.
func (f *readFlags) check() error {
	if !slices.Contains(workbench.Decoders, f.Decoder) {
		return usagef("--decoder is %q; it must be one of %s", f.Decoder, strings.Join(workbench.Decoders, ", "))
	}
	for _, c := range []struct {
		flag  string
		value *int
		least int
	}{{"--top-k", f.TopK, 1}, {"--max-seq-len", f.MaxSeqLen, 1}, {"--doc-stride", f.DocStride, 0}, {"--max-answer-len", f.MaxAnswerLen, 1}, {"--n-best", f.NBest, 1}} {
		if c.value != nil && (*c.value < c.least || *c.value > maxCount) {
			return usagef("%s is %d; it must be %d to %d", c.flag, *c.value, c.least, maxCount)
		}
	}
	if t := f.Threshold; t != nil && (math.IsNaN(*t) || math.IsInf(*t, 0)) {
		return usagef("--threshold is %v; it must be a finite number", *t)
	}
	return nil
}

func (f *readFlags) params() workbench.Params {
	return workbench.Params{Decoder: f.Decoder, TopK: f.TopK, MaxSeqLen: f.MaxSeqLen, DocStride: f.DocStride,
		MaxAnswerLen: f.MaxAnswerLen, NBest: f.NBest, NoAnswer: f.Answerless, AlignToWords: f.AlignToWords,
		V2: f.V2, Threshold: f.Threshold}
}

// textFlags say where the text is.
type textFlags struct {
	Context  string  `short:"c" placeholder:"FILE" help:"Read the text from a file (text, Markdown, HTML, PDF, DOCX, ODT, EPUB, CSV, JSON), or from standard input with - (default: ask the project's corpus)."`
	Text     *string `placeholder:"STRING" help:"Take the text from the command line."`
	Passages int     `placeholder:"N" help:"Passages of the corpus to read (default 5)."`
}

// ask makes a question about the text that the flags name, or about what the project's corpus has for it. What it opens stays open
// until done is called.
func (f *textFlags) ask(ctx context.Context, a *app, question string) (ask workbench.Ask, done func(), err error) {
	done = func() {}
	if question == "" {
		return ask, done, qa.Errorf(qa.Invalid, "the question is empty")
	}
	ask.Question = question
	if f.Context == "" && f.Text == nil {
		w := a.workbench(engineFlags{})
		if !w.HasProject() {
			return ask, done, workbench.ErrNoCorpus
		}
		p, err := a.project(ctx, w)
		if err != nil {
			return ask, done, err
		}
		ask.Corpus, err = p.Retrieve(ctx, question, cmp.Or(f.Passages, workbench.DefaultPassages))
		if err != nil {
			return ask, done, errors.Join(err, p.Close())
		}
		return ask, func() { p.Close() }, nil
	}
	text, err := f.read(ctx, a)
	ask.Context, ask.Marks, ask.Warnings = text.Text, text.Marks, text.Warnings
	return ask, done, err
}

// check refuses flags that contradict each other.
func (f *textFlags) check() error {
	switch {
	case f.Text != nil && f.Context != "":
		return usagef("-c and --text cannot both be given: there is one text")
	case f.Passages != 0 && (f.Text != nil || f.Context != ""):
		return usagef("--passages is about the corpus; a text given with -c or --text is read whole")
	case f.Passages < 0 || f.Passages > 100:
		return usagef("--passages is %d; it must be 1 to 100", f.Passages)
	}
	return nil
}

// read gives the text that a question is asked about.
func (f *textFlags) read(ctx context.Context, a *app) (workbench.Text, error) {
	switch {
	case f.Text != nil:
		return workbench.Text{Text: *f.Text}, nil
	case f.Context == "-":
		return workbench.ReadText(ctx, a.stdin, "standard input")
	}
	cachePDF()
	return workbench.ReadTextFile(ctx, f.Context)
}

// both checks the flags that most commands share.
func both(r *readFlags, e *engineFlags) error { return cmp.Or(r.check(), e.check()) }
