package workbench

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/tryall/tryall/qa"
)

// Float is a number of a JSON answer. What JSON cannot say (infinities, not a number) is written as null.
type Float float64

// MarshalJSON writes the shortest decimal that reads back as the same number.
func (f Float) MarshalJSON() ([]byte, error) { return appendFloat(nil, float64(f), 64), nil }

// Floats are logits. They are written as 32-bit numbers: the shortest decimal that reads back as the same one.
type Floats []float32

// MarshalJSON writes a list; an empty one is [], never null.
func (fs Floats) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, 2+12*len(fs))
	b = append(b, '[')
	for i, f := range fs {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendFloat(b, float64(f), 32)
	}
	return append(b, ']'), nil
}

func appendFloat(b []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(b, "null"...)
	}
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, f, format, -1, bits)
}

// Result is one answered question, in the shape that commands and routes share.
// Positions are half-open code points of the context as given.
type Result struct {
	ID          json.RawMessage `json:"id,omitempty"`
	Model       string          `json:"model"`
	Contestant  string          `json:"contestant,omitempty"`
	Decoder     string          `json:"decoder"`
	Precision   string          `json:"precision"`
	Answers     []Answer        `json:"answers"`
	Prediction  string          `json:"prediction"`
	Abstained   bool            `json:"abstained"`
	Null        *Float          `json:"null,omitempty"`
	NullKind    qa.NullKind     `json:"null_kind,omitempty"`
	Threshold   *Float          `json:"threshold,omitempty"` // the one that decided, where one did
	WindowCount int             `json:"window_count"`
	Tokens      int             `json:"tokens"`
	TookMS      Float           `json:"took_ms"`
	Warnings    []string        `json:"warnings"`
	Windows     []WindowResult  `json:"windows,omitempty"`
	// Closest are the best candidates of a corpus that says nothing, best first.
	Closest []Answer `json:"closest,omitempty"`

	prediction qa.Prediction
	best       Answer // Candidate, with where it stands
	// Of a corpus: the documents that candidates stand in, and what counts their code points.
	texts   map[qa.DocumentID]qa.Document
	counted map[qa.DocumentID]*codePoints
	shown   func(document string) string
}

// Candidate is the best span whatever the threshold said, with its bytes of the context; false when no span was found.
func (r *Result) Candidate() (qa.Answer, bool) {
	for _, list := range [][]qa.Answer{r.prediction.Answers, r.prediction.Candidates} {
		for _, a := range list {
			if a.Text != "" {
				return a, true
			}
		}
	}
	return qa.Answer{}, false
}

// Best is Candidate with where it stands: its own page and heading, not those of the passage that was read.
func (r *Result) Best() Answer { return r.best }

// Candidates are the best spans whatever the threshold said, best first, with their bytes of the context.
func (r *Result) Candidates() []qa.Answer { return r.prediction.Candidates }

// Text is the text that a candidate's bytes count in: that of its document when the answer comes from a corpus, else context.
func (r *Result) Text(a qa.Answer, context string) string {
	if d, ok := r.texts[a.Doc]; ok {
		return d.Text
	}
	return context
}

// Spans are the bytes of the context that each of Answers names.
func (r *Result) Spans() []qa.Answer { return r.prediction.Answers }

// Answer is one candidate of a Result. The fields that a decoder does not have are left out, and so is where it stands in a
// corpus when it comes from a text.
type Answer struct {
	Answer      string `json:"answer"`
	Score       Float  `json:"score"`
	Start       int    `json:"start"`
	End         int    `json:"end"`
	StartLogit  *Float `json:"start_logit,omitempty"`
	EndLogit    *Float `json:"end_logit,omitempty"`
	Probability *Float `json:"probability,omitempty"`
	Gap         *Float `json:"gap,omitempty"`
	P           *Float `json:"p,omitempty"`

	Document string `json:"document,omitempty"`
	Title    string `json:"title,omitempty"`
	Passage  *Span  `json:"passage,omitempty"`
	Page     int    `json:"page,omitempty"`
	Heading  string `json:"heading,omitempty"`
}

// Span is a half-open interval of code points of a text.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// WindowResult is one window as the model saw it.
type WindowResult struct {
	Document    string      `json:"document,omitempty"` // of a corpus
	IDs         []int32     `json:"ids"`
	TypeIDs     []int32     `json:"type_ids,omitempty"`
	Tokens      []string    `json:"tokens"`
	Offsets     []*[2]int   `json:"offsets"` // code points of the context; null outside it
	StartLogits Floats      `json:"start_logits,omitempty"`
	EndLogits   Floats      `json:"end_logits,omitempty"`
	Beam        *BeamResult `json:"beam,omitempty"`
}

// BeamResult is what a beam head gives for one window, flattened as transformers lays it out.
type BeamResult struct {
	StartTopLogProbs Floats  `json:"start_top_log_probs"`
	StartTopIndex    []int32 `json:"start_top_index"`
	EndTopLogProbs   Floats  `json:"end_top_log_probs"`
	EndTopIndex      []int32 `json:"end_top_index"`
	ClsLogits        Floats  `json:"cls_logits"`
}

func floatPtr(f float64) *Float { v := Float(f); return &v }

// ResultOf puts a prediction about a text without pages and headings into the shared shape.
func ResultOf(text, decoder string, p qa.Prediction) Result { return newResult(text, decoder, p, nil) }

// newResult puts a prediction about text into the shared shape.
func newResult(text string, decoder string, p qa.Prediction, marks []qa.Mark) Result {
	points := newCodePoints(text)
	return resultOf(decoder, p, func(a qa.Answer) Answer {
		out := newAnswer(points, decoder, a)
		if a.Text != "" {
			out.mark(marks, a.Range.Start)
		}
		return out
	})
}

// mark notes the page and the heading that byte at stands under; without pages the page is 0 and left out.
func (a *Answer) mark(marks []qa.Mark, at int) {
	a.Page, _ = strconv.Atoi(qa.Label(marks, qa.MarkPage, at))
	a.Heading = qa.Label(marks, qa.MarkHeading, at)
}

// resultOf puts a prediction into the shared shape; place puts an answer there.
func resultOf(decoder string, p qa.Prediction, place func(qa.Answer) Answer) Result {
	r := Result{
		Decoder: decoder, Answers: make([]Answer, 0, len(p.Answers)), Prediction: p.Text, Abstained: p.Abstained,
		NullKind: p.NullKind, WindowCount: p.Windows, Tokens: p.Tokens,
		TookMS: Float(float64(p.Took.Microseconds()) / 1000), Warnings: append([]string{}, p.Warnings...), prediction: p,
	}
	if p.NullKind != qa.NullAbsent {
		r.Null = floatPtr(p.Null)
	}
	for _, a := range p.Answers {
		r.Answers = append(r.Answers, place(a))
	}
	if best, found := r.Candidate(); found {
		r.best = place(best)
	}
	return r
}

func newAnswer(points *codePoints, decoder string, a qa.Answer) Answer {
	out := Answer{Answer: a.Text, Score: Float(a.Score), Start: points.at(a.Range.Start), End: points.at(a.Range.End)}
	switch decoder {
	case "gap":
		out.Gap = floatPtr(a.Gap)
		if a.P != nil {
			out.P = floatPtr(*a.P)
		}
	case "squad":
		out.StartLogit, out.EndLogit, out.Probability = floatPtr(a.StartLogit), floatPtr(a.EndLogit), floatPtr(a.Probability)
	case "squad-beam", "squad-beam-hf":
		out.Probability = floatPtr(a.Probability)
	}
	return out
}
