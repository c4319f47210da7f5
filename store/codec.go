package store

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
)

// Results and spans are kept in a form of our own, because JSON has neither infinities nor a negative zero, and takes three times
// the room. A row begins with the version of its form. New fields go to the end: what an older row does not have is zero.
const codecVersion = 1

// The flags of a result.
const (
	hasAns = 1 << iota
	hasBest
	hasNull
)

func appendResult(b []byte, r *eval.Result) []byte {
	b = appendInts(append(b, codecVersion), r.Example, r.Passage, r.Document)
	b = appendString(b, r.ID)
	b = appendStrings(b, r.Golds)
	b = append(b, flag(r.HasAns, hasAns)|flag(r.HasBest, hasBest)|flag(r.HasNull, hasNull))
	b = appendString(appendString(b, r.Text), r.Best)
	b = appendFloats(b, r.BestExact, r.Confidence, r.NullOdds, r.Exact, r.F1)
	b = appendInts(b, r.Windows, r.Tokens, int(r.Took))
	b = appendFloats(appendString(b, r.Err), r.BestF1)
	b = append(b, flag(r.P != nil, 1))
	if r.P != nil {
		b = appendFloats(b, *r.P)
	}
	return b
}

func decodeResult(body []byte) (r eval.Result, err error) {
	d := &decoder{rest: body}
	d.version()
	d.ints(&r.Example, &r.Passage, &r.Document)
	r.ID = d.text()
	r.Golds = d.texts()
	flags := d.byte()
	r.HasAns, r.HasBest, r.HasNull = flags&hasAns != 0, flags&hasBest != 0, flags&hasNull != 0
	r.Text, r.Best = d.text(), d.text()
	d.floats(&r.BestExact, &r.Confidence, &r.NullOdds, &r.Exact, &r.F1)
	var took int
	d.ints(&r.Windows, &r.Tokens, &took)
	r.Took = time.Duration(took)
	r.Err = d.text()
	d.floats(&r.BestF1)
	if d.byte()&1 != 0 {
		r.P = new(float64)
		d.floats(r.P)
	}
	return r, d.err
}

func appendSpans(b []byte, s *Spans) []byte {
	b = appendFloats(appendString(append(b, codecVersion), string(s.NullKind)), s.Null)
	b = binary.AppendUvarint(b, count(s.Answers == nil, len(s.Answers)))
	doc := qa.DocumentID("")
	for i := range s.Answers {
		a := &s.Answers[i]
		// Most spans of a question stand in one document: its name is written where it changes.
		b = append(b, flag(a.P != nil, 1)|flag(a.Doc != doc, 2))
		if a.Doc != doc {
			doc = a.Doc
			b = appendString(b, string(doc))
		}
		b = appendString(b, a.Text)
		b = appendInts(b, a.Range.Start, a.Range.End, a.Hit, a.Window)
		b = appendFloats(b, a.Score, a.StartLogit, a.EndLogit, a.Probability, a.Gap)
		if a.P != nil {
			b = appendFloats(b, *a.P)
		}
	}
	return b
}

func decodeSpans(body []byte) (s Spans, err error) {
	d := &decoder{rest: body}
	d.version()
	s.NullKind = qa.NullKind(d.text())
	d.floats(&s.Null)
	n, none := d.count()
	if !none {
		s.Answers = make([]qa.Answer, n)
	}
	doc := qa.DocumentID("")
	for i := range s.Answers {
		a := &s.Answers[i]
		flags := d.byte()
		if flags&2 != 0 {
			doc = qa.DocumentID(d.text())
		}
		a.Doc, a.Text = doc, d.text()
		d.ints(&a.Range.Start, &a.Range.End, &a.Hit, &a.Window)
		d.floats(&a.Score, &a.StartLogit, &a.EndLogit, &a.Probability, &a.Gap)
		if flags&1 != 0 {
			a.P = new(float64)
			d.floats(a.P)
		}
	}
	return s, d.err
}

func flag(yes bool, bit byte) byte {
	if yes {
		return bit
	}
	return 0
}

// count tells a list that is missing (0) from one that is empty (1).
func count(none bool, n int) uint64 {
	if none {
		return 0
	}
	return uint64(n) + 1
}

func appendInts(b []byte, values ...int) []byte {
	for _, v := range values {
		b = binary.AppendVarint(b, int64(v))
	}
	return b
}

func appendFloats(b []byte, values ...float64) []byte {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendStrings(b []byte, list []string) []byte {
	b = binary.AppendUvarint(b, count(list == nil, len(list)))
	for _, s := range list {
		b = appendString(b, s)
	}
	return b
}

// decoder keeps its first error, after which all it reads is zero. Where a row ends between fields, the rest is zero too.
type decoder struct {
	rest []byte
	err  error
}

func (d *decoder) version() {
	if v := d.byte(); v != codecVersion && d.err == nil {
		d.err = fmt.Errorf("it is in form %d, which this version of the program does not know", v)
	}
}

// take gives the next n bytes.
func (d *decoder) take(n uint64) []byte {
	if d.err != nil || n == 0 {
		return nil
	}
	if n > uint64(len(d.rest)) {
		d.err = fmt.Errorf("it is damaged: %d bytes are there where %d should be", len(d.rest), n)
		return nil
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

// ended says that nothing more is there: the row is older than the field.
func (d *decoder) ended() bool { return d.err != nil || len(d.rest) == 0 }

func (d *decoder) byte() byte {
	if d.ended() {
		return 0
	}
	return d.take(1)[0]
}

func (d *decoder) uvarint() uint64 {
	if d.ended() {
		return 0
	}
	v, n := binary.Uvarint(d.rest)
	if n <= 0 {
		d.err = fmt.Errorf("it is damaged: a number has no end")
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) ints(to ...*int) {
	for _, p := range to {
		u := d.uvarint()
		*p = int(int64(u>>1) ^ -int64(u&1)) // as binary.Varint has it
	}
}

func (d *decoder) floats(to ...*float64) {
	for _, p := range to {
		if d.ended() {
			continue
		}
		if b := d.take(8); b != nil {
			*p = math.Float64frombits(binary.LittleEndian.Uint64(b))
		}
	}
}

func (d *decoder) text() string { return string(d.take(d.uvarint())) }

// count reads the length of a list, which cannot be longer than what is left.
func (d *decoder) count() (n int, none bool) {
	c := d.uvarint()
	if c == 0 {
		return 0, true
	}
	if c-1 > uint64(len(d.rest)) {
		d.err = fmt.Errorf("it is damaged: a list of %d in %d bytes", c-1, len(d.rest))
		return 0, true
	}
	return int(c - 1), false
}

func (d *decoder) texts() []string {
	n, none := d.count()
	if none {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = d.text()
	}
	return list
}
