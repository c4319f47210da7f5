package reader

import (
	"fmt"
	"math"
	"strings"

	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/qa"
)

// Params say how to read one task. What is nil is left to the decoder's and the model's defaults; what a decoder does
// not know is not looked at.
type Params struct {
	Decoder string // a name of Decoders; empty means the first
	// TopK is how many answers are wanted (1). MaxSeqLen is the length of a window in tokens (the least of 384, the
	// tokenizer's and the model's). DocStride is how many tokens two windows share (the least of 128 and half a window).
	// MaxAnswerLen is in tokens. NBest is how many candidates are kept (20).
	TopK, MaxSeqLen, DocStride, MaxAnswerLen, NBest *int
	// NoAnswer: the answer may be "none" (gap: when the model abstains or a threshold is given; hf: no). AlignToWords: hf widens answers to whole
	// words (yes).
	NoAnswer, AlignToWords *bool
	// V2: the squad decoders decide as for SQuAD 2.0.
	V2 bool
	// Threshold is what the gap must exceed for an answer (the calibrated one, else 0), and for squad and squad-beam with
	// V2 the most that the null odds may be (0).
	Threshold *float64
}

// Calibration maps a gap to the probability of being right, fitted on labelled questions.
type Calibration struct {
	A, B      float64 // p = 1 / (1 + exp(-(A*gap + B)))
	Threshold float64 // the gap above which to answer
}

// Probability is that of an answer with this gap.
func (c *Calibration) Probability(gap float64) float64 { return 1 / (1 + math.Exp(-(c.A*gap + c.B))) }

// Options are what a reader is made with.
type Options struct {
	// Params are those of Read.
	Params Params
	// Abstains says that the model was trained with unanswerable questions.
	Abstains bool
	// Calibration is nil where none was fitted for this model; then no probabilities are told.
	Calibration *Calibration
	// BatchTokens is about how many tokens the model is given at once; 0 means 2048: more is no faster, and takes more memory. It changes no result.
	BatchTokens int
}

// OptionError is about a value outside its range, or one that the model cannot do. Its code is invalid.
type OptionError struct{ Option, Problem string }

func (e *OptionError) Error() string { return e.Option + " " + e.Problem }

func optionErrorf(option, format string, args ...any) error {
	return &qa.Error{Code: qa.Invalid, Err: &OptionError{option, fmt.Sprintf(format, args...)}}
}

// settings are Params with every default filled in.
type settings struct {
	decoder                                         *Decoder
	topK, maxSeqLen, docStride, maxAnswerLen, nBest int
	noAnswer, alignToWords, v2, rankByGap           bool
	threshold                                       float64
	calibration                                     *Calibration
}

// longestWindow is the default window where model and tokenizer allow more, as upstream's pipeline and run_qa have it.
const longestWindow = 384

// resolve fills in the defaults and refuses what cannot be done. tokenizerMax is the tokenizer's own limit, 0 for none.
func resolve(p Params, o Options, info model.Info, tokenizerMax int) (*settings, error) {
	d, err := decoderFor(p.Decoder, info.Head)
	if err != nil {
		return nil, err
	}
	longest := longestWindow
	for _, limit := range []int{tokenizerMax, info.MaxPositions} {
		if limit > 0 {
			longest = min(longest, limit)
		}
	}
	s := &settings{decoder: d, v2: p.V2, calibration: o.Calibration}
	s.topK = or(p.TopK, 1)
	s.nBest = or(p.NBest, 20)
	s.maxSeqLen = or(p.MaxSeqLen, longest)
	s.docStride = or(p.DocStride, min(s.maxSeqLen/2, 128))
	s.maxAnswerLen = or(p.MaxAnswerLen, d.MaxAnswerLen)
	s.alignToWords = or(p.AlignToWords, true)
	s.noAnswer = or(p.NoAnswer, d.Name == "gap" && (o.Abstains || p.Threshold != nil))
	s.rankByGap = s.noAnswer || o.Abstains
	if d.Name == "gap" && o.Calibration != nil {
		s.threshold = o.Calibration.Threshold
	}
	s.threshold = or(p.Threshold, s.threshold)
	return s, s.check(info)
}

func or[T any](p *T, otherwise T) T {
	if p != nil {
		return *p
	}
	return otherwise
}

// decoderFor finds a decoder that works on the model's head.
func decoderFor(name, head string) (*Decoder, error) {
	if name == "" {
		name = Decoders[0].Name
	}
	var all, fit []string
	var found *Decoder
	for i := range Decoders {
		d := &Decoders[i]
		all = append(all, d.Name)
		if d.Head == "" || d.Head == head {
			fit = append(fit, d.Name)
		}
		if d.Name == name {
			found = d
		}
	}
	if found == nil {
		return nil, optionErrorf("decoder", "%q is unknown; there are %s", name, strings.Join(all, ", "))
	}
	if found.Head != "" && found.Head != head {
		return nil, optionErrorf("decoder", "%q needs a model with a %s head, this one has a %s head; use %s", name, found.Head, head, strings.Join(fit, " or "))
	}
	return found, nil
}

// mostOf bounds every count, so that sums of them do not overflow.
const mostOf = 1 << 24

func (s *settings) check(info model.Info) error {
	for _, c := range []struct {
		name         string
		value, least int
	}{{"top_k", s.topK, 1}, {"max_seq_len", s.maxSeqLen, 1}, {"doc_stride", s.docStride, 0}, {"max_answer_len", s.maxAnswerLen, 1}, {"n_best", s.nBest, 1}} {
		if c.value < c.least || c.value > mostOf {
			return optionErrorf(c.name, "is %d; it must be %d to %d", c.value, c.least, mostOf)
		}
	}
	if most := info.MaxPositions; most > 0 && s.maxSeqLen > most {
		return optionErrorf("max_seq_len", "is %d, but the model has only %d positions; choose at most that", s.maxSeqLen, most)
	}
	if s.docStride > s.maxSeqLen {
		return optionErrorf("doc_stride", "is %d, larger than max_seq_len, which is %d; it is how many tokens of the text two windows share", s.docStride, s.maxSeqLen)
	}
	if math.IsNaN(s.threshold) || math.IsInf(s.threshold, 0) {
		return optionErrorf("threshold", "is %v; it must be a finite number", s.threshold)
	}
	return nil
}
