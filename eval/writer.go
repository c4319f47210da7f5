package eval

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tryall/tryall/qa"
)

// Writer writes the files that transformers' run_qa leaves, one question at a time: predictions.json,
// null_odds.json and nbest_predictions.json. Any of the three may be nil. Call Close at the end.
type Writer struct {
	predictions, nullOdds, nbest *objectWriter
}

// NewWriter starts the files.
func NewWriter(predictions, nullOdds, nbest io.Writer) *Writer {
	return &Writer{newObjectWriter(predictions), newObjectWriter(nullOdds), newObjectWriter(nbest)}
}

// Write adds one question; it is meant for RunOptions.Each. A prediction that failed is left out.
func (w *Writer) Write(r *Result, p qa.Prediction) error {
	if r.Err != "" {
		return nil
	}
	w.predictions.add(r.ID, func(b []byte) []byte { return pythonString(b, r.Text) })
	if r.HasNull {
		w.nullOdds.add(r.ID, func(b []byte) []byte { return append(b, pythonFloat(r.NullOdds)...) })
	}
	w.nbest.add(r.ID, func(b []byte) []byte { return appendNBest(b, listed(r, p)) })
	for _, o := range []*objectWriter{w.predictions, w.nullOdds, w.nbest} {
		if o != nil && o.err != nil {
			return o.err
		}
	}
	return nil
}

// Close ends the files; it does not close what they are written to.
func (w *Writer) Close() error {
	for _, o := range []*objectWriter{w.predictions, w.nullOdds, w.nbest} {
		if err := o.close(); err != nil {
			return err
		}
	}
	return nil
}

// listed are the candidates as run_qa lists them: with its placeholder first where it predicts that, for want of a span.
func listed(r *Result, p qa.Prediction) []qa.Answer {
	if r.HasBest || r.Text == "" {
		return p.Candidates
	}
	placeholder := qa.Answer{Text: r.Text, Probability: 1}
	for _, c := range p.Candidates {
		placeholder.Probability -= c.Probability
	}
	return append([]qa.Answer{placeholder}, p.Candidates...)
}

// appendNBest writes candidates as run_qa does, with logits and the probability among them; candidates of
// decoders that have none of these carry their score instead.
func appendNBest(b []byte, candidates []qa.Answer) []byte {
	logits := false
	for _, c := range candidates {
		logits = logits || c.Probability != 0
	}
	b = append(b, '[')
	for i, c := range candidates {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, "\n        {\n            "...)
		if logits {
			b = append(b, `"start_logit": `+pythonFloat(c.StartLogit)+",\n            "...)
			b = append(b, `"end_logit": `+pythonFloat(c.EndLogit)+",\n            "...)
		}
		b = append(b, `"text": `...)
		b = pythonString(b, c.Text)
		if logits {
			b = append(b, ",\n            \"probability\": "+pythonFloat(c.Probability)...)
		} else {
			b = append(b, ",\n            \"score\": "+pythonFloat(c.Score)...)
		}
		b = append(b, "\n        }"...)
	}
	if len(candidates) > 0 {
		b = append(b, "\n    "...)
	}
	return append(b, ']')
}

// objectWriter writes a JSON object key by key, indented by four as run_qa's files are. A nil one writes nothing.
type objectWriter struct {
	w     *bufio.Writer
	begun bool
	buf   []byte
	err   error
}

func newObjectWriter(w io.Writer) *objectWriter {
	if w == nil {
		return nil
	}
	return &objectWriter{w: bufio.NewWriter(w)}
}

func (o *objectWriter) add(key string, value func([]byte) []byte) {
	if o == nil || o.err != nil {
		return
	}
	sep := ",\n    "
	if !o.begun {
		sep = "{\n    "
	}
	o.begun = true
	o.buf = append(pythonString(append(o.buf[:0], sep...), key), ": "...)
	_, o.err = o.w.Write(value(o.buf))
}

func (o *objectWriter) close() error {
	if o == nil {
		return nil
	}
	end := "\n}\n"
	if !o.begun {
		end = "{}\n"
	}
	if o.err == nil {
		_, o.err = o.w.WriteString(end)
	}
	if o.err == nil {
		o.err = o.w.Flush()
	}
	return o.err
}

// pythonFloat is Python's repr of a float as its json module writes it.
func pythonFloat(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	}
	if a := math.Abs(v); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(v, 'e', -1, 64)
	}
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if v == math.Trunc(v) {
		s += ".0"
	}
	return s
}

// shortEscapes are the control characters that have an escape of one letter.
var shortEscapes = map[rune]string{'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\f': `\f`, '\b': `\b`}

// pythonString appends s as Python's json module writes it: ASCII only, all else as UTF-16 escapes.
func pythonString(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		if e, ok := shortEscapes[r]; ok {
			b = append(b, e...)
		} else if ' ' <= r && r <= '~' {
			b = append(b, byte(r))
		} else if hi, lo := utf16.EncodeRune(r); hi != utf8.RuneError {
			b = fmt.Appendf(b, `\u%04x\u%04x`, hi, lo)
		} else {
			b = fmt.Appendf(b, `\u%04x`, r)
		}
	}
	return append(b, '"')
}
