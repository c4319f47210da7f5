package qa

import "time"

// Answer is one candidate. Text is Range of the document's text.
// An answer with an empty Text and Range{0, 0} is the "no answer" entry that some decoders list.
type Answer struct {
	Text  string
	Doc   DocumentID
	Range Range
	// Score is the decoder's own: a (merged) probability under hf, the sum of the two logits under squad and gap,
	// the sum of two probabilities or log probabilities under the beam decoders.
	Score float64
	// StartLogit and EndLogit are the two terms of a span's score, where the decoder has them.
	StartLogit, EndLogit float64
	// Probability is run_qa's softmax over the kept candidates of one question (squad decoders); not comparable between questions.
	Probability float64
	// Gap is Score minus the no-answer score of the same passage (gap decoder).
	Gap float64
	// P is the calibrated probability of being right; nil when nothing was calibrated.
	P *float64
	// Hit and Window say where the span was found: the index of the task's hit, and of the window within it.
	Hit, Window int
}

// NullKind says what Prediction.Null is.
type NullKind string

// The kinds of no-answer score.
const (
	NullAbsent      NullKind = ""            // the decoder has none
	NullProbability NullKind = "probability" // hf: the smallest null probability over the windows
	NullOdds        NullKind = "null_odds"   // squad --v2: null score minus the best span's score
	NullLogit       NullKind = "logit"       // gap: the smallest null logit over the windows (z0)
)

// Prediction is what a reader makes of one task.
type Prediction struct {
	Question QuestionID
	Answers  []Answer // best first, as many as were asked for
	// Candidates are the best spans before thresholds (20 unless asked otherwise), best first, so that
	// thresholds move without the model running again.
	Candidates []Answer
	Null       float64
	NullKind   NullKind
	// Text is what the decoder decides; empty when Abstained.
	Text      string
	Abstained bool
	Windows   int
	Tokens    int
	Took      time.Duration
	Warnings  []string
	Err       error
}

// Best is the best candidate and whether its gap over the null score exceeds the threshold.
// It is the one place where a threshold decides about an answer of the gap decoder.
func (p Prediction) Best(threshold float64) (Answer, bool) {
	if len(p.Candidates) == 0 {
		return Answer{}, false
	}
	return p.Candidates[0], p.Candidates[0].Gap > threshold
}
