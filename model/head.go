package model

import (
	"fmt"
	"strings"

	"github.com/tryall/tryall/internal/weights"
	"github.com/tryall/tryall/nn"
	"github.com/tryall/tryall/qa"
)

// The two heads of question answering checkpoints.
const (
	spanHeadName = "span" // qa_outputs: a start and an end logit per token
	beamHeadName = "beam" // start_logits, end_logits, answer_class: ends are scored given a start
)

// head turns hidden states x (tokens, hidden) into logits. Its arithmetic is float32 whatever the encoder's is.
type head interface {
	score(e *nn.Exec, b *Batch, x nn.Matrix) Logits
}

// findHead tells the head by the names of its tensors: a checkpoint's class, as config.json has it, is often that of
// the model it was trained from.
func findHead(set *weights.Set, a *Architecture, root, scope string) (string, error) {
	if t, ok := set.Get(root + "qa_outputs.weight"); ok {
		if len(t.Shape) != 2 || t.Shape[0] != 2 {
			return "", qa.Errorf(qa.UnsupportedModel, "%w: its tensor %s has shape %v, which is no start and end logit", ErrNoHead, t.Name, t.Shape)
		}
		return spanHeadName, nil
	}
	if _, ok := set.Get(root + "start_logits.dense.weight"); ok {
		return beamHeadName, nil
	}
	var others []string
	for _, name := range set.Names() {
		if scope == "" && a.leftover(name) || !strings.HasPrefix(name, scope) {
			others = append(others, strings.TrimPrefix(name, root))
		}
	}
	return "", qa.Errorf(qa.UnsupportedModel, "%w: it has no qa_outputs head (found: %s)", ErrNoHead, groups(others))
}

func newHead(kind string, c *Config, w *Weights, hidden int) head {
	if kind == beamHeadName {
		return newBeamHead(c, w, hidden)
	}
	return &spanHead{w.Linear("qa_outputs", 2, hidden)}
}

// spanHead is the two-logit head of every ...ForQuestionAnswering and of XLNetForQuestionAnsweringSimple.
type spanHead struct{ outputs *nn.Linear } // (2, hidden)

func (h *spanHead) score(e *nn.Exec, _ *Batch, x nn.Matrix) Logits {
	y := e.Matrix(x.Rows, 2)
	h.outputs.Apply(e, x, y, nn.None)
	both := make([]float32, 2*x.Rows)
	out := Logits{Start: both[:x.Rows], End: both[x.Rows:]}
	for i := range x.Rows {
		row := y.Row(i)
		out.Start[i], out.End[i] = row[0], row[1]
	}
	return out
}

// finiteLogits reports the first token whose logits are no numbers.
func (l *Logits) finiteLogits() error {
	for i := range l.Start {
		if !finite(l.Start[i]) || l.End != nil && !finite(l.End[i]) {
			return fmt.Errorf("the logits of token %d are not finite: the weights are damaged or too large for float32", i)
		}
	}
	return nil
}

// finite holds for all but infinities and NaN, whose difference from themselves is NaN.
func finite(v float32) bool { return v-v == 0 }
