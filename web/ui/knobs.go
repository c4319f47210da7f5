package ui

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tryall/tryall/workbench"
)

// Knob is one thing that can be turned about asking, with its default and what it does.
type Knob struct {
	Name    string // as in addresses, and as the flag of `tryall ask` has it
	Label   string
	About   string
	Default string // in words
	Choices []Choice
	Number  *Bounds  // nil for one with Choices
	For     []string // the decoders that look at it; empty for all
	// Runs says that the model must run again; without it kept logits are decoded anew.
	Runs       bool
	CorpusOnly bool
	More       bool // few need it: it stands behind the others
	set        func(p *workbench.Params, value string) error
}

// Choice is a value of a knob and what it is called.
type Choice struct{ Value, Label string }

// Bounds of a number.
type Bounds struct {
	Min, Max string
	Step     string
}

// most is the largest count or length, as the command line has it.
const most = 1 << 24

// Knobs in the order of the page: those that decode first, then those that read; of both, those with More stand behind the others.
var Knobs = []Knob{
	{Name: "decoder", More: true, Label: "Decoder", About: "How logits become answers. gap compares each answer with \"no answer\" in its own passage; hf is what the transformers pipeline returns; squad is what its run_qa script writes.",
		Default: "gap", Choices: decoderChoices(), set: func(p *workbench.Params, v string) error {
			if !slices.Contains(workbench.Decoders, v) {
				return fmt.Errorf("there is no decoder %q; there are %s", v, strings.Join(workbench.Decoders, ", "))
			}
			p.Decoder = v
			return nil
		}},
	{Name: "threshold", Label: "Threshold", About: "An answer must beat \"no answer\" by more than this. Higher: fewer answers, and fewer wrong ones.", Default: "the model's own, else 0",
		Number: &Bounds{"-50", "50", "any"}, For: []string{"gap", "squad", "squad-beam"}, set: func(p *workbench.Params, v string) error {
			f, err := strconv.ParseFloat(v, 64)
			if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
				return fmt.Errorf("%q is not a number", v)
			}
			p.Threshold = &f
			return nil
		}},
	{Name: "no_answer", Label: "\"No answer\" allowed", About: "May the model say that the text does not tell?", Default: "by model; hf: no",
		Choices: yesNo, For: []string{"gap", "hf"}, set: setBool(func(p *workbench.Params) **bool { return &p.NoAnswer })},
	{Name: "top_k", Label: "Answers", About: "How many answers to list.", Default: "1", Number: &Bounds{"1", "100", "1"}, For: []string{"gap", "hf"},
		set: setInt(1, func(p *workbench.Params) **int { return &p.TopK })},
	{Name: "max_answer_len", More: true, Label: "Longest answer", About: "In tokens; about three of them are two words.", Default: "30; hf 15", Number: &Bounds{"1", "512", "1"},
		set: setInt(1, func(p *workbench.Params) **int { return &p.MaxAnswerLen })},
	{Name: "align_to_words", More: true, Label: "Align to words", About: "Widen an answer that begins or ends inside a word.", Default: "hf: yes", Choices: yesNo, For: []string{"hf"},
		set: setBool(func(p *workbench.Params) **bool { return &p.AlignToWords })},
	{Name: "n_best", More: true, Label: "Candidates kept", About: "How many spans compete, which changes their probabilities.", Default: "20", Number: &Bounds{"1", "1000", "1"}, For: []string{"squad", "squad-beam", "squad-beam-hf"},
		set: setInt(1, func(p *workbench.Params) **int { return &p.NBest })},
	{Name: "v2", More: true, Label: "As for SQuAD 2.0", About: "Let \"no answer\" win where its score is higher.", Default: "no", Choices: yesNo, For: []string{"squad", "squad-beam", "squad-beam-hf"},
		set: func(p *workbench.Params, v string) error {
			var b *bool
			err := setBool(func(*workbench.Params) **bool { return &b })(p, v)
			p.V2 = b != nil && *b
			return err
		}},
	{Name: "max_seq_len", More: true, Label: "Window", About: "Tokens that the model sees at once, the question among them.", Default: "384, or the model's most", Number: &Bounds{"16", "4096", "1"}, Runs: true,
		set: setInt(1, func(p *workbench.Params) **int { return &p.MaxSeqLen })},
	{Name: "doc_stride", More: true, Label: "Overlap", About: "Tokens that neighbouring windows share, so that no answer is cut in two.", Default: "128, at most half a window", Number: &Bounds{"0", "2048", "1"}, Runs: true,
		set: setInt(0, func(p *workbench.Params) **int { return &p.DocStride })},
	{Name: "passages", Label: "Passages read", About: "How many passages of the corpus are looked up and read for a question.", Default: strconv.Itoa(workbench.DefaultPassages), Number: &Bounds{"1", "100", "1"},
		Runs: true, CorpusOnly: true, set: func(_ *workbench.Params, v string) error { _, err := count(v, 1, 100); return err }},
	{Name: "precision", More: true, Label: "Precision", About: "Number format of the arithmetic; others are faster or smaller and may answer differently.", Default: workbench.DefaultPrecision, Runs: true,
		set: func(*workbench.Params, string) error { return nil }},
}

var yesNo = []Choice{{"true", "yes"}, {"false", "no"}}

func decoderChoices() (out []Choice) {
	for _, d := range workbench.Decoders {
		out = append(out, Choice{d, d})
	}
	return out
}

func count(v string, least, most int) (int, error) {
	n, err := strconv.Atoi(v)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is not a whole number", v)
	case n < least || n > most:
		return 0, fmt.Errorf("%d is out of range: it must be %d to %d", n, least, most)
	}
	return n, nil
}

func setInt(least int, field func(*workbench.Params) **int) func(*workbench.Params, string) error {
	return func(p *workbench.Params, v string) error {
		n, err := count(v, least, most)
		if err == nil {
			*field(p) = &n
		}
		return err
	}
}

func setBool(field func(*workbench.Params) **bool) func(*workbench.Params, string) error {
	return func(p *workbench.Params, v string) error {
		b := v == "true"
		if !b && v != "false" {
			return fmt.Errorf("%q is neither true nor false", v)
		}
		*field(p) = &b
		return nil
	}
}

// MoreSet says whether a knob is turned that stands behind the others.
func (q Query) MoreSet() bool {
	return slices.ContainsFunc(Knobs, func(k Knob) bool { return k.More && q.Knobs[k.Name] != "" })
}

// Used says whether a decoder looks at the knob.
func (k *Knob) Used(decoder string) bool { return len(k.For) == 0 || slices.Contains(k.For, decoder) }

// Decoder is the one that the query asks for.
func (q Query) Decoder() string {
	if d := q.Knobs["decoder"]; d != "" {
		return d
	}
	return workbench.Decoders[0]
}

// Params are the knobs as parameters, with what is wrong with each by its name.
func (q Query) Params() (workbench.Params, map[string]string) {
	p := workbench.Params{Decoder: workbench.Decoders[0]}
	wrong := map[string]string{}
	for _, k := range Knobs {
		if v := q.Knobs[k.Name]; v != "" {
			if err := k.set(&p, v); err != nil {
				wrong[k.Name] = err.Error()
			}
		}
	}
	return p, wrong
}

// Passages is how many of the corpus are read.
func (q Query) Passages() int {
	if n, err := count(q.Knobs["passages"], 1, 100); err == nil {
		return n
	}
	return workbench.DefaultPassages
}
