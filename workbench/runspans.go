package workbench

import (
	"context"

	"github.com/tryall/tryall/eval"
	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/store"
)

// KeptSpans are the best spans of one question as a contestant of a run gave them, whatever any threshold said.
type KeptSpans struct {
	Example  int         `json:"example"`
	ID       string      `json:"id"`
	Null     *Float      `json:"null,omitempty"`
	NullKind qa.NullKind `json:"null_kind,omitempty"`
	Answers  []KeptSpan  `json:"answers"` // best first
}

// KeptSpan is one of them. Start and End are code points of the question's passage, or of the document; they are left out where the
// text is no longer here as it was.
type KeptSpan struct {
	Answer   string `json:"answer"`
	Score    Float  `json:"score"`
	Gap      *Float `json:"gap,omitempty"`
	P        *Float `json:"p,omitempty"`
	Document string `json:"document,omitempty"`
	Start    *int   `json:"start,omitempty"`
	End      *int   `json:"end,omitempty"`
}

// RunSpans are the spans that a contestant of a run gave for examples of a mode.
func (p *Project) RunSpans(ctx context.Context, info store.RunInfo, mode, contestant string, examples []int) ([]KeptSpans, error) {
	d, err := p.asked(ctx, info.ID, mode)
	if err != nil {
		return nil, err
	}
	texts, err := p.spanTexts(ctx, info, mode)
	if err != nil {
		return nil, err
	}
	out := []KeptSpans{}
	for _, example := range examples {
		s, ok, err := p.Store.Spans(ctx, info.ID, mode, contestant, example)
		if err != nil {
			return nil, err
		}
		if !ok || example >= len(d.Examples) {
			continue
		}
		k := KeptSpans{Example: example, ID: d.Examples[example].ID, NullKind: s.NullKind, Answers: []KeptSpan{}}
		if s.NullKind != qa.NullAbsent {
			k.Null = floatPtr(s.Null)
		}
		for _, a := range s.Answers {
			span, err := texts.span(ctx, example, a)
			if err != nil {
				return nil, err
			}
			if info.Spec.Decoder == "gap" {
				span.Gap = floatPtr(a.Gap)
			}
			k.Answers = append(k.Answers, span)
		}
		out = append(out, k)
	}
	return out, nil
}

// spanTexts are the texts that the spans of a run count in, as far as they are here.
type spanTexts struct {
	p       *Project
	mode    string
	data    *eval.Dataset // nil: the questions have changed since
	passage map[int]*codePoints
	docs    map[qa.DocumentID]*codePoints
}

func (p *Project) spanTexts(ctx context.Context, info store.RunInfo, mode string) (*spanTexts, error) {
	t := &spanTexts{p: p, mode: mode, passage: map[int]*codePoints{}, docs: map[qa.DocumentID]*codePoints{}}
	if mode == eval.Retrieved {
		return t, nil
	}
	var plan Plan
	var digests map[string]string
	if _, err := p.Store.Noted(ctx, info.ID, notePlan, &plan); err != nil {
		return nil, err
	}
	if _, err := p.Store.Noted(ctx, info.ID, noteDigests, &digests); err != nil {
		return nil, err
	}
	sets, err := p.ReadSets(ctx, plan)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return t, nil // removed since
	}
	for _, s := range sets {
		if digests[s.Name] != s.Digest {
			return t, nil
		}
	}
	m, err := p.Gather(ctx, sets, plan.Limit)
	if err != nil {
		return nil, err
	}
	t.data = m.Oracle
	return t, nil
}

// span puts a span into the shape of routes.
func (t *spanTexts) span(ctx context.Context, example int, a qa.Answer) (KeptSpan, error) {
	out := KeptSpan{Answer: a.Text, Score: Float(a.Score)}
	if a.P != nil {
		out.P = floatPtr(*a.P)
	}
	var points *codePoints
	var err error
	if t.mode == eval.Retrieved {
		out.Document = string(a.Doc)
		points, err = t.document(ctx, a.Doc)
	} else if t.data != nil && example < len(t.data.Examples) {
		n := t.data.Examples[example].Passage
		if t.passage[n] == nil {
			t.passage[n] = newCodePoints(t.data.Passages[n].Text)
		}
		points = t.passage[n]
	}
	if err != nil || points == nil || a.Text == "" || a.Range.End > len(points.text) || a.Range.Of(points.text) != a.Text {
		return out, err
	}
	start, end := points.at(a.Range.Start), points.at(a.Range.End)
	out.Start, out.End = &start, &end
	return out, nil
}

func (t *spanTexts) document(ctx context.Context, id qa.DocumentID) (*codePoints, error) {
	if c, known := t.docs[id]; known {
		return c, nil
	}
	d, err := t.p.Index.Document(ctx, id)
	switch {
	case qa.CodeOf(err) == qa.NotFound:
		t.docs[id] = nil
	case err != nil:
		return nil, err
	default:
		t.docs[id] = newCodePoints(d.Text)
	}
	return t.docs[id], nil
}
