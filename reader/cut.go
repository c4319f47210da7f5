package reader

import (
	"fmt"
	"math"
	"time"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/tokenizer"
)

// task is one question on its way through the model.
type task struct {
	settings *settings
	hits     []qa.Hit
	windows  []*window // in the order of the hits and of their texts
	tokens   int
	took     time.Duration
	// inspected: the windows are shown afterwards, so they keep their tokens and logits.
	inspected bool
	err       error // what the model could not take
}

// cut makes the windows of a task: for each passage the question with as much of the passage as fits, then the question
// with the next part, which shares doc_stride tokens with the one before. Of passages with equal text the first is read.
func (r *Reader) cut(q qa.Task, s *settings) (*task, error) {
	began := time.Now()
	t := &task{settings: s, hits: q.Hits}
	if q.Question.Text == "" {
		return nil, qa.Errorf(qa.Invalid, "the question is empty")
	}
	seen := map[string]bool{}
	for hit := range q.Hits {
		p := &q.Hits[hit].Passage
		if p.Text == "" {
			return nil, qa.Errorf(qa.Invalid, "the context is empty; there is nothing to answer from")
		}
		if seen[p.Text] {
			continue
		}
		seen[p.Text] = true
		pair, err := r.encode(q.Question.Text, p.Text, s)
		if err != nil {
			return nil, err
		}
		masked := s.decoder.masks && r.scorer.Info().Head == "beam"
		made := make([]window, pair.Windows())
		for i := range made {
			made[i] = window{task: t, pair: pair, size: pair.Tokens(i), question: q.Question.Text, passage: p, frame: &r.frame, hit: hit, index: i, masked: masked}
			t.windows = append(t.windows, &made[i])
			t.tokens += made[i].size
		}
	}
	t.took = time.Since(began)
	return t, nil
}

// Texts from largeText bytes on are measured before they are cut, and refused when their windows would hold more than
// mostTokens tokens, many times the text, because the windows hardly move on.
const (
	largeText  = 1 << 18
	mostTokens = 1 << 27
)

// encode cuts one passage, or says with numbers why that cannot be done.
func (r *Reader) encode(question, text string, s *settings) (*tokenizer.Pair, error) {
	if len(text) >= largeText {
		asked, frame, err := r.measure(question)
		if err != nil {
			return nil, err
		}
		step := s.maxSeqLen - asked - frame - s.docStride
		if step > 0 && len(text)/step > mostTokens/s.maxSeqLen {
			if n := len(r.tokenizer.Encode(text).IDs); n/step > mostTokens/s.maxSeqLen {
				return nil, qa.Errorf(qa.Invalid, "the context has %d tokens, and each window of max_seq_len %d would bring only %d new ones (question %d, special tokens %d, doc_stride %d): "+
					"that makes %d windows; make doc_stride smaller, raise max_seq_len or split the text", n, s.maxSeqLen, step, asked, frame, s.docStride, n/step)
			}
		}
	}
	pair, err := r.tokenizer.Pair(question, text, s.maxSeqLen, s.docStride)
	if err == nil {
		return pair, nil
	}
	asked, frame, unmeasured := r.measure(question)
	if unmeasured != nil {
		return nil, unmeasured
	}
	switch room := s.maxSeqLen - asked - frame; {
	case room <= 0:
		return nil, qa.Errorf(qa.Invalid, "the question takes %d tokens and the special tokens %d, which leaves no room for the context in a window of max_seq_len %d; "+
			"shorten the question or raise max_seq_len%s", asked, frame, s.maxSeqLen, r.atMost())
	case s.docStride >= room:
		return nil, qa.Errorf(qa.Invalid, "a window of max_seq_len %d has room for %d tokens of the context beside the question (%d tokens, %d special ones), but consecutive windows shall share doc_stride %d: "+
			"make doc_stride smaller than %d or raise max_seq_len%s", s.maxSeqLen, room, asked, frame, s.docStride, room, r.atMost())
	}
	return nil, qa.Errorf(qa.Invalid, "%w", err)
}

// measure counts the question's tokens and the special tokens of a pair.
func (r *Reader) measure(question string) (asked, frame int, err error) {
	pair, err := r.tokenizer.EncodePair(question, "", math.MaxInt32, 0)
	if err != nil {
		return 0, 0, qa.Errorf(qa.Invalid, "encode the question: %w", err)
	}
	for _, sequence := range pair[0].Sequence {
		if sequence < 0 {
			frame++
		} else {
			asked++
		}
	}
	return asked, frame, nil
}

// atMost names the model's limit, for messages.
func (r *Reader) atMost() string {
	if most := r.scorer.Info().MaxPositions; most > 0 {
		return fmt.Sprintf(" (the model takes at most %d)", most)
	}
	return ""
}

// answer turns a span into an answer with its place in the document.
func (t *task) answer(s span) qa.Answer {
	a := qa.Answer{Score: s.score, StartLogit: float64(s.start), EndLogit: float64(s.end), Hit: s.w.hit, Window: s.w.index}
	a.Doc = s.w.passage.Doc
	if s.none {
		return a
	}
	base := s.w.passage.Range.Start
	a.Text, a.Range = s.text(), qa.Range{Start: base + s.bytes.Start, End: base + s.bytes.End}
	return a
}

// prediction decodes what the windows were given.
func (t *task) prediction() qa.Prediction {
	if t.err != nil {
		return qa.Prediction{Err: t.err, Took: t.took}
	}
	if len(t.windows) == 0 {
		return qa.Prediction{Abstained: true, Took: t.took, Warnings: []string{"there is no passage to read"}}
	}
	began := time.Now()
	p := t.settings.decoder.merge(t)
	p.Windows, p.Tokens = len(t.windows), t.tokens
	p.Took = t.took + time.Since(began)
	return p
}
