package eval

import (
	"fmt"
	"math"
	"time"

	"github.com/tryall/tryall/qa"
)

// Result is what one reader made of one question, judged.
type Result struct {
	Example  int    `json:"example"` // index in the data set, the same in every run over it
	ID       string `json:"id"`
	Passage  int    `json:"passage"`
	Document int    `json:"document"`

	Golds  []string `json:"golds"`
	HasAns bool     `json:"has_ans"` // the question has an answer, even if only one without a word
	Text   string   `json:"text"`    // what the decoder decided; "" when it abstained
	// Best is the best answer whatever any threshold said; without HasBest there is none. Confidence orders
	// questions by how sure it is: the gap to the no-answer score where there is one, else the answer's own score.
	HasBest    bool    `json:"has_best"`
	Best       string  `json:"best"`
	BestExact  float64 `json:"best_exact"` // percent
	BestF1     float64 `json:"best_f1"`    // percent
	Confidence float64 `json:"confidence"`
	// P is the calibrated probability that Best is right; nil when nothing was calibrated.
	P *float64 `json:"p,omitempty"`
	// NullOdds is the no-answer score minus that of the best answer, as run_qa's null_odds.json has it.
	HasNull  bool    `json:"has_null"`
	NullOdds float64 `json:"null_odds,omitempty"`

	Exact   float64 `json:"exact"` // percent
	F1      float64 `json:"f1"`    // percent
	Windows int     `json:"windows"`
	Tokens  int     `json:"tokens"`

	Took time.Duration `json:"took_ns"`
	Err  string        `json:"error,omitempty"` // the prediction failed; it scores 0
}

// newResult judges a prediction for example i.
func newResult(d *Dataset, i int, p qa.Prediction) Result {
	e := &d.Examples[i]
	r := Result{
		Example: i, ID: e.ID, Passage: e.Passage, Document: d.Passages[e.Passage].Article,
		Golds: e.Texts(), HasAns: len(e.Answers) > 0,
		Windows: p.Windows, Tokens: p.Tokens, Took: p.Took,
	}
	best, ok := bestAnswer(p)
	c := confidence(p, best)
	switch {
	case p.Err != nil:
		r.Err = p.Err.Error()
		return r
	case ok && (math.IsNaN(c) || math.IsInf(c, 0)):
		r.Err = fmt.Sprintf("the confidence of the answer %q is %v", best.Text, c)
		return r
	case ok:
		r.HasBest, r.Best, r.Confidence = true, best.Text, c
		r.BestExact, r.BestF1 = percents(r.Golds, best.Text, d.V2)
		r.P = best.P
		r.HasNull, r.NullOdds = p.NullKind != qa.NullAbsent, 0-c
	case p.NullKind == qa.NullOdds: // known even where no span can be an answer
		r.HasNull, r.NullOdds = true, p.Null
	}
	r.Text = p.Text
	r.Exact, r.F1 = percents(r.Golds, r.Text, d.V2)
	return r
}

func percents(golds []string, text string, v2 bool) (exact, f1 float64) {
	exact, f1 = judge(golds, text, v2)
	return 100 * exact, 100 * f1
}

// bestAnswer is the first candidate that is an answer.
func bestAnswer(p qa.Prediction) (qa.Answer, bool) {
	for _, list := range [][]qa.Answer{p.Candidates, p.Answers} {
		for _, a := range list {
			if a.Text != "" {
				return a, true
			}
		}
	}
	return qa.Answer{}, false
}

// confidence is comparable between questions of one reader and decoder.
func confidence(p qa.Prediction, best qa.Answer) float64 {
	switch p.NullKind {
	case qa.NullLogit:
		return best.Gap
	case qa.NullOdds:
		return -p.Null
	case qa.NullProbability:
		return best.Score - p.Null
	}
	return best.Score
}
