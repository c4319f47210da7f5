package eval

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/tryall/tryall/qa"
)

// fake answers with the passage's first word, and abstains where the gap is not positive.
type fake struct {
	calls, largest int
	fail           string // id of a question that fails
	short          bool   // returns too few predictions
}

func (f *fake) String() string { return "fake" }

func (f *fake) Read(ctx context.Context, tasks []qa.Task) ([]qa.Prediction, error) {
	f.calls++
	f.largest = max(f.largest, len(tasks))
	var out []qa.Prediction
	for _, t := range tasks {
		p := qa.Prediction{Question: t.Question.ID, NullKind: qa.NullLogit, Windows: 1, Tokens: 10}
		if string(t.Question.ID) == f.fail {
			p.Err = errors.New("too long")
		}
		text, _, _ := strings.Cut(t.Hits[0].Passage.Text, " ")
		gap := 2.5
		if strings.HasPrefix(t.Question.Text, "no") {
			gap = -1
		}
		p.Candidates = []qa.Answer{{Text: text, Score: 5, Gap: gap}}
		if _, ok := p.Best(0); ok {
			p.Text, p.Answers = text, p.Candidates
		} else {
			p.Abstained = true
		}
		out = append(out, p)
	}
	if f.short {
		out = out[1:]
	}
	return out, ctx.Err()
}

// many makes n questions over n/5 passages; every fourth has no answer, and every eighth of those is seen to have none.
func many(n int) *Dataset {
	d := &Dataset{V2: true, Digest: "sha256:test"}
	for i := range n {
		if i%5 == 0 {
			d.Titles = append(d.Titles, "")
			d.Passages = append(d.Passages, Passage{len(d.Titles) - 1, fmt.Sprintf("word%d and more", i/5)})
		}
		e := Example{ID: fmt.Sprint("q", i), Text: "what?", Passage: i / 5, Answers: []Gold{{Text: fmt.Sprintf("word%d", i/5)}}}
		if i%4 == 0 {
			e.Answers = nil
			if i%8 == 0 {
				e.Text = "no?"
			}
		}
		d.Examples = append(d.Examples, e)
	}
	return d
}

func TestEvaluate(t *testing.T) {
	f := &fake{fail: "q3"}
	var progress []Progress
	var predictions, odds, nbest bytes.Buffer
	w := NewWriter(&predictions, &odds, &nbest)
	r, err := Evaluate(context.Background(), f, many(800), RunOptions{
		Decoder: "gap", Progress: func(p Progress) { progress = append(progress, p) }, Each: w.Write, TimeAlone: 5,
	})
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	// Of 800: 600 answerable, one of which fails; 200 not, of which 100 are left unanswered.
	if r.Report.Total != 800 || r.Report.HasAns.Exact != 100*599.0/600 || r.Report.NoAns.Exact != 50 || r.Report.Missing != 1 || r.Errors != 1 {
		t.Errorf("%+v %+v %+v", r.Report, r.Report.HasAns, r.Report.NoAns)
	}
	// 100 unanswered ones and, at gap 2.5, the 599 answers for the loss of the other 100.
	if b := r.Report.Best; b == nil || b.Exact != 100*(200-100+599.0)/800 || b.ExactThresh != -2.5 {
		t.Errorf("best %+v", b)
	}
	if r.Contestant != "fake" || r.Digest != "sha256:test" || r.Decoder != "gap" || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], `"q3" failed`) {
		t.Errorf("%+v", r.Warnings)
	}
	if last := progress[len(progress)-1]; last.Done != 800 || last.Total != 800 || last.Errors != 1 {
		t.Errorf("progress %+v", last)
	}
	if f.largest > largestPart || f.largest < 100 {
		t.Errorf("largest part %d", f.largest)
	}
	if r.Speed.TimedAlone != 5 || r.Speed.P50 <= 0 || r.Speed.P95 < r.Speed.P50 || r.Speed.TokensPerSecond <= r.Speed.QuestionsPerSecond {
		t.Errorf("%+v", r.Speed)
	}
	read, err := ReadPredictions(&predictions, nil)
	if err != nil || len(read) != 799 || read["q1"] != "word0" || read["q8"] != "" {
		t.Errorf("%d predictions, %v", len(read), err)
	}
	scores, err := ReadNoAnswerScores(&odds, nil)
	if err != nil || scores.Of["q1"] != -2.5 || scores.Of["q8"] != 1 {
		t.Errorf("null odds %v, %v", scores.Of["q1"], err)
	}
	if !json.Valid(nbest.Bytes()) {
		t.Error("nbest is no JSON")
	}
}

func TestEvaluateReportsThresholdsFromNullOdds(t *testing.T) {
	r, err := Evaluate(context.Background(), &fake{}, many(80), RunOptions{TimeAlone: -1, Limit: 40})
	if err != nil {
		t.Fatal(err)
	}
	if r.Report.Total != 40 || r.Report.Best == nil || r.Report.Best.ExactThresh != -2.5 || r.Report.PR == nil {
		t.Errorf("%+v", r.Report)
	}
	b, err := json.Marshal(r.Fields())
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"exact", "HasAns_f1", "best_exact", "pr_f1_ap", "missing", "questions_per_second", "tokens_per_second", "coverage_at", "wrong_rate"} {
		if !strings.Contains(string(b), `"`+key+`":`) {
			t.Errorf("no %s in %s", key, b)
		}
	}
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
}

func TestEvaluateStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Evaluate(ctx, &fake{}, many(800), RunOptions{Progress: func(Progress) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	full := errors.New("disk full")
	if _, err = Evaluate(context.Background(), &fake{}, many(5), RunOptions{Each: func(*Result, qa.Prediction) error { return full }}); !errors.Is(err, full) {
		t.Errorf("failing writer: %v", err)
	}
	if _, err = Evaluate(context.Background(), &fake{short: true}, many(5), RunOptions{}); qa.CodeOf(err) != qa.Internal {
		t.Errorf("too few predictions: %v", err)
	}
	if _, err = Evaluate(context.Background(), &fake{}, &Dataset{}, RunOptions{}); qa.CodeOf(err) != qa.Invalid {
		t.Errorf("no questions: %v", err)
	}
	v1 := many(5)
	v1.V2 = false
	f := &fake{}
	if _, err = Evaluate(context.Background(), f, v1, RunOptions{}); qa.CodeOf(err) != qa.Invalid || f.calls != 0 {
		t.Errorf("version 1.1 without answers: %v after %d calls", err, f.calls)
	}
}

func TestTimingEndsWithItsBudget(t *testing.T) {
	r, err := Evaluate(context.Background(), &fake{}, many(800), RunOptions{TimeAlone: 800, TimeBudget: time.Nanosecond})
	if err != nil || r.Speed.TimedAlone != 1 {
		t.Errorf("%d timed, %v", r.Speed.TimedAlone, err)
	}
}

func TestConfidence(t *testing.T) {
	best := qa.Answer{Text: "x", Score: 0.75, Gap: 3}
	d := &Dataset{Passages: []Passage{{}}, Examples: []Example{{Answers: []Gold{{Text: "x"}}}}}
	for _, c := range []struct {
		kind qa.NullKind
		null float64
		want float64
		odds bool
	}{
		{qa.NullAbsent, 0, 0.75, false},
		{qa.NullLogit, 1, 3, true},
		{qa.NullOdds, 2, -2, true},
		{qa.NullProbability, 0.25, 0.5, true},
	} {
		r := newResult(d, 0, qa.Prediction{NullKind: c.kind, Null: c.null, Candidates: []qa.Answer{{}, best}})
		if r.Confidence != c.want || r.HasNull != c.odds || c.odds && r.NullOdds != -c.want || r.Best != "x" || r.BestExact != 100 {
			t.Errorf("%q: %+v", c.kind, r)
		}
	}
	// run_qa's placeholder, where no span can be an answer: its null odds are known, and it is listed first.
	p := qa.Prediction{Text: "empty", NullKind: qa.NullOdds, Null: 1.5, Candidates: []qa.Answer{{Probability: 0.75}}}
	r := newResult(d, 0, p)
	if r.HasBest || !r.HasNull || r.NullOdds != 1.5 {
		t.Errorf("placeholder: %+v", r)
	}
	if l := listed(&r, p); len(l) != 2 || l[0].Text != "empty" || l[0].Probability != 0.25 {
		t.Errorf("placeholder listed as %+v", l)
	}
	broken := qa.Prediction{Text: "x", Candidates: []qa.Answer{{Text: "x", Score: math.NaN()}}}
	if r := newResult(d, 0, broken); r.Err == "" || r.Exact != 0 || r.HasBest {
		t.Errorf("a score that is no number: %+v", r)
	}
	if r := newResult(d, 0, qa.Prediction{NullKind: qa.NullLogit}); r.HasBest || r.HasNull {
		t.Errorf("no candidates: %+v", r)
	}
}
